import { type Clock, type Cluster, type Flow, isStatus, systemClock, withRemedy } from "../../mod.ts";
import { withoutWrites } from "../../src/programs/client/dry-run.ts";
import { UsageError, type VerbArguments } from "../arguments.ts";
import { type Verb, type VerbCommand, VERBS } from "../commands.ts";
import { PROGRAM } from "../help.ts";
import type { LoadOptions } from "../flow-module.ts";
import { impatient } from "../impatient.ts";
import type { Surroundings } from "../modes.ts";
import type { Terminal } from "../terminal.ts";
import { unlessEnded } from "../unless-ended.ts";
import type { RunVerb, VerbContext } from "./verb.ts";

/** Each verb is loaded only where it is said. */
const LOADERS: Readonly<Record<Verb, () => Promise<{ readonly run: RunVerb }>>> = {
  start: () => import("./start.ts"),
  list: () => import("./list.ts"),
  get: () => import("./get.ts"),
  watch: () => import("./watch.ts"),
  cancel: () => import("./cancel.ts"),
  suspend: () => import("./suspend.ts"),
  resume: () => import("./resume.ts"),
  retry: () => import("./retry.ts"),
  signal: () => import("./signal.ts"),
  delete: () => import("./delete.ts"),
  graph: () => import("./graph.ts"),
  check: () => import("./check.ts"),
  completion: () => import("./completion.ts"),
};

/** How a verb is run; a test has a terminal, a clock and a cluster of its own. */
export interface VerbOptions extends Surroundings {
  readonly terminal: Terminal;
  /** How this program was called; asked where that is shown. @default {As people call it} */
  readonly program?: () => string;
  /** @default {The machine's clock} */
  readonly clock?: Clock;
  /** @default {The client of this runtime, with the flags' kubeconfig} */
  readonly connect?: () => Promise<Cluster>;
}

/** Runs a verb to its end. @returns The exit code. */
export async function runVerb(given: VerbArguments, options: VerbOptions): Promise<number> {
  const { terminal, log, ready, program = () => PROGRAM, clock = systemClock, connect = () => connectWith(given, options) } =
    options;
  if (given.wait && given.watch) throw new UsageError("Give --wait or --watch, not both");
  if (given.timeout !== undefined && !given.wait && !given.watch) {
    throw new UsageError("Flag --timeout goes with --wait or --watch");
  }
  const { run } = await LOADERS[given.verb]();
  const { changes }: VerbCommand = VERBS[given.verb];
  const ending = new AbortController();
  const end = () => ending.abort(options.signal.reason);
  if (options.signal.aborted) end();
  options.signal.addEventListener("abort", end, { once: true });
  let isRead = true;
  terminal.onClosed(() => {
    isRead = false;
    // Nobody reads any more: what only shows something is at its end, what was begun goes on.
    if (!changes) ending.abort();
  });
  let connecting: Promise<Cluster> | undefined;
  let loading: Promise<readonly Flow[]> | undefined;
  const context: VerbContext = {
    given,
    terminal,
    clock,
    signal: ending.signal,
    log,
    program,
    async connect() {
      connecting ??= connect().then((connected) => {
        const cluster = impatient(connected, { log, clock });
        return given.dryRun ? withoutWrites(cluster) : cluster;
      });
      const cluster = await connecting;
      await ready();
      return cluster;
    },
    async flows() {
      if (given.flow === undefined) return undefined;
      return await (loading ??= loadFrom(given.flow, { log, clock }, ending.signal));
    },
  };
  try {
    return await run(context);
  } catch (error) {
    if (!isRead && ending.signal.aborted) return 0;
    if (ending.signal.aborted && error === ending.signal.reason) throw new Error(endedText(given.verb));
    throw selectorFault(error, given) ?? withRemedy(error);
  } finally {
    options.signal.removeEventListener("abort", end);
    await connecting?.then((cluster) => cluster.close(), () => {});
  }
}

/** Only the server knows how selectors are written: it complains of a list. */
function selectorFault(error: unknown, { selector }: VerbArguments): UsageError | undefined {
  if (selector === undefined || !isStatus(error) || error.status.code !== 400 || !error.message.startsWith("Cannot list")) {
    return undefined;
  }
  return new UsageError(`Flag --selector is ${JSON.stringify(selector)}: ${error.status.message}, as in tenant=a,tier!=free`);
}

const endedText = (verb: Verb): string =>
  VERBS[verb].changes ? `Ended before all was done: "list" shows what was` : "Ended: what was shown goes on";

async function connectWith({ kubeconfig, context, master }: VerbArguments, { log, signal }: VerbOptions): Promise<Cluster> {
  const { connect } = await ("Deno" in globalThis ? import("../../src/adapters/deno.ts") : import("../../src/adapters/node.ts"));
  return await unlessEnded(connect({ kubeconfig, context, master, log }), signal);
}

async function loadFrom(module: string, options: LoadOptions, signal: AbortSignal): Promise<readonly Flow[]> {
  const { loadFlows } = await import("../flow-module.ts");
  return (await unlessEnded(loadFlows(module, options), signal)).map(({ flow }) => flow);
}
