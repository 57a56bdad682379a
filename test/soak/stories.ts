import process from "node:process";
import { shrinkStory } from "../properties/shrink.ts";
import type { Mood, SizeName } from "../properties/size.ts";
import { tellStory, type Told } from "../properties/story.ts";
import type { Part } from "./progress.ts";

/** Which stories are told. */
export interface Telling {
  readonly from: number;
  readonly to: number;
  readonly size: SizeName;
  readonly mood: Mood | undefined;
  /** Whether the server is one that does the least. */
  readonly bare: boolean;
  /** Whether it is looked what of a broken one is enough. */
  readonly shrink: boolean;
  /** Whether the first broken one is the last. */
  readonly untilBroken: boolean;
}

/** So many faults of one story are told. */
const MOST = 20;

const NAMES = ["requests", "versions", "runs", "acts"] as const;

/** Lets something be done without anybody hearing of it: what goes wrong in a story is meant to. */
async function silently<T>(act: () => Promise<T>): Promise<T> {
  const { warn, error, info } = console;
  console.warn = console.error = console.info = () => {};
  try {
    return await act();
  } finally {
    Object.assign(console, { warn, error, info });
  }
}

/** Stacks cost more than what they are of: only of a story that is broken they are told. */
async function withoutStacks<T>(act: () => Promise<T>): Promise<T> {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return await act();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Tells the stories of some seeds. */
export async function tellStories({ from, to, size, mood, bare, shrink, untilBroken }: Telling): Promise<Part> {
  const begun = process.cpuUsage();
  const part: { -readonly [Member in keyof Part]: Part[Member] } = {
    told: 0,
    requests: 0,
    versions: 0,
    runs: 0,
    acts: 0,
    did: {},
    traces: [],
    broken: [],
    cpu: 0,
  };
  const told = (seed: number): Promise<Told> => tellStory(seed, { size, mood, bare });
  for (let seed = from; seed <= to; seed++) {
    part.told++;
    try {
      let story = await silently(() => withoutStacks(() => told(seed)));
      for (const name of NAMES) part[name] += story[name];
      for (const [act, count] of Object.entries(story.did)) part.did[act] = (part.did[act] ?? 0) + count;
      part.traces.push(story.trace);
      if (story.faults.length === 0) continue;
      story = await silently(() => told(seed));
      const lines = [`seed ${seed}`, ...story.faults.slice(0, MOST)];
      if (shrink) {
        const rule = story.faults[0]!.split(":")[0]!;
        const { acts } = await silently(() => shrinkStory(seed, rule, story.acts, { size, mood, bare }));
        lines.push(
          `${acts.length} of ${story.acts} acts are enough: ${bare ? "BARE=1 " : ""}SIZE=${size}${
            mood ? ` MOOD=${mood}` : ""
          } STORY=${seed} ` +
            `ACTS=${acts.join()} npx tsx test/run.ts random-flows`,
        );
      }
      part.broken.push(lines.join("\n  "));
    } catch (error) {
      part.broken.push(`seed ${seed}\n  ${(error as Error).stack}`);
    }
    if (untilBroken && part.broken.length > 0) break;
  }
  const { user, system } = process.cpuUsage(begun);
  return { ...part, cpu: (user + system) / 1_000 };
}
