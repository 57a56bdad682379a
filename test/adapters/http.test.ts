/** One request, one answer: addresses, bodies, and the error that each kind of answer becomes. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import { createCluster } from "../../src/adapters/api/http.ts";
import { isNoAnswer, isStatus } from "../../src/errors.ts";
import { createFakeCluster } from "../../src/fake/mod.ts";
import type { Cluster, KubernetesObject } from "../../src/ports.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import { scriptedTransport, type Step } from "../support/transport.ts";

const widgets = { group: "acme.io", version: "v1", plural: "widgets" };
const pods = { group: "", version: "v1", plural: "pods" };
const shopA = { namespace: "shop", name: "a" };
const json = (value: unknown): Step => ({ body: JSON.stringify(value) });
const status = (code: number, reason: string, message: string, details?: unknown) =>
  JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message, details });
const rejection = (
  promise: Promise<unknown>,
): Promise<Error & { status?: { code: number; reason: string; retryAfter?: number } }> =>
  promise.then(() => assert.unreachable("did not reject"), (error) => error) as Promise<Error>;

const requests = suite("requests");

const addresses: [what: string, call: (cluster: Cluster) => Promise<unknown>, line: string][] = [
  ["get", (c) => c.get(widgets, shopA), "GET /apis/acme.io/v1/namespaces/shop/widgets/a"],
  ["get in the core group", (c) => c.get(pods, shopA), "GET /api/v1/namespaces/shop/pods/a"],
  ["get, cluster-scoped", (c) => c.get(widgets, { name: "a" }), "GET /apis/acme.io/v1/widgets/a"],
  ["a name that needs escaping", (c) => c.get(widgets, { name: "a/b?c" }), "GET /apis/acme.io/v1/widgets/a%2Fb%3Fc"],
  ["list", (c) => c.list(widgets, { namespace: "shop" }), "GET /apis/acme.io/v1/namespaces/shop/widgets?limit=500"],
  ["list all", (c) => c.list(pods, { limit: 7 }), "GET /api/v1/pods?limit=7"],
  [
    "list with selectors",
    (c) => c.list(pods, { labelSelector: "a=b,c", fieldSelector: "metadata.name=x" }),
    "GET /api/v1/pods?labelSelector=a%3Db%2Cc&fieldSelector=metadata.name%3Dx&limit=500",
  ],
  [
    "list what is not older than a version",
    (c) => c.list(pods, { notOlderThan: "7" }),
    "GET /api/v1/pods?resourceVersion=7&resourceVersionMatch=NotOlderThan",
  ],
  [
    "watch",
    (c) => c.watch(widgets, { namespace: "shop", resourceVersion: "9", timeoutSeconds: 300 }),
    "GET /apis/acme.io/v1/namespaces/shop/widgets?watch=true&allowWatchBookmarks=true&resourceVersion=9&timeoutSeconds=300",
  ],
  [
    "create",
    (c) => c.create(widgets, { apiVersion: "acme.io/v1", kind: "Widget", metadata: shopA }),
    'POST /apis/acme.io/v1/namespaces/shop/widgets application/json {"apiVersion":"acme.io/v1","kind":"Widget","metadata":{"namespace":"shop","name":"a"}}',
  ],
  [
    "patch",
    (c) => c.patch(widgets, shopA, [{ op: "remove", path: "/spec" }]),
    'PATCH /apis/acme.io/v1/namespaces/shop/widgets/a application/json-patch+json [{"op":"remove","path":"/spec"}]',
  ],
];
for (const [what, call, line] of addresses) {
  requests(what, async () => {
    const transport = scriptedTransport(what.startsWith("watch") ? { chunks: [] } : json({ items: [] }));
    await call(createCluster(transport));
    const { method, path, contentType, body } = transport.requests[0]!;
    assert.is([method, path, contentType, body].filter(Boolean).join(" "), line);
  });
}

requests("a name that would change the path never leaves", async () => {
  const cluster = createCluster(scriptedTransport());
  for (const name of ["", ".", ".."]) assert.instance(await rejection(cluster.get(widgets, { name })), TypeError);
});

const cycle: { metadata: { name: string }; self?: unknown } = { metadata: { name: "a" } };
cycle.self = cycle;
const unaskable: [what: string, call: (cluster: Cluster) => Promise<unknown>][] = [
  ["to get nothing", (c) => c.get(widgets, undefined as never)],
  ["to create nothing", (c) => c.create(widgets, undefined as never)],
  ["to create what has no metadata", (c) => c.create(widgets, {} as never)],
  ["to create what JSON cannot say", (c) => c.create(widgets, { metadata: shopA, spec: 1n } as never)],
  ["to replace what has no metadata", (c) => c.replace(widgets, {} as never)],
  ["to replace a cycle", (c) => c.replace(widgets, cycle as never)],
  ["to patch nothing", (c) => c.patch(widgets, undefined as never, [])],
  ["to delete nothing", (c) => c.delete(widgets, undefined as never)],
];
for (const [what, call] of unaskable) {
  requests(`what cannot be asked rejects, it is not thrown: ${what}`, async () => {
    const transport = scriptedTransport();
    let asking: Promise<unknown> | undefined;
    assert.not.throws(() => void (asking = call(createCluster(transport))));
    assert.instance(await rejection(asking!), TypeError);
    assert.is(transport.requests.length, 0);
  });
}

requests("row 25: PATCH answers 400, 415 or 422: each write says what its body is", async () => {
  const fake = createFakeCluster();
  const types: string[] = [];
  const cluster = createFetchCluster((request) => {
    if (request.method !== "GET") types.push(`${request.method} ${request.headers.get("content-type")}`);
    return fake.fetch(request);
  });
  const maps = { group: "", version: "v1", plural: "configmaps" };
  const key = { namespace: "default", name: "a" };
  const made = await cluster.create(maps, { apiVersion: "v1", kind: "ConfigMap", metadata: key });
  await cluster.replace(maps, { ...made, data: { a: "1" } } as KubernetesObject);
  const patched = await cluster.patch<KubernetesObject & { data: unknown }>(maps, key, [{
    op: "add",
    path: "/data/b",
    value: "2",
  }]);
  assert.equal(patched.data, { a: "1", b: "2" });
  await cluster.delete(maps, key);
  assert.equal(types, [
    "POST application/json",
    "PUT application/json",
    "PATCH application/json-patch+json",
    "DELETE application/json",
  ]);
  fake.close();
});

requests("a list goes through its pages", async () => {
  const page = (continuation: string | undefined, ...names: string[]) =>
    json({
      kind: "PodList",
      apiVersion: "v1",
      metadata: { resourceVersion: "5", continue: continuation },
      items: names.map((name) => ({ metadata: { name } })),
    });
  const transport = scriptedTransport(page("t1", "a", "b"), page("t2", "c"), page("", "d"));
  const list = await createCluster(transport).list(pods, { limit: 2 });
  assert.is(list.resourceVersion, "5");
  assert.equal(list.items.map(({ kind, apiVersion, metadata }) => `${apiVersion} ${kind} ${metadata.name}`), [
    "v1 Pod a",
    "v1 Pod b",
    "v1 Pod c",
    "v1 Pod d",
  ]);
  assert.match(transport.requests[1]!.path, /limit=2&continue=t1$/);
});

requests("row 22: memory at a restart: a list gives its pages away one by one, and holds none of them", async () => {
  const page = (continuation: string, ...names: string[]) =>
    json({ metadata: { resourceVersion: "5", continue: continuation }, items: names.map((name) => ({ metadata: { name } })) });
  const taken: string[] = [];
  const transport = scriptedTransport(page("t1", "a", "b"), page("", "c"));
  const list = await createCluster(transport).list(pods, {
    onPage: ({ resourceVersion, items }) => {
      taken.push(`${transport.requests.length} ${resourceVersion} ${items.map(({ metadata }) => metadata.name)}`);
    },
  });
  assert.equal(taken, ["1 5 a,b", "2 5 c"]);
  assert.equal(list, { resourceVersion: "5", items: [] });
});

interface Short {
  readonly kind: "Short";
  readonly apiVersion: "v1";
  readonly metadata: { readonly name: string; readonly phase: unknown };
}
const SHORT = {
  names: ["Phase", "Name"],
  toObject: ([phase, name]: readonly unknown[]): Short => ({
    ...{ kind: "Short", apiVersion: "v1" },
    metadata: { name: String(name), phase },
  }),
};
const tableOf = (names: readonly string[], rows: readonly (readonly unknown[])[], token?: string) =>
  json({
    ...{ kind: "Table", apiVersion: "meta.k8s.io/v1", metadata: { resourceVersion: "5", continue: token } },
    columnDefinitions: names.map((name) => ({ name })),
    rows: rows.map((cells) => ({ cells, object: null })),
  });
const short = (items: readonly Short[]) => items.map(({ metadata: { name, phase } }) => [name, phase]);

requests("of a list of which some columns are needed only these come, on every page", async () => {
  const names = ["Name", "Other", "Phase"];
  const transport = scriptedTransport(tableOf(names, [["a", 1, "Ready"]], "t1"), tableOf(names, [["b", 2, null], ["c", 3]]));
  const pages: unknown[] = [];
  await createCluster(transport).list<Short>(pods, { columns: SHORT, onPage: ({ items }) => void pages.push(short(items)) });
  assert.equal(pages, [[["a", "Ready"]], [["b", null], ["c", null]]]);
  for (const { accept, path } of transport.requests) {
    assert.is(accept, "application/json;as=Table;g=meta.k8s.io;v=v1,application/json");
    assert.match(path, /includeObject=None/);
  }
});

const whole = json({ metadata: { resourceVersion: "5" }, items: [{ kind: "Short", metadata: { name: "a", phase: "whole" } }] });
for (
  const [what, steps, accepts] of [
    ["that has not all of the columns", [tableOf(["Name", "Age"], [["a", "5m"]]), whole], 2],
    ["that makes no tables", [whole], 1],
  ] as const
) {
  requests(`a server ${what} gives whole objects`, async () => {
    const transport = scriptedTransport(...steps);
    const list = await createCluster(transport).list<Short>(pods, { columns: SHORT, limit: 5_000 });
    assert.equal(short(list.items), [["a", "whole"]]);
    assert.is(transport.requests.length, accepts);
    if (accepts === 2) {
      assert.equal([transport.requests[1]!.accept, transport.requests[1]!.path], [undefined, "/api/v1/pods?limit=500"]);
    }
  });
}

requests("an item of a built-in list looks as a watch shows it, to the order of its members", async () => {
  const transport = scriptedTransport(
    json({ kind: "PodList", apiVersion: "v1", metadata: { resourceVersion: "5" }, items: [{ metadata: { name: "a" } }] }),
  );
  const { items: [item] } = await createCluster(transport).list(pods);
  assert.is(JSON.stringify(item), '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}');
});

requests("a table whose rows are none is no empty list", async () => {
  for (const rows of [{}, "a", 1]) {
    const transport = scriptedTransport(json({ kind: "Table", columnDefinitions: [{ name: "Name" }, { name: "Phase" }], rows }));
    assert.is((await rejection(createCluster(transport).list(pods, { columns: SHORT }))).name, "NoAnswerError");
  }
});

requests("an answer that is no list is no empty list", async () => {
  const transport = scriptedTransport(json({ metadata: { resourceVersion: "5" }, items: {} }));
  assert.is((await rejection(createCluster(transport).list(pods))).name, "NoAnswerError");
});

requests("a list whose next page is the page itself is no list", async () => {
  const page = json({ metadata: { resourceVersion: "5", continue: "t" }, items: [] });
  assert.is((await rejection(createCluster(scriptedTransport(page, page, page)).list(pods))).name, "NoAnswerError");
});

requests("a list that expires between pages starts again, once", async () => {
  const first = json({ metadata: { resourceVersion: "5", continue: "t" }, items: [{ kind: "X", metadata: { name: "old" } }] });
  const expired: Step = { http: 410, body: status(410, "Expired", "too old") };
  const whole = json({ metadata: { resourceVersion: "8" }, items: [{ kind: "X", metadata: { name: "new" } }] });
  const transport = scriptedTransport(first, expired, whole);
  const list = await createCluster(transport).list(pods);
  assert.equal([list.resourceVersion, list.items.map((item) => item.metadata.name)], ["8", ["new"]]);
  assert.is(transport.requests[2]!.path, "/api/v1/pods");

  const again = await rejection(createCluster(scriptedTransport(first, expired, expired)).list(pods));
  assert.is(again.status?.code, 410);
});

requests.run();

const answers = suite("answers");

const table: [what: string, step: Step, kind: "status" | "no answer" | "SetupError", message: string, more?: object][] = [
  ["a Status", { http: 409, body: status(409, "Conflict", "it moved on") }, "status", "it moved on", {
    code: 409,
    reason: "Conflict",
  }],
  ["a Status taken for success", { body: status(404, "NotFound", "none") }, "status", "none", { code: 404, reason: "NotFound" }],
  ["a Status with 500", { http: 500, body: status(500, "InternalError", "etcd") }, "status", "etcd", { code: 500 }],
  ["a Status without a code", { http: 403, body: '{"kind":"Status","status":"Failure","message":"no"}' }, "status", "no", {
    code: 403,
  }],
  ["Retry-After in seconds", { http: 429, body: status(429, "TooManyRequests", "slow"), retryAfter: "3" }, "status", "slow", {
    retryAfter: 3000,
  }],
  ["Retry-After as a date", { http: 429, body: "", retryAfter: "Thu, 01 Jan 2026 00:00:05 GMT" }, "status", "HTTP 429", {
    retryAfter: 5000,
  }],
  ["retryAfterSeconds", { http: 429, body: status(429, "TooManyRequests", "slow", { retryAfterSeconds: 2 }) }, "status", "slow", {
    retryAfter: 2000,
  }],
  ["no such resource", { http: 404, body: "404 page not found\n" }, "status", "the server does not serve widgets of acme.io/v1", {
    code: 404,
    reason: "",
  }],
  ["no such resource, code lost", { body: "404 page not found\n" }, "status", "the server does not serve widgets of acme.io/v1", {
    code: 404,
  }],
  [
    "too busy, code lost",
    { body: "Too many requests, please try again later.\n" },
    "status",
    "Too many requests, please try again later.",
    { code: 429, retryAfter: 1000 },
  ],
  [
    "a page of a proxy",
    { http: 403, body: "<html><head><title>403 Forbidden</title></head></html>" },
    "status",
    "HTTP 403: 403 Forbidden",
    { code: 403, reason: "" },
  ],
  [
    "a page about how it was asked",
    { http: 408, body: "<title>408 Request Time-out</title>" },
    "no answer",
    "HTTP 408: 408 Request Time-out",
  ],
  ["a bad gateway", { http: 502, body: "<h1>Bad\ngateway</h1>" }, "no answer", "HTTP 502: Bad gateway"],
  ["a page as success", { body: "<title>Sign in</title>" }, "no answer", "the answer is not JSON: Sign in"],
  ["half an answer", { body: '{"kind":"Wid' }, "no answer", 'the answer is not JSON: {"kind":"Wid'],
  ["no object", { body: "null" }, "no answer", "the answer is not an object: null"],
  [
    "TLS on the other side",
    { http: 400, body: "Client sent an HTTP request to an HTTPS server.\n" },
    "SetupError",
    "the server at https://scripted speaks TLS, use https:// in its URL",
  ],
  [
    "a refused connection",
    { error: new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:3") }) },
    "no answer",
    "connect ECONNREFUSED 127.0.0.1:3",
  ],
  [
    "a refused connection in Deno",
    {
      error: new TypeError(
        "error sending request for url (http://127.0.0.1:3/api/v1): client error (Connect): tcp connect error: Connection refused (os error 111)",
      ),
    },
    "no answer",
    "https://scripted: Connection refused (os error 111)",
  ],
  [
    "an untrusted certificate",
    {
      error: new TypeError("fetch failed", {
        cause: Object.assign(new Error("self-signed"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }),
      }),
    },
    "SetupError",
    "the certificate of https://scripted is not trusted (self-signed): name its authority (certificate-authority) in the kubeconfig",
  ],
  [
    "a certificate for another name",
    { error: Object.assign(new Error("Host: a. is not in the cert's altnames"), { code: "ERR_TLS_CERT_ALTNAME_INVALID" }) },
    "SetupError",
    "the certificate of https://scripted is not trusted (Host: a. is not in the cert's altnames): use a name that it holds, or say which (tls-server-name)",
  ],
  [
    "a certificate that is over",
    { error: Object.assign(new Error("certificate has expired"), { code: "CERT_HAS_EXPIRED" }) },
    "SetupError",
    "the certificate of https://scripted is not trusted (certificate has expired): have it renewed, or set the clock",
  ],
  [
    "a missing permission",
    {
      error: Object.assign(new Error('Requires net access to "a:1", run again with the --allow-net flag'), {
        name: "NotCapable",
      }),
    },
    "SetupError",
    'Deno was not granted net access to "a:1": run it with --allow-net, or with deno run -P',
  ],
];
for (const [what, step, kind, message, more = {}] of table) {
  answers(what, async () => {
    const cluster = createCluster(scriptedTransport(step), { clock: createVirtualClock() });
    const error = await rejection(cluster.patch(widgets, shopA, []));
    assert.is(error.message, `Cannot patch widgets "shop/a": ${message}`);
    assert.is(isStatus(error) ? "status" : isNoAnswer(error) ? "no answer" : error.name, kind);
    assert.equal({ ...error.status, ...more }, { ...error.status });
  });
}

answers("a Status of success is no error", async () => {
  const success = { kind: "Status", status: "Success" };
  assert.equal(await createCluster(scriptedTransport(json(success))).get(widgets, shopA), success);
});

answers.run();

const renewals = suite("credentials that the server refuses");
const unauthorized = (renew: () => boolean | Promise<boolean>): Step => ({
  http: 401,
  body: status(401, "Unauthorized", "no"),
  renew,
});

renewals("once more where there are others, on a call and on a watch", async () => {
  const renew = () => true;
  const transport = scriptedTransport(unauthorized(renew), json({ a: 1 }), unauthorized(() => Promise.resolve(true)), {
    chunks: [],
  });
  const cluster = createCluster(transport);
  assert.equal(await cluster.get(widgets, shopA), { a: 1 });
  for await (const _ of await cluster.watch(widgets, { resourceVersion: "1", timeoutSeconds: 9 })) assert.unreachable();
  assert.is(transport.requests.length, 4);
});

renewals("not a third time, and not where there are none", async () => {
  const transport = scriptedTransport(unauthorized(() => true), unauthorized(() => true), unauthorized(() => false), {
    http: 401,
  });
  const cluster = createCluster(transport);
  for (let call = 0; call < 3; call++) assert.is((await rejection(cluster.get(widgets, shopA))).status?.code, 401);
  assert.is(transport.requests.length, 4);
});

renewals("a call can be given up while they are looked for, and has one time limit for all", async () => {
  const clock = createVirtualClock();
  const never = unauthorized(() => new Promise(() => {}));
  const cluster = createCluster(scriptedTransport(never, never), { clock });
  const controller = new AbortController();
  const call = rejection(cluster.get(widgets, shopA, { signal: controller.signal }));
  const silent = rejection(cluster.get(widgets, shopA));
  await clock.settle();
  controller.abort("enough");
  assert.is(await call, "enough");
  await clock.advance(30_000);
  assert.is((await silent).message, 'Cannot get widgets "shop/a": no answer within 30 s');
  assert.is(clock.pending, 0);
});
renewals.run();

const limits = suite("limits");

limits("a silent server is given up after the time limit", async () => {
  const clock = createVirtualClock();
  const cluster = createCluster(scriptedTransport({ silent: true }, { silent: true }), { clock });
  const calls = [
    rejection(cluster.list(widgets, { namespace: "shop" })),
    rejection(cluster.watch(widgets, { resourceVersion: "1", timeoutSeconds: 9 })),
  ];
  await clock.advance(29_999);
  assert.is(clock.pending, 1, "one timer for both");
  await clock.advance(1);
  const [list, watch] = await Promise.all(calls);
  assert.is(list!.message, 'Cannot list widgets in namespace "shop": no answer within 30 s');
  assert.is(watch!.message, "Cannot watch widgets in all namespaces: no answer within 30 s");
  assert.ok(isNoAnswer(list) && isNoAnswer(watch));
  assert.is(clock.pending, 0);
});

limits("the caller's abort is what the call rejects with, at once", async () => {
  const clock = createVirtualClock();
  const transport = scriptedTransport({ silent: true }, { silent: true });
  const cluster = createCluster(transport, { clock });
  const controller = new AbortController();
  const { signal } = controller;
  const calls = [
    rejection(cluster.get(widgets, shopA, { signal })),
    rejection(cluster.watch(widgets, { resourceVersion: "1", timeoutSeconds: 9, signal })),
  ];
  const reason = new Error("enough");
  controller.abort(reason);
  for (const error of await Promise.all(calls)) assert.is(error, reason);
  assert.is(clock.pending, 0);
  assert.ok(transport.requests.every((request) => request.life.over));
  assert.is(await rejection(cluster.get(widgets, shopA, { signal })), reason);
  assert.is(transport.requests.length, 2);
});

limits("row 24: slow heap growth: a call leaves no timer and no listener on the caller's signal", async () => {
  const clock = createVirtualClock();
  const controller = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  controller.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(controller.signal, args);
  };
  controller.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(controller.signal, args);
  };
  const { signal } = controller;
  const failure: Step = { http: 409, body: status(409, "Conflict", "no") };
  const transport = scriptedTransport(json({}), failure, { chunks: [] }, { chunks: [], open: true });
  const cluster = createCluster(transport, { clock });
  await cluster.get(widgets, shopA, { signal });
  await rejection(cluster.patch(widgets, shopA, [], { signal }));
  const options = { resourceVersion: "1", timeoutSeconds: 9, signal };
  for await (const _ of await cluster.watch(widgets, options)) assert.unreachable();
  await (await cluster.watch(widgets, options))[Symbol.asyncIterator]().return?.();
  assert.is(listeners, 0);
  assert.is(clock.pending, 0);
  assert.is(transport.cancelled, 1);
});

limits("close cuts what is under way", async () => {
  const cluster = createCluster(scriptedTransport({ silent: true }, { chunks: [], open: true }), { clock: createVirtualClock() });
  const call = rejection(cluster.get(widgets, shopA));
  const events = (await cluster.watch(widgets, { resourceVersion: "1", timeoutSeconds: 9 }))[Symbol.asyncIterator]();
  const next = rejection(events.next());
  await cluster.close();
  assert.is((await call).message, 'Cannot get widgets "shop/a": the connection was closed');
  assert.ok(isNoAnswer(await next));
  assert.ok(isNoAnswer(await rejection(cluster.get(widgets, shopA))));
});

limits("a time limit that is none is refused", () => {
  assert.throws(
    () => createCluster(scriptedTransport(), { requestTimeout: 0 }),
    /requestTimeout is 0, expected a positive number/,
  );
});

limits.run();
