/**
 * A program that makes garbage as a busy worker does, and prints how large V8's young generation has become, in MB:
 * `node young-generation.ts [limited]`.
 */
import process from "node:process";
import { limitYoungGeneration, sizeOfYoungGeneration } from "../../cli/engine.ts";

if (process.argv[2] === "limited") await limitYoungGeneration();
const text = JSON.stringify({ history: Array.from({ length: 6 }, (_, seq) => ({ job: "JOB1", state: "STARTED", seq })) });
const living: unknown[] = [];
for (let index = 0; index < 100_000; index++) {
  living[index % 5_000] = JSON.parse(text);
  if (index % 500 === 0) await new Promise((resolve) => setImmediate(resolve)); // as between two events of a watch
}
console.log(sizeOfYoungGeneration() / 2 ** 20);
