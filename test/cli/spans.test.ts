import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HistoryEntry, RequestState } from "../../mod.ts";
import { createTransitionPrinter, endText } from "../../cli/print.ts";
import { flowRows } from "../../cli/render/flow-table.ts";
import { flowPage } from "../../cli/render/flow-page.ts";
import { plain } from "../../cli/render/paint.ts";
import { transitionLine } from "../../cli/render/transition-line.ts";
import { verdictLine } from "../../cli/render/verdict.ts";
import { createTransitions } from "../../cli/transitions.ts";
import { bornAt, isOfServer, spanOf } from "../../src/flow/moments.ts";
import { NOW, requestOf } from "../support/requests.ts";

const CREATED = NOW - 60_000;
const at = (ms: number) => new Date(CREATED + ms).toISOString();
const look = { width: 80, paint: plain, now: NOW };

/** A flow of one job: what its first entry says, and how long after the server's second it was begun and done. */
function flowOf(first: Partial<HistoryEntry>, [begun, done]: readonly [number, number], dropped?: number): RequestState {
  const entry = (seq: number, state: string, ms: number): HistoryEntry => ({
    ...{ seq, job: "charge", state, attempt: 1, timestamp: at(ms) },
    by: `worker-${seq}`,
  });
  return requestOf({
    created: 60,
    spec: { job: "charge", state: "COMPLETED" },
    status: {
      history: [{ ...entry(1, "REQUESTED", 0), ...first }, entry(2, "STARTED", begun), entry(3, "COMPLETED", done)],
      ...dropped !== undefined && { historyDropped: dropped },
      completionTime: at(done),
      conditions: [
        { type: "Succeeded", status: "True", reason: "Succeeded", message: "", lastTransitionTime: at(done) },
      ],
    },
  });
}

/** As `startFlow` makes it, in the middle of a second. */
const own = flowOf({ timestamp: at(950) }, [1_000, 1_400]);
/** As kubectl makes it: a director has made up its first entry. */
const bare = flowOf({ by: undefined }, [1_000, 1_400]);
const waited = (request: RequestState) => /^\S+ +charge +1 +COMPLETED +(\S+)/m.exec(flowPage(request, {}, look).join("\n"))![1];
const lines = (request: RequestState) =>
  createTransitions().newIn(request).map((seen) => transitionLine(request, seen, look, { named: false }));

const spans = suite("how long things took");

spans("a flow took what its creator's entry tells: the server cuts off what is beyond a whole second", () => {
  assert.is(verdictLine(own, look), "succeeded after 450ms: charge");
  assert.is(endText(own), "Succeeded, 3 transitions in 450 ms");
  assert.is(waited(own), "50ms");
  assert.match(lines(own)[1]!, /STARTED +50ms, by worker-2$/);
});

spans("where whole seconds are known only, no more is said", () => {
  assert.is(verdictLine(bare, look), "succeeded after 1s: charge");
  assert.is(endText(bare), "Succeeded, 3 transitions in 1 s");
  assert.is(waited(bare), "1s");
  assert.match(lines(bare)[1]!, /STARTED +1s, by worker-2$/);
  assert.match(lines(bare)[2]!, /COMPLETED +400ms, by worker-3$/);
  const quick = flowOf({ by: undefined }, [500, 900]);
  assert.is(verdictLine(quick, look), "succeeded after <1s: charge");
  assert.is(endText(quick), "Succeeded, 3 transitions in less than 1 s");
});

spans("a first entry by another clock, or one that is not the first, tells nothing of the start", () => {
  const other = flowOf({ timestamp: at(-3_600_000) }, [1_000, 1_400]);
  const late = flowOf({ timestamp: at(950) }, [1_000, 1_400], 4);
  const left = flowOf({ timestamp: at(950), seq: 2 }, [1_000, 1_400]);
  for (const request of [other, late, left]) assert.match(verdictLine(request, look), /^succeeded after 1s: /);
  assert.is(endText(late), "Succeeded, 7 transitions in 1 s");
});

spans("a flow that is asked for in one second and created in the next took from then on", () => {
  const early = flowOf({ timestamp: at(-40) }, [100, 400]);
  assert.is(verdictLine(early, look), "succeeded after 440ms: charge");
  assert.is(bornAt(early), CREATED); // never before the server's own word
});

spans("of a flow that was over before it was created, as one that was put back, no span is told", () => {
  const back = flowOf({ timestamp: at(-9_000) }, [-8_000, -7_000]);
  assert.is(verdictLine(back, look), "succeeded: charge");
});

spans("what was begun, by its worker's clock, before it was asked for took no less than nothing", () => {
  const behind = flowOf({ timestamp: at(950) }, [800, 700]);
  const [requested, started, completed] = behind.status!.history! as [HistoryEntry, HistoryEntry, HistoryEntry];
  assert.equal(spanOf(behind, requested, started), { ms: 0, isExact: true });
  assert.equal(spanOf(behind, started, completed), { ms: 0, isExact: true });
  assert.match(lines(behind)[1]!, /STARTED +0ms, by worker-2$/);
  assert.ok(Number.isNaN(spanOf(behind, { ...requested, timestamp: "at noon" }, started).ms));
});

spans("its age, and when it was started, are told by the same moment", () => {
  const now = CREATED + 1_900; // 950 ms after its start
  assert.is(flowRows([own], now)[0]!.age, "0s");
  assert.match(flowPage(own, {}, { ...look, now }).join("\n"), /^started +2026-11-26 11:59:00Z, 0s ago$/m);
});

spans("an entry that its creator has written on the second is no guess", () => {
  assert.equal([own, bare].map((request) => isOfServer(request, request.status!.history![0]!)), [false, true]);
  assert.is(verdictLine(flowOf({}, [1_000, 1_400]), look), "succeeded after 1.4s: charge");
});

spans("the time since the first transition goes on where that one is not kept any more", () => {
  const shown: string[] = [];
  const { show } = createTransitionPrinter({ jobs: ["charge"], say: (line) => void shown.push(line) });
  show(own);
  const history = [...own.status!.history!.slice(1), { ...own.status!.history![2]!, seq: 4, timestamp: at(2_950) }];
  show({ ...own, status: { ...own.status, history, historyDropped: 1 } });
  assert.equal(shown.map((line) => line.slice(0, 10)), ["   0.000 s", "   0.050 s", "   0.450 s", "   2.000 s"]);
});
spans.run();
