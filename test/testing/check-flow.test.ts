/** What a check finds in a flow of three jobs, each fault alone; and nothing, where there is none. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, type Handlers, implementFlow, RetryAfterError, shape } from "../../mod.ts";
import { checkFlow, CheckFlowError, type CheckWorld, type Finding, type FindingKind } from "../../src/testing/mod.ts";

const checks = suite("test kit: checkFlow");

const order = defineFlow("order", {
  start: "charge",
  input: shape<{ readonly amount: number }>(),
  jobs: {
    charge: { on: { paid: "approve", declined: "mail" }, output: shape<{ readonly receipt: string }>() },
    approve: { waitFor: "signal", on: { yes: "mail", no: "mail", timedOut: "mail" }, timeout: 20_000 },
    mail: {},
  },
});
type Order = typeof order;
const input = { amount: 12 };

/** The handlers of the order, as they should be. */
const good = (world: CheckWorld): Handlers<Order> => ({
  async charge({ idempotencyKey }) {
    await world.effect("charge", idempotencyKey);
    return { outcome: world.pick(["paid", "declined"]), output: { receipt: "r-1" } };
  },
  async mail({ idempotencyKey, signal }) {
    await world.effect("mail", idempotencyKey);
    await world.sleep(2_000, signal);
  },
});
const ordered = (own: (world: CheckWorld) => Partial<Handlers<Order>>) => (world: CheckWorld) => ({
  implementation: implementFlow(order, { ...good(world), ...own(world) }),
  input,
});

for (const from of [1, 6, 11]) {
  checks(`of a flow that is as it should be, nothing: seeds from ${from}`, async () => {
    const report = await checkFlow(ordered(() => ({})), { from, seeds: 5 });
    assert.equal(report.findings, []);
    assert.is(report.seeds, 5);
    assert.is(report.text().split("\n")[0], 'Flow "order": nothing is wrong in 5 seeds');
  });
}

checks("what no seed came to is told, and is no finding", async () => {
  const { unreached, findings } = await checkFlow(ordered(() => ({ charge: async () => paid })), { seeds: 1, report: true });
  assert.equal(findings, []);
  assert.equal(unreached.filter((each) => each.includes("charge")), ['outcome "declined" of job charge']);
});

const paid = { outcome: "paid", output: { receipt: "r-1" } } as const;

