import type { Log } from "../mod.ts";
import type { Arguments } from "./arguments.ts";
import { withCluster } from "./connect.ts";
import { direct, electionOf, serve, work } from "./drive.ts";
import { limitYoungGeneration, optimizeLate } from "./engine.ts";
import { loadFlows } from "./flow-module.ts";
import { unlessEnded } from "./unless-ended.ts";

/** What every mode runs with. */
export interface Surroundings {
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Called once everything is there that may have to be asked for. */
  readonly ready: () => Promise<void>;
}

/** Runs one mode to its end. @returns The exit code. */
export async function runMode(given: Arguments, surroundings: Surroundings): Promise<number> {
  const load = () => unlessEnded(loadFlows(given.flow, surroundings), surroundings.signal);
  switch (given.mode) {
    case "director":
    case "worker": {
      optimizeLate();
      const implementations = await load();
      if (given.serve) electionOf(given); // complained of before anything else is done
      const run = given.mode === "worker" ? work : given.serve ? serve : direct;
      return await withCluster(given, surroundings, (connection) => {
        const running = run(implementations, given, connection);
        void limitYoungGeneration(); // after its first requests are on their way
        return running;
      });
    }
    // The fake API server is loaded only where it is served.
    case "cluster":
      return await (await import("./cluster/serve.ts")).serveCluster(given, surroundings);
    case "demo": {
      const implementations = given.flow === undefined ? undefined : await load();
      return await (await import("./demo.ts")).demonstrate(implementations, given, surroundings);
    }
  }
}
