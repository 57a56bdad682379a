/**
 * Tests of flows: a whole flow in a test with one call, in any test runner of Node and Deno, in milliseconds.
 *
 * {@linkcode testFlow} sets up a fake cluster, a director, workers and a virtual clock, and waits so that nothing hangs;
 * {@linkcode runJob} runs one handler alone; {@linkcode checkFlow} looks for what goes wrong only when something else does.
 *
 * @example In `node:test`, uvu, vitest or `Deno.test`
 * ```ts
 * import { defineFlow, implementFlow } from "crd-watcher";
 * import { testFlow } from "crd-watcher/testing";
 *
 * const order = implementFlow(defineFlow("order", ["charge", "ship"]), { charge: async () => {}, ship: async () => {} });
 *
 * async function retriesACharge() {
 *   const t = await testFlow(order); // or: await using t = await testFlow(order), which closes it
 *   t.failNext("charge");
 *   const { status } = await t.untilOver(await t.start());
 *   await t.close(); // throws where something is left behind
 *   return status; // "succeeded"
 * }
 * console.log(await retriesACharge());
 * ```
 *
 * @module
 */
export { testFlow } from "./test-flow.ts";
export type {
  CrashOptions,
  FlowTest,
  Mocks,
  StartArguments,
  Tested,
  TestedFlow,
  TestedJob,
  TestFlowOptions,
  Whereabouts,
} from "./flow-test.ts";
export type { FaultTarget, Step, TestFaults } from "./faults.ts";
export type { ProgramKind } from "./crew.ts";
export type { GivenObject } from "./production.ts";
export { createRecordedLog } from "./recorded-log.ts";
export type { LogLine, RecordedLog } from "./recorded-log.ts";
export { hang } from "./hang.ts";
export { runJob } from "./run-job.ts";
export type { JobContext, JobRun, JobRunError } from "./run-job.ts";
export { checkFlow } from "./check-flow.ts";
export type { CheckFlowOptions } from "./check-flow.ts";
export { CheckFlowError } from "./check/report.ts";
export type { CheckReport, Finding, FindingKind } from "./check/report.ts";
export type { Answers, CheckedFlow, CheckSetup, Finished } from "./check/setup.ts";
export type { CheckWorld, WorldEffect } from "./check/world.ts";
export { requestStateCrd } from "../request-state-crd.ts";
