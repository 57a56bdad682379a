/**
 * The servers that are measured, each in processes of its own: a fake cluster, a genuine API server, and a handler that does nothing.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { OWN_CRDS } from "../../cli/cluster/crds.ts";
import { type Measured, startMeasured, treeOf } from "../processes.ts";
import { startServer } from "../server.ts";
import { createWire, type Wire } from "../wire.ts";
import type { Order, Question } from "./serve.ts";

/** What a column of the table is about. */
export type Column = "fake" | "genuine" | "empty";
/** What runs the fake and the empty handler. */
export type Runtime = "node" | "deno";

/** A server under measurement. */
export interface Contender {
  readonly column: Column;
  readonly wire: Wire;
  /** Other connections to it. */
  open(): Wire;
  /** From the start of its processes to its first answer, in milliseconds. */
  readonly startMs: number;
  pids(): readonly number[];
  /** Bytes of its heap in use; undefined where nobody can say. */
  heap(): Promise<number | undefined>;
  /** What it answers from now on, whatever it is asked: of the empty handler. */
  answer(bytes: string): Promise<void>;
  stop(): Promise<void>;
}

/** Where what is measured finds its files. */
export interface Workshop {
  /** The command that runs a module of this folder. */
  command(runtime: Runtime, module: "serve" | "first", server: Order["server"]): readonly string[];
  path(name: string): string;
  remove(): void;
}

const root = new URL("../../", import.meta.url);
const here = (module: string) => fileURLToPath(new URL(`./${module}.ts`, import.meta.url));

/** @param program What Node runs: what is packed, or the source. Deno runs the source, as it does from JSR. */
export async function createWorkshop(program: "dist" | "source"): Promise<Workshop> {
  const folder = mkdtempSync(join(tmpdir(), "crd-watcher-bench-"));
  const path = (name: string) => join(folder, name);
  const [crd] = OWN_CRDS;
  writeFileSync(path("crd.json"), JSON.stringify(crd));
  const modules = (compiled: boolean): Order["modules"] =>
    compiled
      ? [`${new URL("dist/src/fake/mod.js", root)}`, `${new URL("dist/src/fake/server.js", root)}`]
      : [`${new URL("src/fake/mod.ts", root)}`, `${new URL("src/fake/server.ts", root)}`];
  return {
    path,
    command(runtime, module, server) {
      const order: Order = { server, crdPath: path("crd.json"), modules: modules(runtime === "node" && program === "dist") };
      const words = runtime === "node" ? ["node", "--expose-gc"] : ["deno", "run", "-q", "-A", "--v8-flags=--expose-gc"];
      return [...words, here(module), JSON.stringify(order)];
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Asks a process in a line, and reads a line. */
function asking(process: Measured): (question?: Question) => Promise<Record<string, unknown>> {
  return (question) =>
    Promise.race([
      new Promise<Record<string, unknown>>((resolve) => {
        process.onLine = (line) => resolve(JSON.parse(line));
        if (question) process.write(JSON.stringify(question));
      }),
      process.failed,
    ]);
}

const firstPath = "/api/v1/namespaces/default";

/** Starts a fake, or an empty handler. */
export async function startChild(workshop: Workshop, runtime: Runtime, server: Order["server"]): Promise<Contender> {
  const process = startMeasured(server, workshop.command(runtime, "serve", server));
  const ask = asking(process);
  const { url } = await ask() as { url: string };
  const wire = createWire({ url }, 16);
  await wire.send({ method: "GET", path: firstPath });
  const startMs = performance.now() - process.started;
  return {
    column: server,
    wire,
    open: () => createWire({ url }, 16),
    startMs,
    pids: () => treeOf(process.pid),
    heap: async () => server === "fake" ? Number((await ask({ ask: "heap" })).heap) : undefined,
    async answer(bytes) {
      if (server !== "empty") return;
      const path = workshop.path("answer");
      writeFileSync(path, bytes);
      await ask({ ask: "answer", path });
    },
    async stop() {
      wire.close();
      await process.end();
    },
  };
}

/** What one run of first.ts has told. */
export async function firstOf(workshop: Workshop, runtime: Runtime): Promise<Readonly<Record<string, number>>> {
  const process = startMeasured("first", workshop.command(runtime, "first", "fake"));
  try {
    return await asking(process)() as Record<string, number>;
  } finally {
    await process.end();
  }
}

/** Starts a genuine API server. */
export async function startGenuine(): Promise<Contender> {
  const began = performance.now();
  const server = await startServer(["bench", "many"]);
  return {
    column: "genuine",
    wire: server.wire,
    open: () => createWire(server.endpoint, 16),
    startMs: performance.now() - began,
    pids: () => server.pids(),
    heap: () => Promise.resolve(undefined),
    answer: () => Promise.resolve(),
    stop: () => server.stop(),
  };
}
