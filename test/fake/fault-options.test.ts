import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  answer,
  answerWatch,
  createFakeCluster,
  cut,
  cutWatch,
  delayWatch,
  endWatch,
  errorWatch,
  expired,
  type FaultRule,
  gzip,
  interfere,
  late,
  latency,
  refuse,
  renumber,
  serverError,
  silenceWatch,
  stale,
  timeout,
  tooManyRequests,
} from "../../src/fake/mod.ts";
import { clientOf, widget, widgetsPath } from "./client.ts";
import { odd, type Row, sayWhatIsWrong } from "../support/said.ts";
import { setUp, using } from "./set-up.ts";
import { widgets } from "./widgets.ts";

const rules = suite("fake: rules of faults that can never act");
const added = (rule: unknown) => () => using((fake) => fake.faults.add(odd(rule)));
const matching = (match: unknown, fault = cut()) => added({ match, fault });
const no = "Cannot add a fault:";
const verbs = "get, list, watch, create, update, patch, delete or deletecollection";
sayWhatIsWrong(rules, [
  [added(undefined), `TypeError: ${no} it is undefined, expected an object with match, nth, times, fault`],
  [added(cut()), `TypeError: ${no} it has a member "name", expected match, nth, times, fault`],
  [added({}), `TypeError: ${no} fault is undefined, expected what a function such as cut() makes`],
  [added({ fault: cut }), `TypeError: ${no} fault is the function cut, expected what a function such as cut() makes`],
  [
    added({ fault: { name: "cut", kind: "cutt" } }),
    `TypeError: ${no} fault is an object, expected what a function such as cut() makes`,
  ],
  [
    added({ nht: 2, fault: cut() }),
    `TypeError: ${no} it has a member "nht", expected match, nth, times, fault; did you mean "nth"?`,
  ],
  ...([NaN, -1, 0, 1.5, Infinity, null] as const).map((nth): Row => [
    added({ nth, fault: cut() }),
    `RangeError: ${no} nth is ${nth}, expected a whole number from 1`,
  ]),
  [added({ nth: "2", fault: cut() }), `RangeError: ${no} nth is "2", expected a whole number from 1`],
  ...([NaN, -1, 0, 1.5] as const).map((times): Row => [
    added({ times, fault: cut() }),
    `RangeError: ${no} times is ${times}, expected a whole number from 1, or Infinity`,
  ]),
  [added({ times: "2", fault: cut() }), `RangeError: ${no} times is "2", expected a whole number from 1, or Infinity`],
  [
    matching({ ressource: "widgets" }),
    `TypeError: ${no} match has a member "ressource", expected method, path, verb, resource, namespace, name, subresource, ` +
    `where; did you mean "resource"?`,
  ],
  [
    matching("widgets"),
    `TypeError: ${no} match is "widgets", expected an object with method, path, verb, resource, namespace, name, subresource, where`,
  ],
  [matching({ verb: "lst" }), `TypeError: ${no} match.verb is "lst", expected ${verbs}; did you mean "list"?`],
  [matching({ verb: ["get", "lst"] }), `TypeError: ${no} match.verb is ["get","lst"], expected ${verbs}; did you mean "list"?`],
  [matching({ verb: [] }), `TypeError: ${no} match.verb is [], expected ${verbs}`],
  [matching({ verb: "GET" }), `TypeError: ${no} match.verb is "GET", expected ${verbs}; did you mean "get"?`],
  [matching({ verb: "post" }), `TypeError: ${no} match.verb is "post", expected ${verbs}; did you mean "create"?`],
  [matching({ verb: "put" }), `TypeError: ${no} match.verb is "put", expected ${verbs}; did you mean "update"?`],
  [
    matching({ method: "patch" }),
    `TypeError: ${no} match.method is "patch", expected GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS or TRACE; did you mean "PATCH"?`,
  ],
  [matching({ path: "" }), `TypeError: ${no} match.path is "", expected a path such as "/api/v1/pods", without a query`],
  [
    matching({ path: "/api/v1/pods?watch=1" }),
    `TypeError: ${no} match.path is "/api/v1/pods?watch=1", expected a path such as "/api/v1/pods", without a query`,
  ],
  [
    matching({ path: "http://fake/api" }),
    `TypeError: ${no} match.path is "http://fake/api", expected a path such as "/api/v1/pods", without a query`,
  ],
  [matching({ name: "" }), `TypeError: ${no} match.name is "", expected a text`],
  [matching({ namespace: 5 }), `TypeError: ${no} match.namespace is 5, expected a text`],
  [matching({ where: "a" }), `TypeError: ${no} match.where is "a", expected a function`],
  [
    matching({ subresource: "statuss" }),
    /^TypeError: .* match.subresource is "statuss", expected approval, .*; did you mean "status"\?$/,
  ],
  [
    matching({ resource: "" }),
    `TypeError: ${no} match.resource is "", expected a plural, as in "pods" or "widgets.example.com"`,
  ],
  [
    matching({ resource: "Widgets" }),
    `TypeError: ${no} match.resource is "Widgets", expected a plural, as in "pods" or "widgets.example.com"; did you mean "widgets"?`,
  ],
  [
    matching({ resource: "pods/log" }),
    `TypeError: ${no} match.resource is "pods/log", expected a plural, as in "pods" or "widgets.example.com"; did you mean "pods"?`,
  ],
  [
    matching({ resource: "widget" }),
    `TypeError: ${no} match.resource is "widget", expected a plural, as in "pods" or "widgets.example.com"; did you mean "widgets"?`,
  ],
  [
    matching({ resource: "cm" }),
    `TypeError: ${no} match.resource is "cm", expected a plural, as in "pods" or "widgets.example.com"; did you mean "configmaps"?`,
  ],
  [
    matching({ resource: "widget.example.com" }),
    `TypeError: ${no} match.resource is "widget.example.com", expected a plural, as in "pods" or "widgets.example.com"; ` +
    `did you mean "widgets.example.com"?`,
  ],
  [
    matching({ verb: "list" }, cutWatch()),
    `TypeError: ${no} no request fits: verb is "list", and "watch cut" hits watch`,
  ],
  [matching({ verb: ["watch", "create"] }, stale()), /^TypeError: .* and "stale" hits get, list$/],
  [matching({ method: "POST" }, stale()), `TypeError: ${no} no request fits: method is "POST", and "stale" hits get, list`],
  [matching({ method: "GET", verb: "create" }), `TypeError: ${no} no request fits: method is "GET", and verb is "create"`],
  [
    matching({ verb: "create", name: "a" }),
    `TypeError: ${no} no request fits: verb is "create", and name is "a": its path has no name, look into its body with where`,
  ],
  [
    matching({ verb: "list", name: "a" }),
    `TypeError: ${no} no request fits: verb is "list", and name is "a": its path has no name, look into its query with where`,
  ],
]);

