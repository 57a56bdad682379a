/**
 * What becomes of a flow that is cancelled, suspended, out of time or deleted, wherever it stands: at once where nobody works on it,
 * within the grace where somebody does.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  cancelFlow,
  defineFlow,
  type FlowRun,
  isOver,
  type Job,
  REQUEST_STATES,
  type RequestState,
  resumeFlow,
  RetryAfterError,
  retryFlow,
  runDirector,
  runWorker,
  signalFlow,
  startFlow,
  suspendFlow,
} from "../../mod.ts";
import { conditionOf } from "../../src/request-state.ts";
import { createMachine, type Machine } from "../../src/testing/machine.ts";
import { createScenario, historyOf, type Scenario } from "../support/scenario.ts";

const GRACE = 30_000;
const DAY = 86_400_000;

const FLOWS = {
  plain: defineFlow("plain", { start: "a", jobs: { a: { next: "b" }, b: {} } }),
  resting: defineFlow("resting", { start: "a", jobs: { a: { next: "b", retry: { initial: DAY, max: DAY } }, b: {} } }),
  parking: defineFlow("parking", { start: "a", jobs: { a: { next: "b", retry: { limit: 1 }, onExhausted: "park" }, b: {} } }),
  waiting: defineFlow("waiting", { start: "a", jobs: { a: { waitFor: "signal", next: "b" }, b: {} } }),
};

/** How a handler takes it. */
const HANDLERS = {
  heeds: ({ signal }: Job) => new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  ignores: (_: Job, done: Promise<void>) => done,
  fails: () => Promise.reject(new Error("no")),
  asksForTime: ({ attempt }: Job) => attempt === 1 ? Promise.reject(new RetryAfterError(10_000)) : Promise.resolve(),
  failsOnce: ({ attempt }: Job) => attempt === 1 ? Promise.reject(new Error("no")) : Promise.resolve(),
  returns: () => Promise.resolve(),
};

interface Place {
  readonly flow: keyof typeof FLOWS;
  readonly handler?: keyof typeof HANDLERS;
  /** Where it stands then. */
  readonly stands: string;
  /** The worker is killed, and so is a director that would go on. */
  readonly loses?: "worker" | "director";
}

/** Every state that a request can stand in. */
const PLACES: Readonly<Record<string, Place>> = {
  "requested": { flow: "plain", stands: "a/REQUESTED" },
  "started, by a handler that heeds its signal": { flow: "plain", handler: "heeds", stands: "a/STARTED" },
  "started, by a handler that ignores its signal": { flow: "plain", handler: "ignores", stands: "a/STARTED" },
  "started, by a worker that died": { flow: "plain", handler: "ignores", stands: "a/STARTED", loses: "worker" },
  "failed, in its backoff": { flow: "resting", handler: "fails", stands: "a/FAILED" },
  "parked": { flow: "parking", handler: "fails", stands: "a/FAILED" },
  "waiting": { flow: "waiting", stands: "a/REQUESTED" },
  "between two jobs": { flow: "plain", handler: "returns", stands: "a/COMPLETED", loses: "director" },
};

/** A request that stands somewhere. */
class Standing {
  readonly story: Scenario = createScenario();
  readonly aborts: string[] = [];
  readonly begun: string[] = [];
  readonly #ending = new AbortController();
  readonly #done = Promise.withResolvers<void>();
  readonly #running: { readonly machine: Machine; readonly finished: Promise<unknown> }[] = [];
  run!: FlowRun;

  get options() {
    return { cluster: this.story.connect(), clock: this.story.clock, identity: "client" };
  }

  async begin({ flow, handler, stands, loses }: Place, deadline?: number): Promise<this> {
    const { story } = this;
    const [base, patch] = [FLOWS[flow], { ...deadline !== undefined && { deadline } }];
    const known = { ...base, ...patch };
    if (loses !== "director") this.direct(flow);
    if (handler) this.work(flow, handler);
    await story.clock.advance(1_000); // they are acquainted
    this.run = await startFlow(known, {}, this.options) as unknown as FlowRun;
    this.run.finished.catch(() => {}); // it is awaited where it matters
    await story.until(async () => {
      const { spec } = (await this.now())!;
      return `${spec.job}/${spec.state}` === stands && (flow !== "parking" || await this.finished() === "Parked");
    });
    if (loses === "worker") this.#running.at(-1)!.machine.kill();
    return this;
  }

