import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, createVirtualClock, podReady, type Stage, until } from "../../src/fake/mod.ts";
import { mountFakeCluster } from "../../src/fake/msw.ts";
import { callWebhooks, listen, readObjects } from "../../src/fake/server.ts";
import { systemClock } from "../../src/runtime/time/clock.ts";
import { odd, type Row, sayWhatIsWrong } from "../support/said.ts";
import { setUp, using } from "./set-up.ts";
import { widgets } from "./widgets.ts";

const clusters = suite("fake: options of a cluster that cannot be meant");
const created = (options: unknown) => () => createFakeCluster(odd(options)).close();
const members = "crds, objects, clock, seed, tokens, stages, stageFailed, history, journal, webhooks, conversions";
const at = "Cannot set up the fake cluster:";
sayWhatIsWrong(clusters, [
  [created({ cdrs: [] }), `TypeError: ${at} it has a member "cdrs", expected ${members}; did you mean "crds"?`],
  [created([widgets]), `TypeError: ${at} it is a list, expected an object with ${members}`],
  [created(null), `TypeError: ${at} it is null, expected an object with ${members}`],
  [created({ crds: Promise.resolve([]) }), `TypeError: ${at} crds is a promise (await it), expected a list of objects`],
  [created({ crds: "config/crd" }), `TypeError: ${at} crds is "config/crd", expected a list of objects`],
  [created({ crds: widgets }), `TypeError: ${at} crds is an object, expected a list of objects`],
  [created({ objects: null }), `TypeError: ${at} objects is null, expected a list of objects`],
  [created({ seed: NaN }), `RangeError: ${at} seed is NaN, expected a number`],
  [created({ seed: "1" }), `RangeError: ${at} seed is "1", expected a number`],
  [created({ history: 0 }), `RangeError: ${at} history is 0, expected a whole number from 1`],
  [created({ history: "9" }), `RangeError: ${at} history is "9", expected a whole number from 1`],
  [created({ journal: NaN }), `RangeError: ${at} journal is NaN, expected a whole number from 1`],
  [created({ clock: {} }), `TypeError: ${at} clock is an object, expected a clock, as createVirtualClock() makes it`],
  [
    created({ clock: createVirtualClock }),
    `TypeError: ${at} clock is the function createVirtualClock, expected a clock, as createVirtualClock() makes it`,
  ],
  [created({ webhooks: {} }), `TypeError: ${at} webhooks is an object, expected a function`],
  [created({ conversions: "https://a" }), `TypeError: ${at} conversions is "https://a", expected a function`],
  [created({ stageFailed: [] }), `TypeError: ${at} stageFailed is [], expected a function`],
  [created({ stages: podReady }), `TypeError: ${at} stages is an object, expected a list of stages`],
  [created({ tokens: ["s3cret"] }), `TypeError: ${at} tokens is a list, expected users by token`],
  [
    created({ tokens: { s3cret: "alice" } }),
    `TypeError: ${at} a user in tokens is no object, expected one with user, uid, groups, extra, allow`,
  ],
  [created({ tokens: { s3cret: {} } }), `TypeError: ${at} a user in tokens is called undefined, expected a text`],
  [
    created({ tokens: { s3cret: { user: "alice", alow: "none" } } }),
    `TypeError: ${at} user "alice" has a member "alow", expected user, uid, groups, extra, allow; did you mean "allow"?`,
  ],
  [
    created({ tokens: { s3cret: { user: "alice", allow: "rbca" } } }),
    `TypeError: ${at} user "alice".allow is "rbca", expected "all", "none", "rbac" or a function; did you mean "rbac"?`,
  ],
  [
    created({ tokens: { s3cret: { user: "alice", groups: "dev" } } }),
    `TypeError: ${at} user "alice".groups is "dev", expected a list of texts`,
  ],
]);
clusters("what is left out, or undefined, is as by default", () => {
  createFakeCluster().close();
  createFakeCluster({ crds: undefined, clock: undefined, seed: undefined, tokens: undefined, history: undefined }).close();
  createFakeCluster({ seed: 1.5, tokens: { a: { user: "a", allow: () => true, groups: [], extra: { a: ["b"] } } } }).close();
});
clusters.run();

