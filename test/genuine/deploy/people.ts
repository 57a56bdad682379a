/**
 * What people and programs may do under deploy/strict, by their roles.
 *
 * @module
 */
import { defineFlow, type RequestState } from "../../../mod.ts";
import { newRequest } from "../../../src/flow/creation.ts";
import type { Cluster, PatchOperation } from "../../../src/ports.ts";
import { REQUEST_STATES } from "../../../src/request-state.ts";

/** An approval, and what comes after it. */
const paper = defineFlow("paper", {
  start: "approve",
  jobs: { approve: { waitFor: "signal", on: { yes: "print", no: "print" } }, print: { waitFor: "signal" } },
});

/** @returns A request of it, with a name of its own. */
export const newPaper = (namespace: string, forkedFrom?: RequestState): ReturnType<typeof newRequest> =>
  newRequest(paper, {
    uid: crypto.randomUUID(),
    input: { pages: 1 },
    ...forkedFrom && { forkedFrom: { name: forkedFrom.metadata.name, uid: forkedFrom.metadata.uid!, job: "print" } },
  }, { namespace, by: "test", now: Date.now() });

/** What somebody tries with a request of that flow. */
type Attempt = (cluster: Cluster, request: RequestState) => Promise<unknown>;

const patch = (operations: readonly PatchOperation[]): Attempt => (cluster, { metadata }) =>
  cluster.patch(REQUEST_STATES, metadata, operations);
const signal = (job: string, by: string) =>
  patch([{ op: "add", path: "/spec/signals", value: { [job]: { outcome: "yes", by } } }]);
const suspend = patch([{ op: "add", path: "/spec/desiredState", value: "Suspended" }]);
const start: Attempt = (cluster, { metadata }) => cluster.create(REQUEST_STATES, newPaper(metadata.namespace!));
const fork: Attempt = (cluster, request) => cluster.create(REQUEST_STATES, newPaper(request.metadata.namespace!, request));
const drive = patch([{ op: "replace", path: "/spec/state", value: "FAILED" }]);
const otherInput = patch([{ op: "replace", path: "/spec/input/pages", value: 2 }]);
const otherStatus = patch([{ op: "add", path: "/status/outputs", value: { approve: "forged" } }]);

const DRIVE = /may not write spec\.job, spec\.state, spec\.attempt or status: it takes the verb drive on requeststates/;
const OPERATE = /may not change spec\.desiredState, .*: it takes the verb operate on requeststates/;
const SIGNAL = /may not give this signal: it takes the verb signal on requeststates, or on requeststates\/approve/;

/** By user: what is tried, and the words of the refusal; none: it is done. */
export const CASES: Readonly<Record<string, readonly (readonly [what: string, attempt: Attempt, refusal?: RegExp])[]>> = {
  vera: [
    ["see", (cluster, { metadata }) => cluster.get(REQUEST_STATES, metadata)],
    ["signal", signal("approve", "vera"), /"vera" cannot patch resource "requeststates"/],
    ["start", start, /"vera" cannot create resource "requeststates"/],
  ],
  sam: [
    ["start", start],
    ["fork", fork, /sam may not fork a flow: it takes the verb operate on requeststates/],
    ["signal", signal("approve", "sam"), /"sam" cannot patch resource "requeststates"/],
  ],
  paula: [
    ["approve", signal("approve", "paula")],
    ["approve in another's name", signal("approve", "sam"), /must be given by paula, who is asking/],
    ["suspend", suspend, OPERATE],
    ["go on without an approval", drive, DRIVE],
    ["forge an output", otherStatus, DRIVE],
    ["start", start, /"paula" cannot create resource "requeststates"/],
  ],
  jo: [
    ["approve", signal("approve", "jo")],
    ["signal another job", signal("print", "jo"), /jo may not give this signal: .* or on requeststates\/print/],
  ],
  olga: [
    ["suspend", suspend],
    ["fork", fork],
    ["approve", signal("approve", "olga"), SIGNAL],
    ["go on without an approval", drive, DRIVE],
  ],
  worker: [
    ["approve", signal("approve", "system:serviceaccount:default:crd-watcher-worker"), SIGNAL],
    ["suspend", suspend, OPERATE],
    ["change the input", otherInput, /spec\.input is set when the object is created, and not changed/],
    ["start", start, /cannot create resource "requeststates"/],
    ["delete", (cluster, { metadata }) => cluster.delete(REQUEST_STATES, metadata), /cannot delete resource "requeststates"/],
  ],
  director: [
    ["approve", signal("approve", "system:serviceaccount:default:crd-watcher-director"), SIGNAL],
    ["change the input", otherInput, /spec\.input is set when the object is created, and not changed/],
    ["start", start, /cannot create resource "requeststates"/],
  ],
};

/** The roles of people; jo's is her own, and director and worker have theirs. */
export const ROLES_OF: Readonly<Record<string, string>> = {
  vera: "view", // of the cluster itself: ours is aggregated to it
  sam: "crd-watcher-start",
  paula: "crd-watcher-approve",
  olga: "crd-watcher-operate",
};
