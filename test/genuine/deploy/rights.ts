/**
 * How each right that deploy/ grants is called upon, in about a second: what a director or a worker does that needs it.
 *
 * @module
 */
import { checkSetup, type Cluster, defineFlow, type Log, type RequestState, runDirector, runWorker } from "../../../mod.ts";
import { NoAnswerError } from "../../../src/errors.ts";
import { claimJob } from "../../../src/flow/claim.ts";
import { newRequest } from "../../../src/flow/creation.ts";
import { writeOf } from "../../../src/flow/write.ts";
import type { Clock } from "../../../src/ports.ts";
import { REQUEST_STATES } from "../../../src/request-state.ts";
import { systemClock } from "../../../src/runtime/time/clock.ts";
import { createEventRecorder } from "../../../src/runtime/objects/event-recorder.ts";
import { runLeaseCollector } from "../../../src/runtime/leases/lease-collector.ts";
import { labelsOf, LEASES, newLease } from "../../../src/runtime/leases/lease.ts";

/** With whose rights, and where what is said can be heard. */
export interface Part {
  /** With the rights of the role. */
  readonly cluster: Cluster;
  /** With all rights. */
  readonly admin: Cluster;
  readonly namespace: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Does what needs a right, until it is done or the signal ends it. What it throws was said. */
export type Story = (part: Part) => Promise<unknown>;

const once = defineFlow("once", { start: "do", jobs: { do: {} }, ttl: 0 });
const creator = (namespace: string) => ({ namespace, by: "test", now: Date.now() });
const create = ({ admin, namespace }: Part): Promise<RequestState> =>
  admin.create<RequestState>(REQUEST_STATES, newRequest(once, { uid: crypto.randomUUID() }, creator(namespace)));

/** What programs are told. */
const given = ({ cluster, namespace, log, signal }: Part) => ({ cluster, namespace, log, signal });

const setup = (leases: "lead" | "live"): Story => ({ cluster, namespace, signal }) =>
  checkSetup(cluster, { namespace, writes: ["patch"], leases, signal });

/** A finished request is deleted, once it was looked at. */
const expires: Story = async (part) => {
  const { name, namespace } = (await create(part)).metadata;
  await Promise.all([
    runDirector([once], given(part)).finished,
    runWorker(once, { do: async () => {} }, { ...given(part), cluster: part.admin }).finished,
    gone(part, { name, namespace }),
  ]);
};

async function gone({ admin, signal }: Part, key: { name: string; namespace: string | undefined }): Promise<void> {
  while (!signal.aborted) {
    if (
      (await admin.list(REQUEST_STATES, { namespace: key.namespace, fieldSelector: `metadata.name=${key.name}` })).items
        .length === 0
    ) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Somebody holds a job who has no lease. */
const looksForHolders: Story = async (part) => {
  const request = await create(part);
  const claim = claimJob(once, request, { id: "c-1", holderIdentity: "nobody", now: Date.now(), handles: () => true })!;
  const { operations } = writeOf(request, claim, { by: "nobody", now: Date.now() });
  await part.admin.patch(REQUEST_STATES, request.metadata, operations);
  await runDirector([once], given(part)).finished;
};

/** Time that passes a thousand times as fast. */
const hasty: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic() * 1_000,
  setTimer: (ms, callback) => systemClock.setTimer(ms / 1_000, callback),
};

/** A worker has died without a word. */
const collects: Story = async (part) => {
  const { admin, namespace } = part;
  const metadata = { name: `dead-${crypto.randomUUID()}`, namespace, labels: labelsOf("worker") };
  await admin.create(LEASES, newLease(metadata, { holder: metadata.name, duration: 15_000 }, 0));
  await runLeaseCollector({ ...given(part), clock: hasty, labels: labelsOf("worker") });
};

const tells = (times: number): Story => async (part) => {
  const { cluster, log, signal } = part;
  const request = await create(part);
  const recorder = createEventRecorder({ cluster, log, signal, component: "crd-watcher-director" });
  for (let time = 0; time < times; time++) {
    recorder.record(request, { type: "Warning", reason: "Tried", message: "It is tried" });
    await recorder.flush();
  }
};

/** The answer to the first write of this kind is lost. */
const losing = (cluster: Cluster, method: "patch" | "create"): Cluster => {
  let isLost = false;
  return {
    ...cluster,
    async [method](...given: Parameters<Cluster["create"]> & Parameters<Cluster["patch"]>) {
      const answer = await (cluster[method] as (...given: unknown[]) => Promise<unknown>)(...given);
      if (isLost) return answer;
      isLost = true;
      throw new NoAnswerError("Cannot hear the answer", new Error("the test has lost it"));
    },
  } as Cluster;
};

const works = (change: (cluster: Cluster) => Cluster = (cluster) => cluster): Story => async (part) => {
  await create(part);
  await runWorker(once, { do: async () => {} }, { ...given(part), cluster: change(part.cluster) }).finished;
};

/** By role, then by resource and verb. */
export const STORIES: Readonly<Record<string, Readonly<Record<string, Story>>>> = {
  "crd-watcher-director": {
    "requeststates list": setup("lead"),
    "requeststates watch": setup("lead"),
    "requeststates patch": setup("lead"),
    "requeststates get": expires,
    "requeststates delete": expires,
    "leases get": setup("lead"),
    "leases watch": setup("lead"),
    "leases create": setup("lead"),
    "leases update": setup("lead"),
    "leases list": looksForHolders,
    "leases delete": collects,
    "events create": tells(1),
    "events patch": tells(2),
  },
  "crd-watcher-worker": {
    "requeststates list": setup("live"),
    "requeststates watch": setup("live"),
    "requeststates patch": setup("live"),
    "requeststates get": works((cluster) => losing(cluster, "patch")),
    "leases list": setup("live"),
    "leases create": setup("live"),
    "leases update": setup("live"),
    "leases get": works((cluster) => losing(cluster, "create")),
    "leases watch": works(),
    "leases delete": works(),
  },
};
