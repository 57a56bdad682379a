/**
 * The command line of the fake's bench.
 *
 * @module
 */
import { parseArgs } from "node:util";
import type { Runtime } from "./contender.ts";
import type { Sizes } from "./measures.ts";

/** What to measure. */
export interface Arguments extends Sizes {
  readonly rounds: number;
  readonly runtimes: readonly Runtime[];
  readonly program: "dist" | "source";
}

/** The text of --help. */
export const USAGE: string = `usage: npm run bench:fake -- [FLAG ...]

  --rounds N       turns of each server, in changing order (default: 5)
  --requests N     gets, and patches of two kinds, a turn (default: 3000)
  --objects N      of the large list (default: 10000)
  --watches N      that hear of one change (default: 1000)
  --writes N       after which one costs what it did (default: 100000; the genuine server is spared)
  --runtime NAME   node or deno (default: one after the other)
  --program NAME   what Node runs: dist (built first), or source

With KUBEBUILDER_ASSETS, a folder with etcd, kube-apiserver and kubectl, a genuine server takes turns with them.`;

const count = (name: string, text: string, least: number): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new Error(`--${name} is "${text}": expected a whole number from ${least}`);
  return value;
};

function choice<Word extends string>(name: string, text: string, words: readonly Word[]): Word {
  const word = words.find((word) => word === text);
  if (word === undefined) throw new Error(`--${name} is "${text}": expected ${words.join(" or ")}`);
  return word;
}

/** Reads a command line. @throws {Error} in words. */
export function readArguments(words: readonly string[]): Arguments | "help" {
  const text = (value: string) => ({ type: "string", default: value }) as const;
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: text("5"),
      requests: text("3000"),
      objects: text("10000"),
      watches: text("1000"),
      writes: text("100000"),
      runtime: { type: "string" },
      program: text("dist"),
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  return {
    rounds: count("rounds", values.rounds, 1),
    requests: count("requests", values.requests, 1),
    objects: count("objects", values.objects, 1),
    watches: count("watches", values.watches, 1),
    writes: count("writes", values.writes, 0),
    runtimes: values.runtime === undefined ? ["node", "deno"] : [choice("runtime", values.runtime, ["node", "deno"])],
    program: choice("program", values.program, ["dist", "source"]),
  };
}
