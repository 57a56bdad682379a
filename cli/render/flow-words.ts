/**
 * A flow in few words: what it is called, where it stands, what it waits for. Pure.
 *
 * @module
 */

import { attemptOf, flowNameOf, type FlowStatus, isOver, type RequestState, statusOf } from "../../mod.ts";
import { type Absence, absenceOf } from "../../src/flow/attendance.ts";
import { flowKeyOf, ownLabelsOf } from "../../src/flow/creation.ts";
import { birthOf } from "../../src/flow/moments.ts";
import { type Wait, waitOf } from "../../src/flow/standing.ts";
import { IGNORED, ignoredSignal } from "../../src/flow/waiting.ts";
import { conditionOf, momentOf } from "../../src/request-state.ts";
import type { Peer } from "../../src/runtime/leases/peer.ts";
import { agoText, tookText } from "./time.ts";

/** A flow, as it is shown in a line. */
export interface FlowWords {
  readonly namespace: string;
  readonly name: string;
  /** What it was started with; `""` where there was none. */
  readonly key: string;
  /** What a person calls it. */
  readonly called: string;
  readonly flow: string;
  readonly status: FlowStatus;
  readonly job: string;
  readonly attempt: string;
  /** For how long it has stood like that. */
  readonly standing: string;
  readonly age: string;
  /** What it waits for, or why it ended like that. */
  readonly detail: string;
  readonly holder: string;
  readonly labels: string;
}

/**
 * The words for a flow.
 *
 * @param now Milliseconds since the Unix epoch.
 * @param workers Those that are there, where that is known.
 */
export function flowWords(request: RequestState, now: number, workers?: readonly Peer[]): FlowWords {
  const { metadata, spec, status } = request;
  const key = flowKeyOf(request) ?? "";
  const wait = waitOf(request, now);
  const since = wait ? wait.since : momentOf(status?.completionTime ?? "");
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    key,
    called: key || metadata.name,
    flow: flowNameOf(request),
    status: statusOf(request, now),
    job: spec.job,
    attempt: String(attemptOf(request)),
    standing: agoText(since, now),
    age: agoText(birthOf(request)?.at, now),
    detail: wait ? waitWords(request, wait, now, workers) : endWords(request),
    holder: status?.claim?.holderIdentity ?? "",
    labels: Object.entries(ownLabelsOf(request)).map(([name, value]) => `${name}=${value}`).join(","),
  };
}

/** What it waits for; its job stands beside it. @param workers Those that are there, where that is known. */
export function waitWords(request: RequestState, wait: Wait, now: number, workers?: readonly Peer[]): string {
  const { spec, status } = request;
  const attempt = attemptOf(request) > 1 ? `, attempt ${attemptOf(request)}` : "";
  const left = wait.until === undefined ? "" : tookText(Math.max(0, wait.until - now));
  const error = status?.lastError?.job === spec.job ? status.lastError.message : undefined;
  switch (wait.for) {
    case "worker": {
      const absence = workers && absenceOf(request, workers);
      return `a worker${attempt}${absence ? `: ${LACKS[absence.lacks]}` : ""}`;
    }
    case "result":
      return `${wait.holder ?? "a worker that names no claim"}${attempt}`;
    case "abort":
      return `${wait.holder ?? "its worker"} to stop`;
    case "signal": {
      const ignored = ignoredSignal(request);
      if (ignored !== undefined) return `cancel or fork: ${IGNORED}: ${ignored}`;
      return `signal${wait.outcomes && wait.outcomes.length > 0 ? ` ${wait.outcomes.join("|")}` : ""}${
        left === "" ? "" : `, ${left} left`
      }`;
    }
    case "time":
      return left === "" ? "its time" : `its time, in ${left}`;
    case "resume":
      return "somebody to resume it";
    case "operator":
      return `retry or cancel${error === undefined ? "" : `: ${error}`}`;
    case "definition":
      return "a director that knows its definition";
    default:
      return `its director${spec.state === "FAILED" && error !== undefined ? `, after: ${error}` : ""}`;
  }
}

/** Why no worker does it, beside its job and its flow. */
const LACKS: Readonly<Record<Absence["lacks"], string>> = {
  worker: "none is there",
  flow: "none does this flow",
  graph: "none has this graph",
  job: "none does this job",
};

/** Why it ended, its job stands beside it; nothing where all went well. */
export function endWords(request: RequestState): string {
  const { status = "", reason = "", message = "" } = conditionOf(request, "Succeeded") ?? {};
  if (!isOver(request) || status === "True") return "";
  return message.replace(`Job ${request.spec.job} failed: `, "") || reason;
}
