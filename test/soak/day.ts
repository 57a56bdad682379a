/**
 * A day in virtual time, on the fake cluster: two directors that contend, three workers, people who start flows at a steady rate, signal,
 * retry, suspend and cancel them; machines, networks and answers that fail every few minutes. The first and the last hour nobody does
 * anything. What is held is counted again and again; ends with 1 when any of it grows, or a flow does not end.
 *
 *   node --expose-gc --import tsx test/soak/day.ts [--hours 24] [--gap 20] [--seed 1]
 *   deno run -A --v8-flags=--expose-gc test/soak/day.ts [the same]
 */
import { readdirSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import v8 from "node:v8";
import { isOver } from "../../mod.ts";
import { createDice, withDice } from "../../src/testing/dice.ts";
import { runtime } from "../support/gates.ts";
import { createTown } from "./town.ts";
import { type Figure, footOf, headOf, lineOf, type Sample, trendsOf } from "./thirds.ts";

const { values } = parseArgs({
  options: {
    hours: { type: "string", default: "24" },
    gap: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
  },
});
const gc = (globalThis as { gc?: () => void }).gc;
if (!gc) throw new Error("Start it with --expose-gc, or --v8-flags=--expose-gc");
const collect = gc;
const MINUTE = 60_000;
const minutes = Number(values.hours) * 60;
/** How long nobody does anything, at either end, in minutes: in the end every flow is over by then, and deleted. */
const idle = 60;
if (!(minutes > 2 * idle)) throw new RangeError(`--hours is ${values.hours}, expected more than 2`);
/** How far counts are apart, in minutes: 44 of them while something is done. */
const step = (minutes - 2 * idle) / 44;

const FIGURES: readonly Figure[] = [
  { name: "heap MB", share: 0.05, least: 1, digits: 1 },
  { name: "rss MB", share: 0.1, least: 10 },
  { name: "promises", share: 0.15, least: 60 },
  { name: "timers", share: 0.15, least: 6 },
  { name: "listeners", share: 0.15, least: 10 },
  { name: "watches", share: 0.1, least: 2 },
  { name: "objects", share: 0.25, least: 10 },
  { name: "calls/min", share: 0.15, least: 10 },
];

/** File descriptors of this process, sockets among them; undefined where the system does not say. */
function descriptors(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
}

/** Promises that something holds; undefined where the runtime does not count. */
function promises(): number | undefined {
  try {
    return Number(v8.queryObjects(Promise, { format: "count" }));
  } catch {
    return undefined; // Deno
  }
}

// What goes wrong in a day is meant to; and V8's count of objects is an experiment.
console.warn = console.error = console.info = () => {};
process.removeAllListeners("warning");

async function live(): Promise<number> {
  const dice = createDice(values.seed);
  const town = createTown(dice);
  const { clock } = town;
  let [calls, at] = [0, 0];
  const sample = (): Sample => {
    collect();
    collect();
    const passed = clock.monotonic() / MINUTE;
    const rate = (town.calls - calls) / Math.max(passed - at, 1);
    [calls, at] = [town.calls, passed];
    const { heapUsed, rss } = process.memoryUsage();
    const counted = [clock.pending, town.listeners, town.watches, town.objects, rate];
    return { at: `${(passed / 60).toFixed(1)} h`, values: [heapUsed / 2 ** 20, rss / 2 ** 20, promises(), ...counted] };
  };
  const tell = (what: string, samples: readonly Sample[]) =>
    console.log([what, ...samples.map((each) => lineOf(FIGURES, each))].join("\n"));

  await clock.advance(idle * MINUTE / 2);
  sample();
  const fds = [descriptors()];
  await clock.advance(idle * MINUTE / 2);
  town.forget();
  const before = sample();
  console.log(headOf(runtime, FIGURES));
  tell("idle", [before]);

  console.log("under load");
  const samples: Sample[] = [];
  let [nextFlow, nextFault] = [0, 0];
  for (let minute = idle; minute < minutes - idle - 0.001; minute += step) {
    const end = clock.monotonic() + step * MINUTE;
    while (clock.monotonic() < end) {
      const now = clock.monotonic();
      if (now >= nextFlow) {
        town.startFlow();
        nextFlow = now + Number(values.gap) * 1_000 * 2 * dice.fraction();
      }
      if (now >= nextFault) {
        town.strike();
        nextFault = now + 4 * MINUTE * dice.fraction();
      }
      await clock.advance(Math.max(1, Math.min(nextFlow, nextFault, end) - clock.monotonic()));
    }
    samples.push(sample());
    if (samples.length % 4 === 0) console.log(lineOf(FIGURES, samples.at(-1)!));
  }
  fds.push(descriptors());

  town.heal();
  await clock.advance(idle * MINUTE * 3 / 4);
  sample();
  await clock.advance(idle * MINUTE / 4);
  town.forget();
  const after = sample();
  tell("idle again", [after]);

  const trends = trendsOf(FIGURES, samples.slice(2)); // what is compiled and cached comes first
  console.log(["thirds, under load", ...footOf(FIGURES, trends)].join("\n"));
  const faults = trends.filter(({ isFlat }) => !isFlat).map(({ name }) => `${name} grows under load`);
  // Nobody does anything now, as before: what is held is what was held then.
  FIGURES.forEach(({ name, share, least }, index) => {
    const [then, now] = [before, after].map(({ values }) => values[index]);
    if (name !== "rss MB" && now !== undefined && now > then! + Math.max(least, share * then!)) {
      faults.push(`${name} was ${then!.toFixed(1)} before anything was done, is ${now.toFixed(1)} long after`);
    }
  });
  if (fds[1] !== undefined && fds[1] > fds[0]! + 2) faults.push(`file descriptors were ${fds[0]}, are ${fds[1]}`);
  const unfinished = town.present().filter((request) => !isOver(request));
  faults.push(
    ...unfinished.map(({ metadata, spec }) => `not over: ${metadata.name} ${spec.job}/${spec.state} ${spec.desiredState ?? ""}`),
  );
  faults.push(...await town.end());
  if (clock.pending > 0) faults.push(`${clock.pending} timers are left behind`);
  console.log(
    `${town.begun} flows, ${town.struck} blows, ${town.calls} calls, file descriptors ${fds.join(", then ") || "not seen"}, ` +
      `${Math.round(performance.now() / 1_000)} s of real time`,
  );
  console.log(faults.join("\n") || "flat");
  return faults.length > 0 ? 1 : 0;
}
process.exit(await withDice(createDice(`${values.seed} platform`), live));
