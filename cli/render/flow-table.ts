import type { RequestState } from "../../mod.ts";
import type { Workers } from "../../src/programs/client/workers.ts";
import { type FlowWords, flowWords } from "./flow-words.ts";
import { STATUS_STYLES } from "./paint.ts";
import type { Column } from "./table.ts";

/** Which columns a list has. */
export interface FlowColumnsOptions {
  /** Flows of several namespaces. */
  readonly allNamespaces?: boolean;
  /** All that is known. */
  readonly wide?: boolean;
}

const column = (header: string, member: keyof FlowWords, more: Partial<Column<FlowWords>> = {}): Column<FlowWords> => ({
  header,
  text: (words) => words[member],
  ...more,
});

/** The columns of a list of flows. Pure. */
export function flowColumns({ allNamespaces = false, wide = false }: FlowColumnsOptions): readonly Column<FlowWords>[] {
  const status = column("STATUS", "status", { style: (words) => STATUS_STYLES[words.status] });
  return [
    ...allNamespaces ? [column("NAMESPACE", "namespace", { least: 6, wanted: 10 })] : [],
    ...wide ? [column("NAME", "name"), column("KEY", "key")] : [column("KEY OR NAME", "called", { least: 9, wanted: 13 })],
    column("FLOW", "flow", { least: 6, wanted: 8 }),
    status,
    column("JOB", "job", { least: 6, wanted: 9 }),
    ...wide ? [column("ATTEMPT", "attempt", { right: true })] : [],
    column("FOR", "standing", { right: true }),
    column("AGE", "age", { right: true }),
    ...wide ? [column("HOLDER", "holder"), column("LABELS", "labels")] : [],
    column("WAITS FOR, OR WHY", "detail", { least: 10, wanted: 24 }),
  ];
}

/** The rows of a list. Pure. @param workers Those that are there, by namespace, where that is known. */
export const flowRows = (requests: readonly RequestState[], now: number, workers?: Workers): FlowWords[] =>
  requests.map((request) => flowWords(request, now, workers && (workers.get(request.metadata.namespace ?? "") ?? [])));
