/** What a reflector does next: stories of inputs, each with what comes of it. No IO, no clock. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Failure, FailureReason } from "../../src/runtime/reflector/failure.ts";
import {
  idleLimit,
  initialState,
  isBelieved,
  type Phase,
  type WatchEffect,
  type WatchInput,
  type WatchState,
} from "../../src/runtime/reflector/watch-state.ts";
import { step } from "../../src/runtime/reflector/watching.ts";

const listed = (version: string): WatchInput => ({ type: "listed", version });
const opened: WatchInput = { type: "opened" };
const event: WatchInput = { type: "line", bookmark: false };
const bookmark: WatchInput = { type: "line", bookmark: true };
const settled: WatchInput = { type: "settled" };
const elapsed: WatchInput = { type: "elapsed" };
const closed = (version: string, lines: number): WatchInput => ({ type: "closed", version, lines });
const failed = (reason: FailureReason, more: Partial<Failure> & { lines?: number; version?: string } = {}): WatchInput => {
  const { lines, version, ...failure } = more;
  return { type: "failed", failure: { reason, message: `it is ${reason}`, ...failure }, lines, version };
};

const phaseText = (phase: Phase): string => {
  if (phase.name === "listing") return phase.notOlderThan === undefined ? "listing" : `listing from ${phase.notOlderThan}`;
  if (phase.name === "opening") return `opening for ${phase.timeoutSeconds} s`;
  return phase.name === "waiting" ? `waiting ${Math.round(phase.ms)} ms` : phase.name;
};
const effectText = (effect: WatchEffect): string =>
  effect.type === "log" ? `${effect.level}: ${effect.message}` : `${effect.what} ${effect.reason}`;

/** What happens after how many milliseconds, the phase that follows, and what comes with it but for the debug log. */
type Line = [after: number, input: WatchInput, phase: string, ...effects: string[]];

/** @param random Of each step. */
function tell(lines: readonly Line[], state: WatchState = initialState("things", 0), random = 1): WatchState {
  let at = 0;
  for (const [after, input, phase, ...effects] of lines) {
    at += after;
    const next = step(state, input, { at, random });
    const said = next.effects.filter((effect) => !(effect.type === "log" && effect.level === "debug")).map(effectText);
    assert.equal([phaseText(next.state.phase), ...said], [phase, ...effects], `after ${JSON.stringify(input)} at ${at}`);
    state = next.state;
  }
  return state;
}

const begin: Line[] = [[100, listed("10"), "opening for 70 s"], [10, opened, "watching"]];
/** Bookmarks are known to come. */
const going: Line[] = [...begin, [10, bookmark, "watching"]];