rules("whatever may hit is taken, be its resource one that there is not yet", () =>
  using((fake) => {
    const taken: FaultRule[] = [
      { fault: cut() },
      { match: {}, nth: undefined, times: undefined, fault: cut() },
      { match: { verb: undefined, resource: undefined, where: undefined }, fault: cut() },
      { match: { resource: "gadgets" }, fault: cut() },
      { match: { resource: "gadgets.example.com", subresource: "scale" }, fault: cut() },
      { match: { verb: "create", resource: "pods", name: "a", subresource: "eviction" }, fault: cut() },
      { match: { verb: ["create", "update"], name: "a" }, fault: cut() },
      { match: { verb: "post", path: "/version" }, fault: cut() },
      { match: { verb: "watch", name: "a", path: "/api/v1/watch/namespaces/default/pods/a" }, fault: cutWatch() },
      { match: { method: "HEAD", verb: "get" }, fault: cut() },
      { match: { subresource: "proxy/metrics" }, fault: cut() },
      { match: { method: "GET" }, times: Infinity, fault: stale() },
    ];
    for (const rule of taken) fake.faults.add(rule);
    assert.is(fake.faults.active, taken.length);
    fake.faults.clear();
  }));

rules("one for a resource that comes later acts then", () =>
  using(async (fake) => {
    fake.restore(createFakeCluster().snapshot());
    const fault = fake.faults.add({ match: { resource: "widgets" }, fault: refuse({ code: 418 }) });
    const client = clientOf(fake);
    await client.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", widgets);
    assert.is((await client.get(widgetsPath)).status, 418);
    assert.is(fault.hits, 1);
  }));

