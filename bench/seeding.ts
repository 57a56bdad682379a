/**
 * Finished requests that lie around: one is created, as a director leaves it, and its copies are put beside it where the API server
 * keeps it. That goes a hundred times as fast as to create them, and the server sees them come as it sees what its sisters write.
 *
 * @module
 */
import { LYING, requestsPath, type Wire } from "./wire.ts";

/** Objects put into etcd by one transaction: it takes 128 and 1.5 MB at the most. */
const TOGETHER = 100;
/** Transactions at once. */
const LANES = 4;
/** How long the API server may stand still before it has seen them, in milliseconds. */
const PATIENCE = 120_000;

const ENTRIES = ["JOB1 REQUESTED", "JOB1 STARTED", "JOB1 COMPLETED", "JOB2 REQUESTED", "JOB2 STARTED", "JOB2 COMPLETED"];

/**
 * Adds finished requests to a namespace.
 *
 * @returns When the API server shows all of them.
 * @throws {Error} When it does not.
 */
export async function seedRequests(wire: Wire, etcdUrl: string, namespace: string, count: number): Promise<void> {
  const path = requestsPath(namespace);
  const before = await countOf(wire, path);
  const { metadata } = JSON.parse(await wire.send({ method: "POST", path, body: JSON.stringify(finishedRequest(namespace)) }));
  const { name, uid } = metadata as { name: string; uid: string };
  const key = `/registry/com.redhat.ecosystem.sample/requeststates/${namespace}/`;
  const kept = await askEtcd<{ kvs?: { value: string }[] }>(etcdUrl, "range", { key: btoa(key + name) });
  if (!kept.kvs?.[0]) throw new Error(`etcd has no ${key}${name}: this API server keeps its objects elsewhere`);
  const text = atob(kept.kvs[0].value);
  const copy = () => {
    const other = crypto.randomUUID();
    const value = text.replaceAll(name, other).replaceAll(uid, crypto.randomUUID());
    return { requestPut: { key: btoa(key + other), value: btoa(value) } };
  };
  let left = count - 1;
  let newest = 0;
  await Promise.all(Array.from({ length: LANES }, async () => {
    while (left > 0) {
      const size = Math.min(TOGETHER, left);
      left -= size;
      const { header } = await askEtcd<{ header: { revision: string } }>(etcdUrl, "txn", {
        success: Array.from({ length: size }, copy),
      });
      newest = Math.max(newest, Number(header.revision));
    }
  }));
  await seen(wire, path, newest);
  // All of a transaction have one version: the server takes itself for up to date when it has seen the first of them.
  let added = 0;
  for (const deadline = performance.now() + PATIENCE; added !== count; added = await countOf(wire, path) - before) {
    if (performance.now() > deadline) throw new Error(`${path} shows ${added} of ${count} finished requests that were added`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until the memory of the server has come to a version; what asks for the newest state before ends in 504. */
async function seen(wire: Wire, path: string, version: number): Promise<void> {
  let last = { version: 0, at: performance.now() };
  while (last.version < version) {
    const { metadata } = JSON.parse(await wire.send({ method: "GET", path: `${path}?${REMEMBERED}` }));
    const now = Number(metadata.resourceVersion);
    if (now > last.version) last = { version: now, at: performance.now() };
    else if (performance.now() - last.at > PATIENCE) {
      throw new Error(`The API server stands still at version ${now}, and has to see ${version}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Answered from memory, by no more than its version: hardly anything is unfinished. */
const REMEMBERED = "fieldSelector=status.completionTime%3D&resourceVersion=0";

/** How many objects the newest list has. */
async function countOf(wire: Wire, path: string): Promise<number> {
  const { items, metadata } = JSON.parse(await wire.send({ method: "GET", path: `${path}?limit=1` }));
  return items.length + (metadata.remainingItemCount ?? 0);
}

/** By etcd's gateway of JSON over HTTP. */
async function askEtcd<Answer>(url: string, call: "range" | "txn", body: object): Promise<Answer> {
  const answer = await fetch(`${url}/v3/kv/${call}`, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`etcd refuses ${call}: ${(await answer.text()).slice(0, 500)}`);
  return await answer.json();
}

/** As our director leaves one of the sample flow. */
function finishedRequest(namespace: string): object {
  const now = new Date().toISOString();
  const history = ENTRIES.map((entry, index) => {
    const [job, state] = entry.split(" ");
    return { job, state, timestamp: now, seq: index + 1, attempt: 1, by: "worker-00000000" };
  });
  const conditions = ["Finished", "Succeeded"].map((type) => ({
    ...{ type, status: "True", reason: "Completed", message: "", lastTransitionTime: `${now.slice(0, 19)}Z` },
  }));
  const name = crypto.randomUUID();
  return {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name, namespace, labels: { [LYING]: "" } },
    spec: { "request-uid": name, job: "JOB2", state: "COMPLETED", attempt: 1 },
    status: { history, conditions, startTime: now, completionTime: now },
  };
}
