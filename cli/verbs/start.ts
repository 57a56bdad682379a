import { type Flow, type RequestState, startFlow } from "../../mod.ts";
import { nameOf } from "../../src/request-state.ts";
import { nearest } from "../../src/text.ts";
import { UsageError } from "../arguments.ts";
import { identityOf } from "../identity.ts";
import { shortName } from "../log-line.ts";
import { lineAbout, widthOf } from "../render/width.ts";
import { readJson } from "./json-value.ts";
import { createObjectWriter, isObjectFormat } from "./objects.ts";
import { callOptions, type RunVerb, type VerbContext } from "./verb.ts";

/** Starts a flow. */
export const run: RunVerb = async (context) => {
  const { given, terminal } = context;
  const { key, label: labels, dryRun = false, output } = given;
  const flow = await flowNamed(context, given.operands[0]);
  const input = given.input === undefined ? undefined : await readJson("input", given.input, terminal);
  const identity = identityOf("client");
  const started = await startFlow(flow, { key, input, labels }, await callOptions(context, identity));
  const { request } = started;
  if (isObjectFormat(output)) {
    if (dryRun || !given.wait && !given.watch) await createObjectWriter(output, terminal, "one").add([request]);
  } else {
    const isNew = request.status?.history?.[0]?.by === identity;
    const what = dryRun ? "would be started (dry run: nothing was written)" : isNew ? "is started" : "was started before";
    terminal.out(`${startedLine(request, key, `${what}, flow ${flow.name}`, terminal.screen?.columns)}\n`);
  }
  if (dryRun || !given.wait && !given.watch) return 0;
  const { awaitRun, codeOf, followRun } = await import("./follow.ts");
  if (given.watch) return await followRun(context, started);
  const last = await awaitRun(context, started, { isAlone: true }).catch((error: unknown) => {
    // Nothing was said yet, and it goes on.
    if (isObjectFormat(output)) terminal.note(`${startedLine(request, key, "is started, and goes on", undefined)}\n`);
    throw error;
  });
  if (isObjectFormat(output)) await createObjectWriter(output, terminal, "one").add([last]);
  return codeOf(last);
};

/** What is said of a flow that was started: by its key and its name, on a terminal that is too narrow for that by both ends of its name. */
function startedLine(request: RequestState, key: string | undefined, said: string, columns: number | undefined): string {
  const address = nameOf(request);
  if (key === undefined) return lineAbout(address, said, columns);
  const whole = `(${address}) ${said}`;
  if (columns === undefined || widthOf(key) + 1 + widthOf(whole) <= columns) return lineAbout(key, whole, columns);
  return lineAbout(key, `(${request.metadata.namespace}/${shortName(request.metadata.name)}) ${said}`, columns);
}

/** A flow of the module, or of what is known without one. @throws {UsageError} When there is none of that name. */
export async function flowNamed(context: VerbContext, name: string | undefined): Promise<Flow> {
  const { given } = context;
  const flows = await context.flows() ?? await sampleFlows();
  const names = [...new Set(flows.map((flow) => flow.name))];
  if (name === undefined && names.length === 1) return flows[0]!;
  const found = flows.find((flow) => flow.name === name);
  if (found) return found;
  const there = given.flow === undefined
    ? `without --flow MODULE there is only ${names.join(", ")}`
    : `the module "${given.flow}" has ${names.join(", ")}`;
  if (name === undefined) throw new UsageError(`Name the flow to ${given.verb}: ${there}`);
  const meant = nearest(name, names);
  throw new UsageError(`Unknown flow "${name}": ${meant === undefined ? there : `did you mean ${meant}?`}`);
}

/** What is there where no module is named. */
async function sampleFlows(): Promise<readonly Flow[]> {
  const { loadFlows } = await import("../flow-module.ts");
  return (await loadFlows()).map(({ flow }) => flow);
}
