/**
 * A Kubernetes API server inside the process: a function from Request to Response that answers what a genuine 1.35
 * answers. It has every kind that a genuine one serves by default, and every resource that a CRD defines.
 *
 * WHAT IT CANNOT DO IS REFUSED WITH 501, never silently accepted.
 *
 * @example One object
 * ```ts
 * import { createFakeCluster } from "crd-watcher/fake";
 *
 * const fake = createFakeCluster();
 * const response = await fake.fetch(new Request("http://fake/api/v1/namespaces/default"));
 * console.log(response.status); // 200
 * fake.close();
 * ```
 *
 * @example A fault, and what became of the request
 * ```ts
 * import { createFakeCluster, loseAnswer } from "crd-watcher/fake";
 *
 * const fake = createFakeCluster();
 * const fault = fake.faults.add({ match: { verb: "create", resource: "configmaps" }, fault: loseAnswer() });
 * const headers = { "content-type": "application/json" };
 * const create = () =>
 *   fake.fetch(
 *     new Request("http://fake/api/v1/namespaces/default/configmaps", { method: "POST", headers, body: '{"metadata":{"name":"a"}}' }),
 *   );
 * await create().catch((error) => console.log(error.message)); // fetch failed
 * console.log((await create()).status, fault.hits); // 409 1: the first one took effect
 * console.log(fake.requests.lines()); // ["create configmaps default 0 (answer lost)", "create configmaps default 409"]
 * ```
 *
 * @module
 */
export { createFakeCluster, type FakeCluster, type FakeClusterOptions } from "./cluster.ts";
export type { Stage, StageEvent } from "./stages/stage.ts";
export {
  deploymentAvailable,
  jobComplete,
  nodeReady,
  podBound,
  podDeleted,
  podReady,
  podSucceeded,
  statefulSetReady,
} from "./stages/ready-made.ts";
export type {
  AdmissionReview,
  CallConversion,
  CallWebhook,
  ConversionReview,
  ConversionTarget,
  WebhookClient,
  WebhookTarget,
} from "./types/webhook.ts";
export type { Clock } from "../ports.ts";
export { createVirtualClock, type VirtualClock } from "../runtime/time/clock.ts";
export type { AccessAttributes, Tokens, TokenUser } from "./gate/access.ts";
export type { ObjectChange } from "./instruments/follow.ts";
export type { Journal, JournalEntry, JournalFilter } from "./instruments/journal.ts";
export {
  answer,
  conflict,
  cut,
  expired,
  frozen,
  gzip,
  interfere,
  late,
  latency,
  loseAnswer,
  refuse,
  renumber,
  serverError,
  stale,
  timeout,
  tooManyRequests,
  unavailable,
} from "./instruments/faults.ts";
export type { AnswerOptions, Applied, Fault, FaultRequest, GzipOptions, RefuseOptions } from "./instruments/faults.ts";
export {
  answerWatch,
  cutWatch,
  delayWatch,
  duplicateWatch,
  endWatch,
  errorWatch,
  reorderWatch,
  silenceWatch,
} from "./instruments/faults-watch.ts";
export type { AnswerWatchOptions, ErrorWatchOptions } from "./instruments/faults-watch.ts";
export type { FaultMatch } from "./instruments/faults-match.ts";
export type { FaultHandle, FaultRule, Faults } from "./instruments/faults-rules.ts";
export type { RestoreOptions, Snapshot } from "./instruments/snapshot.ts";
export { until, type UntilOptions } from "./instruments/until.ts";
