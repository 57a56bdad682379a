/**
 * The golden cases: `fixtures/flows/<flow>/<case>.input.yaml` and `.output.yaml`. A new case is two files and no code. They are tried
 * on the pure core here, and what they write on the fake and on genuine servers.
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { parse } from "yaml";
import { decide } from "../../src/flow.ts";
import { claimJob } from "../../src/flow/claim.ts";
import type { Circumstances } from "../../src/flow/decision.ts";
import { defineFlow, type FlowDefinition, type JobDefinitions, SAMPLE } from "../../src/flow/definition.ts";
import type { Flow } from "../../src/flow/plan.ts";
import { endTooLarge, reportJob, type Result } from "../../src/flow/report.ts";
import { type Place, stepFault } from "../../src/flow/steps.ts";
import type { Transition } from "../../src/flow/transition.ts";
import { signalOf } from "../../src/flow/waiting.ts";
import { type DesiredState, giveSignal, retryParked, wish } from "../../src/flow/wishes.ts";
import { type Write, writeOf } from "../../src/flow/write.ts";
import type { PatchOperation } from "../../src/ports.ts";
import type { RequestState, Signal } from "../../src/request-state.ts";

/** What a case is about. */
interface Input {
  /** Who looks at the request; `step`: whoever writes `to`. */
  readonly as: "director" | "claim" | "report" | "too-large" | "wish" | "signal" | "retry" | "step";
  readonly by: string;
  readonly now: string;
  readonly request: RequestState;
  /** What a director knows beside the request; moments as text. */
  readonly circumstances?:
    & Partial<Omit<Circumstances, "now" | "since" | "cancelSeen" | "resumeSeen">>
    & {
      readonly [moment in "since" | "cancelSeen" | "resumeSeen"]?: string;
    };
  readonly claimId?: string;
  readonly handles?: readonly string[];
  readonly result?: Result;
  readonly desiredState?: DesiredState;
  readonly job?: string;
  readonly signal?: Signal;
  readonly to?: Place;
}

/** What must come of it. */
interface Output {
  readonly action: string;
  readonly operations?: readonly PatchOperation[];
  /** Of a step that there is not: why. */
  readonly because?: string;
}

/** One case. */
export interface Case {
  /** As in `order: director requests the next job`. */
  readonly name: string;
  readonly flow: Flow;
  readonly input: Input;
  readonly output: Output;
}

const folder = new URL("../../fixtures/flows/", import.meta.url);
const read = async (path: string): Promise<unknown> => parse(await readFile(new URL(path, folder), "utf8"));

/** Every case. */
export async function goldenCases(): Promise<Case[]> {
  const cases: Case[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const files = (await readdir(new URL(`${name}/`, folder))).sort();
    const flow = files.includes("definition.yaml")
      ? defineFlow(
        name,
        await read(`${name}/definition.yaml`) as FlowDefinition<JobDefinitions> & { jobs: Record<string, object> },
      )
      : SAMPLE;
    for (const file of files) {
      if (!file.endsWith(".input.yaml")) continue;
      const title = file.replace(".input.yaml", "");
      const [input, output] = await Promise.all(["input", "output"].map((end) => read(`${name}/${title}.${end}.yaml`)));
      cases.push({ name: `${name}: ${title.replaceAll("-", " ")}`, flow, input: input as Input, output: output as Output });
    }
  }
  return cases;
}

/** What comes of a case, as its output file has it. */
export function outcomeOf({ flow, input }: Case): unknown {
  const { write, ...outcome } = judge(flow, input);
  return JSON.parse(JSON.stringify({ ...outcome, ...write && { action: "write", operations: write.operations } }));
}

/** The write of a case; undefined where there is none. */
export const writeFor = ({ flow, input }: Case): Write | undefined => judge(flow, input).write;

function judge(
  flow: Flow,
  { as, by, now: time, circumstances, request, ...input }: Input,
): { readonly write?: Write; readonly [member: string]: unknown } {
  const now = Date.parse(time);
  const written = (transition: Transition | undefined, more: object = {}) =>
    transition ? { write: writeOf(request, transition, { by, now }), ...more } : { action: "nothing" };
  switch (as) {
    case "director": {
      const { since, cancelSeen, resumeSeen, ...others } = circumstances ?? {};
      const moments = Object.entries({ since, cancelSeen, resumeSeen }).flatMap(([name, moment]) =>
        moment === undefined ? [] : [[name, Date.parse(moment)]]
      );
      const decision = decide(flow, request, { ...others, ...Object.fromEntries(moments), now });
      if (decision.action === "write") return written(decision.transition, noted(decision.notices));
      if (decision.action !== "wait") return decision;
      const { notices, until, ...wait } = decision;
      return { ...wait, ...until !== undefined && { until: new Date(until).toISOString() }, ...noted(notices) };
    }
    case "claim": {
      const handles = input.handles && ((job: string) => input.handles!.includes(job));
      return written(claimJob(flow, request, { id: input.claimId!, holderIdentity: by, now, handles }));
    }
    case "report":
      return written(reportJob(flow, request, input.claimId!, input.result!, now));
    case "too-large":
      return written(endTooLarge(request, input.claimId));
    case "wish":
    case "signal": {
      const write = as === "wish" ? wish(request, input.desiredState!) : giveSignal(request, input.job!, input.signal!);
      return write ? { write } : { action: "nothing" };
    }
    case "retry":
      return written(retryParked(request));
    case "step": {
      const because = stepFault(request, input.to!, signalOf(request, request.spec.job) !== undefined);
      return because === undefined ? { action: "step" } : { action: "refuse", because };
    }
  }
}

const noted = (notices: readonly unknown[]): object => notices.length > 0 ? { notices } : {};