const stages = suite("fake: stages that can never happen");
const staged = (stage: unknown) => () => setUp({ stages: [odd(stage)] }).close();
const mark: Stage = { name: "mark", resource: "pods", delete: true };
const noStage = 'Cannot use the stage "mark":';
sayWhatIsWrong(stages, [
  [staged("podReady"), 'TypeError: Cannot use "podReady" as a stage: expected an object, such as podReady'],
  [staged({ ...mark, dely: 5 }), /^TypeError: .*it has a member "dely", expected name, .*, delete; did you mean "delay"\?$/],
  ...[NaN, -1, Infinity, null].map((delay): Row => [
    staged({ ...mark, delay }),
    `TypeError: ${noStage} delay is ${delay}, expected milliseconds, [least, most] milliseconds, or an expression in CEL`,
  ]),
  [staged({ ...mark, delay: [NaN, 5] }), /delay is \[NaN,5\], expected milliseconds/],
  [
    staged({ ...mark, resource: "pod" }),
    `TypeError: ${noStage} resource is "pod", expected a plural, as in "pods" or "widgets.example.com"; did you mean "pods"?`,
  ],
  [
    staged({ ...mark, resource: "Pod" }),
    `TypeError: ${noStage} resource is "Pod", expected a plural, as in "pods" or "widgets.example.com"; did you mean "pods"?`,
  ],
  [
    staged({ ...mark, resource: "widget.example.com" }),
    `TypeError: ${noStage} resource is "widget.example.com", expected a plural, as in "pods" or "widgets.example.com"; ` +
    'did you mean "widgets.example.com"?',
  ],
  [staged({ ...mark, bind: "n", resource: "widgets" }), `TypeError: ${noStage} bind is of pods, and resource is "widgets"`],
  [
    staged({ ...mark, event: { reason: "A", message: "b", typ: "Normal" } }),
    `TypeError: ${noStage} event has a member "typ", expected type, reason, message; did you mean "type"?`,
  ],
  [
    staged({ ...mark, event: { reason: "A", message: "b", type: "Warn" } }),
    `TypeError: ${noStage} event.type is "Warn", expected "Normal" or "Warning"`,
  ],
]);
stages("one for a resource that comes later is taken; one slip away from one that is served is told at the end", () => {
  setUp({ stages: [{ ...mark, resource: "gadgets" }] }).close();
  const words = 'The stage "mark" could never happen: no resource "widgts" is served; did you mean "widgets"?';
  const slipped = { ...mark, resource: "widgts" };
  assert.throws(() => setUp({ stages: [slipped] }).close(), (error: Error) => error.message === words);
  const told: string[] = [];
  setUp({ stages: [slipped], stageFailed: ({ message }) => void told.push(message) }).close();
  assert.equal(told, [words]);
});
stages.run();

