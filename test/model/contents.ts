/**
 * What a request can look like, and the writes that make one look of another: both are made by the library's own pure functions, and
 * kept once, so that the model can count with small numbers.
 *
 * @module
 */
import { decide, defineFlow, type Flow, type RequestState } from "../../mod.ts";
import { claimJob } from "../../src/flow/claim.ts";
import { applied } from "../../src/flow/json-patch.ts";
import { isHeldBy, reportJob, type Result } from "../../src/flow/report.ts";
import type { Transition } from "../../src/flow/transition.ts";
import { wish } from "../../src/flow/wishes.ts";
import { type Write, writeOf } from "../../src/flow/write.ts";

/** Time stands still in the model: what is due is a choice. Milliseconds since the Unix epoch. */
const NOW = Date.UTC(2026, 0, 1);

/** Long enough ago for any pause, rest or grace to be over. */
const LONG_AGO = NOW - 1e9;

/** Two jobs, one of which may fail once and may lose its worker once. */
export const FLOW: Flow = defineFlow("model", {
  start: "A",
  jobs: { A: { next: "B", retry: { limit: 2, lostLimit: 2 } }, B: { retry: { limit: 2, lostLimit: 2 } } },
});

/** A number that stands for a look. */
export type Content = number;

/** A number that stands for a write, and for what it is for. */
export type MessageId = number;

/** A write on its way. */
export interface Message {
  readonly kind: "claim" | "report" | "release" | "drive" | "verdict";
  readonly by: string;
  /** Which process sends it, whatever it calls itself. */
  readonly sender: string;
  /** The version that it was decided on, as a place among all versions. */
  readonly base: number;
  /** The claim that it makes, or is fenced by. */
  readonly claim: string | undefined;
  readonly result: Result | undefined;
  readonly write: Write;
}

/** Who writes. */
export type Sender = Pick<Message, "by" | "sender">;

/** What the director does not read in the request. */
export interface Due {
  /** Rests and graces are over. */
  readonly late: boolean;
  readonly holderAlive: boolean;
}

/** All looks and messages that have come up. */
export interface Contents {
  readonly first: Content;
  /** The request, with the version that it has at a place. */
  at(content: Content, place: number): RequestState;
  of(content: Content): RequestState;
  message(id: MessageId): Message;
  /** What a write makes of a look, whether or not it was decided on it. */
  after(content: Content, id: MessageId): Content;
  /** Whether a look shows that a message took effect. */
  shows(content: Content, id: MessageId): boolean;
  claim(content: Content, base: number, from: Sender, id: string): MessageId | undefined;
  report(
    content: Content,
    base: number,
    from: Sender,
    id: string,
    result: Result,
    kind: "report" | "release",
  ): MessageId | undefined;
  drive(content: Content, base: number, from: Sender, due: Due): MessageId | undefined;
  cancelled(content: Content): Content | undefined;
  /** The same message for another version. */
  moved(id: MessageId, base: number): MessageId;
}

/** What the model changes of the writes to see whether that is noticed. */
export interface Distortions {
  /** A new attempt gets the number of the one before. */
  readonly sameAttempt: boolean;
  /** A result is written by whoever finds the job started. */
  readonly anyClaim: boolean;
}

const ADDED = { apiVersion: "com.redhat.ecosystem.sample/v1", kind: "RequestState" } as const;

export function createContents(distortions: Distortions): Contents {
  const objects: RequestState[] = [];
  const numbers = new Map<string, Content>();
  const messages: Message[] = [];
  const messageNumbers = new Map<string, MessageId>();
  const kept = new Map<string, number | undefined>();

  function numberOf(request: RequestState): Content {
    const { resourceVersion: _, ...metadata } = request.metadata;
    const plain = { ...request, metadata } as RequestState;
    const key = JSON.stringify(plain);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, objects.length);
    return objects.push(plain) - 1;
  }
  function at(content: Content, place: number): RequestState {
    const object = objects[content]!;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(place + 1) } };
  }
  function intern(parts: Omit<Message, "write">, request: RequestState, transition: Transition): MessageId {
    const key = JSON.stringify([parts, transition, numberOf(request)]);
    const known = messageNumbers.get(key);
    if (known !== undefined) return known;
    messageNumbers.set(key, messages.length);
    return messages.push({ ...parts, write: writeOf(request, transition, { by: parts.by, now: NOW }) }) - 1;
  }
  /** Answers once for each question. */
  function once(question: string, answer: () => number | undefined): number | undefined {
    if (kept.has(question)) return kept.get(question);
    const given = answer();
    kept.set(question, given);
    return given;
  }

  const first = numberOf({
    ...ADDED,
    metadata: { name: "r", namespace: "default", uid: "u", creationTimestamp: new Date(NOW).toISOString() },
    spec: { "request-uid": "r", flow: FLOW.name, flowDigest: FLOW.digest, job: "A", state: "REQUESTED", attempt: 1 },
    status: {
      history: [{ seq: 1, job: "A", state: "REQUESTED", attempt: 1, by: "client", timestamp: new Date(NOW).toISOString() }],
    },
  } as RequestState);

  return {
    first,
    at,
    of: (content) => objects[content]!,
    message: (id) => messages[id]!,
    after: (content, id) =>
      once(`after ${content} ${id}`, () => numberOf(applied(objects[content]!, messages[id]!.write.operations.slice(2))))!,
    shows: (content, id) => once(`shows ${content} ${id}`, () => Number(messages[id]!.write.isIn(objects[content]!))) === 1,
    claim: (content, base, from, id) =>
      once(`claim ${content} ${base} ${from.sender} ${id}`, () => {
        const request = at(content, base);
        const transition = claimJob(FLOW, request, { id, holderIdentity: from.by, now: NOW });
        return transition && intern({ ...from, kind: "claim", base, claim: id, result: undefined }, request, transition);
      }),
    report: (content, base, from, id, result, kind) =>
      once(`${kind} ${content} ${base} ${from.sender} ${id} ${result.state}`, () => {
        const request = at(content, base);
        const claim = distortions.anyClaim ? request.status?.claim?.id ?? id : id;
        if (!isHeldBy(request, claim)) return undefined;
        const transition = reportJob(FLOW, request, claim, result, NOW);
        return transition && intern({ ...from, kind, base, claim: id, result }, request, distorted(request, transition));
      }),
    drive: (content, base, from, due) =>
      once(`drive ${content} ${base} ${from.sender} ${due.late} ${due.holderAlive}`, () => {
        const request = at(content, base);
        const since = due.late ? LONG_AGO : NOW;
        const decision = decide(FLOW, request, { now: NOW, since, cancelSeen: since, holderAlive: due.holderAlive });
        if (decision.action !== "write") return undefined;
        const kind = due.holderAlive ? "drive" : "verdict";
        const claim = request.status?.claim?.id;
        return intern({ ...from, kind, base, claim, result: undefined }, request, distorted(request, decision.transition));
      }),
    cancelled: (content) =>
      once(`cancel ${content}`, () => {
        const request = at(content, 0);
        if (request.status?.completionTime !== undefined || request.spec.desiredState === "Cancelled") return undefined;
        return numberOf(applied(objects[content]!, wish(request, "Cancelled")!.operations.slice(2)));
      }),
    moved(id, base) {
      const message = messages[id]!;
      const key = `moved ${id} ${base}`;
      return once(key, () => messages.push({ ...message, base }) - 1)!;
    },
  };

  function distorted(request: RequestState, transition: Transition): Transition {
    if (!distortions.sameAttempt || transition.job !== request.spec.job) return transition;
    return { ...transition, attempt: request.spec.attempt ?? 1 };
  }
}
