/**
 * A watch with a fault.
 *
 * @module
 */
import type { Clock } from "../../ports.ts";
import type { StreamEnd, StreamPlan } from "./faults.ts";

/** What happens to one line. */
export interface LineDecision {
  /** How often it is sent. */
  readonly copies: number;
  /** What is said after it. */
  readonly say?: Uint8Array;
  /** What comes after that, if the stream does not go on. */
  readonly then?: StreamEnd;
}

const isBookmark = (line: Uint8Array) => new TextDecoder().decode(line.subarray(0, 20)).startsWith('{"type":"BOOKMARK"');

/** What the plan has in store for the place that it names. Pure. */
function decideTurn({ act, said }: StreamPlan): Omit<LineDecision, "copies"> {
  if (act === "say") return { say: said!.bytes, ...said!.then && { then: said!.then } };
  // A break is in the middle of a line.
  return act === "cut" ? { say: partial, then: act } : { then: act as StreamEnd };
}

const lasts = ({ act }: StreamPlan) => act === "delay" || act === "duplicate" || act === "reorder";

/** What happens before the first line. Pure. */
export const decideStart = (plan: StreamPlan): LineDecision =>
  plan.after === 0 && !lasts(plan) ? { copies: 0, ...decideTurn(plan) } : { copies: 0 };

/** What happens to a line. Pure. @param events Events before it. */
export function decideLine(plan: StreamPlan, events: number, bookmark: boolean): LineDecision {
  if (lasts(plan)) return { copies: plan.act === "duplicate" && !bookmark ? 2 : 1 };
  return bookmark || events + 1 !== plan.after ? { copies: 1 } : { copies: 1, ...decideTurn(plan) };
}

/** What the rest of a line looks like when a connection breaks within it. */
const partial = new TextEncoder().encode('{"type":"MODIFIED","object":{"apiVersion":');

/** A connection that broke, as fetch says it of a body. */
export const brokenStream = (): TypeError =>
  new TypeError("terminated", { cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }) });

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** How a stream with a fault lives. */
export interface FaultyStreamOptions {
  readonly plan: StreamPlan;
  readonly clock: Clock;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** What ends it when the cluster is closed: it is in here as long as it is open. */
  readonly open: Set<() => void>;
}

/**
 * Passes the lines of a watch on as a plan says. Each chunk of the source is one line.
 *
 * What was sent before a cut arrives before it: the stream fails only when its reader has taken all of it.
 */
export function faultyStream(source: ReadableStream<Uint8Array>, options: FaultyStreamOptions): ReadableStream<Uint8Array> {
  const { plan, clock, signal, open } = options;
  const reader = source.getReader();
  const queue: (Uint8Array | "cut" | "end")[] = [];
  const timers = new Set<() => void>();
  let wake: (() => void) | undefined;
  let over = false;

  const push = (item: Uint8Array | "cut" | "end") => {
    queue.push(item);
    wake?.();
  };
  const hold = (item: Uint8Array | "end") => {
    if (plan.ms === 0) return push(item);
    const cancel = clock.setTimer(plan.ms, () => {
      timers.delete(cancel);
      push(item);
    });
    timers.add(cancel);
  };
  let overtaken: { readonly line: Uint8Array; readonly cancel: () => void } | undefined;
  /** Sends what waits to be overtaken, behind what overtakes it: both at once, since a client goes on from the last one that it got. */
  const release = (first?: Uint8Array) => {
    const { line, cancel } = overtaken!;
    overtaken = undefined;
    cancel();
    timers.delete(cancel);
    push(first ? joined(first, line) : line);
  };
  const reorder = (line: Uint8Array, bookmark: boolean) => {
    if (overtaken && !bookmark) return release(line);
    if (overtaken) release();
    if (bookmark) return push(line);
    const cancel = clock.setTimer(plan.ms, () => release());
    timers.add(cancel);
    overtaken = { line, cancel };
  };
  const finish = () => {
    over = true;
    open.delete(end);
    signal.removeEventListener("abort", end);
    for (const cancel of timers) cancel();
    timers.clear();
    reader.cancel().catch(() => {});
  };
  const end = () => {
    finish();
    push("end");
  };
  /** @returns Whether the stream is over. */
  const act = ({ say, then }: LineDecision): boolean => {
    if (say) push(say);
    if (!then) return false;
    reader.cancel().catch(() => {});
    if (then !== "silence") push(then);
    return true;
  };

  async function pump(): Promise<void> {
    if (act(decideStart(plan))) return;
    for (let events = 0; !over;) {
      const { done, value } = await reader.read();
      if (over) return;
      if (done && overtaken) release();
      if (done) return plan.act === "reorder" ? push("end") : hold("end");
      const bookmark = isBookmark(value);
      const decision = decideLine(plan, events, bookmark);
      if (!bookmark) events++;
      if (plan.act === "reorder") reorder(value, bookmark);
      else for (let copy = 0; copy < decision.copies; copy++) hold(value);
      if (act(decision)) return;
    }
  }

  open.add(end);
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  else pump().catch(() => over || push("cut"));
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      while (queue.length === 0) await new Promise<void>((resolve) => wake = resolve);
      const item = queue.shift()!;
      if (typeof item !== "string") return controller.enqueue(item);
      if (!over) finish();
      if (item === "end") controller.close();
      else controller.error(brokenStream());
    },
    cancel: finish,
  }, { highWaterMark: 0 });
}
