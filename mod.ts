/**
 * Multi-step work on Kubernetes, with custom resources as the only queue, lock and log.
 *
 * A flow is a sequence of jobs; one `RequestState` object is one running flow. A director decides which job comes
 * next, workers claim jobs and run handlers; all they say to each other is a write to that object.
 *
 * @module
 */

export { decide } from "./src/flow.ts";
export { defineFlow, SAMPLE } from "./src/flow/definition.ts";
export type { Decision } from "./src/flow.ts";
export type { End, Transition } from "./src/flow/transition.ts";
export type { Flow } from "./src/flow/definition.ts";
export { startFlow } from "./src/programs/client.ts";
export type { FlowRequest, FlowRun, StartOptions } from "./src/programs/client.ts";
export { runDirector } from "./src/programs/director.ts";
export type { DirectorElection, DirectorOptions } from "./src/programs/director.ts";
export type { Running, RunOptions } from "./src/programs/running.ts";
export { implementFlow } from "./src/programs/job.ts";
export type { Handler, Handlers, Implementation, Job } from "./src/programs/job.ts";
export { runWorker } from "./src/programs/worker.ts";
export type { WorkerOptions } from "./src/programs/worker.ts";
export { checkSetup, withRemedy } from "./src/programs/setup.ts";
export type { SetupOptions } from "./src/programs/setup.ts";
export * from "./src/errors.ts";
export * from "./src/ports.ts";
export { attemptOf, flowNameOf, hasSucceeded, isOver, REQUEST_STATES } from "./src/request-state.ts";
export type {
  Claim,
  Condition,
  HistoryEntry,
  Json,
  LastError,
  RequestState,
  RequestStateSpec,
  RequestStateStatus,
  State,
} from "./src/request-state.ts";
export { createVirtualClock, systemClock } from "./src/runtime/clock.ts";
export type { ElectionTimes } from "./src/runtime/election.ts";
export type { VirtualClock } from "./src/runtime/clock.ts";
export { createHealth } from "./src/runtime/health.ts";
export type { HealthRegistry } from "./src/runtime/health.ts";