const stories: Record<string, Line[]> = {
  "lists, watches, and watches on when the server ends the watch": [
    ...going,
    [60_000, closed("12", 5), "opening for 230 s", "restart ended"],
    [10, opened, "watching"],
    [200_000, closed("13", 2), "opening for 230 s", "restart ended"],
  ],
  "a clean end never grows the backoff; a floor is kept between connects": [
    ...going,
    [80, closed("11", 1), "waiting 900 ms", "restart ended"],
    [900, elapsed, "opening for 230 s"],
    [10, opened, "watching"],
    [10, event, "watching"],
    [80, closed("12", 1), "waiting 900 ms", "restart ended"],
    [900, elapsed, "opening for 230 s"],
  ],
  "the server is away at the start: waits that grow to five seconds, told once, and when it is over": [
    [
      100,
      failed("broken"),
      "waiting 100 ms",
      "restart broken",
      "warn: Cannot follow things, trying again in 100 ms: it is broken",
    ],
    [100, elapsed, "listing"],
    [0, failed("broken"), "waiting 400 ms", "restart broken"],
    [400, elapsed, "listing"],
    [0, failed("broken"), "waiting 800 ms", "restart broken"],
    [800, elapsed, "listing"],
    [0, failed("broken"), "waiting 1600 ms", "restart broken"],
    [1_600, elapsed, "listing"],
    [0, failed("broken"), "waiting 3200 ms", "restart broken"],
    [3_200, elapsed, "listing"],
    [0, failed("broken"), "waiting 5000 ms", "restart broken"],
    [5_000, elapsed, "listing"],
    [0, listed("10"), "opening for 70 s"],
    [10, opened, "watching", "info: Following things again after 11 s"],
  ],
  "an attempt that took as long as the wait is not waited for once more": [
    ...going,
    [10_000, failed("broken", { lines: 1 }), "waiting 200 ms", "restart broken"],
    [200, elapsed, "opening for 230 s"],
    [
      30_000,
      failed("broken"),
      "opening for 230 s",
      "restart broken",
      "warn: Cannot follow things, trying again at once: it is broken",
    ],
    [30_000, failed("broken"), "opening for 230 s", "restart broken"],
  ],
  "another kind of failure is told once, too": [
    [0, failed("broken"), "waiting 200 ms", "restart broken", "warn: Cannot follow things, trying again in 200 ms: it is broken"],
    [200, elapsed, "listing"],
    [
      0,
      failed("forbidden"),
      "waiting 400 ms",
      "restart forbidden",
      "warn: Cannot follow things, trying again in 400 ms: it is forbidden",
    ],
    [400, elapsed, "listing"],
    [0, failed("broken"), "waiting 800 ms", "restart broken"],
  ],
  "a watch that opens and breaks, for ever: the waits grow, it is told once, everything is listed now and then": [
    ...begin,
    [10, failed("refused"), "waiting 980 ms", "restart refused"],
    [980, elapsed, "opening for 70 s"],
    [10, opened, "watching"],
    [
      10,
      failed("refused"),
      "waiting 980 ms",
      "restart refused",
      "warn: Cannot follow things, trying again in 980 ms: it is refused",
    ],
    [980, elapsed, "opening for 70 s"],
    [10, opened, "watching"],
    [10, failed("refused"), "waiting 980 ms", "restart refused", "relist refused"],
    [980, elapsed, "listing"],
    [10, listed("12"), "opening for 70 s"],
    [10, opened, "watching"],
    [10, failed("refused"), "waiting 1600 ms", "restart refused"],
    [1_600, elapsed, "opening for 70 s"],
    [10, opened, "watching"],
    [10, failed("refused"), "waiting 3200 ms", "restart refused"],
    [3_200, elapsed, "opening for 70 s"],
    [10, opened, "watching"],
    [10, failed("refused"), "waiting 5000 ms", "restart refused", "relist refused"],
    [5_000, elapsed, "listing"],
    [10, listed("12"), "opening for 70 s"],
    [10, opened, "watching"],
    [10, event, "watching", "info: Following things again after 12 s"],
    [10, failed("broken", { lines: 1 }), "waiting 970 ms", "restart broken"],
  ],
  "a long life is as good as a line": [
    ...begin,
    [10, failed("broken"), "waiting 980 ms", "restart broken"],
    [980, elapsed, "opening for 70 s"],
    [10, opened, "watching"],
    [
      10,
      failed("broken"),
      "waiting 980 ms",
      "restart broken",
      "warn: Cannot follow things, trying again in 980 ms: it is broken",
    ],
    [980, elapsed, "opening for 70 s"],
    [10, opened, "watching"],
    [10_000, settled, "watching", "info: Following things again after 11 s"],
    [10, failed("broken"), "waiting 200 ms", "restart broken", "relist broken"],
  ],
  "the version is too old, again and again: the waits grow": [
    ...going,
    [5_000, failed("expired", { lines: 3, version: "20" }), "waiting 1000 ms", "restart expired", "relist expired"],
    [1_000, elapsed, "listing from 20"],
    [10, listed("30"), "opening for 230 s"],
    [10, opened, "watching"],
    [10, failed("expired"), "waiting 1980 ms", "restart expired", "relist expired"],
    [1_980, elapsed, "listing from 30"],
    [10, listed("30"), "opening for 230 s"],
    [10, opened, "watching"],
    [10, failed("expired"), "waiting 1980 ms", "restart expired", "relist expired"],
    [1_980, elapsed, "listing from 30"],
    [10, listed("30"), "opening for 230 s"],
    [10, failed("expired"), "waiting 1990 ms", "restart expired", "relist expired"],
    [1_990, elapsed, "listing from 30"],
    [10, listed("30"), "opening for 230 s"],
    [10, failed("expired"), "waiting 2600 ms", "restart expired", "relist expired"],
  ],
  "the server cannot list from a version on: at once without it": [
    ...going,
    [5_000, failed("expired", { lines: 1, version: "20" }), "waiting 1000 ms", "restart expired", "relist expired"],
    [1_000, elapsed, "listing from 20"],
    [3_000, failed("ahead"), "listing", "restart ahead"],
    [
      10,
      failed("broken"),
      "waiting 390 ms",
      "restart broken",
      "warn: Cannot follow things, trying again in 390 ms: it is broken",
    ],
    [390, elapsed, "listing"],
  ],
  "a watch from a version that is still to come": [
    ...going,
    [5_000, failed("ahead", { lines: 1, version: "20" }), "waiting 1000 ms", "restart ahead", "relist ahead"],
    [1_000, elapsed, "listing"],
  ],
  "429 with a wait": [
    ...going,
    [5_000, failed("throttled", { lines: 1, retryAfter: 7_000 }), "waiting 7000 ms", "restart throttled"],
    [7_000, elapsed, "opening for 230 s"],
    [
      5,
      failed("throttled", { retryAfter: 2_000 }),
      "waiting 2000 ms",
      "restart throttled",
      "warn: Cannot follow things, trying again in 2000 ms: it is throttled",
    ],
  ],
  "Retry-After: 1000000000": [
    [
      0,
      failed("throttled", { retryAfter: 1e12 }),
      "waiting 30000 ms",
      "restart throttled",
      "warn: Cannot follow things, trying again in 30000 ms: it is throttled",
    ],
  ],
  "a watch may be refused although lists are not": [
    [100, listed("10"), "opening for 70 s"],
    [
      0,
      failed("forbidden"),
      "waiting 1000 ms",
      "restart forbidden",
      "warn: Cannot follow things, trying again in 1000 ms: it is forbidden",
    ],
    [1_000, elapsed, "opening for 70 s"],
    [0, failed("forbidden"), "waiting 1000 ms", "restart forbidden"],
    [1_000, elapsed, "opening for 70 s"],
    [0, failed("forbidden"), "waiting 1000 ms", "restart forbidden", "relist forbidden"],
    [1_000, elapsed, "listing"],
  ],
  "nobody was reached: nothing is listed for that": [
    ...going,
    [5_000, failed("broken", { lines: 1, version: "20" }), "waiting 200 ms", "restart broken"],
    ...Array.from({ length: 9 }, (_, count): Line[] => [
      [5_000, elapsed, "opening for 230 s"],
      [
        5_000,
        failed("broken"),
        "opening for 230 s",
        "restart broken",
        ...count === 0 ? ["warn: Cannot follow things, trying again at once: it is broken"] : [],
      ],
    ]).flat(),
    [10, opened, "watching", "info: Following things again after 80 s"],
  ],
  "two watches that the server ends at once without a line": [
    ...begin,
    [50, closed("10", 0), "waiting 940 ms", "restart empty"],
    [940, elapsed, "opening for 70 s"],
    [10, opened, "watching"],
    [
      50,
      closed("10", 0),
      "waiting 940 ms",
      "restart empty",
      "relist empty",
      "warn: Cannot follow things, trying again in 940 ms: the server ends the watch at once",
    ],
    [940, elapsed, "listing"],
    [10, listed("10"), "opening for 70 s"],
    [10, opened, "watching"],
    [50, closed("10", 0), "waiting 940 ms", "restart empty"],
    [940, elapsed, "opening for 70 s"],
    [10, opened, "watching"],
    [50, closed("10", 0), "waiting 1600 ms", "restart empty", "relist empty"],
  ],
  "a dead watch is opened again, and that it is so is no failure": [
    ...going,
    [
      75_000,
      failed("idle", { version: "12", lines: 3 }),
      "opening for 230 s",
      "restart idle",
      "info: The watch of things is dead, opening another: it is idle",
    ],
    [10, opened, "watching"],
    [
      75_000,
      failed("idle", { version: "12", lines: 0 }),
      "opening for 70 s",
      "restart idle",
      "info: The watch of things is dead, opening another: it is idle",
    ],
    [10, opened, "watching"],
    [
      75_000,
      failed("idle", { version: "12", lines: 0 }),
      "waiting 1000 ms",
      "restart idle",
      "relist idle",
      "info: The watch of things is dead, opening another: it is idle",
    ],
    [1_000, elapsed, "listing"],
  ],
  "a quiet resource on a server without bookmarks": [
    ...begin,
    [70_000, closed("10", 0), "opening for 230 s", "restart ended"],
    [10, opened, "watching"],
    [230_000, closed("10", 0), "waiting 1000 ms", "restart ended", "relist empty"],
    [1_000, elapsed, "listing"],
  ],
  "a list that goes back in time is asked for once more, and believed when it insists": [
    ...going,
    [5_000, failed("expired", { lines: 1, version: "20" }), "waiting 1000 ms", "restart expired", "relist expired"],
    [1_000, elapsed, "listing from 20"],
    [
      10,
      failed("behind"),
      "waiting 390 ms",
      "restart behind",
      "warn: Cannot follow things, trying again in 390 ms: it is behind",
    ],
    [390, elapsed, "listing"],
    [
      10,
      listed("15"),
      "opening for 230 s",
      "warn: things went back from version 20 to 15: the storage was put back to an older state",
    ],
    [10, opened, "watching", "info: Following things again after 410 ms"],
  ],
};

