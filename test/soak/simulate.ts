/**
 * Random flows on failing machines, seed after seed: what `properties/random-flows.test.ts` does for a few. Each seed that breaks an
 * invariant of the protocol is told with what is broken and with the least that has to happen for that; it ends with 1 then. SIGTERM ends
 * it after the present seeds, with the figures so far.
 *
 *   npm run simulate -- [--seeds 1000] [--from 1] [--jobs 2] [--until-broken] [--no-shrink]
 *   deno run -A test/soak/simulate.ts [the same]
 */
import { fork } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { shrinkStory } from "../properties/shrink.ts";
import { tellStory } from "../properties/story.ts";

const { values } = parseArgs({
  allowNegative: true,
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    jobs: { type: "string", default: "1" },
    "until-broken": { type: "boolean", default: false },
    shrink: { type: "boolean", default: true },
  },
});
const [first, count, jobs] = [values.from, values.seeds, values.jobs].map(Number) as [number, number, number];

/** What was seen so far. */
interface Sum {
  seeds: number;
  versions: number;
  runs: number;
  acts: number;
  broken: number;
}

const begun = performance.now();
const sum: Sum = { seeds: 0, versions: 0, runs: 0, acts: 0, broken: 0 };
let ending = false;
process.on("SIGTERM", () => ending = true);
// What goes wrong in a story is meant to.
console.warn = console.error = console.info = () => {};

async function tell(seed: number): Promise<void> {
  sum.seeds++;
  try {
    const { faults, versions, runs, acts } = await tellStory(seed);
    sum.versions += versions;
    sum.runs += runs;
    sum.acts += acts;
    if (faults.length === 0) return;
    sum.broken++;
    console.log([`seed ${seed}`, ...faults].join("\n  "));
    if (!values.shrink) return;
    const rule = faults[0]!.split(":")[0]!;
    const shrunk = await shrinkStory(seed, rule, acts);
    console.log(
      `  ${shrunk.acts.length} of ${acts} acts are enough: STORY=${seed} ACTS=${shrunk.acts.join()} npx tsx test/run.ts random-flows`,
    );
  } catch (error) {
    sum.broken++;
    console.log(`seed ${seed}\n  ${(error as Error).stack}`);
  }
}

/** Shares the seeds out to processes; each says its sum at its end. */
async function share(): Promise<void> {
  const children = Array.from({ length: jobs }, (_, index) => {
    const flags = [...values["until-broken"] ? ["--until-broken"] : [], ...values.shrink ? [] : ["--no-shrink"]];
    const own = Math.ceil((count - index) / jobs);
    const child = fork(fileURLToPath(import.meta.url), [
      "--seeds",
      String(own),
      "--from",
      String(first + index),
      "--jobs",
      "1",
      ...flags,
    ], {
      env: { ...process.env, STRIDE: String(jobs) },
    });
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("message", (part: Sum) => {
      for (const what of Object.keys(sum) as (keyof Sum)[]) sum[what] += part[what];
      if (values["until-broken"] && part.broken > 0) { for (const other of children) other.child.kill("SIGTERM"); }
    });
    return { child, gone: new Promise((resolve) => child.on("exit", resolve)) };
  });
  await Promise.all(children.map(({ gone }) => gone));
}

if (jobs > 1) await share();
else {
  const stride = Number(process.env.STRIDE ?? 1);
  for (let index = 0; index < count && !ending; index++) {
    await tell(first + index * stride);
    if (values["until-broken"] && sum.broken > 0) break;
  }
}
if (process.send) {
  process.send(sum);
  process.disconnect();
} else {
  const seconds = (performance.now() - begun) / 1_000;
  console.log(
    `${sum.seeds} seeds, ${sum.acts} acts, ${sum.versions} versions, ${sum.runs} handlers, ${Math.round(seconds)} s, ` +
      `${(sum.seeds / seconds).toFixed(1)} a second`,
  );
  console.log(sum.broken === 0 ? "kept" : `${sum.broken} seeds broke an invariant`);
}
process.exitCode = sum.broken === 0 ? 0 : 1;
