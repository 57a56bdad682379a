import type { HistoryEntry, RequestState } from "../../mod.ts";

/** When the requests below are looked at. */
export const NOW: number = Date.parse("2026-11-26T12:00:00.000Z");

/** A moment before that, as a request writes it. @param seconds How long before. */
export const before = (seconds: number): string => new Date(NOW - seconds * 1_000).toISOString();

const WORKER = "worker-node-7-3f2a8c1e";
const DIRECTOR = "director-node-1-0c9d21aa";
const NAME = "1b9c0c1e-5a51-8d0f-9d0f-0a1b2c3d4e5f";

interface Parts {
  readonly name?: string;
  readonly key?: string;
  readonly created: number;
  readonly spec: Omit<RequestState["spec"], "request-uid">;
  readonly status?: RequestState["status"];
  readonly labels?: Readonly<Record<string, string>>;
}

/** A request in namespace `shop`. */
export function requestOf({ name = NAME, key, created, spec, status, labels }: Parts): RequestState {
  return {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: {
      name,
      namespace: "shop",
      uid: `uid-${name}`,
      resourceVersion: "1",
      creationTimestamp: before(created).replace(".000Z", "Z"),
      ...labels && { labels },
      ...key !== undefined && { annotations: { "crd-watcher/key": key } },
    },
    spec: { "request-uid": name, flow: "order", flowDigest: "c2b2c3ff3c07dd50", ...spec },
    status,
  };
}

const entry = (
  seq: number,
  ago: number,
  job: string,
  state: string,
  attempt: number,
  more: Partial<HistoryEntry> = {},
): HistoryEntry => ({
  seq,
  job,
  state,
  attempt,
  timestamp: before(ago),
  by: state === "REQUESTED" ? DIRECTOR : WORKER,
  ...more,
});

const CHARGED: readonly HistoryEntry[] = [
  entry(1, 725, "charge", "REQUESTED", 1, { by: "client-6b1c9f0e" }),
  entry(2, 724.6, "charge", "STARTED", 1),
  entry(3, 723.4, "charge", "FAILED", 1),
  entry(4, 722, "charge", "REQUESTED", 2, { reason: "Retrying" }),
  entry(5, 721.9, "charge", "STARTED", 2),
  entry(6, 721.1, "charge", "COMPLETED", 2, { outcome: "paid" }),
  entry(7, 721, "approve", "REQUESTED", 1),
];

const input = { amount: 12, customer: "Zoë", items: ["tea", "cups"] };
const FAILED = {
  type: "CardError",
  message: "the card reader at till 4 does not answer: connect ETIMEDOUT 192.0.2.17:4000 after 1000 ms",
  retryable: true,
  job: "charge",
  attempt: 1,
};

/** An order that waits for somebody's approval, after its second attempt to charge. */
export const approving: RequestState = requestOf({
  key: "order-42",
  created: 725,
  labels: { "app.kubernetes.io/name": "order", "app.kubernetes.io/managed-by": "crd-watcher", tenant: "a", tier: "free" },
  spec: {
    job: "approve",
    state: "REQUESTED",
    attempt: 1,
    input,
    activeDeadlineSeconds: 604_800,
    ttlSecondsAfterFinished: 86_400,
  },
  status: {
    history: CHARGED,
    lastError: FAILED,
    outputs: { charge: { receipt: "r-1" } },
    waitingFor: `signal yes|no until ${before(-85_679)}`.replace(".000Z", "Z"),
  },
});

/** A job that is under way, in its third attempt; its first worker was lost. */
export const charging: RequestState = requestOf({
  name: "a-flow-without-a-key",
  created: 95,
  spec: { job: "charge", state: "STARTED", attempt: 3 },
  status: {
    claim: { id: "c", holderIdentity: WORKER, job: "charge", attempt: 3, acquireTime: before(30) },
    history: [
      entry(1, 95, "charge", "REQUESTED", 1, { by: "client-6b1c9f0e" }),
      entry(2, 94, "charge", "STARTED", 1, { by: "worker-node-3-aaaaaaaa" }),
      entry(3, 70, "charge", "REQUESTED", 2, { reason: "WorkerLost" }),
      entry(4, 69, "charge", "STARTED", 2, { by: "worker-node-4-bbbbbbbb" }),
      entry(5, 31, "charge", "REQUESTED", 3, { reason: "Released", by: "worker-node-4-bbbbbbbb" }),
      entry(6, 30, "charge", "STARTED", 3),
    ],
    failures: { lost: 1 },
  },
});

