/**
 * Random flows on failing machines, seed after seed: what `properties/random-flows.test.ts` does for a few. Each seed that breaks an
 * invariant of the protocol is told with what is broken and with the least that has to happen for that; it ends with 1 then. SIGTERM or
 * SIGINT end it after the present seeds, with the figures so far; with `--state` it goes on from there the next time. With `--bare` the
 * server is one that does the least, as for the million.
 *
 *   npm run simulate -- [--size tiny] [--seeds 1000 | --seeds 1..1000000] [--jobs 2] [--state FILE] [--mood lives] [--bare]
 *                       [--until-broken] [--no-shrink]
 *   deno run -A test/soak/simulate.ts [the same]
 */
import { type ChildProcess, fork } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Mood, type SizeName, SIZES } from "../properties/size.ts";
import { createProgress, type Part, type Progress } from "./progress.ts";
import { tellStories } from "./stories.ts";

const { values } = parseArgs({
  allowNegative: true,
  options: {
    size: { type: "string", default: "large" },
    seeds: { type: "string", default: "1000" },
    jobs: { type: "string", default: "1" },
    state: { type: "string" },
    mood: { type: "string" },
    bare: { type: "boolean", default: false },
    "until-broken": { type: "boolean", default: false },
    shrink: { type: "boolean", default: true },
  },
});
const { size, mood, bare, shrink, state } = values as typeof values & { readonly size: SizeName; readonly mood?: Mood };
if (!(size in SIZES)) throw new RangeError(`--size is ${size}, expected one of ${Object.keys(SIZES).join(", ")}`);
if (mood !== undefined && !(mood in SIZES[size].moods)) {
  throw new RangeError(`--mood is ${mood}, expected one of ${Object.keys(SIZES[size].moods).join(", ")}`);
}

/** Seeds that a process tells before it says what it saw. */
const SHARE = { tiny: 200, small: 50, large: 5 }[size];

/** How often it is said how far it is, in milliseconds. */
const PERIOD = 60_000;

/** Tells what it is given to tell. */
function serve(): void {
  process.on("SIGINT", () => {}); // the parent ends it
  process.on("message", async ([from, to]: readonly [number, number]) => {
    process.send!(await tellStories({ from, to, size, mood, bare, shrink, untilBroken: values["until-broken"] }));
  });
}

/** Shares the seeds out to processes. */
async function share(progress: Progress): Promise<void> {
  const children = new Set<ChildProcess>();
  let ending = false;
  const end = () => ending = true;
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  const said = setInterval(() => console.log(progress.line()), PERIOD);
  const run = () =>
    new Promise<void>((resolve) => {
      const flags = "Deno" in globalThis
        ? {}
        : { execArgv: ["--max-semi-space-size=16", "--disable-warning=ExperimentalWarning"] };
      const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
        ...flags,
        env: { ...process.env, TELLS: "1" },
      });
      children.add(child);
      let share: readonly [number, number] | undefined;
      const next = () => {
        share = ending ? undefined : progress.take(SHARE);
        if (share) child.send(share);
        else child.disconnect();
      };
      child.on("message", (part: Part) => {
        for (const text of progress.done(share!, part)) console.log(text);
        if (values["until-broken"] && progress.broken > 0) end();
        next();
      });
      child.on("exit", (code) => {
        if (share) {
          console.log(`seeds ${share.join("..")} were not told: their process has ended with ${code}`);
          progress.fail();
        }
        resolve();
      });
      next();
    });
  await Promise.all(Array.from({ length: Number(values.jobs) }, run));
  clearInterval(said);
  progress.save();
}

if (process.env.TELLS !== undefined && process.send) serve();
else {
  const [from, to] = values.seeds.includes("..") ? values.seeds.split("..").map(Number) : [1, Number(values.seeds)];
  const progress = createProgress({ from: from!, to: to!, size, mood, bare, state });
  await share(progress);
  console.log(progress.summary());
  console.log(progress.broken === 0 ? "kept" : `${progress.broken} seeds broke an invariant`);
  process.exitCode = progress.broken === 0 ? 0 : 1;
}
