/**
 * One server of the bench in a process of its own: a fake cluster, or a handler of `node:http` that reads what it is sent and answers
 * bytes that it is given. It tells its URL in a line, answers lines on stdin in lines on stdout, and ends when stdin does.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import type { createFakeCluster } from "../../src/fake/mod.ts";
import type { listen } from "../../src/fake/server.ts";

/** What the process is told, as its one argument. */
export interface Order {
  readonly server: "fake" | "empty";
  /** The CRD, as JSON. */
  readonly crdPath: string;
  /** The modules of the fake. */
  readonly modules: readonly [cluster: string, server: string];
}

/** What can be asked for in a line. */
export type Question =
  /** Bytes of the heap that are in use, after a collection. */
  | { readonly ask: "heap" }
  /** What the empty handler answers from now on, as a file. */
  | { readonly ask: "answer"; readonly path: string };

/** The empty handler: a watch stays open, and each write is told to all of them. */
function serveEmpty(): Promise<{ readonly url: string; readonly answer: (path: string) => void }> {
  let bytes: Uint8Array = new Uint8Array();
  const watches = new Set<ServerResponse>();
  const server = createServer({ keepAlive: true }, (request, response) => {
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", () => {
      response.setHeader("content-type", "application/json");
      if (request.url!.includes("watch=true")) {
        response.flushHeaders();
        watches.add(response);
        return response.on("close", () => watches.delete(response));
      }
      response.end(bytes);
      if (request.method !== "GET") { for (const watch of watches) watch.write(bytes); }
    });
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () =>
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        answer: (path) => bytes = readFileSync(path),
      }))
  );
}

async function serveFake({ crdPath, modules }: Order): Promise<{ readonly url: string; readonly answer: () => void }> {
  const crd = JSON.parse(readFileSync(crdPath, "utf8"));
  const fake: { createFakeCluster: typeof createFakeCluster } = await import(modules[0]);
  const server: { listen: typeof listen } = await import(modules[1]);
  const { url } = await server.listen(fake.createFakeCluster({ crds: [crd] }));
  return { url, answer: () => {} };
}

const order = JSON.parse(process.argv[2]!) as Order;
const { url, answer } = order.server === "fake" ? await serveFake(order) : await serveEmpty();
console.log(JSON.stringify({ url }));
for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line) as Question;
  if (question.ask === "answer") {
    answer(question.path);
    console.log("{}");
  } else {
    (globalThis as { gc?: () => void }).gc!();
    console.log(JSON.stringify({ heap: process.memoryUsage().heapUsed }));
  }
}
process.exit(0);
