import { cutText } from "../../text.ts";

/**
 * What is wrong with a flow or its handlers.
 *
 * | kind | what |
 * | --- | --- |
 * | `effect` | a handler is not idempotent: its attempts together have had an effect more often than one of them has it |
 * | `check` | the check of the setup has said so |
 * | `signal` | a handler has gone on for long after its signal |
 * | `outcome` | a handler gave back an outcome that its job does not have: the flow has no branch for it |
 * | `result` | a handler gave back what cannot be kept: too large, nothing that JSON can say, not what its schema takes, a member that no result has |
 * | `thrown` | a handler threw something that is no error |
 * | `wait` | a job waits for a signal, and nothing else ends that |
 * | `parked` | a job that has failed for good waits for an operator, and nothing else ends that |
 * | `retries` | a handler asks to be tried again and again (`RetryAfterError`), and nothing ends that |
 * | `hangs` | a handler never ends, or not in the real time that it is given, and nothing tells it to |
 * | `stuck` | the flow does not come to its end for another reason |
 */
export type FindingKind =
  | "effect"
  | "check"
  | "signal"
  | "outcome"
  | "result"
  | "thrown"
  | "wait"
  | "parked"
  | "retries"
  | "hangs"
  | "stuck";

/** Something that is wrong. */
export interface Finding {
  /** What sort of thing. */
  readonly kind: FindingKind;
  /** The job that it is about; undefined where it is the whole flow. */
  readonly job?: string;
  /** One sentence, with the remedy; and whether the seed did not show it again. */
  readonly message: string;
  /** The seed that shows it; undefined where the definition does. */
  readonly seed?: number;
  /** Those of the seed's acts that are enough to show it, by number; empty: it shows by itself. */
  readonly acts: readonly number[];
  /** What happened, line by line, at most 80 characters each; empty where the definition shows it. */
  readonly schedule: readonly string[];
}

/** What a check has come to. */
export interface CheckReport {
  /** What is wrong; empty, if all is well. */
  readonly findings: readonly Finding[];
  /** How many seeds were tried. */
  readonly seeds: number;
  /** How many flows were run for that: for each finding its seed is run again with fewer acts. */
  readonly flows: number;
  /**
   * What none of them came to, as in `job refund` and `outcome "declined" of job charge`: nothing is known of it. No fault by itself;
   * let the mocks answer otherwise (`world.pick`), or try more seeds.
   */
  readonly unreached: readonly string[];
  /** All of it for people, at most 80 characters a line but for the sentences. */
  text(): string;
}

/** A check has found something. */
export class CheckFlowError extends Error {
  /** What was found. */
  readonly report: CheckReport;

  /** Says all of it. */
  constructor(report: CheckReport) {
    super(report.text());
    this.name = "CheckFlowError";
    this.report = report;
  }
}

/** Makes a report. @param flow The name of the flow. */
export function createReport(flow: string, told: Omit<CheckReport, "text">): CheckReport {
  return { ...told, text: () => textOf(flow, told) };
}

function textOf(flow: string, { findings, seeds, unreached }: Omit<CheckReport, "text">): string {
  const count = findings.length === 0 ? "nothing is wrong" : findings.length === 1 ? "1 finding" : `${findings.length} findings`;
  return [
    `Flow "${flow}": ${count} in ${seeds} ${seeds === 1 ? "seed" : "seeds"}`,
    ...findings.flatMap((finding) => ["", ...findingText(finding)]),
    ...unreached.length > 0 ? ["", `Never reached: ${unreached.join(", ")}`] : [],
  ].join("\n");
}

function findingText({ kind, message, seed, acts, schedule }: Finding): string[] {
  return [
    `${kind}: ${message}`,
    ...seed === undefined ? [] : [`  again: checkFlow(setup, { seed: ${seed}, acts: [${acts.join(", ")}] })`],
    ...schedule.map((line) => `  ${line}`),
  ];
}

/** How wide a line of a schedule may be. */
const WIDTH = 78;

/** A line of a schedule. @param at Milliseconds since the flow was started. */
export const lineOf = (at: number, text: string): string =>
  cutText(`${(at / 1_000).toFixed(at % 1_000 === 0 ? 0 : 1).padStart(8)} s  ${text.replaceAll("\n", " ")}`, WIDTH);
