/** The lines of a watch: how they may be cut, and how a watch may end. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { byteStreamOf } from "../../src/adapters/transport/byte-stream.ts";
import { createCluster } from "../../src/adapters/api/http.ts";
import type { ByteStream } from "../../src/adapters/transport/transport.ts";
import { isExpired, isNoAnswer, isStatus } from "../../src/errors.ts";
import type { KubernetesObject, WatchEvent } from "../../src/ports.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import { scriptedTransport, type Step } from "../support/transport.ts";

const widgets = { group: "acme.io", version: "v1", plural: "widgets" };
const line = (type: string, name: string) =>
  JSON.stringify({ type, object: { metadata: { name, resourceVersion: "7" } } }) + "\n";
const failure = { kind: "Status", status: "Failure", code: 410, reason: "Expired", message: "too old" };
const bytes = new TextEncoder();

function open(step: Step, signal?: AbortSignal) {
  const transport = scriptedTransport(step);
  const cluster = createCluster(transport, { clock: createVirtualClock() });
  const events = cluster.watch<KubernetesObject>(widgets, { namespace: "shop", resourceVersion: "1", timeoutSeconds: 9, signal });
  return { transport, events };
}

const text = (event: WatchEvent<KubernetesObject>) =>
  `${event.type} ${event.type === "BOOKMARK" ? event.resourceVersion : event.object.metadata.name}`;

/** What came, and the error at the end, if any. */
async function drain(step: Step): Promise<{ seen: string[]; error?: Error }> {
  const seen: string[] = [];
  try {
    for await (const event of await open(step).events) seen.push(text(event));
    return { seen };
  } catch (error) {
    return { seen, error: error as Error };
  }
}

const lines = suite("watch lines");

const whole = line("ADDED", "a") + line("MODIFIED", "b") + line("BOOKMARK", "") + line("DELETED", "Zoë \u2028 €😀");
const all = ["ADDED a", "MODIFIED b", "BOOKMARK 7", "DELETED Zoë \u2028 €😀"];
const cuts: [what: string, chunks: (string | Uint8Array)[]][] = [
  ["in one chunk", [whole]],
  ["byte by byte", [...bytes.encode(whole)].map((byte) => Uint8Array.of(byte))],
  ["with blank lines and carriage returns between", [whole.replaceAll("\n", "\r\n\r\n")]],
  ["with empty chunks between", ["", whole.slice(0, 30), "", whole.slice(30), ""]],
];
for (const [what, chunks] of cuts) {
  lines(what, async () => assert.equal(await drain({ chunks }), { seen: all }));
}

lines("a raw U+2028 inside a string does not end a line", async () => {
  assert.ok(line("ADDED", "\u2028").includes("\u2028"), "JSON.stringify leaves it raw");
  assert.equal(await drain({ chunks: [line("ADDED", "x\u2028y\u2029\u0085z")] }), { seen: ["ADDED x\u2028y\u2029\u0085z"] });
});

lines.run();

const endings = suite("watch endings");