const steps = suite("runtime: what a reflector does next");
for (const [what, lines] of Object.entries(stories)) steps(what, () => void tell(lines));

steps("a list is believed unless it goes back in time; the next one is in any case", () => {
  const state = tell([...going, [
    5_000,
    failed("expired", { lines: 1, version: "20" }),
    "waiting 1000 ms",
    "restart expired",
    "relist expired",
  ]]);
  const believed = (state: WatchState) => ["9", "19", "20", "100", "abc"].filter((version) => isBelieved(state, version));
  assert.equal(believed(state), ["20", "100", "abc"]);
  assert.equal(believed({ ...state, doubted: true }), ["9", "19", "20", "100", "abc"]);
});

steps("a watch may be silent for 75 s once bookmarks are known to come, else for its time and 5 s more", () => {
  const known = tell(going);
  const unknown = tell(begin);
  assert.equal([unknown, known].map(idleLimit), [75_000, 75_000]);
  const none = tell([...begin, [70_000, closed("10", 1), "opening for 230 s", "restart ended"], [10, opened, "watching"]]);
  assert.is(idleLimit(none), 235_000);
  assert.is(idleLimit({ ...unknown, phase: { name: "watching", timeoutSeconds: 50, bookmarked: false } }), 55_000);
});

steps("the time of a watch is random, and below the 240 s at which load balancers cut", () => {
  const times = (random: number) => {
    let state = step(initialState("things", 0), listed("1"), { at: 0, random }).state;
    const first = (state.phase as { timeoutSeconds: number }).timeoutSeconds;
    for (const input of [opened, bookmark, closed("2", 1)]) state = step(state, input, { at: 50_000, random }).state;
    return [first, (state.phase as { timeoutSeconds: number }).timeoutSeconds];
  };
  assert.equal([0, 0.5, 1].map(times), [[50, 180], [60, 205], [70, 230]]);
});

steps("an end ends every phase, and nothing leads out of it", () => {
  const phases = [
    [],
    begin.slice(0, 1),
    begin,
    [...begin, [10, failed("broken"), "waiting 980 ms", "restart broken"] satisfies Line],
  ];
  for (const lines of phases) {
    const state = tell([...lines, [0, { type: "aborted" }, "ended"]]);
    for (const input of [listed("9"), opened, event, settled, closed("9", 1), failed("broken"), elapsed]) {
      assert.equal(step(state, input, { at: 0, random: 0 }), { state, effects: [] });
    }
  }
});
steps.run();
