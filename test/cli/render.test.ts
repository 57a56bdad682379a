import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RequestState } from "../../mod.ts";
import { adviceFor } from "../../cli/render/advice.ts";
import { flowColumns, flowRows } from "../../cli/render/flow-table.ts";
import { type FlowFacts, flowPage } from "../../cli/render/flow-page.ts";
import { ansi, type Look, plain } from "../../cli/render/paint.ts";
import { servedLine, watchedLine } from "../../cli/print.ts";
import { tableLines } from "../../cli/render/table.ts";
import { tookText } from "../../cli/render/time.ts";
import { transitionLine } from "../../cli/render/transition-line.ts";
import { verdictLine } from "../../cli/render/verdict.ts";
import { fitted, inLines, widthOf } from "../../cli/render/width.ts";
import { createTransitions } from "../../cli/transitions.ts";
import { order } from "../support/orders.ts";
import { approving, charging, declined, hostile, ignoring, NOW, parked, shipped } from "../support/requests.ts";

const ALL = [shipped, parked, declined, approving, charging];
const look: Look = { width: 80, paint: plain, now: NOW };
const events: FlowFacts["events"] = [
  {
    type: "Warning",
    reason: "Retrying",
    message: "Job charge failed (attempt 1), it is tried again: the card reader at till 4 does not answer",
    count: 2,
    last: NOW - 722_000,
  },
  { type: "Normal", reason: "Note", message: "something", count: 1 },
];
const list = (requests: readonly RequestState[], more: Partial<Look> & { headers?: boolean } = {}, options = {}) =>
  tableLines(flowColumns(options), flowRows(requests, NOW), { ...look, ...more });
const page = (request: RequestState, facts: FlowFacts = {}, more: Partial<Look> = {}, options = {}) =>
  flowPage(request, facts, { ...look, ...more }, options);
