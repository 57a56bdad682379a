import type { Arguments } from "./arguments.ts";
import { withCluster } from "./connect.ts";
import { direct, serve, work } from "./drive.ts";
import { loadFlow } from "./flow-module.ts";

/** Runs one mode to its end. @returns The exit code. */
export async function runMode(given: Arguments, signal: AbortSignal): Promise<number> {
  const implementation = await loadFlow(given.flow);
  const run = given.mode === "worker" ? work : given.serve ? serve : direct;
  switch (given.mode) {
    case "director":
    case "worker":
      return await withCluster(given, signal, (cluster) => run(cluster, implementation, given, signal));
    // The fake API server is loaded only where it is served.
    case "cluster":
      return await (await import("./cluster.ts")).serveCluster(given, signal);
    case "demo":
      return await (await import("./cluster.ts")).demonstrate(implementation, given, signal);
  }
}