/** Each is the order with one fault: what is found is this, and nothing else. */
const FAULTS: readonly {
  readonly name: string;
  readonly own: (world: CheckWorld) => Partial<Handlers<Order>>;
  readonly kind: FindingKind;
  readonly job: string;
  readonly says: RegExp;
}[] = [
  {
    name: "a handler that charges twice, because it gives no key",
    own: (world) => ({ charge: async () => (await world.effect("charge"), paid) }),
    kind: "effect",
    job: "charge",
    says:
      /^The handler of job charge is not idempotent: effect "charge" was done \d times \(by attempt \d without a key, by attempt \d /,
  },
  {
    name: "a handler whose key is another one in each attempt",
    own: (world) => ({
      charge: async ({ idempotencyKey, attempt }) => (await world.effect("charge", `${idempotencyKey}/${attempt}`), paid),
    }),
    kind: "effect",
    job: "charge",
    says: /by attempt 2 with key .*; give whoever is called the job's idempotencyKey, or ask first whether it was done$/,
  },
  {
    name: "a handler whose key is made by chance",
    own: (world) => ({ charge: async () => (await world.effect("charge", crypto.randomUUID()), paid) }),
    kind: "effect",
    job: "charge",
    says: /one attempt has it once/,
  },
  {
    name: "a handler that does not heed its signal",
    own: (world) => ({ mail: () => world.sleep(25_000) }),
    kind: "signal",
    job: "mail",
    says:
      /^The handler of job mail does not heed its signal \(\w+\): it has ended [\d.]+ s later; give the job's signal to what it /,
  },
  {
    name: "a branch to nowhere that types cannot see",
    own: (world) => ({
      charge: async () => ({ ...paid, outcome: ["paid", "declined", "disputed"][world.pick([0, 1, 2])] as "paid" }),
    }),
    kind: "outcome",
    job: "charge",
    says: /gave back outcome "disputed", expected one of paid, declined: the job fails for good; name the outcome in /,
  },
  {
    name: "a handler that gives back no outcome where one is needed",
    own: () => ({ charge: async () => ({ output: { receipt: "r-1" } }) as never }),
    kind: "outcome",
    job: "charge",
    says: /gave back no outcome, expected one of paid, declined/,
  },
  {
    name: "an output that is too large to be kept",
    own: () => ({ charge: async () => ({ ...paid, output: { receipt: "r".repeat(5_000) } }) }),
    kind: "result",
    job: "charge",
    says: /^Job charge fails for good: The output .*5\d\d\d/,
  },
  {
    name: "a member that no result has",
    own: () => ({ charge: async () => ({ ...paid, recepit: "r-1" }) as never }),
    kind: "result",
    job: "charge",
    says: /^The handler of job charge gave back a member "recepit", which is dropped: expected outcome and output$/,
  },
  {
    name: "an output that JSON cannot say",
    own: () => ({ charge: async () => ({ ...paid, output: new Map() as never }) }),
    kind: "result",
    job: "charge",
    says: /^Job charge fails for good: The output /,
  },
  {
    name: "a handler that throws what throws when it is looked at",
    own: () => ({
      mail: () =>
        Promise.reject(
          new Proxy({}, {
            get() {
              throw new Error("a trap");
            },
          }),
        ),
    }),
    kind: "thrown",
    job: "mail",
    says: /^The handler of job mail throws an object \(something that has no text was thrown\), which has neither name nor stack/,
  },
  {
    name: "a handler that throws a text",
    own: () => ({ mail: () => Promise.reject("no mail today") }),
    kind: "thrown",
    job: "mail",
    says: /^The handler of job mail throws a string \(no mail today\), which has neither name nor stack: throw an Error$/,
  },
  {
    name: "a handler that asks to be tried again for ever",
    own: () => ({ mail: () => Promise.reject(new RetryAfterError(1_000)) }),
    kind: "retries",
    job: "mail",
    says: /^The handler of job mail has asked 9 times to be tried again later, and nothing ends that: give the flow a deadline, /,
  },
  {
    name: "a handler that never ends, and that nothing tells to",
    own: () => ({
      mail: ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    }),
    kind: "hangs",
    job: "mail",
    says:
      /^The handler of job mail \(attempt 1\) has not ended in the real time that it is given \(realTime\), and nothing tells it to stop: /,
  },
];

const options = { report: true, realTime: 40, polls: 8 } as const;

checks("what a seed does not show again, because a module has a state, is said to be so", async () => {
  let calls = 0;
  const own = () => ({ mail: () => ++calls === 7 ? Promise.reject("now") : Promise.resolve() });
  const { findings: [found, ...others] } = await checkFlow(ordered(own), { seeds: 12, ...options });
  assert.equal(others, []);
  assert.match(found!.message, /throw an Error; its seed has not shown it again, so that something else decides, too: /);
});

for (const { name, own, kind, job, says } of FAULTS) {
  checks(`it finds ${name}`, async () => {
    const { findings } = await checkFlow(ordered(own), { seeds: 4, ...options });
    assert.equal(findings.map((finding) => `${finding.kind} ${finding.job}`), [`${kind} ${job}`]);
    const [found] = findings as [Finding];
    assert.match(found.message, says);
    const { seed, acts } = found;
    const again = await checkFlow(ordered(own), { seed: seed!, acts, ...options });
    assert.equal(again.findings, [found], "it is found again, line by line");
    assert.equal(found.schedule.filter((line) => line.length > 78), []);
  });
}

checks("it finds a wait without a timeout by the definition, and none where somebody always answers", async () => {
  const flow = defineFlow("trip", {
    start: "book",
    jobs: { book: { next: "confirm" }, confirm: { waitFor: "signal", next: "pay" }, pay: { onExhausted: "park" } },
  });
  const implementation = implementFlow(flow, { book: async () => {}, pay: async () => {} });
  const { findings } = await checkFlow(() => ({ implementation }), { seeds: 3, report: true });
  assert.equal(findings.map(({ kind, job, seed, acts }) => ({ kind, job, seed, acts })), [
    { kind: "wait", job: "confirm", seed: undefined, acts: [] },
    { kind: "parked", job: "pay", seed: undefined, acts: [] },
  ]);
  assert.is(
    findings[0]!.message,
    "Job confirm waits for a signal for ever when nobody gives it: give it a timeout with a branch for timedOut, or the flow a deadline; " +
      "where somebody always does, say signals: { confirm: { always: true } }",
  );
  const people = { signals: { confirm: { always: true, data: { by: "ann" } } }, operator: true };
  await checkFlow(() => ({ implementation, ...people }), { seeds: 3 });
});

checks("the check of the setup is asked at the end, and what it says or throws is a finding that can be replayed", async () => {
  const setup = (says: (charges: readonly string[]) => string | undefined) => (world: CheckWorld) => {
    const charges: string[] = [];
    return {
      ...ordered(() => ({ charge: async ({ request }) => (charges.push(request.metadata.name), paid) }))(world),
      check: () => says(charges),
    };
  };
  const twice = setup(({ length }) => length > 1 ? "charged twice" : undefined);
  const { findings: [found, ...others] } = await checkFlow(twice, { seeds: 3, report: true });
  assert.equal(others, []);
  assert.is(`${found?.kind}: ${found?.message}`, "check: charged twice");
  const again = await checkFlow(twice, { seed: found!.seed!, acts: found!.acts, report: true });
  assert.equal(again.findings, [found]);
  const thrown = setup(() => {
    throw new Error("no charge can be checked");
  });
  const error = await checkFlow(thrown, { seed: 1, acts: [] }).then(() => undefined, (error: unknown) => error);
  assert.instance(error, CheckFlowError);
  assert.match(
    (error as Error).message,
    /^Flow "order": 1 finding in 1 seed\n\ncheck: no charge can be checked\n {2}again: checkFlow\(setup, /,
  );
});

checks("effects that are many by nature, keyed or asked for first, are no finding", async () => {
  const flow = defineFlow("orders", ["reserve", "mail"]);
  const report = await checkFlow((world) => {
    const sent: string[] = [];
    return {
      implementation: implementFlow(flow, {
        async reserve({ idempotencyKey }) {
          for (const line of [1, 2, 3]) await world.effect("reserve", `${idempotencyKey}/${line}`);
        },
        async mail() {
          for (const to of ["ann", "bob"]) {
            if (world.effects.some(({ name, key }) => name === "mail" && key === to)) continue;
            await world.effect("mail", to, () => sent.push(to));
          }
        },
      }),
      check: ({ status }) => status === "succeeded" && sent.length !== 2 ? `${sent.length} mails` : undefined,
    };
  }, { seeds: 6 });
  assert.equal(report.findings, []);
});

checks("an answer that comes after a wait of a day is over changes nothing, and nothing is stuck", async () => {
  const flow = defineFlow("approval", {
    start: "approve",
    jobs: { approve: { waitFor: "signal", on: { yes: "ship", timedOut: "refund" }, timeout: 86_400_000 }, ship: {}, refund: {} },
  });
  const implementation = implementFlow(flow, { ship: async () => {}, refund: async () => {} });
  await checkFlow(() => ({ implementation }), { from: 11, seeds: 2 });
});

checks("what cannot be checked is said in one sentence", async () => {
  const nothing = () => ({} as never);
  for (
    const [setup, options, says] of [
      [nothing, { seeds: 1 }, /^Cannot check a flow: the setup gives no implementation, expected \{ implementation: /],
      [nothing, { seeds: 0 }, /^Cannot check a flow: seeds is 0, expected a whole number from 1$/],
      [nothing, { acts: [1] }, /^Cannot check a flow: acts is \[1\], expected a seed with it: seed$/],
      [nothing, { heed: -1 }, /^Cannot check a flow: heed is -1, expected a number from 0$/],
      [
        (world: CheckWorld) => ({ ...ordered(() => ({}))(world), signals: { charge: {} } as never }),
        { seeds: 1 },
        /^Cannot check a flow: signals names charge, /,
      ],
      [
        (world: CheckWorld) => ({ ...ordered(() => ({}))(world), input: 10n as never }),
        { seeds: 1 },
        /^Cannot start flow "order": /,
      ],
    ] as const
  ) {
    const error = await checkFlow(setup, options).then(() => undefined, (error: unknown) => error);
    assert.match((error as Error).message, says);
  }
});

checks("the chances of the process are its own again, and nothing is left", async () => {
  const { random } = Math;
  const { randomUUID } = crypto;
  await Promise.all([1, 2].map((seed) => checkFlow(ordered(() => ({})), { seed })));
  assert.is(Math.random, random);
  assert.is(crypto.randomUUID, randomUUID);
});
checks("a handler that is still at work when all is over has not heeded its signal", async () => {
  const deaf = defineFlow("deaf", { start: "listen", jobs: { listen: { timeout: 1_000, retry: { limit: 1 } } } });
  const setup = () => ({ implementation: implementFlow(deaf, { listen: () => new Promise<void>(() => {}) }) });
  const { findings } = await checkFlow(setup, { seeds: 2, report: true });
  assert.equal(findings.map(({ kind, job }) => [kind, job]), [["signal", "listen"]]);
  assert.match(
    findings[0]!.message,
    /^The handler of job listen does not heed its signal \(\w+\): it was still at work \d+ (s|min) later; give /,
  );
});

checks.run();
