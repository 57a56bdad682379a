import {
  conflict,
  cut,
  cutWatch,
  delayWatch,
  duplicateWatch,
  endWatch,
  expired,
  type Fault,
  type FaultRequest,
  frozen,
  late,
  latency,
  loseAnswer,
  refuse,
  reorderWatch,
  serverError,
  silenceWatch,
  stale,
  timeout,
  tooManyRequests,
  unavailable,
} from "../../src/fake/mod.ts";
import type { Dice } from "../../src/testing/dice.ts";
import { isDirector, MACHINE, mayBeStale } from "./server.ts";
import type { Setting } from "./setting.ts";

/** An API server lags behind: for a while it shows leases as they were some writes ago. */
export function addLag({ server, say }: Setting, dice: Dice): void {
  const [revisions, times] = [dice.between(3, 60), dice.between(3, 20)];
  say(`${times} lists of leases are ${revisions} writes behind`);
  const match = { verb: "list", resource: "leases", where: isDirector };
  server.faults.add({ match, times, fault: stale(revisions) });
}

/** The cache of an API server stands still: for a while lists of leases are what they were. */
export function addStandstill({ size, server, say, after }: Setting, dice: Dice): void {
  const ms = dice.pick(size.standstills);
  say(`lists of leases stand still for ${ms} ms`);
  const match = { verb: "list", resource: "leases", where: isDirector };
  const { remove } = server.faults.add({ match, times: Infinity, fault: frozen() });
  after(ms, remove);
}

/** Something goes wrong with one of the next calls that a process makes. */
export function addMishap({ size, mood, server, say }: Setting, dice: Dice): void {
  const ms = dice.pick(size.delays);
  const where = ({ headers }: FaultRequest) => headers.has(MACHINE);
  const both = { applied: dice.chance(0.5) };
  const ofWrites = (): readonly Fault[] => [
    cut(),
    loseAnswer(),
    loseAnswer(),
    late(ms),
    late(ms),
    latency(ms),
    latency(ms, both),
    serverError(both),
    unavailable(both),
    timeout(both),
    tooManyRequests(dice.between(1, 3)),
    conflict(),
    forbidden,
  ];
  const ofWatches = (): readonly Fault[] => [
    cutWatch(dice.roll(4)),
    endWatch(dice.roll(4)),
    silenceWatch(dice.roll(4)),
    delayWatch(ms),
    duplicateWatch(),
    reorderWatch(ms),
    expired(),
    expired({ inStream: true }),
  ];
  const ofReads = (): readonly Fault[] => [cut(), serverError(), unavailable(), latency(ms), tooManyRequests(1)];
  const ofLists = (): readonly Fault[] => [...ofReads(), stale(dice.between(1, 5))];
  type Target = readonly [verb: string | string[], resource: string, faults: () => readonly Fault[]];
  const [verb, resource, faults] = dice.pick<Target>([
    [["create", "patch"], "requeststates", ofWrites],
    [["create", "patch"], "requeststates", ofWrites],
    ["watch", "requeststates", ofWatches],
    ["list", "requeststates", ofLists],
    ["get", "requeststates", ofReads],
    ...mood === "all" ? [[["get", "list", "create", "patch", "update"], "leases", ofReads] satisfies Target] : [],
  ]);
  const fault = dice.pick(faults());
  const match = { verb, resource, where: fault.name === "stale" ? mayBeStale : where };
  const nth = dice.pick([1, 1, 2, 3]);
  say(`fault of ${resource} ${verb}: ${fault.name}`);
  server.faults.add({ match, nth, times: dice.pick([1, 1, 2, 5]), fault });
  if (fault.name !== "late" || !dice.chance(0.5)) return;
  say("and what is sent once more is forbidden");
  server.faults.add({ match, nth: nth + 1, times: dice.pick([1, 5, 10]), fault: forbidden });
}

const forbidden = refuse({ code: 403, reason: "Forbidden", message: "the rights are not there yet" });
