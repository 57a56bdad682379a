/** What people are told who have changed a request by hand, or cancelled it: once, on the object and in the log. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  cancelFlow,
  checkSetup,
  defineFlow,
  type Flow,
  type FlowRun,
  getFlow,
  type Handlers,
  implementFlow,
  isOver,
  isStatus,
  type Job,
  listFlows,
  REQUEST_STATES,
  type RequestState,
  runDirector,
  runWorker,
  SAMPLE,
  signalFlow,
  startFlow,
  suspendFlow,
  whatItWaitsFor,
} from "../../mod.ts";
import { cut, latency, refuse } from "../../src/fake/mod.ts";
import { runController } from "../../src/runtime/mod.ts";
import { eventsOf } from "../support/events.ts";
import { messageOf } from "../support/orders.ts";
import { createRecordedLog } from "../../src/testing/recorded-log.ts";
import { createScenario, REQUESTS } from "../support/scenario.ts";

const order = defineFlow("order", {
  start: "charge",
  jobs: {
    charge: { on: { paid: "approve", free: "ship" } },
    approve: { waitFor: "signal", on: { yes: "ship", no: "ship" } },
    ship: {},
  },
});
/** A handler that goes on until it is told to stop. */
const heeds = ({ signal }: Job) =>
  new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
/** A handler that never stops. */
const ignores = () => new Promise<void>(() => {});

/** A story with a flow that has just been started. */
async function begin<F extends Flow>(flow: F) {
  const story = createScenario();
  const { clock } = story;
  const run = await startFlow<F>(flow, {} as Parameters<typeof startFlow<F>>[1], { cluster: story.connect(), clock });
  const ends: (() => Promise<void>)[] = [];
  const started = (running: { finished: Promise<void> }, ending: AbortController) => {
    const end = async () => (ending.abort(), await story.end([running]));
    ends.push(end);
    return end;
  };
  const direct = (flows: readonly Flow[] = [flow], request?: RequestState) => {
    const [log, ending] = [createRecordedLog(), new AbortController()];
    const director = runDirector(flows, { cluster: story.connect(), clock, log, signal: ending.signal, request });
    return { log, end: started(director, ending) };
  };
  const work = (handlers: object) => {
    const [log, ending] = [createRecordedLog(), new AbortController()];
    const options = { cluster: story.connect(), clock, log, signal: ending.signal, grace: 0 };
    return { log, end: started(runWorker<Flow>(flow, handlers as Handlers, options), ending) };
  };
  const now = async () => (await getFlow(run.name, { cluster: story.connect(), clock })).request;
  return {
    ...{ story, clock, direct, work, now, run: run as FlowRun },
    patch: async (spec: object) => {
      const answer = await story.send("PATCH", `${REQUESTS}/${run.name}`, { spec }, "application/merge-patch+json");
      assert.is(answer.status, 200);
    },
    at: (place: string) =>
      story.until(async () => {
        const { spec } = await now();
        return `${spec.job} ${spec.state}` === place;
      }),
    /** As `Warning Cancelled x1: The request was cancelled`. */
    told: async () => {
      await clock.advance(1_000);
      return (await eventsOf(story)).map(({ type, reason, count, message }) => `${type} ${reason} x${count}: ${message}`);
    },
    end: async () => {
      // Together: until the last has ended, time goes on for all.
      for (const end of ends.splice(0)) await end().catch((error) => assert.match(String(error), /timers are left/));
    },
  };
}

const cancelled = suite("scenario: people are told of flows that are cancelled");

const WORDS = ["Warning Cancelled x1: The request was cancelled"];
for (const [who, handler] of Object.entries({ "its worker": heeds, "its director": ignores })) {
  cancelled(`and ended by ${who}: once, in the same words`, async () => {
    const { story, direct, work, now, at, told, run, end } = await begin(SAMPLE);
    direct();
    work({ JOB1: handler, JOB2: handler });
    await at("JOB1 STARTED");
    await cancelFlow(run);
    await story.until(async () => isOver(await now()), 60_000);
    const { history, claim } = (await now()).status!;
    assert.is(history!.at(-1)!.by === claim!.holderIdentity, who === "its worker");
    assert.equal(await told(), WORDS);
    await end();
  });
}

