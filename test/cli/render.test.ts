import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RequestState } from "../../mod.ts";
import { flowColumns, flowRows } from "../../cli/render/flow-table.ts";
import { type FlowFacts, flowPage } from "../../cli/render/flow-page.ts";
import { ansi, type Look, plain } from "../../cli/render/paint.ts";
import { tableLines } from "../../cli/render/table.ts";
import { tookText } from "../../cli/render/time.ts";
import { transitionLine } from "../../cli/render/transition-line.ts";
import { verdictLine } from "../../cli/render/verdict.ts";
import { fitted, inLines, widthOf } from "../../cli/render/width.ts";
import { createTransitions } from "../../cli/transitions.ts";
import { order } from "../support/orders.ts";
import { approving, charging, declined, hostile, NOW, parked, shipped } from "../support/requests.ts";

const ALL = [shipped, parked, declined, approving, charging];
const look: Look = { width: 80, paint: plain, now: NOW };
const list = (requests: readonly RequestState[], more: Partial<Look> = {}, options = {}) =>
  tableLines(flowColumns(options), flowRows(requests, NOW), { ...look, ...more });
const page = (request: RequestState, facts: FlowFacts = {}, more: Partial<Look> = {}, options = {}) =>
  flowPage(request, facts, { ...look, ...more }, options);
// deno-lint-ignore no-control-regex
const uncoloured = (line: string) => line.replaceAll(/\x1b\[\d+m/g, "");
/** As a test file can show it. */
const golden = (text: string) => text.replace(/^\n/, "").replace(/\n *$/, "").split("\n");

const pages = suite("what is shown of flows");

pages("print", () => {
  console.log([
    ...list(ALL),
    "",
    ...list(ALL, {}, { allNamespaces: true }),
    "",
    ...list(ALL, { width: undefined }, { wide: true }),
    "",
    ...list(ALL, { width: 40 }),
    "",
    "=====",
    ...page(approving, { flow: order }),
    "=====",
    ...page(charging, { holder: { identity: "w", state: "silent", renewed: NOW - 22_000, duration: 15_000 } }),
    "=====",
    ...page(declined),
    "=====",
    ...page(shipped),
    "=====",
    ...page(parked),
    "=====",
    ...page(hostile),
    ...list([hostile]),
    ...page(approving, {}, { paint: ansi }),
  ].join("\n"));
});
pages.run();
void [tookText, transitionLine, verdictLine, fitted, inLines, widthOf, createTransitions, uncoloured, golden, assert];
