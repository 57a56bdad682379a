import type { ClientOptions, Clock, Cluster, Flow, Log } from "../../mod.ts";
import type { VerbArguments } from "../arguments.ts";
import { ansi, type Look, plain } from "../render/paint.ts";
import type { Terminal } from "../terminal.ts";

/** What a verb runs with. */
export interface VerbContext {
  readonly given: VerbArguments;
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** How this program was called. */
  program(): string;
  /** Connects, at the first call. With --dry-run what is written there is not. */
  connect(): Promise<Cluster>;
  /** The definitions that --flow names; undefined where it was not given. */
  flows(): Promise<readonly Flow[] | undefined>;
}

/** Does what a verb says. @returns The exit code. */
export type RunVerb = (context: VerbContext) => Promise<number>;

/** The exit code of a flow that failed or was cancelled, where it was waited for. */
export const FLOW_FAILED = 3;

/** How the library is called. */
export interface CallContext extends ClientOptions {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Connects, and says how the library is called. */
export async function callOptions({ given, signal, clock, log, connect }: VerbContext, identity?: string): Promise<CallContext> {
  return { cluster: await connect(), namespace: given.namespace, signal, clock, log, identity };
}

/** What text is made for: this terminal, now. */
export function lookOf({ terminal, clock, given }: VerbContext): Look {
  const width = given.output === "wide" ? undefined : terminal.screen?.columns;
  return { width, paint: terminal.colors && !given.noColor ? ansi : plain, now: clock.now() };
}
