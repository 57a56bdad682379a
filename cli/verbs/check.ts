import { checkFlows, type Flow } from "../../mod.ts";
import { UsageError } from "../arguments.ts";
import { printable } from "../../src/printable.ts";
import { type FlowWords, flowWords } from "../render/flow-words.ts";
import { STATUS_STYLES } from "../render/paint.ts";
import { type Column, tableLines } from "../render/table.ts";
import { inLines } from "../render/width.ts";
import { flowsText } from "./counts.ts";
import { createObjectWriter, isObjectFormat } from "./objects.ts";
import { placeText, selectionOf } from "./selection.ts";
import { callOptions, lookOf, type RunVerb } from "./verb.ts";

/** A flow that cannot be driven, in words. */
type Row = FlowWords & { readonly why: string };

/** Finds flows in flight that a module cannot drive. */
export const run: RunVerb = async (context) => {
  const { given, terminal, clock } = context;
  const flows: readonly Flow[] | undefined = await context.flows();
  if (!flows) throw new UsageError("Name the module to check: --flow MODULE");
  const { driven, undriven, others } = await checkFlows(flows, selectionOf(given, clock), await callOptions(context));
  if (isObjectFormat(given.output)) {
    const writer = createObjectWriter(given.output, terminal);
    await writer.add(undriven.map(({ run }) => run.request));
    await writer.end();
    return undriven.length > 0 ? 1 : 0;
  }
  const look = lookOf(context);
  const rows = undriven.map(({ run, why }): Row => ({ ...flowWords(run.request, look.now), why }));
  const columns: Column<Row>[] = [
    ...given.allNamespaces ? [{ header: "NAMESPACE", text: (row: Row) => row.namespace, least: 6 }] : [],
    { header: "KEY OR NAME", text: ({ called }) => called, least: 13 },
    { header: "FLOW", text: ({ flow }) => flow, least: 6 },
    { header: "STATUS", text: ({ status }) => status, style: ({ status }) => STATUS_STYLES[status] },
    { header: "AGE", text: ({ age }) => age, right: true },
    { header: "WHY NOT", text: ({ why }) => why, least: 20 },
  ];
  const lines = rows.length > 0 ? [...tableLines(columns, rows, { ...look, headers: !given.noHeaders }), ""] : [];
  const remedy = undriven.length === 0
    ? ""
    : ": deploy the version that knows their graph beside this one, or cancel them and start them anew";
  const verdict = `${flowsText(driven)} in flight in ${placeText(given)} can be driven by this module, ${
    undriven.length.toLocaleString("en-GB")
  } cannot${remedy}${others === 0 ? "" : `; ${flowsText(others)} of other names ${others === 1 ? "was" : "were"} left out`}`;
  lines.push(...inLines(printable(verdict), look.width ?? Infinity));
  terminal.out(`${lines.join("\n")}\n`);
  return undriven.length > 0 ? 1 : 0;
};