rules(
  "what has not happened is told in words, a resource that nobody serves with what may be meant",
  () =>
    using(async (fake) => {
      const { faults } = fake;
      assert.equal(faults.unspent, []);
      const rule = { match: { verb: "list", resource: "gadgets" }, fault: latency(5) };
      faults.add(rule);
      faults.add({ match: { resource: "zebras", where: () => true }, times: Infinity, fault: cut() });
      faults.add({ match: { resource: "configmaps", subresource: "status" }, fault: cut() });
      faults.add({ match: { resource: "nodes", namespace: "default" }, fault: cut() });
      faults.add({ match: { verb: ["get", "create"] }, times: 2, fault: cut() });
      await clientOf(fake).get(`${widgetsPath}/a`).catch(() => {});
      const told = [
        '"latency" of verb "list", resource "gadgets" has hit 0 of 1: no resource "gadgets" is served; did you mean "widgets"?',
        '"cut" of resource "zebras", where has hit nothing: no resource "zebras" is served',
        '"cut" of resource "configmaps", subresource "status" has hit 0 of 1: configmaps have no subresource "status"',
        '"cut" of resource "nodes", namespace "default" has hit 0 of 1: nodes are in no namespace',
        '"cut" of verb ["get","create"] has hit 1 of 2',
      ];
      assert.equal(faults.unspent, told);
      assert.is(faults.waiting, told.length);
      faults.clear();
      assert.equal(faults.unspent, []);
    }),
);

rules("a resource that is one slip away from one that is served, and never was there, is told at the end", () => {
  const fake = setUp();
  fake.faults.add({ match: { resource: "widgts" }, fault: cut() });
  fake.faults.add({ match: { resource: "gadgets" }, fault: cut() });
  assert.throws(
    () => fake.close(),
    (error: Error) => {
      assert.instance(error, TypeError);
      assert.is(
        error.message,
        'A fault could never act: "cut" of resource "widgts" has hit 0 of 1: no resource "widgts" is served; did you mean "widgets"?',
      );
      return true;
    },
  );
  fake.close(); // said once
  const other = setUp();
  other.faults.add({ match: { resource: "widgts" }, fault: cut() }).remove();
  other.close();
});

rules("where says yes or no: nothing is no, and a promise is a mistake", () =>
  using(async (fake) => {
    const client = clientOf(fake);
    const where = ({ body }: { body?: unknown }) => odd(body)?.spec?.size;
    const fault = fake.faults.add({ match: { where }, fault: refuse({ code: 418 }) });
    assert.is((await client.get(widgetsPath)).status, 200);
    assert.is((await client.post(widgetsPath, widget("a", { size: 1 }))).status, 418);
    assert.is(fault.hits, 1);
    fake.faults.add({ match: { where: odd(() => Promise.resolve(false)) }, fault: cut() });
    const error = await client.get(widgetsPath).catch((error) => error);
    assert.is(`${error}`, 'TypeError: Cannot tell whether "cut" hits: where gives a promise (await it), expected true or false');
    fake.faults.clear();
  }));
rules.run();

