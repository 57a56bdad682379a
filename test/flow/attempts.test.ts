import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, graphText, type HistoryEntry, type RequestState, waitOf } from "../../mod.ts";
import { attemptsOf } from "../../src/flow/attempts.ts";
import { approving, before, charging, declined, ignoring, NOW, parked, requestOf, shipped } from "../support/requests.ts";

const attempts = suite("flow: attempts");
const told = (request: RequestState) =>
  attemptsOf(request).map(({ job, attempt, state, by = "", outcome = "", reason = "", cause = "", error }) =>
    [`${job}#${attempt}`, state, by.replace(/-.*/, ""), outcome, reason, cause, error?.type ?? ""].join(" ").trimEnd()
  );

attempts("one of each job, or several: who did them, how they ended, why there was another", () => {
  assert.equal(told(approving), [
    "charge#1 FAILED worker    CardError",
    "charge#2 COMPLETED worker paid  Retrying",
    "approve#1 REQUESTED",
  ]);
  assert.equal(told(charging), [
    "charge#1 STARTED worker  WorkerLost",
    "charge#2 STARTED worker  Released WorkerLost",
    "charge#3 STARTED worker   Released",
  ]);
});

attempts("their times: asked for, begun, ended, or taken from their worker", () => {
  const [first, second, third] = attemptsOf(charging);
  const ago = (moment: number | undefined) => moment === undefined ? undefined : (NOW - moment) / 1_000;
  assert.equal([first, second, third].map((each) => [each!.requested, each!.started, each!.ended].map(ago)), [
    [95, 94, 70],
    [70, 69, 31],
    [31, 30, undefined],
  ]);
});

attempts("as the reference writes them: without attempts, with times of its own, each state on leaving it", () => {
  const entry = (job: string, state: string, second: number): HistoryEntry => ({
    job,
    state,
    timestamp: `2026-11-26 11:59:0${second}.5 +0000 UTC m=+0.5`,
  });
  const history = [
    entry("JOB1", "REQUESTED", 0),
    entry("JOB1", "STARTED", 2),
    entry("JOB1", "COMPLETED", 4),
    entry("JOB2", "REQUESTED", 6),
  ];
  const request = requestOf({ created: 60, spec: { job: "JOB2", state: "STARTED" }, status: { history } });
  assert.equal(told(request), ["JOB1#1 COMPLETED", "JOB2#1 REQUESTED"]);
  assert.is(attemptsOf(request)[0]!.ended! - attemptsOf(request)[0]!.started!, 2_000);
  assert.equal(attemptsOf({ ...request, status: undefined }), []);
});
attempts.run();

const waits = suite("flow: what it waits for");
waits("whom, since when, until when", () => {
  const seconds = (request: RequestState) => {
    const { since, until, ...wait } = waitOf(request, NOW) ?? { since: NOW };
    return { ...wait, since: (NOW - since) / 1_000, until: until === undefined ? undefined : (until - NOW) / 1_000 };
  };
  assert.equal(seconds(approving), { for: "signal", since: 721, until: 85_679, outcomes: ["yes", "no"] });
  assert.equal(seconds(ignoring), { for: "signal", since: 721, until: 85_679, outcomes: ["yes", "no"] });
  assert.equal(seconds(charging), { for: "result", since: 30, until: undefined, holder: "worker-node-7-3f2a8c1e" });
  assert.equal(seconds(parked), { for: "operator", since: 189, until: undefined });
  assert.equal([waitOf(shipped, NOW), waitOf(declined, NOW)], [undefined, undefined]);
  const later = { ...approving, spec: { ...approving.spec, notBefore: before(-60) } };
  assert.equal(seconds(later), { for: "time", since: 721, until: 60 });
  const told = { ...approving, status: { ...approving.status, waitingFor: `until ${before(-5)}; something more` } };
  assert.equal(seconds(told), { for: "time", since: 721, until: 5 });
});
waits.run();

const graph = suite("flow: its graph as a picture");
const order = defineFlow("order", {
  start: "charge",
  jobs: {
    charge: { on: { paid: "cool", failed: "refund" } },
    cool: { after: 1_500, next: "approve" },
    approve: { waitFor: "signal", timeout: 60_000, on: { timedOut: "refund" } },
    refund: { end: "failed" },
  },
});

graph("for Mermaid", () => {
  assert.equal(graphText(order, "mermaid").split("\n"), [
    "flowchart TD",
    '  start((" ")) --> j0',
    '  j0["charge"]',
    '  j1(["cool<br>(1.5 s)"])',
    '  j2(["approve<br>(a signal)"])',
    '  j3{{"refund<br>(ends as failed)"}}',
    '  j0 -->|"failed"| j3',
    '  j0 -->|"paid"| j1',
    "  j1 --> j2",
    '  j2 -->|"timedOut"| j3',
    '  j2 --> over((" "))',
    '  j3 --> over((" "))',
    "",
  ]);
});

graph("for Graphviz", () => {
  assert.equal(graphText(defineFlow("two", ["one", "two"]), "dot").split("\n"), [
    'digraph "two" {',
    "  start [shape=point];",
    '  over [shape=doublecircle, label="", width=0.15];',
    "  start -> j0;",
    '  j0 [shape=box, label="one"];',
    '  j1 [shape=box, label="two"];',
    "  j0 -> j1;",
    "  j1 -> over;",
    "}",
    "",
  ]);
});
graph.run();
