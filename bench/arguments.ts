/**
 * The command line of the bench.
 *
 * @module
 */
import { parseArgs } from "node:util";

/** What to measure. */
export interface Arguments {
  readonly flows: number;
  readonly rounds: number;
  readonly inFlight: number;
  readonly concurrency: number;
  readonly workers: number;
  /** Finished requests that lie around. */
  readonly finished: number;
  /** Flows done one after the other on an idle server, for the latency of a single one. */
  readonly singles: number;
  /** Starts of each program, for the time to its first watch. */
  readonly starts: number;
  readonly runtime: "node" | "deno";
  readonly program: "dist" | "source";
  /** Shell commands of the peer's processes, by what they are. */
  readonly peer: Readonly<Record<string, string>>;
  readonly writer: boolean;
  readonly json: boolean;
  /** A folder for V8's profiles of our programs. */
  readonly profile?: string;
}

/** The text of --help. */
export const USAGE: string = `usage: npx tsx bench/flows.ts [FLAG ...]

  --flows N             flows a round and contender (default: 3000); the first 600 of them are told apart as cold
  --rounds N            rounds, each with every contender, in changing order (default: 3)
  --in-flight N         requests that wait or run at any time (default: 100)
  --concurrency N       of our worker (default: 16); our director has its own default
  --workers N           of our worker processes (default: 1)
  --finished N          finished requests that lie around in the namespace (default: 0)
  --singles N           flows one after the other on an idle server (default: 50)
  --starts N            starts of each program, for the time to its first watch (default: 5)
  --runtime node|deno   what runs our programs (default: node)
  --program dist|source compiled JavaScript, built first, or TypeScript through a loader (default: dist)
  --peer COMMAND        a program to compare with: director and worker in one command
  --peer-director COMMAND, --peer-worker COMMAND   the same as two
  --writer=false        without the minimal writer
  --profile FOLDER      V8's profiles of our programs, and where the CPU goes as tables
  --json                every figure of every round, as JSON

A peer gets KUBECONFIG and NAMESPACE in its environment, follows RequestStates there, and takes each one that is
JOB1/REQUESTED through STARTED and COMPLETED to JOB2/COMPLETED, until SIGTERM; requests are created by the bench.
KUBEBUILDER_ASSETS names the folder with etcd, kube-apiserver and kubectl.`;

/** Reads a command line. @throws {Error} in words. */
export function readArguments(words: readonly string[]): Arguments | "help" {
  const { values } = parseArgs({
    args: [...words],
    options: {
      flows: { type: "string", default: "3000" },
      rounds: { type: "string", default: "3" },
      "in-flight": { type: "string", default: "100" },
      concurrency: { type: "string", default: "16" },
      workers: { type: "string", default: "1" },
      finished: { type: "string", default: "0" },
      singles: { type: "string", default: "50" },
      starts: { type: "string", default: "5" },
      runtime: { type: "string", default: "node" },
      program: { type: "string", default: "dist" },
      peer: { type: "string" },
      "peer-director": { type: "string" },
      "peer-worker": { type: "string" },
      writer: { type: "string", default: "true" },
      json: { type: "boolean", default: false },
      profile: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const peer = Object.entries({ peer: values.peer, director: values["peer-director"], worker: values["peer-worker"] });
  return {
    flows: count("flows", values.flows, 1),
    rounds: count("rounds", values.rounds, 1),
    inFlight: count("in-flight", values["in-flight"], 1),
    concurrency: count("concurrency", values.concurrency, 1),
    workers: count("workers", values.workers, 1),
    finished: count("finished", values.finished, 0),
    singles: count("singles", values.singles, 0),
    starts: count("starts", values.starts, 0),
    runtime: choice("runtime", values.runtime, ["node", "deno"]),
    program: choice("program", values.program, ["dist", "source"]),
    peer: Object.fromEntries(peer.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    writer: choice("writer", values.writer, ["true", "false"]) === "true",
    json: values.json,
    profile: values.profile,
  };
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new Error(`--${name} is "${text}": expected a whole number from ${least}`);
  return value;
}

function choice<Word extends string>(name: string, text: string, words: readonly Word[]): Word {
  const word = words.find((word) => word === text);
  if (word === undefined) throw new Error(`--${name} is "${text}": expected ${words.join(" or ")}`);
  return word;
}
