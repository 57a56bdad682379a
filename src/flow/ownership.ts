/**
 * Whose business a request is, and whether it keeps to the protocol at all. Pure.
 *
 * @module
 */

import { entriesOf, flowNameOf, momentOf, type RequestState, type State, STATES } from "../request-state.ts";
import { SAMPLE } from "./definition.ts";
import type { Flow } from "./plan.ts";
import { follows } from "./steps.ts";

/** Which of several versions of flows drives a request. */
export type Version =
  | { readonly flow: Flow }
  /** None of that name: it is none of this process's business. */
  | { readonly flow: undefined; readonly known: readonly [] }
  /** The name is known, its graph is not: another version of the program drives it, or did. */
  | { readonly flow: undefined; readonly known: readonly Flow[] };

/** The digest by which a request is driven; one that names no flow and has none is of the sample flow, as the reference makes it. */
export const digestFor = ({ spec }: RequestState): string | undefined =>
  spec.flowDigest ?? (spec.flow === undefined ? SAMPLE.digest : undefined);

/**
 * What to say of a request that names no flow, and so is taken for one of the sample flow, though its digest or its job is another's: as
 * a clause with the remedy. Undefined where there is no such sign.
 */
export function erasureFault(flows: Flow | readonly Flow[], { spec }: RequestState): string | undefined {
  const { flow, flowDigest: digest, job } = spec;
  if (flow !== undefined || digest === SAMPLE.digest || digest === undefined && SAMPLE.plans[job]) return undefined;
  const known = isList(flows) ? flows : [flows];
  const owner = known.find(({ name, plans, ...other }) =>
    name !== SAMPLE.name && (digest === undefined ? plans[job] !== undefined : other.digest === digest)
  );
  if (!owner && (digest === undefined || !known.some(({ name }) => name === SAMPLE.name))) return undefined;
  const sign = digest === undefined ? `job "${job}"` : "spec.flowDigest";
  const whose = owner ? `is of flow "${owner.name}"` : "is not that of the sample flow";
  return `spec.flow was erased (${sign} ${whose}), and cannot be set again: cancel it or delete it, and start the flow anew`;
}

/**
 * Why no director goes on with a request that was written by hand, and by which no definition can be found: as a clause. What is missing in
 * it cannot be set later. Undefined of any other.
 */
export function namelessness({ spec: { flow, flowDigest, job } }: RequestState): string | undefined {
  if (flowDigest !== undefined) return undefined;
  if (flow !== undefined) return `it does not say to which graph of flow "${flow}" it keeps (spec.flowDigest)`;
  return SAMPLE.plans[job] ? undefined : `it does not name its flow (spec.flow), and the sample flow has no job "${job}"`;
}

/** That digest in a sentence. */
export function digestText(request: RequestState): string {
  const digest = digestFor(request);
  return digest === undefined ? "without spec.flowDigest" : `with digest ${digest}`;
}

/** The version of a flow that drives a request. */
export function versionOf(flows: Flow | readonly Flow[], request: RequestState): Version {
  const name = flowNameOf(request);
  const digest = digestFor(request);
  const all = isList(flows) ? flows : [flows];
  const flow = all.find((each) => each.digest === digest && each.name === name);
  return flow ? { flow } : { flow: undefined, known: all.filter((each) => each.name === name) };
}

/** Whether one of these has the name of a request's flow, in whatever version: then it is this process's business. */
export const isNamed = (flows: readonly Flow[], request: RequestState): boolean => {
  const wanted = flowNameOf(request);
  return flows.some(({ name }) => name === wanted);
};

const isList = (flows: Flow | readonly Flow[]): flows is readonly Flow[] => Array.isArray(flows);

/** Why a request is not driven by any of these, as the end of a sentence; undefined where it is. */
export function whyNotOurs(flows: Flow | readonly Flow[], request: RequestState): string | undefined {
  const version = versionOf(flows, request);
  if (version.flow) return undefined;
  const { known } = version;
  const name = flowNameOf(request);
  if (known.length === 0) return `it belongs to flow "${name}", which this process does not know`;
  return `its flow is "${name}" ${digestText(request)}, this process knows ${known.map(({ digest }) => digest).join(", ")}`;
}

/** What in a request breaks the protocol so that nobody may go on with it, as a clause with the remedy, or undefined. */
export function faultOf(flow: Flow, request: RequestState): string | undefined {
  const { job, state, notBefore } = request.spec;
  const unknown = unknownState(state);
  if (unknown !== undefined) return unknown;
  const remedy = "cancel the flow or delete the object"; // the rules of the CRD let nobody correct it
  if (!flow.plans[job]) {
    return `job "${job}" is not one of flow "${flow.name}" (${flow.jobs.join(", ")}); ${remedy}`;
  }
  if (notBefore !== undefined && Number.isNaN(momentOf(notBefore))) {
    return `spec.notBefore "${notBefore}" is no time such as 2026-01-31T08:00:00Z; delete the object and create it anew`;
  }
  const entries = entriesOf(request);
  for (const entry of entries) {
    if (!isState(entry.state) || !flow.plans[entry.job]) {
      return `its history names ${entry.job}/${entry.state}, which flow "${flow.name}" does not have; ${remedy}`;
    }
  }
  const last = entries.at(-1);
  if (last && !(last.job === job && last.state === state) && !follows(flow, last, { job, state })) {
    return `its history ends with ${last.job}/${last.state}, from where ${job}/${state} cannot be reached; ${remedy}`;
  }
  const { outcomes } = flow.plans[job];
  if (state === "COMPLETED" && outcomes.length > 0 && !((outcomeOf(request) ?? "") in flow.plans[job].on)) {
    return `job "${job}" has completed ${outcomeText(outcomeOf(request))}, expected one of ${
      outcomes.join(", ")
    }; cancel the flow or fork it from that job`;
  }
  return undefined;
}

const outcomeText = (outcome: string | undefined) => outcome === undefined ? "without an outcome" : `with outcome "${outcome}"`;

/** The outcome with which the current job has completed. */
export function outcomeOf(request: RequestState): string | undefined {
  const last = request.status?.history?.at(-1);
  return last?.job === request.spec.job && last.state === "COMPLETED" ? last.outcome : undefined;
}

/** What to say of a state that the protocol has not, as a clause with the remedy: no step leads on from it. Undefined of any other. */
export const unknownState = (state: string): string | undefined =>
  isState(state) ? undefined : `state "${state}" is unknown (known: ${STATES.join(", ")}); delete the object`;

/** Whether it is one of the protocol's states. */
export const isState = (state: string): state is State => (STATES as readonly string[]).includes(state);
