/**
 * What may become of a flow that stands where it stands. Pure.
 *
 * @module
 */
import { decide } from "../flow.ts";
import { earliest, notBeforeOf } from "../flow/moments.ts";
import { digestFor, versionOf } from "../flow/ownership.ts";
import type { Flow } from "../flow/plan.ts";
import { statusOf, whatItWaitsFor } from "../flow/standing.ts";
import { attemptOf, flowNameOf, isOver, type RequestState } from "../request-state.ts";

/** Whether something will happen by itself. */
export type Prospect =
  /** Not before this moment, in milliseconds since the Unix epoch; why not earlier, where the test could do something about it. */
  | { readonly kind: "at"; readonly moment: number; readonly because?: string }
  /** A program will see to it; where none does, it happens at this moment. */
  | { readonly kind: "soon"; readonly by?: number }
  /** Nobody will, and why, with what the test has to do: a clause. */
  | { readonly kind: "never"; readonly because: string };

/** What is around a flow in a test. */
export interface Surroundings {
  readonly flows: readonly Flow[];
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Whether a worker lives, by its identity. */
  readonly lives: (identity: string) => boolean;
  /** Whether a living worker has a handler of this job. */
  readonly handles: (flow: Flow, job: string) => boolean;
  /** The handler that runs for this attempt; `slow`: it has had its real time. */
  readonly handler: (request: RequestState) => { readonly slow: boolean } | undefined;
  /** When the test's own clock has its next timer. */
  readonly timer: number | undefined;
  /** How long handlers may be at work, in milliseconds of real time. */
  readonly realTime: number;
}

const SOON: Prospect = { kind: "soon" };
const at = (moment: number): Prospect => ({ kind: "at", moment });
const never = (because: string): Prospect => ({ kind: "never", because });

/** What may become of a flow. */
export function prospectOf(request: RequestState, around: Surroundings): Prospect {
  const { flows, now } = around;
  if (isOver(request)) return never(`it is over (${statusOf(request, now)})`);
  // That its worker is lost is for its director to see.
  const decision = decide(flows, request, { now, holderAlive: true });
  switch (decision.action) {
    case "leave":
      return never(`it is of flow "${flowNameOf(request)}", and this test was given ${namesOf(flows)}`);
    case "report":
      return never(decision.fault);
    case "wait":
      return whileWaiting(request, decision, around);
    default:
      return SOON;
  }
}

const namesOf = (flows: readonly Flow[]): string => [...new Set(flows.map(({ name }) => `"${name}"`))].join(", ");

type Waiting = Extract<ReturnType<typeof decide>, { action: "wait" }>;

function whileWaiting(request: RequestState, { for: awaited, until }: Waiting, around: Surroundings): Prospect {
  const { job } = request.spec;
  const inTime = until !== undefined && until > around.now ? until : undefined;
  const orNever = (because: string): Prospect => inTime === undefined ? never(because) : { kind: "at", moment: inTime, because };
  switch (awaited) {
    case "worker":
      return waitingForWorker(request, inTime, around);
    case "result":
      return waitingForResult(request, inTime, around);
    case "abort":
      return SOON;
    case "time":
    case "retry":
      return inTime === undefined ? SOON : at(inTime);
    case "signal":
      return orNever(`it waits for a signal that nobody gives: await ${signalCall(request, around)}`);
    case "resume":
      return orNever("it is suspended: await t.resume(run)");
    case "operator": {
      const why = request.status?.lastError?.message ?? "nothing was said about why";
      return orNever(`job ${job} has failed for good (${why}) and is parked: await t.retry(run), or t.cancel(run)`);
    }
    case "definition": {
      const known = around.flows.filter(({ name }) => name === flowNameOf(request)).map(({ digest }) => digest);
      const graph = `its graph has the digest ${digestFor(request)}, those given to this test have ${known.join(", ")}`;
      return orNever(`${graph}: give the implementation that it was started with, too`);
    }
  }
}

function waitingForWorker(request: RequestState, inTime: number | undefined, { flows, now, handles }: Surroundings): Prospect {
  const { job } = request.spec;
  const notBefore = notBeforeOf(request) ?? now;
  if (notBefore > now) return at(notBefore);
  const { flow } = versionOf(flows, request);
  if (flow && handles(flow, job)) return { kind: "soon", by: inTime };
  if (inTime !== undefined) return at(inTime);
  return never(`no worker here has a handler of job ${job}: give one with the implementation, or as mocks: { ${job}: ... }`);
}

function waitingForResult(request: RequestState, inTime: number | undefined, around: Surroundings): Prospect {
  const { job } = request.spec;
  const holder = request.status?.claim?.holderIdentity;
  if (holder === undefined && inTime === undefined) {
    return never(`job ${job} is STARTED without a claim, so that nobody goes on with it: await t.cancel(run)`);
  }
  if (holder === undefined) return at(inTime!);
  const run = around.lives(holder) ? around.handler(request) : undefined;
  if (!run) return { kind: "soon", by: inTime };
  const moment = earliest(around.timer, inTime);
  if (moment !== undefined) return at(moment);
  const handler = `the handler of job ${job} (attempt ${attemptOf(request)})`;
  return never(
    run.slow
      ? `${handler} has been at work for ${
        around.realTime / 1_000
      } s of real time, and nothing else can move the flow: mock what it waits for, or give it more with realTime`
      : `${handler} waits to be told to stop, and nobody tells it: give the job a timeout, or await t.cancel(run)`,
  );
}

/** What to write, for who has forgotten it. */
function signalCall(request: RequestState, { flows }: Surroundings): string {
  const { job } = request.spec;
  const outcomes = versionOf(flows, request).flow?.plans[job]?.outcomes ?? [];
  const [first, ...others] = outcomes.map((outcome) => JSON.stringify(outcome));
  const call = `t.signal(run, ${[JSON.stringify(job), ...first === undefined ? [] : [first]].join(", ")})`;
  return others.length > 0 ? `${call} (or ${others.join(", ")})` : call;
}

/** Where a flow stands, as the rest of a sentence. */
export function standingText(request: RequestState, now: number): string {
  const { job, state } = request.spec;
  const waits = whatItWaitsFor(request, now);
  return `it stands at ${job}/${state}${waits === undefined ? "" : ` and waits for ${waits}`}`;
}
