import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RequestState } from "../../mod.ts";
import { HttpFailure, type Lifetime, type Transport, type TransportRequest } from "../../src/adapters/transport/transport.ts";
import {
  conflict,
  cut,
  cutWatch,
  duplicateWatch,
  endWatch,
  expired,
  loseAnswer,
  reorderWatch,
  serverError,
  stale,
  tooManyRequests,
} from "../../src/fake/mod.ts";
import { createDice } from "../../src/testing/dice.ts";
import { REQUESTS } from "../support/scenario.ts";
import { bareServer, fakeServer, type Server } from "./server.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const EVENTS = "/api/v1/namespaces/default/events";
const METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
const TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";

type Ask = Omit<TransportRequest, "body" | "contentType"> & { readonly body?: unknown; readonly type?: string };
/** Made when those before it have been answered; an answer is `{ code, body }`. */
type Step = Ask | ((answers: readonly Seen[]) => Ask);
interface Seen {
  readonly code: number | string;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

const request = (name: string, spec: object = {}) => ({
  apiVersion: "com.redhat.ecosystem.sample/v1",
  kind: "RequestState",
  metadata: { name, labels: { story: name } },
  spec: { job: "A", state: "REQUESTED", "request-uid": name, flow: "f", ...spec },
});
const lease = (name: string) => ({
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { name, labels: { "app.kubernetes.io/component": "worker" } },
  spec: { holderIdentity: name, leaseDurationSeconds: 15, renewTime: "2026-01-01T00:00:00.000000Z" },
});
const create = (path: string, body: unknown): Ask => ({ method: "POST", path, body });
const read = (path: string, accept?: string): Ask => ({ method: "GET", path, ...accept && { accept } });
const patch = (path: string, operations: readonly unknown[], accept?: string): Ask => ({
  method: "PATCH",
  path,
  body: operations,
  type: "application/json-patch+json",
  ...accept && { accept },
});
const merge = (path: string, body: unknown): Ask => ({ method: "PATCH", path, body, type: "application/merge-patch+json" });
const versionIs = ({ uid, resourceVersion }: { uid: string; resourceVersion: string }) => [
  { op: "replace", path: "/metadata/uid", value: uid },
  { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion },
];
const started = { op: "replace", path: "/spec/state", value: "STARTED" };
const claim = {
  op: "add",
  path: "/status/claim",
  value: { id: "1", holderIdentity: "w", job: "A", attempt: 1, acquireTime: "2026-01-01T00:00:00.000000Z" },
};
const entry = (state: string, by: string, seq: number) => ({
  ...{ job: "A", state, attempt: 1, by, seq, timestamp: "2026-01-01T00:00:00Z" },
});

/** What programs and people send, and what they do not mean to. */
const STEPS: readonly Step[] = [
  create(REQUESTS, request("a")),
  create(REQUESTS, request("b", { desiredState: "Suspended" })),
  create(REQUESTS, request("a")),
  create(REQUESTS, request("c", { state: "UNHEARD" })),
  read(`${REQUESTS}/a`),
  read(`${REQUESTS}/none`),
  read(`${REQUESTS}?limit=500`),
  read(`${REQUESTS}?labelSelector=story%3Db&limit=500`),
  read(`${REQUESTS}?fieldSelector=status.completionTime%3D&limit=500`),
  read(`${REQUESTS}?fieldSelector=spec.flow%3Df%2Cstatus.completionTime%21%3D&limit=5000&includeObject=None`, TABLE),
  ([a]) => patch(`${REQUESTS}/a`, [...versionIs(a!.body.metadata), { op: "add", path: "/status", value: {} }], METADATA),
  ([a]) => patch(`${REQUESTS}/a`, [...versionIs(a!.body.metadata), started]),
  (answers) => {
    const { metadata } = answers.at(-2)!.body;
    const history = [entry("REQUESTED", "client", 1), entry("STARTED", "w", 2)];
    return patch(`${REQUESTS}/a`, [
      ...versionIs(metadata),
      started,
      claim,
      { op: "add", path: "/status/history", value: history },
    ]);
  },
  (answers) => patch(`${REQUESTS}/a`, [...versionIs(answers.at(-1)!.body.metadata), { op: "remove", path: "/spec/none" }]),
  ([a]) => patch(`${REQUESTS}/a`, [...versionIs({ ...a!.body.metadata, uid: "another" }), started]),
  patch(`${REQUESTS}/none`, [started]),
  merge(`${REQUESTS}/b`, { spec: { signals: { A: { by: "somebody", data: { said: null } } } } }),
  merge(`${REQUESTS}/b`, { spec: { state: "UNHEARD" } }),
  merge(`${REQUESTS}/none`, { spec: {} }),
  (answers) => patch(`${REQUESTS}/b`, versionIs(answers.at(-3)!.body.metadata)),
  read(`${REQUESTS}?resourceVersion=1&resourceVersionMatch=NotOlderThan`),
  create(LEASES, lease("l")),
  create(LEASES, lease("l")),
  read(`${LEASES}/l`),
  (answers) => {
    const { body } = answers.at(-1)!;
    const spec = { ...body.spec, renewTime: "2026-01-01T00:00:05.000000Z" };
    return { method: "PUT", path: `${LEASES}/l`, body: { ...body, spec } };
  },
  (answers) => ({ method: "PUT", path: `${LEASES}/l`, body: answers.at(-2)!.body }),
  (answers) => ({ method: "PUT", path: `${LEASES}/l`, body: { ...answers.at(-3)!.body, spec: { holderIdentity: "m" } } }),
  read(`${LEASES}?labelSelector=app.kubernetes.io%2Fcomponent%3Dworker&limit=500`),
  create(EVENTS, {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e", namespace: "default" },
    involvedObject: { kind: "RequestState", name: "a", namespace: "default" },
    reason: "Started",
  }),
  (answers) => ({
    method: "DELETE",
    path: `${LEASES}/l`,
    body: { preconditions: { uid: answers.at(-5)!.body.metadata.uid, resourceVersion: "1" } },
  }),
  { method: "DELETE", path: `${LEASES}/l`, body: { preconditions: { uid: "another" } } },
  { method: "DELETE", path: `${LEASES}/l`, body: { propagationPolicy: "Background" } },
  { method: "DELETE", path: `${LEASES}/l` },
  { method: "DELETE", path: `${REQUESTS}/b` },
];

const patient: Lifetime = { over: false, whenOver() {} };

/** What comes of a request, whatever it is. */
async function see(transport: Transport, { body, type, ...ask }: Ask): Promise<Seen> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), contentType: type ?? "application/json" };
  try {
    const { code, text } = await transport.text({ ...ask, ...sent }, patient);
    return { code, body: JSON.parse(text) };
  } catch (error) {
    if (!(error instanceof HttpFailure)) return { code: (error as Error).name, body: null };
    return { code: error.code, body: error.body.startsWith("{") ? JSON.parse(error.body) : error.body };
  }
}

