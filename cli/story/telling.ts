/**
 * What happens to the order, in sentences for somebody who has never heard of any of it. Pure but for what was told already.
 *
 * @module
 */

import type { Flow, HistoryEntry, RequestState } from "../../mod.ts";
import { edgesOf } from "../../src/flow/digest.ts";
import type { Look, Style } from "../render/paint.ts";
import { fitted, inLines, padded } from "../render/width.ts";
import { createTransitions, type TransitionSeen } from "../transitions.ts";

/** One thing that happened. */
export interface Told {
  /** Whose doing it was. */
  readonly who: string;
  readonly text: string;
  /** Where it matters how it went. */
  readonly style?: Style;
}

/** A worker without what makes it unique: `worker-a`. */
export const shortName = (identity: string): string => identity.replace(/-[\da-f]{8}$/, "");

const again = (attempt = 1): string => attempt > 1 ? `, attempt ${attempt}` : "";

function requested(flow: Flow, { entry, before }: TransitionSeen): string {
  const { job, attempt, reason } = entry;
  if (before === undefined) return `orders something; job ${job} comes first`;
  if (before.job !== job) {
    return flow.plans[job]?.waits?.signal
      ? `${job} is up to a person: no worker is busy with it`
      : `asks for ${job}: whoever is free may claim it`;
  }
  if (reason === "WorkerLost") return `takes ${job} from ${shortName(before.by ?? "?")}: others may claim it${again(attempt)}`;
  return `asks for ${job} again, after a short rest`;
}

/** Where an outcome leads, and where another one would have led. */
function completed(flow: Flow, { job, outcome }: HistoryEntry): string {
  const edges = edgesOf(flow.plans[job]!);
  if (outcome === undefined) return `${job} is done${edges.length === 0 ? ", and so is the order" : ""}`;
  const to = edges.find(([name]) => name === outcome)?.[1] ?? "?";
  const others = edges.filter(([name]) => name !== outcome).map(([name, to]) => `"${name}": ${to}`);
  return `${job} ends with "${outcome}": on to ${to} (${others.join(", ")})`;
}

/** A transition in a sentence. */
export function tellTransition(flow: Flow, request: RequestState, seen: TransitionSeen): Told {
  const { entry } = seen;
  const who = shortName(entry.by ?? "?");
  const { job, attempt } = entry;
  switch (entry.state) {
    case "REQUESTED":
      return { who, text: requested(flow, seen) };
    case "STARTED":
      return { who, text: `claims ${job}${again(attempt)}, and begins`, style: "cyan" };
    case "COMPLETED":
      return { who, text: completed(flow, entry), style: "green" };
    default:
      return { who, text: `${job} fails: ${request.status?.lastError?.message ?? entry.reason ?? "?"}`, style: "red" };
  }
}

/** Tells of versions of a request, each thing once. */
export interface Telling {
  newIn(request: RequestState): readonly Told[];
}

/** Begins to tell. */
export function createTelling(flow: Flow): Telling {
  const transitions = createTransitions();
  const signalled = new Set<string>();
  return {
    newIn(request) {
      const given = Object.entries(request.spec.signals ?? {}).filter(([job]) => !signalled.has(job));
      for (const [job] of given) signalled.add(job);
      return [
        ...given.map(([job, { by = "?", outcome }]) => ({
          who: by,
          text: `says "${outcome}" to ${job}`,
          style: "magenta" as const,
        })),
        ...transitions.newIn(request).map((seen) => tellTransition(flow, request, seen)),
      ];
    },
  };
}

/** Cells of whose doing it was. */
const WHO = 8;

/** When (since the beginning), whose doing, and what: a line. Pure. @param ms Milliseconds. */
export function toldLine(ms: number, { who, text, style }: Told, { width = Infinity, paint }: Omit<Look, "now">): string {
  const time = `${(ms / 1_000).toFixed(1).padStart(5)} s`;
  const room = width - time.length - WHO - 4;
  return `${paint("dim", time)}  ${paint("bold", padded(fitted(who, WHO), WHO))}  ${paint(style, fitted(text, room))}`;
}

/** What somebody should know before the story begins. Pure. @param server Where the API is. */
export function storyHead(server: string, { width = Infinity }: Pick<Look, "width">): string[] {
  const text = "A customer orders something. A director decides what comes next, two workers do it, and a person approves. " +
    `All that they say to each other is written to one object of a Kubernetes API, here a fake one: ${server}`;
  return [...inLines(text, width), ""];
}
