/**
 * The claim protocol, every interleaving of it: two workers, a director and a client, with views of any age, under what may go wrong. The
 * writes are made by the library's own pure functions. `exhaust.ts` goes further; docs/proof.md has the figures.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { explore } from "./explore.ts";
import { ALL_GUARDS, type Guards } from "./guards.ts";
import { createModel } from "./protocol.ts";
import type { Budget } from "./state.ts";

const NOTHING: Budget = { crashes: 0, lapses: 0, losses: 0, late: 0, failures: 0, cancels: 0, givenUp: 0 };

/** What goes wrong, and how many states there are at least: fewer would mean that the model has become blind. */
const WORLDS: readonly (readonly [wrong: Partial<Budget>, states: number])[] = [
  [{}, 500],
  [{ failures: 1, cancels: 1 }, 20_000],
  [{ crashes: 1, cancels: 1 }, 20_000],
  [{ losses: 1, late: 1, givenUp: 1 }, 30_000],
  [{ lapses: 1, losses: 1 }, 90_000],
];

const model = suite("model: the claim protocol");
for (const [wrong, states] of WORLDS) {
  const name = Object.keys(wrong).join(", ") || "nothing";
  model(`every interleaving keeps the invariants, and the flow can always end; what may go wrong once: ${name}`, () => {
    const found = explore(createModel({ budget: { ...NOTHING, ...wrong } }));
    assert.is(found.fault, undefined, found.fault && [found.fault.what, ...found.fault.path].join("\n"));
    assert.ok(found.states >= states, `${found.states} states`);
    assert.ok(found.ends > 0);
  });
}

model("two directors at once: safe without an election", () => {
  const found = explore(createModel({ budget: { ...NOTHING, losses: 1 }, directors: 2 }));
  assert.is(found.fault, undefined, found.fault && [found.fault.what, ...found.fault.path].join("\n"));
  assert.ok(found.states >= 5_000, `${found.states} states`);
});

/** Which invariant each guard keeps, and what has to go wrong for that. */
const GUARDS: Readonly<Record<keyof Guards, readonly [wrong: Partial<Budget>, broken: string]>> = {
  version: [{}, "I1"],
  claimId: [{ lapses: 1 }, "I12"],
  attemptBump: [{ lapses: 1 }, "I8"],
  reread: [{ losses: 1 }, "I1"],
  recognise: [{ losses: 1 }, "I25"],
  ownIdentity: [{}, "I6"],
  recover: [{ losses: 1, givenUp: 1 }, "I13"],
  durable: [{}, "I11"],
  liveGet: [{ lapses: 1 }, "I14"],
  verdictOfHeld: [{ lapses: 1 }, "I14"],
  newId: [{ lapses: 1, losses: 1 }, "I14"],
};

for (const [guard, [wrong, broken]] of Object.entries(GUARDS)) {
  model(`without the guard "${guard}" ${broken} breaks`, () => {
    const { fault } = explore(createModel({ guards: { ...ALL_GUARDS, [guard]: false }, budget: { ...NOTHING, ...wrong } }));
    assert.is(fault?.what.split(":")[0], broken, fault?.path.join("\n"));
  });
}
model.run();