/** Versions counted from the first one, uids by their order, and without what a bare server does not keep. */
function comparer(): (seen: unknown) => unknown {
  const uids: string[] = [];
  let first: number | undefined;
  const shown = (key: string, value: unknown): unknown => {
    if (key === "uid" && typeof value === "string") {
      return `uid ${(uids.includes(value) ? uids : [...uids, uids.push(value)]) && uids.indexOf(value)}`;
    }
    if (key === "resourceVersion" && value === "") return undefined;
    if (key === "resourceVersion") return Number(value) - (first ??= Number(value));
    return ["managedFields", "continue", "remainingItemCount"].includes(key) ? undefined : value;
  };
  return (seen) => JSON.parse(JSON.stringify(seen, shown) ?? "null");
}

/** Of a refusal its code and its reason, of anything else all of it. */
function answerOf({ code, body }: Seen): unknown {
  if (body?.kind === "Event") return { code }; // nobody reads them
  if (body?.kind === "Status") return { code, reason: body.reason };
  if (body?.kind === "Table") return { code, rows: body.rows.map(({ cells }: { cells: unknown[] }) => cells.slice(0, 4)) };
  if (body?.metadata && typeof body.apiVersion === "string" && body.apiVersion.startsWith("meta.k8s.io")) {
    return { code, body: { metadata: body.metadata } };
  }
  // Items of built-in kinds come without their kind, which the client adds.
  const items = body?.kind === "LeaseList" && body.items.map(({ kind: _k, apiVersion: _v, ...rest }: Lease) => rest);
  return { code, body: items ? { ...body, items } : body };
}

type Lease = ReturnType<typeof lease>;

const servers = (): readonly Server[] => [fakeServer(), bareServer(createDice("bare"))];

/** Sends all steps, one by one. */
async function answersOf(server: Server, kind: string | undefined): Promise<readonly Seen[]> {
  const transport = server.connect(kind);
  const answers: Seen[] = [];
  for (const step of STEPS) {
    let seen: Seen | undefined;
    void see(transport, typeof step === "function" ? step(answers) : step).then((each) => seen = each);
    while (!seen) await server.clock.advance(1_000);
    answers.push(seen);
  }
  return answers;
}

const bare = suite("properties: the bare server beside the fake cluster");

bare("it answers the same, but for the words of a refusal", async () => {
  const [fake, own] = await Promise.all(servers().map((server) => answersOf(server, undefined)));
  const [known, shown] = [comparer(), comparer()];
  STEPS.forEach((_, index) => {
    assert.equal(shown(answerOf(own![index]!)), known(answerOf(fake![index]!)), `step ${index}`);
  });
  const codes = new Set(fake!.map(({ code }) => code));
  for (const code of [200, 201, 404, 409, 422]) assert.ok(codes.has(code), `none is answered ${code}`);
});

