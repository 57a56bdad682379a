/**
 * The command line of the bench.
 *
 * @module
 */
import { parseArgs } from "node:util";
import type { Axes } from "./points.ts";

/** What to measure. */
export interface Arguments {
  /** Several loads in one table, instead of one load and every figure of it. */
  readonly table: boolean;
  /** The loads. */
  readonly axes: Axes;
  /** Each value of an axis with each of the others. */
  readonly cross: boolean;
  readonly flows: number;
  readonly rounds: number;
  readonly concurrency: number;
  /** Flows done one after the other on an idle server, for the latency of a single one. */
  readonly singles: number;
  /** Starts of each program, for the time to its first watch. */
  readonly starts: number;
  readonly runtime: "node" | "deno";
  readonly program: "dist" | "source";
  /** Shell commands of the peer's processes, by what they are. */
  readonly peer: Readonly<Record<string, string>>;
  readonly writer: boolean;
  /** The program by hand over client-node's informer. */
  readonly byHand: boolean;
  readonly json: boolean;
  /** A folder for V8's profiles of our programs. */
  readonly profile?: string;
}

/** The text of --help. */
export const USAGE: string = `usage: npm run bench -- [FLAG ...]

One load, and every figure of it; or with --table several loads in one table: each axis by itself, the others as at 100 in
flight, the fewest finished requests and the fewest workers.

  --table               several loads in one table, in Markdown; LIST is 1,100,1000 and the like, and has defaults:
    --in-flight LIST    requests that wait or run at any time (default: 1,100,1000)
    --finished LIST     finished requests that lie around (default: 0,10000,100000)
    --workers LIST      worker processes, ours, by hand, and --peer-worker (default: 1,4,16)
    --cross             each value with each of the others
  --flows N             flows a round and contender (default: 3000, in a table 300, fewer where one is in flight and more
                        where more are); the first 600 of them are told apart as cold
  --rounds N            rounds, each with every contender, in changing order (default: 3)
  --in-flight N         requests that wait or run at any time (default: 100)
  --concurrency N       of our worker (default: 16); our director has its own default
  --workers N           worker processes (default: 1)
  --finished N          finished requests that lie around in the namespace (default: 0)
  --singles N           flows one after the other on an idle server (default: 50; in a table none)
  --starts N            starts of each program, for the time to its first watch (default: 5; in a table none)
  --runtime node|deno   what runs our programs (default: node)
  --program dist|source compiled JavaScript, built first, or TypeScript through a loader (default: dist)
  --peer COMMAND        a program to compare with: director and worker in one command
  --peer-director COMMAND, --peer-worker COMMAND   the same as two
  --writer=false        without the minimal writer
  --by-hand=true|false  with the program over client-node's informer that is written by hand (default: in a table)
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
      table: { type: "boolean", default: false },
      cross: { type: "boolean", default: false },
      flows: { type: "string" },
      rounds: { type: "string", default: "3" },
      "in-flight": { type: "string" },
      concurrency: { type: "string", default: "16" },
      workers: { type: "string" },
      finished: { type: "string" },
      singles: { type: "string" },
      starts: { type: "string" },
      runtime: { type: "string", default: "node" },
      program: { type: "string", default: "dist" },
      peer: { type: "string" },
      "peer-director": { type: "string" },
      "peer-worker": { type: "string" },
      writer: { type: "string", default: "true" },
      "by-hand": { type: "string" },
      json: { type: "boolean", default: false },
      profile: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const peer = Object.entries({ peer: values.peer, director: values["peer-director"], worker: values["peer-worker"] });
  const { table, cross } = values;
  if (cross && !table) throw new Error("--cross is of no use without --table");
  if (table && values.profile !== undefined) throw new Error("--profile is of one load: leave out --table");
  const axis = (name: "in-flight" | "finished" | "workers", usual: string, least: number) => {
    const counts = (values[name] ?? usual).split(",").map((text) => count(name, text, least));
    if (!table && counts.length > 1) throw new Error(`--${name} is "${values[name]}": several loads need --table`);
    return counts;
  };
  return {
    table,
    cross,
    axes: {
      inFlight: axis("in-flight", table ? "1,100,1000" : "100", 1),
      finished: axis("finished", table ? "0,10000,100000" : "0", 0),
      workers: axis("workers", table ? "1,4,16" : "1", 1),
    },
    flows: count("flows", values.flows ?? (table ? "300" : "3000"), 1),
    rounds: count("rounds", values.rounds, 1),
    concurrency: count("concurrency", values.concurrency, 1),
    singles: count("singles", values.singles ?? (table ? "0" : "50"), 0),
    starts: count("starts", values.starts ?? (table ? "0" : "5"), 0),
    runtime: choice("runtime", values.runtime, ["node", "deno"]),
    program: choice("program", values.program, ["dist", "source"]),
    peer: Object.fromEntries(peer.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    writer: choice("writer", values.writer, ["true", "false"]) === "true",
    byHand: choice("by-hand", values["by-hand"] ?? String(table), ["true", "false"]) === "true",
    json: values.json,
    profile: values.profile,
  };
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < least) {
    throw new Error(`--${name} is "${text}": expected a whole number from ${least}`);
  }
  return value;
}

function choice<Word extends string>(name: string, text: string, words: readonly Word[]): Word {
  const word = words.find((word) => word === text);
  if (word === undefined) throw new Error(`--${name} is "${text}": expected ${words.join(" or ")}`);
  return word;
}
