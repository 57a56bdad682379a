import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createVirtualClock, type VirtualClock } from "../../mod.ts";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import { createFakeCluster, cut, type FakeCluster, loseAnswer, refuse, tooManyRequests, until } from "../../src/fake/mod.ts";
import type { Cluster, KubernetesObject } from "../../src/ports.ts";
import { createEventRecorder, type EventRecorder, type EventRecorderOptions } from "../../src/runtime/objects/event-recorder.ts";
import { EVENTS } from "../../src/runtime/objects/event.ts";
import { type CountingMetrics, createCountingMetrics } from "../support/counting-metrics.ts";

const recorders = suite("runtime: a recorder of events");

interface Event extends KubernetesObject {
  readonly involvedObject: Record<string, string>;
  readonly type: string;
  readonly reason: string;
  readonly action?: string;
  readonly message: string;
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly source: { readonly component: string };
  readonly reportingComponent: string;
  readonly reportingInstance: string;
}

interface Story {
  readonly clock: VirtualClock;
  readonly fake: FakeCluster;
  readonly cluster: Cluster;
  readonly recorder: EventRecorder;
  readonly metrics: CountingMetrics;
  readonly logged: string[];
  /** A config map to tell of. */
  readonly object: KubernetesObject;
  /** The events in all namespaces, in order. */
  events(): Promise<Event[]>;
  /** Writes of events so far. */
  writes(): number;
  /** Tells of the object, and lets it be written. */
  tell(message: string, reason?: string): Promise<void>;
}

