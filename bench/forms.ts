/**
 * What the form of our writes costs the API server: the writes of a recorded flow as JSON patches, as they are sent, and as updates of the
 * whole object; with inputs of several sizes, and with more or fewer who read each event. In turns, on one genuine server.
 *
 *   KUBEBUILDER_ASSETS=... npx tsx bench/forms.ts [ROUNDS] [FLOWS]
 *
 * @module
 */
import process from "node:process";
import type { PatchOperation } from "../src/ports.ts";
import { applied } from "../src/flow/json-patch.ts";
import type { RequestState } from "../src/request-state.ts";
import { ours } from "./contenders.ts";
import { requestOf } from "./load.ts";
import { usageOf } from "./processes.ts";
import { recordFlow } from "./recording.ts";
import { type Server, startServer } from "./server.ts";
import { median } from "./statistics.ts";
import { bodyOf, type Recording } from "./step.ts";
import { createWire, requestsPath } from "./wire.ts";

/** A way to write, and what goes with it. */
interface Form {
  readonly method: "PATCH" | "PUT";
  /** Bytes of text in `spec.input`. */
  readonly input: number;
  /** Watches of all requests, each a connection. */
  readonly readers: number;
}

const INPUTS = [0, 1_000, 4_000, 16_000];
const FORMS: readonly Form[] = [
  ...INPUTS.flatMap((input): Form[] => [{ method: "PATCH", input, readers: 1 }, { method: "PUT", input, readers: 1 }]),
  ...[0, 2, 4].map((readers): Form => ({ method: "PATCH", input: 0, readers })),
];
/** Flows at once. */
const AT_ONCE = 16;

/** CPU of the API server and etcd, and bytes of bodies, a flow. */
interface Cost {
  readonly cpu: number;
  readonly bytes: number;
}

async function writeFlows(server: Server, { steps, watchQuery }: Recording, form: Form, count: number): Promise<Cost> {
  const path = requestsPath(NAMESPACE);
  const wire = createWire(server.endpoint, AT_ONCE);
  let bytes = 0;
  const writeFlow = async () => {
    const name = crypto.randomUUID();
    const made = requestOf(NAMESPACE, name);
    const { spec, ...rest } = JSON.parse(made);
    const created = JSON.stringify({
      ...rest,
      spec: { ...spec, ...form.input > 0 && { input: { text: "x".repeat(form.input) } } },
    });
    let object = JSON.parse(await wire.send({ method: "POST", path, body: created }));
    delete object.metadata.managedFields; // as in our caches; an update without them leaves them as they are
    const { uid, creationTimestamp } = object.metadata;
    for (const step of steps) {
      const { resourceVersion } = object.metadata;
      const patch = bodyOf(step, { name, uid, resourceVersion, creationTimestamp });
      object = applied(object as RequestState, JSON.parse(patch) as PatchOperation[]);
      const isPatch = form.method === "PATCH";
      const body = isPatch ? patch : JSON.stringify(object);
      const contentType = isPatch ? step.contentType : undefined;
      bytes += body.length;
      const answer = await wire.send({ method: form.method, path: `${path}/${name}`, contentType, accept: step.accept, body });
      object = { ...object, metadata: { ...object.metadata, resourceVersion: /"resourceVersion":"(\d+)"/.exec(answer)![1]! } };
    }
  };
  const { resourceVersion } = JSON.parse(await wire.send({ method: "GET", path: `${path}?limit=1` })).metadata;
  for (let reader = 0; reader < form.readers; reader++) await wire.watch(`${path}?${watchQuery}`, resourceVersion, () => {});
  const before = usageOf(server.pids()).cpu;
  let left = count;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) await writeFlow();
  }));
  const cpu = (usageOf(server.pids()).cpu - before) / count;
  wire.close();
  await server.clear(NAMESPACE);
  return { cpu, bytes: bytes / count };
}

const NAMESPACE = "forms";
const [rounds = 5, flows = 200] = process.argv.slice(2).map(Number);
const server = await startServer([NAMESPACE, "recorded"]);
try {
  const start = ours({ runtime: "node", program: "source", concurrency: AT_ONCE }, "recorded", 1).start;
  const recording = await recordFlow(server.endpoint, "recorded", start);
  await writeFlows(server, recording, FORMS[0]!, flows); // does not count: nothing is warm
  const costs = FORMS.map((): Cost[] => []);
  for (let round = 0; round < rounds; round++) {
    const order = [...FORMS.keys()];
    for (const index of round % 2 === 0 ? order : order.reverse()) {
      costs[index]!.push(await writeFlows(server, recording, FORMS[index]!, flows));
    }
  }
  console.log(
    `Kubernetes ${server.version}, ${flows} flows a turn, ${rounds} rounds: CPU of the server, ms a flow; median of the rounds`,
  );
  console.log("form    input  readers     CPU   : first  body, bytes a write");
  FORMS.forEach(({ method, input, readers }, index) => {
    const cpu = median(costs[index]!.map((cost) => cost.cpu));
    const ratio = median(costs[index]!.map((cost, round) => cost.cpu / costs[0]![round]!.cpu));
    const bytes = costs[index]![0]!.bytes / recording.steps.length;
    console.log([
      method.padEnd(7),
      String(input).padStart(6),
      String(readers).padStart(7),
      cpu.toFixed(2).padStart(8),
      ratio.toFixed(2).padStart(8),
      bytes.toFixed(0).padStart(10),
    ].join(" "));
  });
} finally {
  await server.stop();
}
