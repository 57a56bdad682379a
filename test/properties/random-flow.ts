import { defineFlow, type Flow } from "../../mod.ts";
import type { JobDefinition } from "../../src/flow/definition.ts";
import type { Dice } from "../../src/testing/dice.ts";
import type { Size } from "./size.ts";

/** A flow with any of what a definition can say. */
export function randomFlow(dice: Dice, name: string, size: Size): Flow {
  const ms = (least: number, most: number) => dice.between(least, most) * 1_000 * size.pace;
  const names = Array.from({ length: dice.between(...size.jobs) }, (_, index) => `job-${index}`);
  const jobs = Object.fromEntries(names.map((job, index) => [job, randomJob(dice, names.slice(index + 1), ms)]));
  const reached = new Set<string>();
  const visit = (job: string) => {
    reached.add(job);
    const { next, on = {} } = jobs[job]!;
    for (const to of [next, ...Object.values(on)]) if (to !== undefined && !reached.has(to)) visit(to);
  };
  visit(names[0]!);
  return defineFlow(name, {
    start: names[0]!,
    jobs: Object.fromEntries(Object.entries(jobs).filter(([job]) => reached.has(job))) as Record<string, JobDefinition<string>>,
    ...dice.chance(0.2) && { deadline: Math.ceil(ms(20, 200) / 1_000) * 1_000 },
    ttl: dice.chance(0.3) ? Math.ceil(ms(0, 60) / 1_000) * 1_000 : 86_400_000,
    ...dice.chance(0.2) && { onLeaseLost: "abort" as const },
  });
}

function randomJob(dice: Dice, later: readonly string[], ms: (least: number, most: number) => number): JobDefinition {
  const on: Record<string, string> = {};
  const more: { -readonly [Member in keyof JobDefinition]: JobDefinition[Member] } = {};
  const leads = later.length > 0 && dice.chance(0.9);
  const branches = (...outcomes: string[]) => outcomes.forEach((outcome) => on[outcome] = dice.pick(later));
  if (leads && dice.chance(0.35)) branches("yes", "no");
  else if (leads) more.next = dice.chance(0.7) ? later[0]! : dice.pick(later);
  else if (dice.chance(0.2)) more.end = "failed";
  const hasOutcomes = "yes" in on;
  if (dice.chance(0.3)) {
    const waits = hasOutcomes ? dice.pick(["signal", "signal or pause"]) : dice.pick(["signal", "pause", "signal or pause"]);
    if (waits !== "pause") more.waitFor = "signal";
    if (waits !== "signal") more.after = ms(1, 40);
    if (waits === "signal or pause" && hasOutcomes) branches("elapsed");
    if (waits === "signal" && later.length > 0 && dice.chance(0.5)) {
      more.timeout = ms(5, 60);
      branches("timedOut");
    }
    return { ...more, ...Object.keys(on).length > 0 && { on } };
  }
  if (dice.chance(0.4)) more.timeout = ms(2, 40);
  if (dice.chance(0.2)) more.startTimeout = ms(5, 60);
  if (dice.chance(0.5)) {
    more.retry = {
      limit: dice.between(1, 4),
      lostLimit: dice.between(1, 3),
      initial: dice.pick([0, 500, 3_000, 20_000]),
      ...dice.chance(0.3) && { nonRetryable: ["TypeError"] },
    };
  }
  if (dice.chance(0.3)) more.onExhausted = "park";
  if (later.length > 0 && dice.chance(0.3)) branches("failed");
  if (later.length > 0 && (more.timeout ?? more.startTimeout) !== undefined && dice.chance(0.3)) branches("timedOut");
  return { ...more, ...Object.keys(on).length > 0 && { on } };
}