// deno-lint-ignore no-control-regex
const uncoloured = (line: string) => line.replaceAll(/\x1b\[\d+m/g, "");
/** As a test file can show it. */
const golden = (text: string) => text.replace(/^\n/, "").replace(/\n *$/, "").split("\n");

const pages = suite("what is shown of flows");

pages("a list: what is wanted most keeps its place on 80 columns", () => {
  assert.equal(
    list(ALL),
    golden(String.raw`
KEY OR NAME      FLOW   STATUS     JOB       FOR   AGE  WAITS FOR, OR WHY
order-40         order  succeeded  notify    24h   25h
b2222222-5…4e5f  order  parked     ship     3m9s  121m  retry or cancel:… closed
order-41         order  failed     charge    66m   66m  the card was declined
order-42         order  waiting    approve   12m   12m  signal yes|no, 23h left
a-flow-wit…-key  order  running    charge    30s   95s  worker-node-7-3f…tempt 3
`),
  );
});

pages("a deadline beyond all dates is shown as the last date that there is", () => {
  const request: RequestState = { ...charging, spec: { ...charging.spec, activeDeadlineSeconds: 9e15 } };
  assert.match(page(request).join("\n"), /^deadline +\+275760-09-13 00:00:00Z, /m);
});

pages("a step that is due for long needs a director; a rest after a failure may be one of 100 s", () => {
  const after = (state: "COMPLETED" | "FAILED", seconds: number) => {
    const entry = { job: "charge", state, attempt: 1, timestamp: new Date(NOW - seconds * 1_000).toISOString() };
    const request: RequestState = { ...charging, spec: { ...charging.spec, job: "charge", state }, status: { history: [entry] } };
    return adviceFor(request, { now: NOW }).map(({ command }) => command.split(" ").slice(1, 3).join(" "))[0];
  };
  assert.is(after("COMPLETED", 4), `watch ${charging.metadata.name}`);
  assert.is(after("COMPLETED", 6), "--mode director");
  assert.is(after("FAILED", 90), `watch ${charging.metadata.name}`);
  assert.is(after("FAILED", 130), "--mode director");
});

pages("a job that a worker does, and a pause, need no director however long they take", () => {
  const first = (spec: object, status: object) => {
    const request = {
      ...charging,
      spec: { ...charging.spec, ...spec },
      status: { ...charging.status, ...status },
    } as RequestState;
    return adviceFor(request, { now: NOW }).map(({ command }) => command.split(" ").slice(1, 3).join(" "))[0];
  };
  const { name } = charging.metadata;
  const until = (seconds: number) => ({
    waitingFor: `time until ${new Date(NOW + seconds * 1_000).toISOString().replace(/\.\d+/, "")}`,
  });
  assert.is(first({}, {}), `watch ${name}`);
  assert.is(first({ desiredState: "Suspended" }, {}), `resume ${name}`);
  assert.is(first({ state: "REQUESTED" }, until(3_600)), `watch ${name}`);
  assert.is(first({ state: "REQUESTED" }, until(-4)), `watch ${name}`);
  assert.is(first({ state: "REQUESTED" }, until(-6)), "--mode director");
});

pages("in what a worker or a serving director prints the key comes last, where there is one", () => {
  const [entry] = charging.status!.history!;
  const line = (request: RequestState) => servedLine(request, entry!, "charge  STARTED  ", "after 10 ms");
  const { annotations: _, ...metadata } = shipped.metadata;
  assert.is(
    line(shipped),
    `${entry!.timestamp}  shop/${shipped.metadata.name}  charge  STARTED    after 10 ms  order-40`,
  );
  assert.is(line({ ...shipped, metadata }), `${entry!.timestamp}  shop/${shipped.metadata.name}  charge  STARTED    after 10 ms`);
});

pages("at a terminal such a line fits: the time of day, and a name by its ends where there is no key", () => {
  const [entry] = charging.status!.history!;
  const more = { ...entry!, timestamp: "2026-01-01T12:34:56.789Z", attempt: 2, reason: "WorkerLost" };
  const line = (request: RequestState) => watchedLine(request, more, "charge  REQUESTED", "");
  const { annotations: _, ...metadata } = shipped.metadata;
  assert.is(line(shipped), "12:34:56  order-40     charge  REQUESTED  attempt 2, WorkerLost");
  assert.is(line({ ...shipped, metadata }), "12:34:56  7777...4e5f  charge  REQUESTED  attempt 2, WorkerLost");
});

pages("a list of all namespaces", () => {
  assert.equal(
    list(ALL, {}, { allNamespaces: true }),
    golden(String.raw`
NAMESPACE  KEY OR NAME    FLOW   STATUS     JOB       FOR   AGE  WAITS FOR,… WHY
shop       order-40       order  succeeded  notify    24h   25h
shop       b2222222…4e5f  order  parked     ship     3m9s  121m  retry or c…osed
shop       order-41       order  failed     charge    66m   66m  the card w…ined
shop       order-42       order  waiting    approve   12m   12m  signal yes…left
shop       a-flow-w…-key  order  running    charge    30s   95s  worker-nod…pt 3
`),
  );
});

pages("a wide list, as in a pipe, has all of it, without the names of its columns where they are not wanted", () => {
  assert.equal(
    list(ALL, { width: undefined, headers: false }, { wide: true }),
    golden(String.raw`
77777777-5a51-8d0f-9d0f-0a1b2c3d4e5f  order-40  order  succeeded  notify         1   24h   25h
b2222222-5a51-8d0f-9d0f-0a1b2c3d4e5f            order  parked     ship           3  3m9s  121m                                              retry or cancel: the depot is closed
9a9c0c1e-0000-8d0f-9d0f-0a1b2c3d4e5f  order-41  order  failed     charge         1   66m   66m                                              the card was declined
1b9c0c1e-5a51-8d0f-9d0f-0a1b2c3d4e5f  order-42  order  waiting    approve        1   12m   12m                          tenant=a,tier=free  signal yes|no, 23h left
a-flow-without-a-key                            order  running    charge         3   30s   95s  worker-node-7-3f2a8c1e                      worker-node-7-3f2a8c1e, attempt 3
`),
  );
});

pages("on a screen that is too narrow lines end early, and none is wrapped", () => {
  assert.equal(
    list(ALL, { width: 40 }),
    golden(String.raw`
KEY OR…ME  FLOW   STATUS     JOB      F…
order-40   order  succeeded  notify   2…
b22222…5f  order  parked     ship    3m…
order-41   order  failed     charge   6…
order-42   order  waiting    appr…e   1…
a-flow…ey  order  running    charge   3…
`),
  );
});

pages("a flow that waits for a person, with its definition and its events", () => {
  assert.equal(
    page(approving, { flow: order, events, called: "order-42" }),
    golden(String.raw`
flow      order, graph c2b2c3ff3c07dd50
key       order-42
name      shop/1b9c0c1e-5a51-8d0f-9d0f-0a1b2c3d4e5f
labels    tenant=a,tier=free
started   2026-11-26 11:47:55Z, 12m ago
deadline  2026-12-03 11:47:55Z, 6d23h left
input     {"amount":12,"customer":"Zoë","items":["tea","cups"]}

AT        JOB      ATTEMPT  STATE      WAITED   TOOK  OUTCOME  BY
11:47:55  charge         1  FAILED      400ms   1.2s           worker-node…a8c1e
    CardError: the card reader at till 4 does not answer: connect ETIMEDOUT
    192.0.2.17:4000 after 1000 ms
11:47:58  charge         2  COMPLETED   100ms  800ms  paid     worker-node…a8c1e
11:47:59  approve        1  REQUESTED     12m

OUTPUTS
charge  {"receipt":"r-1"}

EVENTS
12m ago   Retrying (2 times): Job charge failed (attempt… till 4 does not answer
          Note: something

after approve  no: refund, timedOut: refund, yes: ship

WHAT YOU CAN DO
  crd-watcher signal order-42 approve yes -n shop
  crd-watcher signal order-42 approve no -n shop
  crd-watcher cancel order-42 -n shop              # end it

waiting for 12m: job approve waits for signal yes|no, 23h left
`),
  );
});

pages("a flow whose workers were lost, and the last of them is silent", () => {
  assert.equal(
    page(charging, { holder: { identity: "w", state: "silent", renewed: NOW - 22_000, duration: 15_000 } }),
    golden(String.raw`
flow     order, graph c2b2c3ff3c07dd50
name     shop/a-flow-without-a-key
started  2026-11-26 11:58:25Z, 95s ago

AT        JOB     ATTEMPT  STATE     WAITED  TOOK  OUTCOME  BY
11:58:25  charge        1  LOST        1.0s   24s           worker-node-3…aaaaaa
    its worker was lost: it was given to another one
11:58:50  charge        2  RELEASED    1.0s   38s           worker-node-4…bbbbbb
    its worker was told to end, and gave it back
11:59:29  charge        3  STARTED     1.0s   30s           worker-node-7…2a8c1e
    its worker has not renewed its lease since 2026-11-26T11:59:38Z, for 22s: a
    director gives the job to another one 5s after its lease of 15s has run out

WHAT YOU CAN DO
  crd-watcher --mode worker --flow MODULE -n shop  # a worker for flow order
  crd-watcher cancel a-flow-without-a-key -n shop  # end it

running for 30s: job charge is with worker-node-7-3f2…attempt 3, which is silent
`),
  );
});

pages("a flow that has failed", () => {
  assert.equal(
    page(declined, { called: "order-41" }),
    golden(String.raw`
flow     order, graph c2b2c3ff3c07dd50
key      order-41
name     shop/9a9c0c1e-0000-8d0f-9d0f-0a1b2c3d4e5f
started  2026-11-26 10:53:20Z, 66m ago

AT        JOB     ATTEMPT  STATE   WAITED  TOOK  OUTCOME  BY
10:53:20  charge        1  FAILED   500ms  1.5s           worker-node-7-3f2a8c1e
    NeverRetryError: the card was declined

WHAT YOU CAN DO
  crd-watcher retry order-41 --flow MODULE -n shop

failed after 2.0s: job charge: the card was declined
`),
  );
});

pages("a flow that has succeeded", () => {
  assert.equal(
    page(shipped),
    golden(String.raw`
flow     order, graph c2b2c3ff3c07dd50
key      order-40
name     shop/77777777-5a51-8d0f-9d0f-0a1b2c3d4e5f
started  2026-11-25 11:00:00Z, 25h ago

AT        JOB     ATTEMPT  STATE      WAITED   TOOK  OUTCOME   BY
11:00:00  charge        1  COMPLETED   100ms  400ms  declined  worker-node…a8c1e
11:00:00  notify        1  COMPLETED   100ms  500ms            worker-node…a8c1e

succeeded after 1.2s: charge, notify
`),
  );
});

pages("a flow that is parked, without its oldest entries", () => {
  assert.equal(
    page(parked),
    golden(String.raw`
flow     order, graph c2b2c3ff3c07dd50
name     shop/b2222222-5a51-8d0f-9d0f-0a1b2c3d4e5f
started  2026-11-26 09:58:20Z, 121m ago

AT        JOB   ATTEMPT  STATE   WAITED  TOOK  OUTCOME  BY
(29 earlier entries of the history are not kept)
11:56:40  ship        3  FAILED    1.0s  9.0s           worker-node-7-3f2a8c1e
    the depot is closed

WHAT YOU CAN DO
  crd-watcher retry b2222222-5a51-8d0f-9d0f-0a1b2c3d4e5f -n shop
  crd-watcher cancel b2222222-5a51-8d0f-9d0f-0a1b2c3d4e5f -n shop  # end it

parked for 3m9s: job ship waits for retry or cancel: the depot is closed
`),
  );
});

pages("text of others is written out, wherever it stands", () => {
  assert.equal(
    [...page(hostile), ...list([hostile])],
    golden(String.raw`
flow     order, graph c2b2c3ff3c07dd50
key      \u001b[2Jkey\u202e\u009b31m\n日本語の注文
name     shop/evil
started  2026-11-26 11:59:00Z, 60s ago
input    {"\u001b]0;title\u0007":"\u202egpj.exe"}

AT  JOB               ATTEMPT  STATE     WAITED  TOOK  OUTCOME  BY
    charge\u001b[31m        1  FAILED\r
    \u001b[5mError: a\r\nsucceeded\u001b[1A

OUTPUTS
\u2028job  "\u0000\u0085\u007f"

WHAT YOU CAN DO
  crd-watcher watch evil -n shop   # see it go on
  crd-watcher cancel evil -n shop  # end it

running for 60s: job charge waits for its director
KEY OR NAME                  FLOW   STATUS   JOB     FOR  AGE  WAITS FOR, OR WHY
\u001b[2Jkey\u202e…語の注文  order  running  charge  60s  60s  its director
`),
  );
});

pages("colours change nothing but colours, and no line is wider than the screen", () => {
  for (const request of [...ALL, hostile]) {
    for (const width of [80, 60, 132]) {
      const facts = { flow: order, events };
      for (const show of [(more: object) => page(request, facts, more), (more: object) => list([request], more)]) {
        const lines = show({ width });
        assert.equal(show({ width, paint: ansi }).map(uncoloured), lines);
        const commands = /^ {2}crd-watcher /; // are there to be copied
        assert.equal(lines.filter((line) => widthOf(line) > width && !commands.test(line)), []);
      }
    }
  }
});

pages("wide pages have all of it", () => {
  const long = "x".repeat(500);
  const request = { ...approving, spec: { ...approving.spec, input: { long } } };
  assert.match(page(request, {}, {}, { wide: true }).join("\n"), new RegExp(long));
  assert.not.match(page(request).join("\n"), new RegExp(long));
});

pages("a transition in a line, the reason of a failure with it", () => {
  const lines = createTransitions().newIn(declined).map((seen) => transitionLine(declined, seen, look, { named: true }));
  assert.equal(
    lines,
    golden(`
2026-11-26T10:53:20.000Z  order-41              charge        REQUESTED  by d…aa
2026-11-26T10:53:20.500Z  order-41              charge        STARTED    500m…1e
2026-11-26T10:53:22.000Z  order-41              charge        FAILED     1.5s…1e
`),
  );
  const [, , failed] = createTransitions().newIn(declined).map((seen) =>
    transitionLine(declined, seen, { ...look, width: undefined }, { named: false })
  );
  assert.is(failed, "2026-11-26T10:53:22.000Z  charge        FAILED     1.5s, the card was declined, by worker-node-7-3f2a8c1e");
});

pages("a signal that is ignored: what can still be done", () => {
  const lines = page(ignoring, { called: "order-42" }, { width: undefined });
  assert.match(
    lines.at(-1)!,
    /^waiting for 12m: job approve waits for cancel or fork: the signal .* its outcome is "maybe", expected/,
  );
  assert.equal(lines.filter((line) => /^ {2}crd-watcher/.test(line)).map((line) => line.trim().replace(/ +#.*/, "")), [
    "crd-watcher retry order-42 --from approve --flow MODULE -n shop",
    "crd-watcher cancel order-42 -n shop",
  ]);
});

pages("each transition is told once", () => {
  const transitions = createTransitions();
  assert.is(transitions.newIn(declined).length, 3);
  assert.is(transitions.newIn(declined).length, 0);
  assert.is(transitions.newIn(parked).length, 3); // its oldest are not kept
});

pages("a verdict says which flow it is of, where that is not plain", () => {
  assert.is(verdictLine(shipped, look, { named: true }), "order-40 (order) succeeded after 1.2s: charge, notify");
  assert.is(verdictLine(shipped, { ...look, paint: ansi }), "\x1b[32msucceeded\x1b[0m after 1.2s: charge, notify");
});

pages("text is measured in cells", () => {
  const widths: Record<string, number> = { "abc": 3, "日本語": 6, "e\u0301": 1, "👩‍👩‍👧": 2, "…": 1, "한": 2, "": 0, "ﬀ": 1 };
  for (const [text, width] of Object.entries(widths)) assert.is(widthOf(text), width, text);
  assert.equal(["日本語の注文", "日本語の注文"].map((text, index) => fitted(text, 9 - index)), ["日本語…文", "日本…文"]);
  assert.equal(fitted("abcdefghij", 7), "abcd…ij");
  assert.equal([fitted("abc", 0), fitted("abc", 1), fitted("abc", 3)], ["", "…", "abc"]);
  assert.equal(inLines("one two three 0123456789", 8), ["one two", "three", "01234567", "89"]);
});

pages("what took how long", () => {
  const texts: readonly [number | undefined, string][] = [
    [0, "0ms"],
    [999.6, "999ms"],
    [1_249, "1.2s"],
    [9_999, "9.9s"],
    [10_000, "10s"],
    [
      90_000,
      "90s",
    ],
    [-5, "0ms"],
    [undefined, ""],
    [NaN, ""],
  ];
  for (const [ms, text] of texts) assert.is(tookText(ms), text, String(ms));
});
pages.run();
