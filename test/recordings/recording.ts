/**
 * Recordings: what a genuine server answered to a scenario, in `fixtures/recordings/`.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { differences, printed } from "./compare.ts";
import type { Normalised } from "./normalise.ts";
import { normalise } from "./normalise.ts";
import { fakeTarget } from "./imitation.ts";
import { play } from "./runner.ts";
import type { Scenario } from "./scenario.ts";
import type { Target } from "./target.ts";

/** What a genuine server answered. */
export interface Recording {
  /** The id of the scenario. */
  readonly scenario: string;
  /** The version of the server. */
  readonly server: string;
  /** Of the scenario as it was when it was recorded. */
  readonly digest: string;
  readonly answers: readonly Normalised[];
}

const folder = fileURLToPath(new URL("../../fixtures/recordings/", import.meta.url));
const pathOf = (id: string) => `${folder}${id}.yaml`;

/** The ids of all recordings. */
export const recordingIds = (): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".yaml"))
      .map((path) => path.slice(0, -5).replaceAll("\\", "/")).sort()
    : [];

/** What tells whether a recording is of the scenario as it is now. Pure. */
export const digestOf = ({ text }: Scenario): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

const read = new Map<string, Recording>();

/** Reads a recording, once. */
export function readRecording(id: string): Recording {
  const recording = read.get(id) ?? parse(readFileSync(pathOf(id), "utf8")) as Recording;
  read.set(id, recording);
  return recording;
}

/** Stores a recording. */
export function writeRecording(recording: Recording): void {
  const path = pathOf(recording.scenario);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, stringify(recording, { lineWidth: 0, aliasDuplicateObjects: false }));
}

/** How a server did in one scenario. */
export interface Score {
  readonly id: string;
  readonly exchanges: number;
  readonly equal: number;
  /** Every difference, with its step. */
  readonly differences: readonly string[];
}

/** Plays a recorded scenario on the fake. */
export async function replay(scenario: Scenario, recording: Recording): Promise<Score> {
  const target = fakeTarget();
  try {
    return await replayOn(target, scenario, recording);
  } finally {
    target.close();
  }
}

/** Plays a recorded scenario on some server. */
export async function replayOn(target: Target, scenario: Scenario, recording: Recording): Promise<Score> {
  const got = normalise(scenario, await play(scenario, target));
  const told: string[] = [];
  let equal = 0;
  for (const answer of recording.answers) {
    const found = differences(answer, got.find(({ step }) => step === answer.step));
    if (found.length === 0) equal++;
    else told.push(...found.map((each) => `${scenario.id}, step ${answer.step + 1}, ${answer.title}: ${printed(each)}`));
  }
  for (const { step, title, ...more } of got) {
    if (recording.answers.some((answer) => answer.step === step)) continue;
    told.push(`${scenario.id}, step ${step + 1}, ${title}: ${printed({ path: "(all)", recorded: undefined, got: more })}`);
  }
  return { id: scenario.id, exchanges: recording.answers.length, equal, differences: told };
}
