import { flowPages, type RequestState } from "../../mod.ts";
import { byAge } from "../../src/programs/client/find.ts";
import { readWorkers } from "../../src/programs/client/workers.ts";
import { waitOf } from "../../src/flow/standing.ts";
import { printable } from "../../src/printable.ts";
import { flowColumns, flowRows } from "../render/flow-table.ts";
import { headerLine, rowLine, widthsOf } from "../render/table.ts";
import { createStatusCounts, flowsText } from "./counts.ts";
import { createObjectWriter, isObjectFormat } from "./objects.ts";
import { placeText, selectionOf } from "./selection.ts";
import { type CallContext, callOptions, lookOf, type RunVerb, type VerbContext } from "./verb.ts";

/** Lists flows: what is one page is sorted, what is more is shown as it comes. */
export const run: RunVerb = async (context) => {
  const { given, terminal, clock } = context;
  if (given.watch) return await (await import("./watch.ts")).run({ ...context, given: { ...given, operands: [] } });
  const counts = createStatusCounts();
  const options = await callOptions(context);
  const show = createPageWriter(context, options);
  let order = "the newest last";
  let kept: RequestState[] = [];
  let pages = 0;
  for await (const { runs, isLast } of flowPages(selectionOf(given, clock), options)) {
    const requests = runs.map(({ request }) => request);
    counts.add(requests, clock.now());
    pages++;
    const isWhole = pages === 1 && isLast;
    if (given.sort === "age" || given.sort === undefined && isWhole) {
      kept.push(...requests);
      continue;
    }
    order = "by namespace and name";
    await show.add([...kept, ...requests]);
    kept = [];
  }
  if (kept.length > 0) await show.add(kept.sort(byAge));
  await show.end();
  if (counts.total === 0) {
    if (!isObjectFormat(given.output)) terminal.note(`${printable(`No flows in ${placeText(given)}`)}\n`);
  } else if (terminal.screen && !isObjectFormat(given.output)) {
    terminal.note(`${flowsText(counts.total)}, ${order}: ${counts.text(lookOf(context).paint)}\n`);
  }
  return 0;
};

/** Shows flows, as a table whose columns the first of them have made, or as objects. */
function createPageWriter(
  context: VerbContext,
  options: CallContext,
): { add(requests: readonly RequestState[]): Promise<void>; end(): Promise<void> } {
  const { given, terminal } = context;
  if (isObjectFormat(given.output)) return createObjectWriter(given.output, terminal);
  const columns = flowColumns({ allNamespaces: given.allNamespaces, wide: given.output === "wide" });
  let widths: number[] | undefined;
  // Asked for beside the first page: nobody shall wait for both.
  const asked = readWorkers({ ...options, namespace: given.allNamespaces ? undefined : given.namespace });
  asked.catch(() => {}); // it is awaited where a flow waits for one
  return {
    async add(requests) {
      if (requests.length === 0) return;
      const look = lookOf(context);
      const isNeeded = requests.some((request) => waitOf(request, look.now)?.for === "worker");
      const rows = flowRows(requests, look.now, isNeeded ? await asked : undefined);
      const isFirst = widths === undefined;
      widths ??= widthsOf(columns, rows, look.width);
      const lines = rows.map((row) => rowLine(columns, row, widths!, look));
      if (isFirst && !given.noHeaders) lines.unshift(headerLine(columns, widths, look));
      terminal.out(`${lines.join("\n")}\n`);
    },
    end: async () => {},
  };
}