const mounts = suite("fake: mounts that cannot be made");
const listening = (options: unknown, fake: unknown = setUp()) => () => listen(odd(fake), odd(options));
const serve = "Cannot serve a fake cluster:";
const mount = "Cannot mount a fake cluster:";
sayWhatIsWrong(mounts, [
  [
    listening({}, createFakeCluster),
    `TypeError: ${serve} fake is the function createFakeCluster, expected what createFakeCluster() makes`,
  ],
  [listening({ prot: 80 }), `TypeError: ${serve} it has a member "prot", expected port, hostname, tls; did you mean "port"?`],
  ...[NaN, -1, 65_536, 1.5].map((port): Row => [
    listening({ port }),
    `RangeError: ${serve} port is ${port}, expected a whole number from 0 to 65535`,
  ]),
  [listening({ port: "80" }), `RangeError: ${serve} port is "80", expected a whole number from 0 to 65535`],
  [listening({ hostname: "" }), `TypeError: ${serve} hostname is "", expected a text`],
  [listening({ tls: "yes" }), `TypeError: ${serve} tls is "yes", expected true or false`],
  ...("Deno" in globalThis ? [] : [
    [
      () => mountFakeCluster(odd(undefined)),
      `TypeError: ${mount} fake is undefined, expected what createFakeCluster() makes`,
    ],
    [
      () => mountFakeCluster(setUp(), odd({ ulr: "a" })),
      `TypeError: ${mount} it has a member "ulr", expected url; did you mean "url"?`,
    ],
    [
      () => mountFakeCluster(setUp(), { url: "fake" }),
      `TypeError: ${mount} url is "fake", expected a URL such as https://fake.invalid:6443`,
    ],
  ] satisfies Row[]),
  [
    () => callWebhooks(odd({ service: {} })),
    'TypeError: Cannot ask webhooks: it has a member "service", expected services; did you mean "services"?',
  ],
  [
    () => callWebhooks({ services: { webhook: "https://127.0.0.1:9443" } }),
    /^TypeError: Cannot ask webhooks: services is an object, expected URLs by namespace and name, as in \{ "system\/webhook": /,
  ],
  [() => readObjects(odd(undefined)), "TypeError: Cannot read objects: path is undefined, expected a path or a file: URL"],
]);
mounts.run();

const verbs = "get, list, watch, create, update, patch, delete or deletecollection";
const asked = suite("fake: questions that can have no answer");
const journal = (filter: unknown) => () => using((fake) => fake.requests.matching(odd(filter)));
const filters = "method, path, verb, resource, namespace, name, subresource, status, fault";
const look = "Cannot look into the journal:";
sayWhatIsWrong(asked, [
  [
    journal({ ressource: "pods" }),
    `TypeError: ${look} it has a member "ressource", expected ${filters}; did you mean "resource"?`,
  ],
  [journal({ body: {} }), `TypeError: ${look} it has a member "body", expected ${filters}`],
  [journal("pods"), `TypeError: ${look} it is "pods", expected an object with ${filters}`],
  [journal({ verb: "lst" }), `TypeError: ${look} verb is "lst", expected ${verbs}; did you mean "list"?`],
  [journal({ verb: ["get"] }), `TypeError: ${look} verb is ["get"], expected ${verbs}`],
  [journal({ status: "200" }), `RangeError: ${look} status is "200", expected a whole number from 0 to 599`],
  [journal({ name: "" }), `TypeError: ${look} name is "", expected a text`],
  [
    journal({ resource: "widget" }),
    `TypeError: ${look} resource is "widget", expected a plural, as in "pods" or "widgets.example.com"; did you mean "widgets"?`,
  ],
  [() => using((fake) => fake.requests.writes(odd({ vreb: "get" }))), /^TypeError: .* "vreb", .*; did you mean "verb"\?$/],
  [() => using((fake) => fake.requests.lines(odd({ vreb: "get" }))), /^TypeError: .* "vreb", .*; did you mean "verb"\?$/],
  [
    () => using((fake) => fake.follow("Widget", () => {})),
    'TypeError: Cannot follow a resource: resource is "Widget", expected a plural, as in "pods" or "widgets.example.com"; ' +
    'did you mean "widgets"?',
  ],
  [
    () => using((fake) => fake.follow(odd(undefined), () => {})),
    'TypeError: Cannot follow a resource: resource is undefined, expected a plural, as in "pods" or "widgets.example.com"',
  ],
  [
    () => using((fake) => fake.follow("pods", odd(undefined))),
    "TypeError: Cannot follow a resource: tell is undefined, expected a function",
  ],
  [
    () => using((fake) => fake.restore(fake.snapshot(), odd({ bumpRevison: 5 }))),
    'TypeError: Cannot restore the snapshot: it has a member "bumpRevison", expected bumpRevision; did you mean "bumpRevision"?',
  ],
  ...[NaN, -1, 1.5, 2 ** 53].map((bumpRevision): Row => [
    () => using((fake) => fake.restore(fake.snapshot(), { bumpRevision })),
    `RangeError: Cannot restore the snapshot: bumpRevision is ${bumpRevision}, expected a whole number from 0`,
  ]),
  [
    () => using((fake) => fake.restore(fake.snapshot(), { bumpRevision: Number.MAX_SAFE_INTEGER })),
    /^RangeError: Cannot restore the snapshot: bumpRevision is 9007199254740991, expected no more than \d+: versions end at 2\^53$/,
  ],
  [
    () => using((fake) => fake.restore(odd(Promise.resolve(fake.snapshot())))),
    "TypeError: Cannot restore a promise (await it): expected a snapshot of a fake cluster, version 1",
  ],
]);
asked("what was not asked may be asked for, of resources that nobody serves, too", () =>
  using((fake) => {
    for (const resource of ["widgets", "widgets.example.com", "gadgets", "pods"]) {
      assert.equal(fake.requests.writes({ resource, verb: undefined }), [], resource);
    }
    assert.equal(fake.requests.matching({ verb: "post", path: "/version", status: 0, fault: "cut" }), []);
    fake.follow("gadgets", () => {})();
  }));
asked.run();

const times = suite("fake: times that are none");
const rest = "expected milliseconds from 0";
const advanced = (ms: unknown) => () => createVirtualClock().advance(odd(ms));
const waited = (options: unknown, condition: unknown = () => true) => () => until(odd(condition), odd(options));
sayWhatIsWrong(times, [
  [advanced(NaN), `RangeError: Cannot advance the clock: ms is NaN, ${rest}`],
  [advanced(-1), `RangeError: Cannot advance the clock: ms is -1, ${rest}`],
  [advanced(Infinity), `RangeError: Cannot advance the clock: ms is Infinity, ${rest}`],
  [advanced("5"), `RangeError: Cannot advance the clock: ms is 5, ${rest}`],
  [advanced(undefined), `RangeError: Cannot advance the clock: ms is undefined, ${rest}`],
  [() => createVirtualClock().leap(NaN), `RangeError: Cannot advance the clock: ms is NaN, ${rest}`],
  [() => createVirtualClock().leap(-1), `RangeError: Cannot advance the clock: ms is -1, ${rest}`],
  [() => createVirtualClock(NaN), "RangeError: Cannot make a clock: start is NaN, expected milliseconds since 1970"],
  [() => createVirtualClock(odd("2026")), "RangeError: Cannot make a clock: start is 2026, expected milliseconds since 1970"],
  [
    () => createVirtualClock(odd(new Date(0))),
    /^RangeError: Cannot make a clock: start is .*1970.*, expected milliseconds since 1970$/,
  ],
  [
    () => createVirtualClock(1e16),
    "RangeError: Cannot make a clock: start is 10000000000000000, expected milliseconds since 1970",
  ],
  [waited({}, Promise.resolve(1)), "TypeError: Cannot wait: condition is a promise (await it), expected a function"],
  [waited(4_000), "TypeError: Cannot wait: it is 4000, expected an object with clock, limit, what"],
  [waited({ timeout: 4_000 }), 'TypeError: Cannot wait: it has a member "timeout", expected clock, limit, what'],
  [waited({ limt: 4_000 }), 'TypeError: Cannot wait: it has a member "limt", expected clock, limit, what; did you mean "limit"?'],
  [waited({ limit: NaN }), "RangeError: Cannot wait: limit is NaN, expected milliseconds from 0"],
  [waited({ limit: -1 }), "RangeError: Cannot wait: limit is -1, expected milliseconds from 0"],
  [waited({ limit: "4s" }), 'RangeError: Cannot wait: limit is "4s", expected milliseconds from 0'],
  [waited({ clock: {} }), "TypeError: Cannot wait: clock is an object, expected a clock, as createVirtualClock() makes it"],
  [waited({ what: 5 }), "TypeError: Cannot wait: what is 5, expected a text"],
]);
times("what was waited for in vain says how long, by which clock, and what to do", async () => {
  const what = "the bell has rung";
  const vain = (options: object) => until(() => false, { what, ...options }).catch(({ message }) => message);
  assert.is(
    await vain({ clock: createVirtualClock() }),
    `Waited 60000 ms of virtual time in vain until ${what}: no limit was given`,
  );
  assert.is(
    await vain({ limit: 4 }),
    `Waited 4 ms of real time in vain until ${what}: the limit that was given, in milliseconds`,
  );
  const quick = { ...systemClock, monotonic: () => performance.now() * 100 };
  assert.is(await vain({ clock: quick }), `Waited 5000 ms of real time in vain until ${what}: no limit was given`);
});
times("a clock that was told nonsense goes on", async () => {
  const clock = createVirtualClock(0);
  for (const ms of [NaN, -5, Infinity]) await clock.advance(ms).catch(() => {});
  await clock.advance(5);
  assert.is(clock.now(), 5);
});
times.run();