/** A flow that has failed. */
export const declined: RequestState = requestOf({
  name: "9a9c0c1e-0000-8d0f-9d0f-0a1b2c3d4e5f",
  key: "order-41",
  created: 4_000,
  spec: { job: "charge", state: "FAILED", attempt: 1 },
  status: {
    history: [
      entry(1, 4_000, "charge", "REQUESTED", 1),
      entry(2, 3_999.5, "charge", "STARTED", 1),
      entry(3, 3_998, "charge", "FAILED", 1),
    ],
    lastError: { type: "NeverRetryError", message: "the card was declined", retryable: false, job: "charge", attempt: 1 },
    completionTime: before(3_998),
    conditions: [
      condition("Finished", "True", "JobFailed", "Job charge failed: the card was declined", 3_998),
      condition("Succeeded", "False", "JobFailed", "Job charge failed: the card was declined", 3_998),
    ],
  },
});

/** A flow that went well. */
export const shipped: RequestState = requestOf({
  name: "77777777-5a51-8d0f-9d0f-0a1b2c3d4e5f",
  key: "order-40",
  created: 90_000,
  spec: { job: "notify", state: "COMPLETED", attempt: 1 },
  status: {
    history: [
      entry(1, 90_000, "charge", "REQUESTED", 1),
      entry(2, 89_999.9, "charge", "STARTED", 1),
      entry(3, 89_999.5, "charge", "COMPLETED", 1, { outcome: "declined" }),
      entry(4, 89_999.4, "notify", "REQUESTED", 1),
      entry(5, 89_999.3, "notify", "STARTED", 1),
      entry(6, 89_998.8, "notify", "COMPLETED", 1),
    ],
    completionTime: before(89_998.8),
    conditions: [
      condition("Finished", "True", "Completed", "All jobs completed", 89_998.8),
      condition("Succeeded", "True", "Completed", "All jobs completed", 89_998.8),
    ],
  },
});

/** A job that has failed for good, and waits for an operator. */
export const parked: RequestState = requestOf({
  name: "b2222222-5a51-8d0f-9d0f-0a1b2c3d4e5f",
  created: 7_300,
  spec: { job: "ship", state: "FAILED", attempt: 3 },
  status: {
    history: [
      entry(30, 200, "ship", "REQUESTED", 3, { reason: "Retrying" }),
      entry(31, 199, "ship", "STARTED", 3),
      entry(32, 190, "ship", "FAILED", 3),
    ],
    historyDropped: 29,
    failures: { failed: 3 },
    lastError: { type: "Error", message: "the depot is closed", retryable: true, job: "ship", attempt: 3 },
    waitingFor: "operator retry|cancel",
    conditions: [condition("Finished", "False", "Parked", "Job ship has failed and waits for somebody", 189)],
  },
});

/** An order that waits, with a signal that it cannot go by: somebody has patched it in. */
export const ignoring: RequestState = {
  ...approving,
  spec: { ...approving.spec, signals: { approve: { outcome: "maybe", by: "eve" } } },
};

/** What others may write: orders to a terminal, marks that turn text, wide characters, something that looks like a line of ours. */
export const hostile: RequestState = requestOf({
  name: "evil",
  key: "\x1b[2Jkey\u202e\u009b31m\n日本語の注文",
  created: 60,
  spec: { job: "charge", state: "FAILED", attempt: 1, input: { "\x1b]0;title\x07": "\u202egpj.exe" } },
  status: {
    history: [entry(1, 60, "charge\x1b[31m", "FAILED\r", 1, { by: "\x1b[8mnobody", reason: "\x07Bell" })],
    lastError: { type: "\x1b[5mError", message: "a\r\nsucceeded\x1b[1A", retryable: true, job: "charge\x1b[31m", attempt: 1 },
    outputs: { "\u2028job": "\u0000\u0085\x7f" },
    waitingFor: "signal \x1b[2J",
  },
});

function condition(type: string, status: "True" | "False", reason: string, message: string, ago: number) {
  return { type, status, reason, message, lastTransitionTime: before(ago).replace(/\.\d+Z$/, "Z") } as const;
}
