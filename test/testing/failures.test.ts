/** What goes wrong when a test orders it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, implementFlow } from "../../mod.ts";
import { type FlowTest, testFlow } from "../../src/testing/mod.ts";

const flow = defineFlow("order", ["charge", "ship"]);

/** Counts what has been charged, by idempotency key. */
function shop() {
  const charges: string[] = [];
  const implementation = implementFlow(flow, {
    charge: async ({ idempotencyKey, attempt }) => void charges.push(`${idempotencyKey.split("/")[1]} ${attempt}`),
    ship: async () => {},
  });
  return { implementation, charges };
}

const failures = suite("test kit: failures");

for (const at of ["begin", "end"] as const) {
  failures(`a worker that is killed at the ${at} of a handler is taken over, 20 to 25 s later`, async () => {
    const { implementation, charges } = shop();
    const t = await testFlow(implementation);
    t.crashWorkerIn("charge", { at });
    const run = await t.start();
    await t.until(run, "charge/STARTED");
    const begun = t.clock.now();
    await t.until(run, ({ spec }) => spec.attempt === 2);
    const took = t.clock.now() - begun;
    assert.ok(took >= 20_000 && took <= 26_000, `${took} ms`);
    assert.is((await t.untilOver(run)).status, "succeeded");
    assert.equal(charges, at === "begin" ? ["charge 2"] : ["charge 1", "charge 2"]);
    assert.ok(t.history(run).includes("charge/REQUESTED WorkerLost"));
    await t.close();
  });
}

failures("a worker that is in the job is killed at once, or when its handler comes to an end", async () => {
  for (const at of ["begin", "end"] as const) {
    const doing = Promise.withResolvers<void>();
    const t = await testFlow({
      flow,
      handlers: { charge: ({ attempt }) => attempt === 1 ? doing.promise : Promise.resolve(), ship: async () => {} },
    });
    const run = await t.start();
    await t.until(run, "charge/STARTED");
    t.crashWorkerIn("charge", { at });
    doing.resolve();
    assert.is((await t.untilOver(run)).status, "succeeded");
    assert.is(t.history(run).filter((step) => step.endsWith("WorkerLost")).length, 1);
    await t.close();
  }
});

failures("a director that is killed at any step loses nothing", async () => {
  for (const where of ["charge/REQUESTED", "charge/STARTED", "charge/COMPLETED", "ship/REQUESTED", "ship/STARTED"] as const) {
    const { implementation, charges } = shop();
    const t = await testFlow(implementation);
    const run = await t.start();
    await t.until(run, where);
    t.restartDirector();
    assert.is((await t.untilOver(run)).status, "succeeded", where);
    assert.equal(charges, ["charge 1"]);
    assert.is(t.history(run).length, 6);
    await t.close();
  }
});

const FAULTS = {
  conflict: (t) => t.faults.conflict({ on: "charge/COMPLETED" }),
  loseAnswer: (t) => t.faults.loseAnswer({ on: "charge/STARTED", by: "worker" }),
  landLate: (t) => t.faults.landLate(5_000, { on: "charge/COMPLETED" }),
  breakConnection: (t) => t.faults.breakConnection({ on: "ship" }),
  delay: (t) => t.faults.delay(5_000, { on: "charge/COMPLETED" }),
  serverError: (t) => t.faults.serverError({ times: 3 }),
  tooManyRequests: (t) => t.faults.tooManyRequests(7, { by: "director" }),
} satisfies Record<string, (t: FlowTest<typeof flow>) => { readonly hits: number }>;

for (const [name, order] of Object.entries(FAULTS)) {
  failures(`${name}: hits what was meant, costs no attempt, and leaves nothing undone`, async () => {
    const { implementation, charges } = shop();
    const t = await testFlow(implementation);
    const fault = order(t);
    const run = await t.start();
    assert.is((await t.untilOver(run)).status, "succeeded");
    assert.ok(fault.hits >= 1);
    assert.equal(charges, ["charge 1"]);
    assert.equal(t.history(run).map((step) => step.split("/")[1]), [
      "REQUESTED",
      "STARTED",
      "COMPLETED",
      "REQUESTED",
      "STARTED",
      "COMPLETED",
    ]);
    await t.close();
  });
}

failures("watches that break, versions that are forgotten, an API server that is away: the flow goes on", async () => {
  const happens: Readonly<Record<string, (t: FlowTest<typeof flow>) => void>> = {
    dropWatches: (t) => t.faults.dropWatches(),
    forgetVersions: (t) => t.faults.forgetVersions(),
    outage: (t) => t.faults.outage(40_000),
  };
  for (const [name, happen] of Object.entries(happens)) {
    const { implementation, charges } = shop();
    const t = await testFlow(implementation);
    const run = await t.start();
    await t.until(run, "charge/COMPLETED");
    happen(t);
    const begun = t.clock.now();
    assert.is((await t.untilOver(run)).status, "succeeded", name);
    assert.equal(charges, ["charge 1"]);
    const took = t.clock.now() - begun;
    assert.ok(name === "outage" ? took >= 40_000 && took < 80_000 : took < 10_000, `${name}: ${took} ms`);
    await t.close();
  }
});

failures("faults of the fake itself can be had, too", async () => {
  const { implementation } = shop();
  const t = await testFlow(implementation);
  const run = await t.start();
  await t.untilOver(run);
  assert.equal(t.fake.requests.writes({ resource: "requeststates" }).length, 6);
  await t.close();
});
failures.run();
