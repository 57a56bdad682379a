/**
 * Multi-step work on Kubernetes, with custom resources as the only queue, lock and log.
 *
 * A flow is a graph of jobs; one `RequestState` object is one running flow. A director decides which job comes
 * next, workers claim jobs and run handlers; all they say to each other is a write to that object.
 *
 * @module
 */

export { decide } from "./src/flow.ts";
export { defineFlow, SAMPLE } from "./src/flow/definition.ts";
export type { FlowDefinition, JobDefinition, JobDefinitions, NoOther, NoOtherMembers, NoSchema } from "./src/flow/definition.ts";
export type { Flow, JobPlan, Waits } from "./src/flow/plan.ts";
export type { RetryPolicy } from "./src/flow/retry-policy.ts";
export type { Awaited, Circumstances, Decision } from "./src/flow/decision.ts";
export type { End, Notice, Standstill, Transition } from "./src/flow/transition.ts";
export { implementFlow } from "./src/flow/handler.ts";
export type {
  Handler,
  Handlers,
  Implementation,
  ImplementOptions,
  InputGiven,
  InputMember,
  InputRead,
  Job,
  JobName,
  JobsOf,
  OutcomeOf,
  OutputGiven,
  OutputMember,
  OutputRead,
  OutputsRead,
  Returned,
  SignalledJob,
  WorkedJob,
} from "./src/flow/handler.ts";
export type { JobOf, Middleware, Next, ReturnedOf } from "./src/flow/middleware.ts";
export { isJobAborted, isLeaseLost, JobAbortedError, LeaseLostError } from "./src/flow/aborted.ts";
export type { AbortReason } from "./src/flow/aborted.ts";
export { resultOf } from "./src/flow/flow-result.ts";
export type { FlowResult, RequestOf } from "./src/flow/flow-result.ts";
export { statusOf, waitOf, whatItWaitsFor } from "./src/flow/standing.ts";
export type { EndStatus, FlowStatus, Wait } from "./src/flow/standing.ts";
export { attemptsOf } from "./src/flow/attempts.ts";
export type { Attempt } from "./src/flow/attempts.ts";
export { graphText } from "./src/flow/graph-text.ts";
export type { GraphFormat } from "./src/flow/graph-text.ts";
export { shape } from "./src/flow/standard-schema.ts";
export type { AnySchema, Given, Read, SchemaIssue, SchemaResult, StandardSchema } from "./src/flow/standard-schema.ts";
export type { Wanted } from "./src/flow/creation.ts";
export { startFlow } from "./src/programs/client/start.ts";
export type { FlowRequest } from "./src/programs/client/start.ts";
export { getFlow, listFlows } from "./src/programs/client/find.ts";
export { flowPages } from "./src/programs/client/pages.ts";
export type { FlowPage, PageOptions } from "./src/programs/client/pages.ts";
export type { FlowSelection } from "./src/programs/client/selection.ts";
export { watchFlows } from "./src/programs/client/watch-flows.ts";
export type { FlowChange } from "./src/programs/client/watch-flows.ts";
export { checkFlows } from "./src/programs/client/check.ts";
export type { FlowCheck, UndrivenFlow } from "./src/programs/client/check.ts";
export { readHolder } from "./src/programs/client/holder.ts";
export type { Holder } from "./src/programs/client/holder.ts";
export { deleteFlow } from "./src/programs/client/delete.ts";
export { cancelFlow, resumeFlow, suspendFlow } from "./src/programs/client/desire.ts";
export { signalFlow } from "./src/programs/client/signal.ts";
export type { SignalArguments, SignalData, SignalOptions, SignalOutcome } from "./src/programs/client/signal.ts";
export { forkFlow, retryFlow } from "./src/programs/client/fork.ts";
export type { ForkOf } from "./src/programs/client/fork.ts";
export type { ClientOptions, FlowOptions } from "./src/programs/client/options.ts";
export type { FlowRun } from "./src/programs/client/run.ts";
export type { FlowKey, FlowTarget } from "./src/programs/client/target.ts";
export { runDirector } from "./src/programs/director.ts";
export type { DirectorOptions } from "./src/programs/director.ts";
export type { DirectorElection } from "./src/programs/director-election.ts";
export type { Running, RunOptions } from "./src/programs/running.ts";
export { runWorker } from "./src/programs/worker.ts";
export type { WorkerOptions } from "./src/programs/worker.ts";
export type { PartialImplementation } from "./src/programs/implementations.ts";
export { checkSetup, withRemedy } from "./src/programs/setup.ts";
export type { SetupOptions } from "./src/programs/setup.ts";
export * from "./src/errors.ts";
export * from "./src/ports.ts";
export { attemptOf, flowNameOf, hasSucceeded, isOver, REQUEST_STATES } from "./src/request-state.ts";
export type {
  Claim,
  Failures,
  ForkedFrom,
  HistoryEntry,
  Json,
  LastError,
  RequestState,
  RequestStateSpec,
  RequestStateStatus,
  Signal,
  State,
} from "./src/request-state.ts";
export { createVirtualClock, systemClock } from "./src/runtime/time/clock.ts";
export type { ElectionTimes } from "./src/runtime/leases/election.ts";
export type { VirtualClock } from "./src/runtime/time/clock.ts";
export { createConsoleLog } from "./src/runtime/log/log.ts";
export { createHealth } from "./src/runtime/log/health.ts";
export type { HealthRegistry } from "./src/runtime/log/health.ts";
