/**
 * The minimal writer, a process of its own: sends the six writes of each flow, 16 flows at once, and reads a watch as our
 * worker has one. It decides nothing and remembers nothing.
 *
 * It is started with an {@linkcode Order} as its one argument, prints `ready`, and for each number on stdin does so many
 * flows and prints how long each took, as a JSON list of milliseconds.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { requestOf } from "./load.ts";
import { bodyOf, type Recording } from "./step.ts";
import { createWire, type Endpoint, requestsPath, type Wire } from "./wire.ts";

/** What the writer is told. */
export interface Order {
  readonly endpoint: Endpoint;
  readonly namespace: string;
  readonly recording: Recording;
  /** Flows written at once. */
  readonly connections: number;
}

/** Writes one flow. @returns How long it took, in milliseconds. */
export async function writeFlow(wire: Wire, namespace: string, { steps }: Recording): Promise<number> {
  const name = crypto.randomUUID();
  const path = requestsPath(namespace);
  const started = performance.now();
  const { metadata } = JSON.parse(await wire.send({ method: "POST", path, body: requestOf(namespace, name) }));
  const { uid, creationTimestamp } = metadata;
  let { resourceVersion } = metadata;
  for (const step of steps) {
    const { method, contentType, accept } = step;
    const body = bodyOf(step, { name, uid, resourceVersion, creationTimestamp });
    const answer = await wire.send({ method, path: `${path}/${name}`, contentType, accept, body });
    resourceVersion = /"resourceVersion":"(\d+)"/.exec(answer)![1]!;
  }
  return performance.now() - started;
}

async function serve({ endpoint, namespace, recording, connections }: Order): Promise<void> {
  const wire = createWire(endpoint, connections);
  const { resourceVersion } = JSON.parse(await wire.send({ method: "GET", path: `${requestsPath(namespace)}?limit=1` })).metadata;
  await wire.watch(`${requestsPath(namespace)}?${recording.watchQuery}`, resourceVersion, () => {});
  console.log("ready");
  for await (const line of createInterface({ input: process.stdin })) {
    let left = Number(line);
    const took: number[] = [];
    await Promise.all(Array.from({ length: connections }, async () => {
      while (left-- > 0) took.push(await writeFlow(wire, namespace, recording));
    }));
    console.log(JSON.stringify(took.map((ms) => Math.round(ms))));
  }
}

if (process.argv[1] === import.meta.filename) await serve(JSON.parse(process.argv[2]!));
