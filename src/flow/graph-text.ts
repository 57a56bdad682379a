/**
 * A flow's definition as a picture. Pure.
 *
 * @module
 */

import { edgesOf } from "./digest.ts";
import { FLOW, type Flow, type JobPlan } from "./plan.ts";
import { checkValue, oneOf } from "../options.ts";

/** In which language: https://mermaid.js.org/syntax/flowchart.html, or https://graphviz.org/doc/info/lang.html */
export type GraphFormat = "mermaid" | "dot";

/** All of them. */
export const GRAPH_FORMATS: readonly GraphFormat[] = ["mermaid", "dot"];

/**
 * Draws the graph of a flow: which job comes after which, and by which outcome. Jobs that wait are round, those that end a flow as failed
 * are marked. Pure.
 *
 * @throws {TypeError} When it is given no flow, or another format.
 *
 * @example
 * ```ts
 * import { defineFlow, graphText } from "crd-watcher";
 *
 * console.log(graphText(defineFlow("order", ["charge", "ship"]), "mermaid"));
 * ```
 */
export function graphText(flow: Flow, format: GraphFormat): string {
  checkValue("Cannot draw a flow", "flow", flow, FLOW);
  checkValue("Cannot draw a flow", "format", format, oneOf(GRAPH_FORMATS));
  const ids = new Map(flow.jobs.map((job, index) => [job, `j${index}`]));
  const edges = flow.jobs.flatMap((job) => edgesOf(flow.plans[job]!).map(([outcome, to]) => ({ job, outcome, to })));
  const ends = flow.jobs.filter((job) => canEnd(flow.plans[job]!));
  const lines = format === "mermaid" ? mermaid() : dot();
  return `${lines.join("\n")}\n`;

  function mermaid(): string[] {
    const shape = (job: string) => {
      const plan = flow.plans[job]!;
      const text = quoted(labelOf(plan, "<br>"));
      return plan.waits ? `([${text}])` : plan.end === "failed" ? `{{${text}}}` : `[${text}]`;
    };
    return [
      `flowchart TD`,
      `  start((" ")) --> ${ids.get(flow.start)}`,
      ...flow.jobs.map((job) => `  ${ids.get(job)}${shape(job)}`),
      ...edges.map(({ job, outcome, to }) =>
        `  ${ids.get(job)} ${outcome === "" ? "-->" : `-->|${quoted(outcome)}|`} ${ids.get(to)}`
      ),
      ...ends.map((job) => `  ${ids.get(job)} --> over((" "))`),
    ];
  }

  function dot(): string[] {
    const shape = ({ waits, end }: JobPlan) => waits ? "oval" : end === "failed" ? "octagon" : "box";
    return [
      `digraph ${quoted(flow.name)} {`,
      `  start [shape=point];`,
      `  over [shape=doublecircle, label="", width=0.15];`,
      `  start -> ${ids.get(flow.start)};`,
      ...flow.jobs.map((job) => {
        const plan = flow.plans[job]!;
        return `  ${ids.get(job)} [shape=${shape(plan)}, label=${quoted(labelOf(plan, "\\n"))}];`;
      }),
      ...edges.map(({ job, outcome, to }) =>
        `  ${ids.get(job)} -> ${ids.get(to)}${outcome === "" ? "" : ` [label=${quoted(outcome)}]`};`
      ),
      ...ends.map((job) => `  ${ids.get(job)} -> over;`),
      `}`,
    ];
  }
}

/** Names of jobs and outcomes have no quotes. */
const quoted = (text: string): string => `"${text}"`;

/** Whether a flow may end with this job, other than by its failure. */
const canEnd = ({ next, outcomes, waits, on }: JobPlan): boolean =>
  next === undefined && outcomes.length === 0 && (on.elapsed === undefined || waits?.signal === true);

/** The job, and below it what it waits for, or that it ends the flow as failed. */
function labelOf({ name, waits, end }: JobPlan, lineBreak: string): string {
  const notes = [
    ...waits?.signal ? ["a signal"] : [],
    ...waits?.after === undefined ? [] : [`${waits.after / 1_000} s`],
    ...end === "failed" ? ["ends as failed"] : [],
  ];
  return notes.length === 0 ? name : `${name}${lineBreak}(${notes.join(" or ")})`;
}
