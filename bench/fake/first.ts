/**
 * What the first fake cluster of a process costs, in a process of its own: it prints milliseconds, as JSON.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { get } from "node:http";
import process from "node:process";
import type { createFakeCluster } from "../../src/fake/mod.ts";
import type { listen } from "../../src/fake/server.ts";
import type { Order } from "./serve.ts";

const { crdPath, modules } = JSON.parse(process.argv[2]!) as Order;
const crd = JSON.parse(readFileSync(crdPath, "utf8"));
// The runtime's own, which every program with `fetch` has loaded.
await new Response(new Request("http://fake/", { method: "POST", body: "" }).body).text();

const began = performance.now();
const fake: { createFakeCluster: typeof createFakeCluster } = await import(modules[0]);
const imported = performance.now();
const first = fake.createFakeCluster({ crds: [crd] });
const made = performance.now();
const { status } = await first.fetch(new Request("http://fake/api/v1/namespaces/default"));
const answered = performance.now();
const server: { listen: typeof listen } = await import(modules[1]);
const { url, close } = await server.listen(first);
const code = await new Promise<number | undefined>((resolve, reject) =>
  get(`${url}/api/v1/namespaces/default`, (answer) => answer.resume().on("end", () => resolve(answer.statusCode))).on(
    "error",
    reject,
  )
);
const served = performance.now();
if (status !== 200 || code !== 200) throw new Error(`The first answers are ${status} and ${code}`);
console.log(
  JSON.stringify({
    "import ms": imported - began,
    "cluster ms": made - imported,
    "answer ms": answered - made,
    "port ms": served - imported,
  }),
);
await close();
first.close();
