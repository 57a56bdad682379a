/**
 * What is measured of a server that runs: the CPU of its processes for each request of a kind, which other programs on the machine
 * change less than the time on the clock; and the time where somebody waits for one answer.
 *
 * @module
 */
import { usageOf } from "../processes.ts";
import { type Ask, requestsPath } from "../wire.ts";
import type { Contender } from "./contender.ts";

/** How much is asked. */
export interface Sizes {
  /** Requests of each kind a turn. */
  readonly requests: number;
  /** Objects of the large list. */
  readonly objects: number;
  readonly watches: number;
  /** Writes over which nothing may grow. */
  readonly writes: number;
}

/** Figures of one turn, by name. */
export type Figures = Readonly<Record<string, number>>;

const at = 16;
const timestamp = "2026-01-01T00:00:00Z";

/** A request in its first job, as its creator and its worker have left it. */
const requestObject = (namespace: string, name: string) => ({
  apiVersion: "com.redhat.ecosystem.sample/v1",
  kind: "RequestState",
  metadata: { name, namespace, labels: { bench: "true" } },
  spec: { "request-uid": name, job: "JOB1", state: "STARTED", attempt: 1 },
  status: {
    history: ["REQUESTED", "STARTED"].map((state, index) => ({
      job: "JOB1",
      state,
      timestamp,
      seq: index + 1,
      attempt: 1,
      by: "bench",
    })),
  },
});

/** One object for each request at a time: a genuine server has those of one object wait for each other, and decides again. */
const managed = (index: number) => `managed-${index % at}`;
const bare = (index: number) => `bare-${index % at}`;

const pathOf = (name: string) => `${requestsPath("bench")}/${name}`;
const get = (name: string): Ask => ({ method: "GET", path: pathOf(name) });

let turn = 0;
const patch = (name: string): Ask => ({
  method: "PATCH",
  path: pathOf(name),
  contentType: "application/merge-patch+json",
  body: JSON.stringify({ metadata: { annotations: { turn: String(++turn) } }, status: { outputs: { JOB1: { turn } } } }),
});

/** Sends requests, some at a time. */
async function send({ wire }: Contender, count: number, ask: (index: number) => Ask): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: at }, async () => {
    while (next < count) await wire.send(ask(next++));
  }));
}

const cpuOf = (contender: Contender) => usageOf(contender.pids()).cpu;

/** Microseconds of the server's CPU. */
async function cost(contender: Contender, count: number, ask: (index: number) => Ask): Promise<number> {
  const before = cpuOf(contender);
  await send(contender, count, ask);
  return (cpuOf(contender) - before) * 1000 / count;
}

/** What the empty handler answers: the same bytes. */
export interface Answers {
  readonly get: string;
  readonly patch: string;
  readonly list: string;
}

const list: Ask = { method: "GET", path: requestsPath("many") };
const namespaces = ["bench", "many"];

async function makeNamespaces({ wire, column }: Contender): Promise<void> {
  if (column === "genuine") return; // they are there
  for (const name of namespaces) {
    await wire.send({ method: "POST", path: "/api/v1/namespaces", body: JSON.stringify({ metadata: { name } }) });
  }
}

const create = (namespace: string, name: string): Ask => ({
  method: "POST",
  path: requestsPath(namespace),
  body: JSON.stringify(requestObject(namespace, name)),
});

/** Fills a server, and tells what an object takes there. */
export async function prepare(contender: Contender, { objects }: Sizes): Promise<Figures> {
  await makeNamespaces(contender);
  // Nobody owns their fields, and so it stays until somebody applies one.
  const body = JSON.stringify({ metadata: { managedFields: [{}] } });
  for (let index = 0; index < at; index++) {
    await contender.wire.send(create("bench", managed(index)));
    await contender.wire.send(create("bench", bare(index)));
    await contender.wire.send({ ...patch(bare(index)), body });
  }
  const before = await contender.heap() ?? usageOf(contender.pids()).rss * 1024 * 1024;
  await send(contender, objects, (index) => create("many", `request-${index}`));
  const after = await contender.heap() ?? usageOf(contender.pids()).rss * 1024 * 1024;
  return { "KB an object": (after - before) / 1024 / objects };
}

/** The answers of a server that was filled. */
export const answersOf = async ({ wire }: Contender): Promise<Answers> => ({
  get: await wire.send(get(managed(0))),
  patch: await wire.send(patch(managed(0))),
  list: await wire.send(list),
});

/** One change, told to many watches: CPU of the server, in milliseconds, until the last has it. */
async function fanOut(contender: Contender, watches: number, times: number): Promise<number> {
  const { wire } = contender;
  let seen = 0;
  let all = () => {};
  // That of a list: what an object carries may be older than what is kept for watches.
  const newest: Ask = { method: "GET", path: `${requestsPath("bench")}?limit=1` };
  const version = contender.column === "empty" ? "1" : JSON.parse(await wire.send(newest)).metadata.resourceVersion;
  const path = `${requestsPath("bench")}?timeoutSeconds=3600`;
  const open = contender.open();
  for (let index = 0; index < watches; index++) {
    await open.watch(path, version, () => void (++seen === watches && all()));
  }
  let spent = 0;
  try {
    for (let time = 0; time < times; time++) {
      seen = 0;
      const told = new Promise<void>((resolve) => all = resolve);
      const before = cpuOf(contender);
      await wire.send(patch(managed(0)));
      await told;
      spent += cpuOf(contender) - before;
    }
  } finally {
    open.close();
  }
  return spent / times;
}

/** One turn of a server that was filled. */
export async function takeTurn(contender: Contender, { requests, watches }: Sizes, answers: Answers): Promise<Figures> {
  const figures: Record<string, number> = {};
  await contender.answer(answers.get);
  figures["get us"] = await cost(contender, requests, (index) => get(managed(index)));
  await contender.answer(answers.patch);
  figures["patch us"] = await cost(contender, requests, (index) => patch(managed(index)));
  figures["bare patch us"] = await cost(contender, requests, (index) => patch(bare(index)));
  await contender.answer(answers.list);
  const began = performance.now();
  await contender.wire.send(list);
  figures["list ms"] = performance.now() - began;
  await contender.answer(`${JSON.stringify({ type: "MODIFIED", object: JSON.parse(answers.get) })}\n`);
  figures["fan-out ms"] = await fanOut(contender, watches, 5);
  return figures;
}

/** Many writes: what one costs among the last of them for one among the first, and what the heap has grown by. */
export async function drift(contender: Contender, { writes }: Sizes): Promise<Figures> {
  const tenth = Math.ceil(writes / 10);
  await send(contender, tenth, (index) => patch(managed(index))); // the history is full from here on
  const heap = await contender.heap();
  const first = await cost(contender, tenth, (index) => patch(managed(index)));
  await send(contender, tenth * 7, (index) => patch(managed(index)));
  const last = await cost(contender, tenth, (index) => patch(managed(index)));
  const grown = (await contender.heap() ?? 0) - (heap ?? 0);
  return { "last : first write": last / first, ...heap !== undefined && { "heap grown MB": grown / 1024 / 1024 } };
}