async function createStory(options: Partial<EventRecorderOptions> = {}): Promise<Story> {
  const clock = createVirtualClock();
  const fake = createFakeCluster({ clock });
  const cluster = createFetchCluster(fake.fetch, { clock });
  const metrics = createCountingMetrics();
  const logged: string[] = [];
  const say = (level: string) => (message: string) => void logged.push(`${level} ${message}`);
  const log = { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
  const object = await cluster.create({ group: "", version: "v1", plural: "configmaps" }, {
    ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" } },
  });
  const recorder = createEventRecorder({
    cluster,
    clock,
    log,
    metrics,
    component: "example.com/test",
    instance: "test-1",
    ...options,
  });
  return {
    ...{ clock, fake, cluster, recorder, metrics, logged, object },
    events: async () => [...(await cluster.list<Event>(EVENTS)).items],
    writes: () => ["create", "patch"].flatMap((verb) => fake.requests.matching({ verb, resource: "events" })).length,
    async tell(message, reason = "Told") {
      recorder.record(object, { reason, message });
      await clock.settle();
    },
  };
}

recorders("it says what has happened to which object, who tells, and when", async () => {
  const { clock, recorder, object, events } = await createStory();
  recorder.record(object, { type: "Warning", reason: "TooLarge", action: "Publishing", message: "The page has 3 MiB" });
  await clock.settle();
  const [event] = await events();
  assert.is(event!.metadata.namespace, "default");
  assert.match(event!.metadata.name, /^a\.[0-9a-f]{16}$/);
  const { uid, resourceVersion } = object.metadata;
  assert.equal(event!.involvedObject, {
    apiVersion: "v1",
    kind: "ConfigMap",
    namespace: "default",
    name: "a",
    uid,
    resourceVersion,
  });
  assert.equal([event!.type, event!.reason, event!.action, event!.message], [
    "Warning",
    "TooLarge",
    "Publishing",
    "The page has 3 MiB",
  ]);
  assert.equal([event!.source, event!.reportingComponent, event!.reportingInstance], [
    { component: "example.com/test" },
    "example.com/test",
    "test-1",
  ]);
  assert.equal([event!.count, event!.firstTimestamp, event!.lastTimestamp], [1, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]);
  assert.is(clock.pending, 0);
});

recorders("what happens again counts, with its first and its last time, in one event", async () => {
  const { clock, tell, events, writes } = await createStory();
  for (let count = 0; count < 3; count++) {
    await tell("again");
    await clock.advance(60_000);
  }
  const [event, ...others] = await events();
  assert.equal(others, []);
  assert.equal([event!.count, event!.firstTimestamp, event!.lastTimestamp], [3, "2026-01-01T00:00:00Z", "2026-01-01T00:02:00Z"]);
  assert.is(writes(), 3);
});

recorders("another reason, type, message or object is another event", async () => {
  const { clock, recorder, object, events } = await createStory();
  const event = { reason: "One", message: "one" } as const;
  recorder.record(object, event);
  recorder.record(object, { ...event, reason: "Two" });
  recorder.record(object, { ...event, type: "Warning" });
  recorder.record(object, { ...event, message: "two" });
  recorder.record({ ...object, metadata: { ...object.metadata, uid: "recreated" } }, event);
  recorder.record({ ...object, metadata: { ...object.metadata, resourceVersion: "7" } }, event); // the same object
  await clock.settle();
  assert.equal((await events()).map(({ count }) => count).sort(), [1, 1, 1, 1, 2]);
});

recorders("what happens a hundred times before it can be written is written once", async () => {
  const { clock, recorder, object, events, writes } = await createStory();
  for (let count = 0; count < 100; count++) recorder.record(object, { reason: "Told", message: "again" });
  await clock.settle();
  assert.equal((await events()).map(({ count }) => count), [100]);
  assert.is(writes(), 1);
  recorder.record(object, { reason: "Other", message: "for which there is room" });
  await clock.settle();
  assert.is(writes(), 2);
});

recorders("ten that differ in their message only become one, which shows the last", async () => {
  const { tell, events, clock } = await createStory();
  for (let attempt = 1; attempt <= 14; attempt++) {
    await tell(`attempt ${attempt} failed`);
    await clock.advance(1_000);
  }
  const told = await events();
  assert.is(told.length, 10);
  const combined = told.find(({ message }) => message.startsWith("(combined"));
  assert.is(combined!.message, "(combined from similar events): attempt 14 failed");
  assert.is(combined!.count, 5);
  // Ten minutes of silence, and they are told one by one again.
  await clock.advance(600_001);
  await tell("attempt 15 failed");
  assert.ok((await events()).some(({ message }) => message === "attempt 15 failed"));
});

recorders("an object that always has something to tell is written about 25 times, and once every five minutes", async () => {
  const { clock, tell, writes, metrics, events } = await createStory();
  for (let count = 0; count < 100; count++) await tell("again");
  assert.is(writes(), 25);
  assert.is(metrics.value('crd_watcher_events_total{result="recorded"}'), 25);
  assert.is(metrics.value('crd_watcher_events_total{result="filtered"}'), 75);
  await clock.advance(299_000);
  await tell("again");
  assert.is(writes(), 25);
  await clock.advance(1_000);
  await tell("again");
  await tell("again");
  assert.is(writes(), 26);
  assert.is((await events())[0]!.count, 102, "with what was not written in between");
  await clock.advance(3_600_000);
  for (let count = 0; count < 100; count++) await tell("again");
  // The server has forgotten the Event: one is refused, and made anew.
  assert.is(writes(), 26 + 12 + 1, "what was saved up in an hour");
  await clock.advance(24 * 3_600_000);
  for (let count = 0; count < 100; count++) await tell("again");
  assert.is(writes(), 39 + 25 + 1, "no more than that is saved up");
});

recorders("one that was forgotten by the server is made again", async () => {
  const { cluster, tell, events } = await createStory();
  await tell("again");
  await cluster.delete(EVENTS, (await events())[0]!.metadata);
  await tell("again");
  assert.equal((await events()).map(({ count }) => count), [2]);
});

recorders("an object in no namespace is told of in the namespace default, under a name that an event can have", async () => {
  const { clock, recorder, events } = await createStory();
  for (const name of ["node-1", "system:public", "x".repeat(253)]) {
    recorder.record({ apiVersion: "v1", kind: "Node", metadata: { name, uid: name } }, { reason: "Told", message: "" });
  }
  await clock.settle();
  const told = await events();
  assert.equal(told.map(({ metadata }) => metadata.namespace), ["default", "default", "default"]);
  assert.equal(told.map(({ metadata }) => metadata.name.replace(/[0-9a-f]{16}$/, "")).sort(), ["event.", "event.", "node-1."]);
  assert.ok(told.every(({ involvedObject }) => !("namespace" in involvedObject)));
});

recorders("a message is cut at 1,024 bytes, not within a character", async () => {
  const { clock, recorder, object, events } = await createStory();
  for (
    const [reason, message] of Object.entries({ Long: "ü".repeat(600), Fits: "x".repeat(1_024), Astral: `x${"🙂".repeat(300)}` })
  ) {
    recorder.record(object, { reason, message });
  }
  await clock.settle();
  const messages = Object.fromEntries((await events()).map(({ reason, message }) => [reason, message]));
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  assert.is(messages["Long"], `${"ü".repeat(510)}…`);
  assert.is(messages["Fits"], "x".repeat(1_024));
  assert.is(messages["Astral"], `x${"🙂".repeat(255)}…`);
  assert.ok(Object.values(messages).every((text) => bytes(text!) <= 1_024));
});

recorders("what is no event is told once, and throws nothing", async () => {
  const { clock, recorder, object, logged, writes } = await createStory();
  const message = "a message";
  for (let count = 0; count < 2; count++) {
    for (const reason of ["too large", "tooLarge", "", "Größe", "X".repeat(129)]) recorder.record(object, { reason, message });
    recorder.record(object, { reason: "Told", message, type: "Error" as "Warning" });
    recorder.record(object, { reason: "Told", message, action: "do it" });
    recorder.record({ metadata: { name: "a" } } as KubernetesObject, { reason: "Told", message });
  }
  await clock.settle();
  assert.is(writes(), 0);
  assert.is(logged.length, 8, logged.join("\n"));
  assert.is(logged[0], 'error Cannot record event "too large": reason is "too large", expected a word in CamelCase');
  assert.is(logged[7], 'error Cannot record event "Told": its object does not say its apiVersion, kind and name');
  assert.throws(
    () => createEventRecorder({ cluster: { create() {} } as unknown as Cluster, component: "a b" }),
    (error: Error) => error instanceof TypeError && /component is "a b", expected/.test(error.message),
  );
});

const terminating = refuse({
  code: 403,
  reason: "Forbidden",
  message: 'events "a.1" is forbidden: namespace is being terminated',
});
recorders("a right that is missing is warned of, once, however often another one lets an event through", async () => {
  const { clock, fake, tell, writes, logged } = await createStory();
  const message =
    'events "a.1" is forbidden: User "bob" cannot patch resource "events" in API group "" in the namespace "default"';
  const fault = refuse({ code: 403, reason: "Forbidden", message });
  fake.faults.add({ match: { verb: "patch", resource: "events" }, times: Infinity, fault });
  for (let round = 0; round < 5; round++) {
    await tell(`created ${round}`);
    await tell(`created ${round}`);
    await clock.advance(60_000);
  }
  assert.ok(writes() >= 6 && writes() <= 10, `${writes()} writes: it is not asked again at once`);
  assert.is(logged.length, 1, logged.join("\n"));
  assert.match(
    logged[0]!,
    /^warn Dropped event Told of ConfigMap "default\/a", .*cannot patch resource "events" .*: grant it to this user, /,
  );
});

const refusals = { terminating, missing: refuse({ code: 404, reason: "NotFound" }), throttled: tooManyRequests(30) };
for (const [what, fault] of Object.entries(refusals)) {
  recorders(`a server that refuses (${what}) is not asked again at once, in one line`, async () => {
    const { clock, fake, tell, writes, logged, metrics, recorder, object } = await createStory();
    fake.faults.add({ match: { resource: "events" }, times: Infinity, fault });
    for (let count = 0; count < 5; count++) await tell(`told ${count}`);
    assert.is(writes(), 1);
    const debug = logged.filter((line) => /^debug Dropped event Told of ConfigMap "default\/a", and others like it: /.test(line));
    assert.is(debug.length, 1);
    assert.is(logged.length, 1, logged.join("\n"));
    assert.is(metrics.value('crd_watcher_events_total{result="dropped"}'), 5);
    // Another namespace may take them.
    recorder.record({ ...object, metadata: { name: "a", namespace: "other" } }, { reason: "Told", message: "elsewhere" });
    await clock.settle();
    assert.is(writes(), 2);
    fake.faults.clear();
    await clock.advance(60_000);
    await tell("told 0");
    assert.is(writes(), 3);
    assert.is(metrics.value('crd_watcher_events_total{result="recorded"}'), 1);
    assert.is(clock.pending, 0);
  });
}

recorders("what gets no answer is sent again, and counts once", async () => {
  const { clock, fake, tell, events, recorder } = await createStory();
  fake.faults.add({ match: { resource: "events", verb: "create" }, times: 2, fault: cut() });
  fake.faults.add({ match: { resource: "events", verb: "create" }, nth: 3, fault: loseAnswer() });
  fake.faults.add({ match: { resource: "events", verb: "patch" }, fault: loseAnswer() });
  await tell("once");
  await until(() => fake.faults.waiting === 1, { clock });
  await clock.advance(20_000);
  assert.equal((await events()).map(({ count }) => count), [1]);
  await tell("once");
  await clock.advance(20_000);
  assert.equal((await events()).map(({ count }) => count), [2]);
  assert.is(clock.pending, 0);
  await recorder.flush();
});

recorders("while the server is away no one waits, a thousand events are kept, and after twelve tries each goes", async () => {
  const { clock, fake, recorder, object, metrics } = await createStory();
  fake.faults.add({ match: { resource: "events" }, times: Infinity, fault: cut() });
  const of = (name: number) => ({ ...object, metadata: { ...object.metadata, name: `a-${name}`, uid: `uid-${name}` } });
  for (let name = 0; name < 1_200; name++) recorder.record(of(name), { reason: "Told", message: "away" });
  await clock.settle();
  assert.is(metrics.value('crd_watcher_events_total{result="dropped"}'), 200);
  await clock.advance(120_000);
  const dropped = metrics.value('crd_watcher_events_total{result="dropped"}')!;
  assert.ok(dropped >= 201 && dropped <= 202, `${dropped}`); // twelve tries take 43 to 85 s each
  fake.faults.clear();
  await clock.advance(20_000);
  assert.is(metrics.value('crd_watcher_events_total{result="recorded"}'), 1_200 - dropped);
});

recorders("at its end what is recorded is waited for, for as long as one likes; then it is dropped", async () => {
  const ending = new AbortController();
  const { clock, fake, recorder, object, writes } = await createStory({ signal: ending.signal });
  recorder.record(object, { reason: "Ended", message: "well" });
  let flushed = false;
  const flushing = recorder.flush().then(() => flushed = true);
  await clock.settle();
  assert.ok(flushed && writes() === 1);
  await flushing;

  fake.faults.add({ match: { resource: "events" }, times: Infinity, fault: cut() });
  recorder.record(object, { reason: "Ended", message: "badly" });
  recorder.record(object, { reason: "Ended", message: "behind that" });
  flushed = false;
  const waiting = recorder.flush(3_000).then(() => flushed = true);
  await clock.advance(2_999);
  assert.not.ok(flushed);
  await clock.advance(1);
  await waiting;
  const before = writes();
  ending.abort();
  await clock.settle();
  assert.is(clock.pending, 0);
  recorder.record(object, { reason: "Ended", message: "too late" });
  await clock.settle();
  assert.is(writes(), before);
});

recorders.run();