const makers = suite("fake: faults that cannot be made");
const making = (name: string) => `Cannot make the fault ${name}:`;
sayWhatIsWrong(makers, [
  [() => refuse(odd(undefined)), /^TypeError: Cannot make the fault refuse: it is undefined, expected an object with code, /],
  [() => refuse(odd({})), `RangeError: ${making("refuse")} code is undefined, expected a whole number from 400 to 599`],
  [() => refuse({ code: 200 }), `RangeError: ${making("refuse")} code is 200, expected a whole number from 400 to 599`],
  [
    () => refuse(odd({ code: 409, raeson: "A" })),
    `TypeError: ${
      making("refuse")
    } it has a member "raeson", expected code, reason, message, details, retryAfter, text, applied; ` +
    `did you mean "reason"?`,
  ],
  [
    () => refuse({ code: 409, retryAfter: NaN }),
    `RangeError: ${making("refuse")} retryAfter is NaN, expected seconds from 0, or a text`,
  ],
  [() => refuse(odd({ code: 409, applied: "no" })), `TypeError: ${making("refuse")} applied is "no", expected true or false`],
  [() => refuse(odd({ code: 409, details: "no" })), `TypeError: ${making("refuse")} details is "no", expected an object`],
  [
    () => serverError(odd({ aplied: true })),
    `TypeError: ${making("serverError")} it has a member "aplied", expected applied; did you mean "applied"?`,
  ],
  [() => timeout(odd(true)), `TypeError: ${making("timeout")} it is true, expected an object with applied`],
  [
    () => expired(odd({ instream: true })),
    `TypeError: ${making("expired")} it has a member "instream", expected inStream; did you mean "inStream"?`,
  ],
  [() => tooManyRequests(NaN), `RangeError: ${making("tooManyRequests")} retryAfter is NaN, expected seconds from 0, or a text`],
  [() => tooManyRequests(odd({ retryAfter: 1 })), /^RangeError: .* retryAfter is an object, expected seconds from 0, or a text$/],
  [() => latency(-1), `RangeError: ${making("latency")} ms is -1, expected milliseconds from 0`],
  [() => latency(odd("5")), `RangeError: ${making("latency")} ms is "5", expected milliseconds from 0`],
  [() => latency(Infinity), `RangeError: ${making("latency")} ms is Infinity, expected milliseconds from 0`],
  [() => latency(5, odd({ aplied: true })), /^TypeError: .* "aplied", expected applied; did you mean "applied"\?$/],
  [() => late(odd(undefined)), `RangeError: ${making("late")} ms is undefined, expected milliseconds from 0`],
  [() => stale(0), `RangeError: ${making("stale")} revisions is 0, expected a whole number from 1`],
  [() => stale(1.5), `RangeError: ${making("stale")} revisions is 1.5, expected a whole number from 1`],
  [() => interfere(odd({})), `TypeError: ${making("interfere")} action is an object, expected a function`],
  [() => renumber(odd(5)), `TypeError: ${making("renumber")} shown is 5, expected a function`],
  [() => renumber(String, odd(5)), `TypeError: ${making("renumber")} meant is 5, expected a function`],
  [
    () => gzip(odd({ each: "flsh" })),
    `TypeError: ${making("gzip")} each is "flsh", expected "member" or "flush"; did you mean "flush"?`,
  ],
  [() => answer({ code: 101 }), `RangeError: ${making("answer")} code is 101, expected a whole number from 200 to 599`],
  [
    () => answer(odd({ status: 200 })),
    `TypeError: ${making("answer")} it has a member "status", expected code, body, headers, applied`,
  ],
  [() => answer(odd({ headers: { a: 5 } })), `TypeError: ${making("answer")} headers is an object, expected texts by name`],
  [() => cutWatch(NaN), `RangeError: ${making("cutWatch")} after is NaN, expected a whole number from 0`],
  [() => endWatch(odd("1")), `RangeError: ${making("endWatch")} after is "1", expected a whole number from 0`],
  [() => silenceWatch(1.5), `RangeError: ${making("silenceWatch")} after is 1.5, expected a whole number from 0`],
  [() => delayWatch(odd(undefined)), `RangeError: ${making("delayWatch")} ms is undefined, expected milliseconds from 0`],
  [
    () => answerWatch("a", odd({ then: "continu" })),
    `TypeError: ${
      making("answerWatch")
    } then is "continu", expected "cut", "end", "silence" or "continue"; did you mean "continue"?`,
  ],
  [() => answerWatch(odd(5)), `TypeError: ${making("answerWatch")} content is 5, expected a text, bytes or a list of lines`],
  [
    () => errorWatch(odd({ reason: "A" })),
    `RangeError: ${making("errorWatch")} code is undefined, expected a whole number from 100 to 599`,
  ],
  [
    () => errorWatch(odd({ code: 410, status: "a" })),
    /^TypeError: .* errorWatch: it has a member "status", expected code, reason, /,
  ],
]);
makers.run();