cancelled("and ended by its worker, seen by a director of that one request", async () => {
  const { story, direct, work, now, at, told, run, end } = await begin(SAMPLE);
  direct([SAMPLE], run.request);
  work({ JOB1: heeds, JOB2: heeds });
  await at("JOB1 STARTED");
  await cancelFlow(run);
  await story.until(async () => isOver(await now()), 60_000);
  assert.equal(await told(), WORDS);
  await end();
});

cancelled("and ended by its worker, where the director may not read it then: that is said, with the remedy", async () => {
  const { story, direct, work, at, patch, told, end } = await begin(SAMPLE);
  const { log } = direct();
  work({ JOB1: heeds, JOB2: heeds });
  await at("JOB1 STARTED");
  const message = 'requeststates is forbidden: User "bob" cannot get resource "requeststates" in API group ' +
    '"com.redhat.ecosystem.sample" in the namespace "default"';
  const match = { verb: "get", resource: "requeststates" } as const;
  story.fake.faults.add({ match, times: Infinity, fault: refuse({ code: 403, reason: "Forbidden", message }) });
  await patch({ desiredState: "Cancelled" });
  await story.until(async () => (await story.requests()).every(isOver), 60_000);
  assert.equal(await told(), []);
  const said = log.lines.filter((line) => line.includes("how"));
  assert.is(said.length, 1, log.lines.join("\n"));
  assert.match(
    said[0]!,
    /^warn Cannot see how "default\/.*cannot get resource "requeststates" .*: grant it to this user, docs\//,
  );
  story.fake.faults.clear();
  await end();
});

cancelled("by their deadline, and ended by their worker", async () => {
  const flow = defineFlow("brief", { start: "a", jobs: { a: {} }, deadline: 10_000 });
  const { story, direct, work, now, at, told, end } = await begin(flow);
  direct();
  work({ a: heeds });
  await at("a STARTED");
  await story.until(async () => isOver(await now()), 60_000);
  assert.equal(await told(), ["Warning DeadlineExceeded x1: The flow was not over 10 s after its creation"]);
  await end();
});

cancelled(
  "but not of those that complete in spite of it, that are deleted, or that nobody cancelled; and nothing is read for these",
  async () => {
    for (const how of ["completed", "deleted", "plain"]) {
      const { story, direct, work, now, at, told, run, clock, end } = await begin(defineFlow("f", ["a"]));
      direct();
      const done = Promise.withResolvers<void>();
      work({ a: () => done.promise });
      await at("a STARTED");
      if (how !== "plain") await cancelFlow(run);
      const before = story.fake.requests.matching({ verb: "get", resource: "requeststates" }).length;
      if (how === "deleted") await story.send("DELETE", `${REQUESTS}/${run.name}`);
      else {
        done.resolve();
        await story.until(async () => isOver(await now()));
      }
      await clock.advance(1_000);
      const { length } = story.fake.requests.matching({ verb: "get", resource: "requeststates" });
      if (how === "plain") assert.ok(length - before <= 3, "only this test has read it");
      assert.equal(await told(), []);
      done.resolve();
      await end();
    }
  },
);
cancelled.run();

const erased = suite("scenario: people are told of a flow whose name was erased");

erased("once, in the log and on the object; it is cancelled when they want it", async () => {
  for (const members of [{ flow: null }, { flow: null, flowDigest: null }]) {
    const { story, direct, patch, told, clock, now, run, end } = await begin(order);
    const { log } = direct([SAMPLE, order]);
    const other = direct([SAMPLE]);
    await clock.advance(1_000);
    await patch(members);
    await clock.advance(60_000);
    await patch({ desiredState: "Suspended" });
    await clock.advance(60_000);
    const sign = "flowDigest" in members ? 'job "charge"' : "spec.flowDigest";
    const why = (whose: string) =>
      `spec.flow was erased (${sign} ${whose}), and cannot be set again: cancel it or delete it, and start the flow anew`;
    log.only(new RegExp(`^warn Cannot drive requeststates "default/${run.name}": spec\\.flow was erased`));
    assert.ok((await told()).includes(`Warning Invalid x1: It cannot be driven: ${why('is of flow "order"')}`));
    other.log.only(/^warn Cannot drive /);
    assert.is((await now()).spec.state, "REQUESTED");
    await patch({ desiredState: "Cancelled" });
    await story.until(async () => isOver(await now()));
    await end();
  }
});

