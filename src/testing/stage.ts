import { hasHandler } from "../flow/handler.ts";
import type { Handlers, Job } from "../flow/handler.ts";
import { type Performer, surround } from "../flow/middleware.ts";
import { strayText } from "../flow/result.ts";
import type { PartialImplementation } from "../programs/implementations.ts";
import type { Flow } from "../flow/plan.ts";
import { attemptOf, nameOf, type RequestState } from "../request-state.ts";
import { isHanging } from "./hang.ts";
import type { Machine } from "./machine.ts";

/** What shall happen when a handler of a job is begun next. */
export type Cue =
  & { readonly job: string }
  & (
    | { readonly kind: "fail"; readonly error: unknown }
    /** Its worker is killed: before the handler has done anything, or when it has done all, before that is reported. */
    | { readonly kind: "crash"; readonly at: "begin" | "end" }
  );

/** A worker, as far as handlers are concerned. */
export interface Player {
  readonly machine: Pick<Machine, "runs" | "clock">;
  /** SIGKILL. */
  kill(): void;
}

/** A handler that is running. */
export interface HandlerRun {
  readonly job: string;
  readonly attempt: number;
  readonly uid: string;
  /** As in `default/a`. */
  readonly request: string;
  /** The worker that runs it. */
  readonly player: Player;
  readonly signal: AbortSignal;
  /** How long it was waited for, in milliseconds of real time. */
  worked: number;
  /** It has had its real time: time is skipped over it. */
  slow: boolean;
}

/** Where handlers are run: their stand-ins, and what shall happen to them. */
export interface Stage {
  readonly running: ReadonlySet<HandlerRun>;
  /** What was said of results that hold more than a result has. */
  readonly strays: ReadonlySet<string>;
  /** Cues that have not come, the oldest first. */
  readonly cues: readonly Cue[];
  /** A worker that shall die in a job dies now, where it is in that job. */
  cue(cue: Cue): void;
  /** What one worker does. */
  implementations(player: Player): PartialImplementation[];
  /** The machine was killed, and its handlers with it. */
  clear(machine: Player["machine"]): void;
  /** Whether there is a handler of a job. */
  handles(flow: Flow, job: string): boolean;
  /** The handler that runs for the present attempt of a request. */
  find(request: RequestState): HandlerRun | undefined;
  /** Whether a handler may be at work in real time: what it waits for is not known to come with the test's own time. */
  isWorking(run: HandlerRun): boolean;
}

/** What a stage is made of. */
export interface StageOptions {
  readonly implementations: readonly PartialImplementation[];
  /** Instead of the handlers of these jobs, whatever their flow. */
  readonly mocks: Partial<Handlers>;
  /** A handler was begun, or has ended. */
  readonly onChange: () => void;
  /** Whether the test's own clock has timers: a handler may wait for one. */
  readonly hasTimers: () => boolean;
  /** Puts something around a handler with all that is around it. @default {Nothing} */
  readonly enclose?: Enclose;
}

/** Puts something around what does a job for a worker. */
export type Enclose = (performer: Performer, player: Player) => Performer;

/** Makes a stage. @throws {TypeError} When a mock is of no job, or is no function. */
export function createStage({ implementations, mocks, onChange, hasTimers, enclose }: StageOptions): Stage {
  const running = new Set<HandlerRun>();
  const cues: Cue[] = [];
  checkMocks(implementations, mocks);

  const perform = async (handler: (job: Job) => unknown, job: Job, player: Player): Promise<unknown> => {
    const cue = take((cue) => cue.job === job.job);
    const { request, signal, attempt } = job;
    const uid = request.metadata.uid!;
    const run: HandlerRun = {
      ...{ job: job.job, attempt, uid, request: nameOf(request), player, signal },
      worked: 0,
      slow: false,
    };
    running.add(run);
    onChange();
    try {
      if (cue?.kind === "crash" && cue.at === "begin") return await die(player);
      if (cue?.kind === "fail") throw cue.error;
      return await handler(job);
    } finally {
      // It may have been ordered meanwhile.
      const last = cue ?? (running.has(run) ? take((cue) => cue.job === job.job && cue.kind === "crash") : undefined);
      if (last?.kind === "crash") await die(player);
      running.delete(run);
      onChange();
    }
  };
  const take = (fits: (cue: Cue) => boolean): Cue | undefined => {
    const at = cues.findIndex(fits);
    return at < 0 ? undefined : cues.splice(at, 1)[0];
  };
  const die = (player: Player): Promise<never> => {
    player.kill();
    return new Promise<never>(() => {});
  };

  const strays = new Set<string>();
  /** Its worker says so in its log, where nobody may look. */
  const judged = (performer: Performer): Performer => async (job) => {
    const given = await performer(job);
    const text = strayText(job.job, given);
    if (text !== undefined) strays.add(text);
    return given;
  };

  return {
    running,
    cues,
    strays,
    cue(cue) {
      const run = cue.kind === "crash" && cue.at === "begin" ? [...running].find(({ job }) => job === cue.job) : undefined;
      if (run) run.player.kill();
      else cues.push(cue);
    },
    implementations: (player) =>
      implementations.map((implementation) => {
        const own = Object.entries(mocks).filter(([job]) => worksOn(implementation, job));
        const given = Object.entries({ ...implementation.handlers, ...Object.fromEntries(own) });
        const handlers = given.flatMap(([job, handler]) =>
          handler === undefined ? [] : [[job, (told: Job) => perform(handler as (job: Job) => unknown, told, player)] as const]
        );
        const { use = [], ...others } = implementation;
        const enclosed = handlers.map(([job, handler]) => {
          const performer = surround(handler, use);
          return [job, enclose ? enclose(performer, player) : judged(performer)];
        });
        return { ...others, handlers: Object.fromEntries(enclosed) as Partial<Handlers> };
      }),
    clear(machine) {
      for (const run of running) if (run.player.machine === machine) running.delete(run);
    },
    handles: (flow, job) =>
      implementations.some((each) =>
        each.flow === flow && (hasHandler(each.handlers, job) || hasHandler(mocks, job) && worksOn(each, job))
      ),
    find: (request) =>
      [...running].find(({ uid, job, attempt }) =>
        uid === request.metadata.uid && job === request.spec.job && attempt === attemptOf(request)
      ),
    isWorking: ({ slow, signal, player }) => !slow && player.machine.runs && !isHanging(signal) && !hasTimers(),
  };
}

const worksOn = ({ flow }: PartialImplementation, job: string): boolean =>
  flow.plans[job] !== undefined && !flow.plans[job].waits;

function checkMocks(implementations: readonly PartialImplementation[], mocks: Partial<Handlers>): void {
  const faults = Object.entries(mocks).flatMap(([job, mock]) =>
    !implementations.some((each) => worksOn(each, job))
      ? [
        `mock "${job}" is of no job that workers do (${
          implementations.flatMap(({ flow }) => flow.jobs.filter((each) => !flow.plans[each]!.waits)).join(", ")
        })`,
      ]
      : typeof mock !== "function" && mock !== undefined
      ? [`mock "${job}" is no function`]
      : []
  );
  if (faults.length > 0) throw new TypeError(`Cannot set up the test: ${faults.join("; ")}`);
}