const lines = async (server: Server, path: string): Promise<{ readonly lines: string[]; readonly ended: () => string }> => {
  const stream = await server.connect("worker").stream({ method: "GET", path }, patient);
  const seen = { lines: [] as string[], ended: () => how };
  let how = "";
  const decoder = new TextDecoder();
  let rest = "";
  void (async () => {
    for (let bytes = await stream.read(); bytes; bytes = await stream.read()) {
      const parts = (rest + decoder.decode(bytes)).split("\n");
      rest = parts.pop()!;
      seen.lines.push(...parts);
    }
    how = "ended";
  })().catch((error) => how = error.message);
  return seen;
};

const story = async (server: Server, fault?: () => void) => {
  const { clock } = server;
  const people = server.connect();
  const done = async (ask: Ask) => {
    let seen: Seen | undefined;
    void see(people, ask).then((each) => seen = each);
    while (!seen) await clock.advance(10);
    return seen;
  };
  const first = await done(create(REQUESTS, request("a")));
  const version = first.body.metadata.resourceVersion;
  fault?.();
  const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${version}&timeoutSeconds=150`;
  const all = await lines(server, `${REQUESTS}?${query}`);
  const some = await lines(server, `${REQUESTS}?${query}&labelSelector=story%3Db`);
  await done(create(REQUESTS, request("b")));
  await done(merge(`${REQUESTS}/b`, { metadata: { labels: { story: "other" } } }));
  await done(merge(`${REQUESTS}/b`, { metadata: { labels: { story: "b" } } }));
  await done(merge(`${REQUESTS}/b`, { spec: { desiredState: "Suspended" } }));
  await done({ method: "DELETE", path: `${REQUESTS}/b` });
  await clock.advance(200_000);
  return [all, some].map(({ lines, ended }) => ({
    events: lines.map((line) => JSON.parse(line)).filter(({ type }) => type !== "BOOKMARK"),
    bookmarks: lines.filter((line) => line.startsWith('{"type":"BOOKMARK"')).length > 1,
    ended: ended(),
  }));
};

bare("its watches tell the same, with selectors, too", async () => {
  const [fake, own] = await Promise.all(servers().map((server) => story(server)));
  assert.equal(comparer()(own), comparer()(fake));
  assert.equal(fake![0]!.events.map(({ type }) => type), ["ADDED", "MODIFIED", "MODIFIED", "MODIFIED", "DELETED"]);
  assert.equal(fake![1]!.events.map(({ type }) => type), ["ADDED", "DELETED", "ADDED", "MODIFIED", "DELETED"]);
});

const OF_WATCHES = {
  cutWatch: cutWatch(2),
  endWatch: endWatch(1),
  duplicateWatch: duplicateWatch(),
  reorderWatch: reorderWatch(),
};
for (const [name, fault] of Object.entries(OF_WATCHES)) {
  bare(`a fault of a watch does the same: ${name}`, async () => {
    const told = servers().map((server) => story(server, () => server.faults.add({ match: { verb: "watch" }, fault })));
    const [fake, own] = (await Promise.all(told)).map(([all]) => ({ count: all!.events.length, ended: all!.ended }));
    assert.equal(own, fake);
  });
}

for (
  const [name, fault] of Object.entries({
    conflict: conflict(),
    cut: cut(),
    expired: expired(),
    loseAnswer: loseAnswer(),
    serverError: serverError({ applied: true }),
    tooManyRequests: tooManyRequests(2),
    stale: stale(1),
  })
) {
  bare(`a fault of a call does the same: ${name}`, async () => {
    const [fake, own] = await Promise.all(
      servers().map(async (server) => {
        const transport = server.connect("worker");
        const seen = [await see(transport, create(REQUESTS, request("a")))];
        server.faults.add({ fault, ...name === "stale" && { match: { verb: "list" } } });
        seen.push(await see(transport, name === "stale" ? read(REQUESTS) : create(REQUESTS, request("b"))));
        seen.push(await see(transport, read(REQUESTS)));
        return seen.map(({ code, body }) => ({
          code,
          names: (body?.items as RequestState[] | undefined)?.map(({ metadata }) => metadata.name),
        }));
      }),
    );
    assert.equal(own, fake);
  });
}

bare("it takes what comes at one moment in an order that the dice say", async () => {
  const orders = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const server = bareServer(createDice(seed));
    const [one, other] = [server.connect("worker"), server.connect("worker")];
    const seen = await Promise.all([see(one, create(REQUESTS, request("a"))), see(other, create(REQUESTS, request("a")))]);
    orders.add(seen.map(({ code }) => code).join());
  }
  assert.equal([...orders].sort(), ["201,409", "409,201"]);
});

bare.run();