erased("and not of the sample flow, which the reference erases", async () => {
  const { story, direct, work, patch, told, now, end } = await begin(SAMPLE);
  direct([order, SAMPLE]);
  await patch({ flow: null, flowDigest: null });
  work({ JOB1: async () => {}, JOB2: async () => {} });
  await story.until(async () => isOver(await now()));
  assert.equal(await told(), []);
  await end();
});
erased.run();

const broken = suite("scenario: people are told of requests that nobody can drive");

broken("what is said to help does: they are cancelled", async () => {
  const entry = (job: string, state: string) => ({ job, state, timestamp: "2026-01-01T00:00:00Z" });
  const requests: readonly (readonly [spec: object, status: object, fault: RegExp])[] = [
    [{ job: "JOB9" }, {}, /job "JOB9" is not one of flow "sample"/],
    [{}, { history: [entry("JOB9", "REQUESTED"), entry("JOB1", "REQUESTED")] }, /its history names JOB9\/REQUESTED/],
    [{}, { history: [entry("JOB1", "PAUSED"), entry("JOB1", "REQUESTED")] }, /its history names JOB1\/PAUSED/],
    [{}, { history: [entry("JOB2", "STARTED")] }, /its history ends with JOB2\/STARTED, from where JOB1\/REQUESTED cannot be/],
  ];
  for (const [spec, status, fault] of requests) {
    const { story, direct, clock, end } = await begin(SAMPLE);
    const { log } = direct();
    const send = (method: string, path: string, body: object) => story.send(method, path, body, "application/merge-patch+json");
    const made = await story.send("POST", REQUESTS, {
      apiVersion: "com.redhat.ecosystem.sample/v1",
      kind: "RequestState",
      metadata: { name: "r-1" },
      spec: { "request-uid": "r-1", job: "JOB1", state: "REQUESTED", ...spec },
      status,
    });
    assert.is(made.status, 201);
    await clock.advance(10_000);
    log.only(
      new RegExp(`^warn Cannot drive requeststates "default/r-1": ${fault.source}.*; cancel the flow or delete the object$`),
    );
    await send("PATCH", `${REQUESTS}/r-1`, { spec: { desiredState: "Cancelled" } });
    await story.until(async () => (await story.requests()).some((request) => request.metadata.name === "r-1" && isOver(request)));
    await end();
  }
});
broken.run();

const missing = suite("scenario: people are told of a definition that is missing");

missing("once; a director that knows it takes that back, and nobody says it again", async () => {
  const before = defineFlow("order", { start: "approve", jobs: { approve: { waitFor: "signal" } } });
  const { story, direct, told, now, run, clock, end } = await begin(order);
  await signalFlow(run, "approve", "yes");
  direct([before]);
  await clock.advance(20_000);
  assert.is((await now()).status!.conditions![0]!.reason, "DefinitionMissing");
  direct([order, before]);
  await clock.advance(60_000);
  assert.equal((await now()).status!.conditions, []);
  assert.is(whatItWaitsFor(await now(), clock.now()), "a worker for job charge");
  assert.equal(story.writes().length, 4, "created, signalled, said, taken back");
  const warnings = (await told()).map((line) => /DefinitionMissing|WorkerMissing/.exec(line)?.[0]);
  assert.equal(warnings, ["DefinitionMissing", "WorkerMissing"]);
  await end();
});
missing.run();

const signals = suite("scenario: people are told of signals that nobody can go by");

