/**
 * Who is measured: our programs, a peer, the minimal writer.
 *
 * @module
 */
import { buildSync } from "esbuild";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Arguments } from "./arguments.ts";
import { type Measured, startMeasured } from "./processes.ts";
import type { Recording } from "./step.ts";
import type { Endpoint } from "./wire.ts";
import type { Order } from "./writer.ts";

const file = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const node = file("node_modules/.bin/node");
const deno = file("node_modules/.bin/deno");

/** Somebody who does flows. */
export interface Contender {
  readonly name: "ours" | "by hand" | "peer" | "writer";
  /** Whether each of its processes prints a line when it is ready. */
  readonly speaks: boolean;
  /** Where its requests are. */
  readonly namespace: string;
  /** Whether it has to be given requests. The writer makes its own. */
  readonly serves: boolean;
  /** Starts its processes. */
  start(kubeconfig: string): readonly Measured[];
  /** Starts the process of one label only; the director and the worker start in times of their own. */
  readonly labels: readonly string[];
  startOne(label: string, kubeconfig: string): Measured;
}

/** The labels of processes: a director and so many workers. */
const crew = (workers: number): readonly string[] => ["director", ...Array<string>(workers).fill("worker")];

/** Our director and workers. */
export function ours(
  { runtime, program, concurrency, profile }: Pick<Arguments, "runtime" | "program" | "concurrency" | "profile">,
  namespace: string,
  workers: number,
): Contender {
  const main = program === "dist" ? "dist/cli/main.js" : "cli/main.ts";
  const start = runtime === "deno"
    ? [deno, "run", "-q", "-P", main]
    : program === "dist"
    ? [node, ...profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`], main]
    : [node, "--import", "tsx", main];
  const modes: Readonly<Record<string, readonly string[]>> = {
    director: ["--serve"],
    worker: ["--mode", "worker", "--concurrency", String(concurrency)],
  };
  const startOne = (label: string, kubeconfig: string) =>
    startMeasured(label, [...start, ...modes[label]!, "--namespace", namespace, "--kubeconfig", kubeconfig]);
  return {
    ...{ name: "ours", namespace, speaks: true, serves: true },
    labels: ["director", "worker"],
    start: (kubeconfig) => crew(workers).map((label) => startOne(label, kubeconfig)),
    startOne,
  };
}

/** Where what is written by hand is compiled to, as a user would have it compiled. */
const COMPILED = "node_modules/.cache/bench/by-hand";

/** Compiles what is written by hand over client-node's informer. */
export function buildByHand(): void {
  buildSync({ entryPoints: [file("bench/by-hand/main.ts")], outfile: file(`${COMPILED}/main.js`), ...BUNDLE });
}

const BUNDLE = { bundle: true, packages: "external", format: "esm", platform: "node", target: "node22" } as const;

/** That program's director and workers. */
export function byHand(namespace: string, workers: number): Contender {
  const startOne = (label: string, kubeconfig: string) =>
    startMeasured(label, [node, file(`${COMPILED}/main.js`), label], { KUBECONFIG: kubeconfig, NAMESPACE: namespace });
  return {
    ...{ name: "by hand", namespace, speaks: true, serves: true },
    labels: ["director", "worker"],
    start: (kubeconfig) => crew(workers).map((label) => startOne(label, kubeconfig)),
    startOne,
  };
}

/** Somebody else's controller; of a command for workers alone there are as many as of ours. */
export function peer(commands: Readonly<Record<string, string>>, namespace: string, workers: number): Contender {
  const startOne = (label: string, kubeconfig: string) =>
    startMeasured(label, ["sh", "-c", commands[label]!], { KUBECONFIG: kubeconfig, NAMESPACE: namespace });
  const labels = Object.keys(commands);
  return {
    ...{ name: "peer", namespace, speaks: false, serves: true },
    labels,
    start: (kubeconfig) =>
      crew(commands["worker"] === undefined ? 1 : workers).concat("peer")
        .filter((label) => commands[label] !== undefined).map((label) => startOne(label, kubeconfig)),
    startOne,
  };
}

/** The minimal writer: 16 flows at once, where so many are in flight. */
export function writer(endpoint: Endpoint, recording: Recording, namespace: string, inFlight: number): Contender {
  const order: Order = { endpoint, namespace, recording, connections: Math.min(16, inFlight) };
  const start = () => startMeasured("writer", [node, join(file("bench"), "writer.ts"), JSON.stringify(order)]);
  return { name: "writer", namespace, speaks: true, serves: false, labels: [], start: () => [start()], startOne: start };
}