const table: [what: string, step: Step, seen: string[], kind: "status" | "no answer", message: RegExp][] = [
  [
    "an ERROR line",
    { chunks: [line("ADDED", "a"), JSON.stringify({ type: "ERROR", object: failure }) + "\n"] },
    ["ADDED a"],
    "status",
    /: too old$/,
  ],
  [
    "an ERROR line that says it is too old by its reason only, as older servers do",
    { chunks: [JSON.stringify({ type: "ERROR", object: { reason: "Gone", message: "too old" } }) + "\n"] },
    [],
    "status",
    /: too old$/,
  ],
  [
    "an ERROR line with a reason that nobody knows",
    { chunks: [JSON.stringify({ type: "ERROR", object: { kind: "Status", reason: "Odd", code: 599 } }) + "\n"] },
    [],
    "status",
    /: Odd$/,
  ],
  ["an ERROR line without an object", { chunks: ['{"type":"ERROR"}\n'] }, [], "no answer", /: a line of the watch is no event: /],
  [
    "a lost connection",
    { chunks: [line("ADDED", "a"), new Error("read ECONNRESET")] },
    ["ADDED a"],
    "no answer",
    /: read ECONNRESET$/,
  ],
  [
    "a partial last line",
    { chunks: [line("ADDED", "a"), '{"type":"ADD'] },
    ["ADDED a"],
    "no answer",
    /: the stream ended inside a line$/,
  ],
  [
    "a whole last line without its end",
    { chunks: [line("ADDED", "a").trim()] },
    [],
    "no answer",
    /: the stream ended inside a line$/,
  ],
  [
    "a line that is no JSON",
    { chunks: [line("ADDED", "a"), "oops\n"] },
    ["ADDED a"],
    "no answer",
    /: a line of the watch is not JSON: oops$/,
  ],
  ["an unknown event", { chunks: [line("RENAMED", "a")] }, [], "no answer", /: a line of the watch is no event: /],
  ["an event without an object", { chunks: ['{"type":"ADDED"}\n'] }, [], "no answer", /: a line of the watch is no event: /],
  ["a refusal", { http: 410, body: JSON.stringify(failure) }, [], "status", /: too old$/],
  ["a refusal taken for the stream", { chunks: [JSON.stringify(failure) + "\n"] }, [], "status", /: too old$/],
  ["the same without a line end", { chunks: [JSON.stringify(failure)] }, [], "status", /: too old$/],
  [
    "a text taken for the stream",
    { chunks: ["404 page not found\n"] },
    [],
    "status",
    /: the server does not serve widgets of acme.io\/v1$/,
  ],
  [
    "the same without a line end",
    { chunks: ["404 page not found"] },
    [],
    "status",
    /: the server does not serve widgets of acme.io\/v1$/,
  ],
];
for (const [what, step, seen, kind, message] of table) {
  endings(what, async () => {
    const result = await drain(step);
    assert.equal(result.seen, seen);
    assert.match(result.error!.message, /^Cannot watch widgets in namespace "shop": /);
    assert.match(result.error!.message, message);
    assert.is(isStatus(result.error) ? "status" : isNoAnswer(result.error) ? "no answer" : result.error!.name, kind);
    if (kind === "status" && message.source.includes("too old")) assert.ok(isExpired(result.error));
  });
}

endings("an abort ends a waiting iteration at once, with its reason, and cancels the stream", async () => {
  const controller = new AbortController();
  const { transport, events } = open({ chunks: [line("ADDED", "a")], open: true }, controller.signal);
  const iterator = (await events)[Symbol.asyncIterator]();
  assert.is((await iterator.next()).value.object.metadata.name, "a");
  const next = iterator.next().catch((error: unknown) => error);
  const reason = new Error("enough");
  controller.abort(reason);
  assert.is(await next, reason);
  assert.is(transport.cancelled, 1);
  assert.is((await iterator.next()).done, true);
});

endings("an abort before the iteration began is its first answer", async () => {
  const controller = new AbortController();
  const { transport, events } = open({ chunks: [line("ADDED", "a")], open: true }, controller.signal);
  const iterator = (await events)[Symbol.asyncIterator]();
  const reason = new Error("enough");
  controller.abort(reason);
  assert.is(await iterator.next().catch((error: unknown) => error), reason);
  assert.is(transport.cancelled, 1);
});

endings("breaking out cancels the stream", async () => {
  const { transport, events } = open({ chunks: [line("ADDED", "a"), line("ADDED", "b")], open: true });
  for await (const event of await events) {
    assert.is(text(event), "ADDED a");
    break;
  }
  assert.is(transport.cancelled, 1);
  assert.ok(!transport.requests[0]!.life.over);
});

endings("a stream that opens after the abort is cancelled", async () => {
  let open: (stream: ByteStream) => void = () => {};
  const stream = new Promise<ByteStream>((resolve) => open = resolve);
  const cluster = createCluster({ ...scriptedTransport(), server: "x", stream: () => stream });
  const controller = new AbortController();
  const watch = cluster.watch(widgets, { resourceVersion: "1", timeoutSeconds: 9, signal: controller.signal });
  const rejected = watch.catch((error: unknown) => error);
  controller.abort("late");
  assert.is(await rejected, "late");
  const cancelled = new Promise((resolve) => open(byteStreamOf(new ReadableStream({ cancel: resolve }))));
  await cancelled;
});

endings.run();