  direct(flow: keyof typeof FLOWS): void {
    const machine = createMachine(this.story.fake.fetch, this.story.clock);
    const { cluster, clock } = machine;
    const { finished } = runDirector([FLOWS[flow]], { cluster, clock, identity: "director", signal: this.#ending.signal });
    this.#running.push({ machine, finished });
  }

  work(flow: keyof typeof FLOWS, handler: keyof typeof HANDLERS): void {
    const machine = createMachine(this.story.fake.fetch, this.story.clock);
    const handle = async (job: Job) => {
      this.begun.push(`${job.job} ${job.attempt}`);
      job.signal.addEventListener("abort", () => this.aborts.push(job.signal.reason.reason));
      const isOurs = job.job === "a" && job.request.metadata.uid === this.run.request.metadata.uid;
      await HANDLERS[isOurs ? handler : "returns"](job, this.#done.promise);
    };
    const handlers = flow === "waiting" ? { b: handle } : { a: handle, b: handle };
    const { cluster, clock } = machine;
    const { finished } = runWorker({ flow: FLOWS[flow], handlers: handlers as never }, {
      cluster,
      clock,
      signal: this.#ending.signal,
      grace: 0,
    });
    this.#running.push({ machine, finished });
  }

  /** The handler that ignores its signal comes to its end. */
  finish(): void {
    this.#done.resolve();
  }

  async now(): Promise<RequestState | undefined> {
    return (await this.story.requests())[0];
  }
  async finished(): Promise<string | undefined> {
    return conditionOf((await this.now())!, "Finished")?.reason;
  }
  /** `REQUESTED, STARTED, ...` of the first job, then the others. */
  async history(): Promise<string[]> {
    return historyOf((await this.now())!);
  }
  async last(): Promise<{ state: string; by: string | undefined; reason: string | undefined }> {
    const { state, by, reason } = (await this.now())!.status!.history!.at(-1)!;
    return { state, by: by?.replace(/-[0-9a-f]{8}$/, ""), reason };
  }
  /** How long it takes until it is over, in milliseconds. */
  async untilOver(limit = 120_000): Promise<number> {
    const begun = this.story.clock.now();
    await this.story.until(async () => isOver((await this.now())!), limit);
    return Date.parse((await this.now())!.status!.completionTime!) - begun;
  }
  async end(): Promise<void> {
    this.#ending.abort();
    let over = false;
    const alive = this.#running.filter(({ machine }) => machine.runs);
    Promise.all(alive.map(({ finished }) => finished)).then(() => over = true);
    await this.story.until(() => over);
  }
}

/** How long after the last renewal a worker is lost, at most, in milliseconds. */
const LOST = 25_000;

interface Ended {
  /** Milliseconds that it takes: at least and at most. */
  readonly takes: readonly [number, number];
  readonly by: "director" | "worker";
  /** Why its handler was told to stop. */
  readonly aborted?: boolean;
  readonly state?: string;
}

/** How a flow ends that nobody wants any more. */
const ENDS: Readonly<Record<string, Ended>> = {
  "requested": { takes: [0, 100], by: "director" },
  "started, by a handler that heeds its signal": { takes: [0, 100], by: "worker", aborted: true },
  "started, by a handler that ignores its signal": { takes: [GRACE, GRACE + 100], by: "director", aborted: true },
  "started, by a worker that died": { takes: [0, LOST], by: "director" },
  "failed, in its backoff": { takes: [0, 100], by: "director" },
  "parked": { takes: [0, 100], by: "director" },
  "waiting": { takes: [0, 100], by: "director" },
  "between two jobs": { takes: [0, 100], by: "director" },
};

const cancelled = suite("scenario: cancelled");
const overdue = suite("scenario: its deadline comes");
for (const [name, place] of Object.entries(PLACES)) {
  const { takes: [least, most], by, aborted } = ENDS[name]!;
  cancelled(`${name}: CANCELLED by the ${by} after ${least} to ${most} ms`, async () => {
    const standing = await new Standing().begin(place);
    const begun = [...standing.begun];
    await cancelFlow(standing.run, standing.options);
    if (place.loses === "director") standing.direct(place.flow);
    const took = await standing.untilOver();
    assert.ok(took >= least && took <= most, `${took} ms`);
    assert.equal(await standing.last(), { state: "CANCELLED", by, reason: "Cancelled" });
    assert.is(await standing.finished(), "Cancelled");
    assert.equal(standing.aborts, aborted ? ["Cancelled"] : []);
    const over = await standing.now();
    await standing.story.clock.advance(120_000);
    assert.equal(await standing.now(), over, "nothing changes any more");
    assert.equal(standing.begun, begun, "no handler is begun any more");
    await standing.end();
  });

  overdue(`${name}: CANCELLED by the ${by}, ${least} to ${most} ms after it`, async () => {
    const standing = await new Standing().begin(place, 10_000);
    if (place.loses === "director") {
      await standing.story.clock.advance(20_000);
      standing.direct(place.flow);
      assert.ok(await standing.untilOver() <= 100);
    } else await standing.untilOver();
    const { metadata, status } = (await standing.now())!;
    const due = Date.parse(metadata.creationTimestamp!) + 10_000;
    const took = Date.parse(status!.completionTime!) - due;
    if (place.loses !== "director") assert.ok(took >= least && took <= most, `${took} ms`);
    assert.equal(await standing.last(), { state: "CANCELLED", by, reason: "DeadlineExceeded" });
    assert.is(await standing.finished(), "DeadlineExceeded");
    assert.equal(standing.aborts, aborted ? ["DeadlineExceeded"] : []);
    await standing.end();
  });
}

cancelled(
  "started, and its handler comes to an end within the grace: its result stands, the director cancels the rest",
  async () => {
    const standing = await new Standing().begin(PLACES["started, by a handler that ignores its signal"]!);
    await cancelFlow(standing.run, standing.options);
    await standing.story.clock.advance(GRACE - 1_000);
    standing.finish();
    assert.ok(await standing.untilOver() < 100);
    assert.equal(await standing.history(), ["a REQUESTED", "a STARTED", "a COMPLETED", "a CANCELLED"]);
    assert.is(await standing.finished(), "Cancelled");
    await standing.end();
  },
);

cancelled("started, and its handler comes to an end after the grace: its result is dropped", async () => {
  const standing = await new Standing().begin(PLACES["started, by a handler that ignores its signal"]!);
  await cancelFlow(standing.run, standing.options);
  await standing.untilOver();
  const over = await standing.now();
  standing.finish();
  await standing.story.clock.advance(60_000);
  assert.equal(await standing.now(), over);
  await standing.end();
});

/** How a flow goes on that is suspended: how long it stays where it stands, and what it takes to end when it is resumed. */
const PAUSES: Readonly<
  Record<string, {
    readonly place?: Place;
    /** What happens meanwhile. */
    readonly meanwhile?: (standing: Standing) => unknown;
    /** Where it stands then. */
    readonly stands: string;
    readonly history: readonly string[];
  }>
> = {
  "requested": {
    meanwhile: (standing) => standing.work("plain", "returns"),
    stands: "a/REQUESTED",
    history: ["a REQUESTED", "a STARTED", "a COMPLETED"],
  },
  "started, by a handler that ignores its signal": {
    meanwhile: (standing) => standing.finish(),
    stands: "a/COMPLETED",
    history: ["a REQUESTED", "a STARTED", "a COMPLETED"],
  },
  "started, by a worker that died": {
    meanwhile: (standing) => standing.work("plain", "returns"),
    stands: "a/REQUESTED",
    history: ["a REQUESTED", "a STARTED", "a REQUESTED", "a STARTED", "a COMPLETED"],
  },
  "failed, in its backoff": {
    place: { flow: "plain", handler: "asksForTime", stands: "a/FAILED" },
    stands: "a/FAILED",
    history: ["a REQUESTED", "a STARTED", "a FAILED", "a REQUESTED", "a STARTED", "a COMPLETED"],
  },
  "parked, and retried": {
    place: { flow: "parking", handler: "failsOnce", stands: "a/FAILED" },
    meanwhile: (standing) => retryFlow(standing.run, standing.options),
    stands: "a/REQUESTED",
    history: ["a REQUESTED", "a STARTED", "a FAILED", "a REQUESTED", "a STARTED", "a COMPLETED"],
  },
  "waiting, and its signal comes": {
    place: { flow: "waiting", stands: "a/REQUESTED" },
    meanwhile: (standing) => {
      standing.work("waiting", "returns");
      return signalFlow(standing.run, "a", undefined, undefined, { ...standing.options, by: "somebody" });
    },
    stands: "a/REQUESTED",
    history: ["a REQUESTED", "a COMPLETED"],
  },
  "between two jobs": {
    meanwhile: (standing) => standing.direct("plain"),
    stands: "a/COMPLETED",
    history: ["a REQUESTED", "a STARTED", "a COMPLETED"],
  },
};

const suspended = suite("scenario: suspended");
for (const [name, { place = PLACES[name]!, meanwhile, stands, history }] of Object.entries(PAUSES)) {
  suspended(`${name}: it comes to ${stands} and no further, until it is resumed`, async () => {
    const standing = await new Standing().begin(place);
    await suspendFlow(standing.run, standing.options);
    const happening = meanwhile?.(standing);
    await standing.story.clock.advance(60_000);
    await happening;
    const { spec } = (await standing.now())!;
    assert.is(`${spec.job}/${spec.state}`, stands);
    const begun = standing.begun.length;
    await standing.story.clock.advance(120_000);
    assert.is(standing.begun.length, begun, "no handler is begun");
    assert.equal((await standing.now())!.spec, spec);
    await resumeFlow(standing.run, standing.options);
    assert.ok(await standing.untilOver() <= 1_000);
    assert.equal(await standing.history(), [...history, "b REQUESTED", "b STARTED", "b COMPLETED"]);
    assert.equal(standing.aborts, []);
    await standing.end();
  });
}

const deleted = suite("scenario: deleted");
for (const [name, place] of Object.entries(PLACES)) {
  deleted(`${name}: nothing is written any more, and whoever waits for it is told`, async () => {
    const standing = await new Standing().begin(place);
    const { story, run } = standing;
    const { name, namespace } = run.request.metadata;
    const told = run.finished.then(() => "it is over", (error: Error) => error.message);
    const begun = [...standing.begun];
    const connection = story.connect();
    await connection.delete(REQUEST_STATES, { name, namespace });
    const writes = story.writes().length;
    if (place.loses === "director") standing.direct(place.flow);
    let message: string | undefined;
    told.then((text) => message = text);
    await story.until(() => message, 1_000);
    assert.match(message!, new RegExp(`^requeststates "default/${name}" was deleted`));
    await story.clock.advance(1_000);
    assert.equal(standing.aborts, place.stands === "a/STARTED" && place.loses === undefined ? ["Deleted"] : []);
    await story.clock.advance(120_000);
    assert.equal(standing.begun, begun);
    assert.is(story.writes().length, writes, "nothing is written");
    assert.equal(await story.requests(), []);
    // Its worker has its hands free, whatever its handler does.
    if (place.handler && place.loses !== "worker") {
      const next = await startFlow(FLOWS[place.flow], {}, standing.options);
      next.finished.catch(() => {}); // seen below
      await standing.untilOver();
      assert.is(await standing.finished(), "Completed");
    }
    await standing.end();
  });
}

cancelled.run();
overdue.run();
suspended.run();
deleted.run();