const REMEDY = "a signal is not taken back: cancel the flow, or fork it from that job";
const IGNORED = 'its outcome is "maybe", expected one of yes, no';

signals("given by kubectl while their job waits, or before: by an event, by what it waits for, and by signalFlow", async () => {
  for (const early of [false, true]) {
    const { story, direct, work, patch, at, told, now, run, clock, end } = await begin(order);
    if (early) await patch({ signals: { approve: { outcome: "maybe", by: "bob" } } });
    direct();
    work({ charge: async () => ({ outcome: "paid" }), ship: async () => {} });
    await at("approve REQUESTED");
    const before = story.writes().length;
    if (!early) await patch({ signals: { approve: { outcome: "maybe", by: "bob" } } });
    await clock.advance(60_000);
    assert.equal(await told(), [
      `Warning UnusableSignal x1: The signal for job "approve" is ignored: ${IGNORED}; ${REMEDY}`,
    ]);
    const request = await now();
    const short = early ? "; the signal that was given is ignored: cancel or fork the flow" : "";
    assert.is(request.status!.waitingFor, `signal yes|no${short}`);
    assert.is(
      whatItWaitsFor(request, clock.now()),
      `job approve: signal yes|no; the signal that was given is ignored: ${IGNORED}; ${REMEDY}`,
    );
    assert.is(
      await messageOf(signalFlow(run, "approve", "yes")),
      `Cannot signal job "approve" of requeststates "default/${run.name}": another one was given by bob, which is ignored: ${IGNORED}; ${REMEDY}`,
    );
    assert.is(story.writes().length, before + (early ? 0 : 1), "nothing but the signal itself was written");
    await end();
  }
});

signals("given for a job to which the flow does not come any more", async () => {
  const { direct, work, patch, at, told, end } = await begin(order);
  direct();
  const { end: leave } = work({ charge: async () => ({ outcome: "free" }), ship: ignores });
  await at("ship STARTED");
  await patch({ signals: { approve: { outcome: "yes", by: "bob" } } });
  assert.equal(await told(), [
    `Warning UnusableSignal x1: The signal for job "approve" is ignored: the flow does not come to that job any more; ${REMEDY}`,
  ]);
  await leave().catch(() => {});
  await end();
});

signals("and not of those that were used, however far the flow has come", async () => {
  const { story, direct, work, at, told, now, run, end } = await begin(order);
  direct();
  let done = false;
  work({
    charge: async () => ({ outcome: "paid" }),
    ship: async () => {
      if (!done) throw new Error("no van");
    },
  });
  await at("approve REQUESTED");
  await signalFlow(run, "approve", "yes");
  await at("ship FAILED");
  await suspendFlow(run);
  assert.equal((await told()).filter((text) => /Signal/.test(text)), []);
  done = true;
  await story.send("PATCH", `${REQUESTS}/${run.name}`, { spec: { desiredState: "Running" } }, "application/merge-patch+json");
  await story.until(async () => isOver(await now()), 60_000);
  await end();
});
signals.run();

const given = suite("scenario: who hands over something else is told what was expected");

given("in one sentence", async () => {
  const cluster = createScenario().connect();
  const late = { cluster: Promise.resolve(cluster), namespace: "default", resource: REQUEST_STATES } as never;
  const sentences: readonly (readonly [() => unknown, RegExp])[] = [
    [
      () => startFlow("order" as never, {} as never, { cluster }),
      /^Cannot start a flow: it is given as order, expected what defineFlow gives$/,
    ],
    [() => startFlow(undefined as never, {} as never, { cluster }), /^Cannot start a flow: it is given as undefined, expected/],
    [() => startFlow(order, undefined as never, undefined as never), /^Cannot start flow "order": options\.cluster is undefined/],
    [
      () => startFlow(order, undefined as never, late),
      /^Cannot start flow "order": options\.cluster is a promise, .*: await connect\(\)$/,
    ],
    [() => runDirector(order, late), /^Cannot run a director: options\.cluster is a promise, /],
    [() => runWorker(order, {}, late), /^Cannot run a worker: options\.cluster is a promise, /],
    [() => runController(late), /^Cannot run controller "requeststates": options\.cluster is a promise, /],
    [() => checkSetup(Promise.resolve(cluster) as never, late), /^Cannot check the setup: options\.cluster is a promise, /],
    [
      () => implementFlow(order, undefined as never),
      /^Cannot implement a flow: it needs what defineFlow gives, and an object of/,
    ],
    [() => implementFlow({} as never, {} as never), /^Cannot implement a flow: /],
    [() => runWorker(undefined as never, { cluster }), /^Cannot run a worker: item 0 is not what implementFlow gives/],
  ];
  for (const [act, sentence] of sentences) {
    assert.match(await messageOf((async () => await act())()), sentence);
  }
  assert.ok(await startFlow(order, undefined as never, { cluster }));
});
given.run();

