/**
 * What a person can do about a flow now: commands to type. Pure.
 *
 * @module
 */

import { type Flow, flowNameOf, isOver, type RequestState, statusOf } from "../../mod.ts";
import { flowKeyOf, hasKey } from "../../src/flow/creation.ts";
import type { Holder } from "../../src/programs/client/holder.ts";
import { waitOf } from "../../src/flow/standing.ts";
import { failedJobOf } from "../../src/flow/fork.ts";
import { ignoredSignal } from "../../src/flow/waiting.ts";
import { shortened } from "../../src/printable.ts";
import { PROGRAM } from "../help.ts";

/** A command, and what it does. */
export interface Advice {
  readonly command: string;
  readonly does: string;
}

/** What is known beside the request. */
export interface AdviceOptions {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Its definition, where that was given. */
  readonly flow?: Flow;
  /** The worker that holds its job. */
  readonly holder?: Holder;
  /** What stands for it in a command line: see {@linkcode calledIn}. @default {Its name} */
  readonly called?: string;
  /** The module that was named, by a flag or by the environment. @default {It is for the reader to name} */
  readonly module?: string;
  /** How this program was called. @default {As people call it} */
  readonly program?: string;
}

/** What can be done about a flow, what it needs first. */
export function adviceFor(request: RequestState, options: AdviceOptions): Advice[] {
  const { now, flow, holder, called = request.metadata.name, program = PROGRAM } = options;
  const { namespace = "default" } = request.metadata;
  const place = namespace === "default" ? "" : ` -n ${namespace}`;
  const job = typedWord(request.spec.job, "JOB");
  const line = (verb: string, rest = "") => `${program} ${verb} ${called}${rest}${place}`;
  const module = ` --flow ${moduleWord(options.module)}`;
  if (isOver(request)) {
    if (statusOf(request, now) === "succeeded") return [];
    return failedJobOf(request) === undefined
      ? [{ command: line("retry", ` --from JOB${module}`), does: "go on from a job of it, in a new flow" }]
      : [{ command: line("retry", module), does: "go on from the job that failed, in a new flow" }];
  }
  const cancel = { command: line("cancel"), does: "end it" };
  const worker = { command: `${program} --mode worker${module}${place}`, does: `a worker for flow ${flowNameOf(request)}` };
  const director = {
    command: `${program} --mode director --serve${module}${place}`,
    does: `a director for flow ${flowNameOf(request)}`,
  };
  const wait = waitOf(request, now)!;
  if (wait.for === "result" && (holder?.state === "silent" || holder?.state === "gone")) return [worker, cancel];
  switch (wait.for) {
    case "signal": {
      // One that was given and cannot be gone by is not taken back.
      if (ignoredSignal(request)) {
        return [
          { command: line("retry", ` --from ${job}${module}`), does: "go on from there, in a new flow" },
          cancel,
        ];
      }
      const outcomes = wait.outcomes ?? flow?.plans[request.spec.job]?.outcomes ?? [];
      const signal = (outcome: string) => ({ command: line("signal", ` ${job}${outcome}`), does: "" });
      return [
        ...outcomes.length > 0 ? outcomes.map((outcome) => signal(` ${typedWord(outcome, "OUTCOME")}`)) : [signal("")],
        cancel,
      ];
    }
    case "operator":
      return [{ command: line("retry"), does: `try ${request.spec.job} anew` }, cancel];
    case "resume":
      return [{ command: line("resume"), does: "let it go on" }, cancel];
    case "definition":
      return [
        { command: `${program} check${module}${place}`, does: "see what a module can drive" },
        cancel,
      ];
    case "worker":
      return [worker, cancel];
    case "abort":
      return [{ command: line("watch"), does: "see it end" }];
    case "result":
      return [
        ...request.spec.desiredState === "Suspended"
          ? [{ command: line("resume"), does: `let it go on after ${job}` }]
          : [{ command: line("watch"), does: "see it go on" }],
        cancel,
      ];
    case "time":
      return (wait.until ?? Infinity) + 5_000 < now
        ? [director, cancel]
        : [{ command: line("watch"), does: "see it go on" }, cancel];
    default:
      // A step that is due is taken within a second; after a failure a rest comes first, of 100 s at the most unless its job says otherwise.
      return now - wait.since > (request.spec.state === "FAILED" ? 120_000 : 5_000)
        ? [director, cancel]
        : [{ command: line("watch"), does: "see it go on" }, cancel];
  }
}

/** Text of others as a word of a command line that somebody may copy into a shell: what is more than a word there is left for him to type. */
const typedWord = (word: string, placeholder: string): string =>
  /^[A-Za-z0-9_][A-Za-z0-9_@%+=:,.-]*$/.test(word) && word.length <= LONGEST_WORD ? word : placeholder;

/** A path may have slashes, too. */
const moduleWord = (module = ""): string => /^[A-Za-z0-9_./][A-Za-z0-9_./@%+=:,-]*$/.test(module) ? module : "MODULE";

/** As long as names are, in characters. */
const LONGEST_WORD = 253;

/** The key under which this very flow was started; undefined where there is none, or it is another's. */
async function ownKeyOf(request: RequestState): Promise<string | undefined> {
  const key = flowKeyOf(request);
  return key !== undefined && await hasKey(request, key) ? key : undefined;
}

/** What stands for a flow in a command line: its key, where a shell takes that as it is. */
export async function calledIn(request: RequestState): Promise<string> {
  const key = await ownKeyOf(request);
  return key !== undefined && typedWord(key, "") === key ? key : request.metadata.name;
}

/** What stands for a flow in a sentence: its key, in quotes where that is more than a word. */
export async function saidIn(request: RequestState): Promise<string> {
  const key = await ownKeyOf(request);
  if (key === undefined) return request.metadata.name;
  return typedWord(key, "") === key ? key : JSON.stringify(shortened(key, LONGEST_WORD));
}
