/**
 * Who is measured: our programs, a peer, the minimal writer.
 *
 * @module
 */
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
  readonly name: "ours" | "peer" | "writer";
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

/** Our director and workers. */
export function ours({ runtime, program, concurrency, workers, profile }: Arguments, namespace = "ours"): Contender {
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
    name: "ours",
    namespace,
    serves: true,
    labels: ["director", "worker"],
    start: (kubeconfig) => ["director", ...Array(workers).fill("worker")].map((label) => startOne(label, kubeconfig)),
    startOne,
  };
}

/** Somebody else's controller. */
export function peer(commands: Readonly<Record<string, string>>): Contender {
  const namespace = "peer";
  const startOne = (label: string, kubeconfig: string) =>
    startMeasured(label, ["sh", "-c", commands[label]!], { KUBECONFIG: kubeconfig, NAMESPACE: namespace });
  const labels = Object.keys(commands);
  return {
    name: "peer",
    namespace,
    serves: true,
    labels,
    start: (kubeconfig) => labels.map((label) => startOne(label, kubeconfig)),
    startOne,
  };
}

/** The minimal writer. */
export function writer(endpoint: Endpoint, recording: Recording): Contender {
  const namespace = "writer";
  const order: Order = { endpoint, namespace, recording, connections: 16 };
  const start = () => startMeasured("writer", [node, join(file("bench"), "writer.ts"), JSON.stringify(order)]);
  return { name: "writer", namespace, serves: false, labels: [], start: () => [start()], startOne: start };
}