const rights = suite("scenario: who lacks a right is told which, and what to do");

rights("by each call of a client", async () => {
  const { story, clock, run } = await begin(order);
  const options = { cluster: story.connect(), clock };
  const deny = (verb: "get" | "list" | "create" | "patch") => {
    const message =
      `requeststates.com.redhat.ecosystem.sample is forbidden: User "bob" cannot ${verb} resource "requeststates" in API group ` +
      '"com.redhat.ecosystem.sample" in the namespace "default"';
    return story.fake.faults.add({
      match: { verb, resource: "requeststates" },
      times: Infinity,
      fault: refuse({ code: 403, reason: "Forbidden", message }),
    });
  };
  const calls = {
    create: () => startFlow(order, {}, options),
    get: () => getFlow(run.name, options),
    list: () => listFlows({}, options),
    patch: () => cancelFlow(run),
  } as const;
  for (const verb of ["create", "get", "list", "patch"] as const) {
    const denied = deny(verb);
    const error: unknown = await calls[verb]().then(() => undefined, (error) => error);
    denied.remove();
    assert.ok(isStatus(error), verb);
    assert.is(error.status.code, 403);
    assert.match(
      error.message,
      new RegExp(
        `^Cannot ${verb} requeststates .*: User "bob" cannot ${verb} resource "requeststates" in API group "com.redhat.ecosystem.sample" in the ` +
          'namespace "default": grant it to this user, docs/operations.md lists all verbs that are needed$',
      ),
    );
  }
});

rights("but not where something else is forbidden", async () => {
  const { story, clock } = await begin(order);
  const message =
    'requeststates "a" is forbidden: exceeded quota: flows, requested: count/requeststates=1, used: 10, limited: 10';
  story.fake.faults.add({ match: { verb: "create" }, fault: refuse({ code: 403, reason: "Forbidden", message }) });
  assert.match(await messageOf(startFlow(order, {}, { cluster: story.connect(), clock })), /limited: 10$/);
});
rights.run();

const unheard = suite("scenario: events that nobody takes");

for (const [what, fault] of Object.entries({ "is away": cut(), "does not answer": latency(40_000) })) {
  unheard(`who has ended tells nothing any more of what the server has not taken when it ${what}`, async () => {
    const story = createScenario();
    const { clock } = story;
    const failing = defineFlow("failing", { start: "a", jobs: { a: { retry: { limit: 1 } } } });
    const working = new AbortController();
    const fails = () => Promise.reject(new Error("it does not work"));
    const log = createRecordedLog();
    const worker = runWorker(failing, { a: fails }, { cluster: story.connect(), clock, log, signal: working.signal });
    const events = story.fake.faults.add({ match: { resource: "events" }, times: Infinity, fault });
    const { request } = await startFlow(failing, {}, { cluster: story.connect(), clock });
    const director = runDirector([failing], { cluster: story.connect(), clock, log, request });
    let ended = false;
    director.finished.then(() => ended = true);
    await story.until(() => ended);
    const asked = events.hits;
    assert.ok(asked > 0);
    await clock.advance(600_000);
    assert.is(events.hits, asked);
    working.abort();
    await story.end([worker]);
  });
}
unheard.run();
