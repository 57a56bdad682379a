/**
 * Stands in for the package where an example is run on a genuine server: its director and its worker talk with the service accounts
 * of deploy/, the rest of it as a person. Kubeconfigs are named by DIRECTOR, WORKER and CLIENT.
 *
 * @module
 */
import process from "node:process";
import type { Cluster, DirectorOptions, Flow, Running, WorkerOptions } from "../../../mod.ts";
import { runDirector as runDirectorAs, runWorker as runWorkerAs } from "../../../mod.ts";
import { connect } from "../../../src/adapters/node.ts";
import { tellingDenials } from "./denials.ts";

// What is defined below goes before.
export * from "../../../mod.ts";

const connectAs = async (who: string): Promise<Cluster> =>
  tellingDenials(
    await connect({ kubeconfig: process.env[who]! }),
    (denial) => console.error(`${who.toLowerCase()} may not ${denial}`),
  );

const person = await connectAs("CLIENT");
const [director, worker] = [await connectAs("DIRECTOR"), await connectAs("WORKER")];

// Idle connections would hold the process; the last program that ends takes all of them along.
let running = 0;
const counted = <T extends Running>(program: T): T => {
  running++;
  void program.finished.finally(() => --running === 0 && setTimeout(closeIdle, 100));
  return program;
};
const closeIdle = () => running === 0 && Promise.all([person, director, worker].map((cluster) => cluster.close()));

/** Runs one with the rights of the director's service account, elected as `--serve` is. */
export const runDirector = (flows: readonly Flow[], options: DirectorOptions): Running =>
  counted(runDirectorAs(flows, { ...options, cluster: director, leaderElect: true }));

/** Runs one with the rights of the worker's service account. */
export const runWorker = (...given: readonly unknown[]): Running => {
  const options = { ...given.at(-1) as WorkerOptions, cluster: worker };
  return counted((runWorkerAs as (...given: readonly unknown[]) => Running)(...given.slice(0, -1), options));
};

/** There is none: the server is a genuine one. */
export const createFakeCluster = (): { readonly fetch: undefined } => ({ fetch: undefined });

/** The genuine cluster, as the person who runs the example. */
export const createFetchCluster = (): Cluster => person;
