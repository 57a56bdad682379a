import type { FakeCluster } from "../fake/mod.ts";
import type { FlowResult, RequestOf } from "../flow/flow-result.ts";
import type { Handlers, JobName, SignalledJob, WorkedJob } from "../flow/handler.ts";
import type { Middleware } from "../flow/middleware.ts";
import type { Flow } from "../flow/plan.ts";
import type { Cluster, Log } from "../ports.ts";
import type { FlowSelection } from "../programs/client/selection.ts";
import type { ForkOf } from "../programs/client/fork.ts";
import type { FlowRun } from "../programs/client/run.ts";
import type { SignalArguments } from "../programs/client/signal.ts";
import type { FlowRequest } from "../programs/client/start.ts";
import type { FlowTarget } from "../programs/client/target.ts";
import type { DirectorOptions } from "../programs/director.ts";
import type { RunOptions } from "../programs/running.ts";
import type { WorkerOptions } from "../programs/worker.ts";
import type { VirtualClock } from "../runtime/time/clock.ts";
import type { Step, TestFaults } from "./faults.ts";
import type { GivenObject } from "./production.ts";
import type { RecordedLog } from "./recorded-log.ts";

/** A flow with handlers for all its jobs, or for some: what is missing comes from mocks, or must not be reached. */
export interface TestedFlow<F extends Flow = Flow> {
  /** The definition. */
  readonly flow: F;
  /** The handlers, as `implementFlow` gives them. */
  readonly handlers: Partial<Handlers<F>>;
  /** What is done around each handler, mocks included. */
  readonly use?: readonly Middleware<F>[];
}

/** Stand-ins for handlers, by job. */
export type Mocks<F extends Flow> = F extends Flow ? Partial<Handlers<F>> : never;

/** The jobs of a flow that handlers do. */
export type TestedJob<F extends Flow> = F extends Flow ? WorkedJob<F> : never;

/** How a test is set up. */
export interface TestFlowOptions<F extends Flow = Flow> {
  /** Stand-ins for handlers, by job: what they give back has the types of the definition. @default {The handlers themselves} */
  readonly mocks?: Mocks<F>;
  /**
   * What is there from the start, as `kubectl get -o yaml` or `-o json` shows it, parsed or as a text: a flow that is stuck in
   * production goes on from where it stands. @default {Nothing}
   */
  readonly objects?: readonly GivenObject[];
  /**
   * The test's time, for what is tested to share it: what others set on it is waited for as what is set on `t.clock`. It is best advanced
   * by `t.advance(ms)`.
   * @default {A virtual clock that begins at 2026-01-01, or at the latest moment that `objects` tell of}
   */
  readonly clock?: VirtualClock;
  /** Where the flows are. @default {Where those of `objects` are, else "default"} */
  readonly namespace?: string;
  /** How many workers there are; each does 100 jobs at once, unless `worker` says otherwise. @default {1} */
  readonly workers?: number;
  /** How the worker is run: `use`, `concurrency`, `grace`, ... */
  readonly worker?: Omit<WorkerOptions<F>, keyof RunOptions>;
  /** How the director is run: `cancelGrace`, `leaderElect`, ... */
  readonly director?: Omit<DirectorOptions, keyof RunOptions | "request">;
  /** CustomResourceDefinitions that handlers need, parsed, beside the one of RequestStates. @default {None} */
  readonly crds?: readonly object[];
  /** Makes uids, and with them the spread of retries, the same in every run. @default {1} */
  readonly seed?: number;
  /** How long a wait may take, in milliseconds of the test's time. @default {2_592_000_000, 30 days} */
  readonly limit?: number;
  /** How often a job may be tried during a wait, before its flow is taken for one that tries for ever. @default {200} */
  readonly attempts?: number;
  /**
   * How long a handler may be at work in real time, in milliseconds, before the test's time is skipped over it. @default {3_000}
   */
  readonly realTime?: number;
  /** Whether flows that are not over fail the test at its end. @default {false} */
  readonly mustFinish?: boolean;
  /** Hears what the programs say, too: `createConsoleLog("debug")`. @default {`t.log` alone} */
  readonly log?: Log;
}

/** What a flow is started with; where nothing must be said, nothing need be. */
export type StartArguments<F extends Flow> = Record<never, never> extends FlowRequest<F> ? [wanted?: FlowRequest<F>]
  : [wanted: FlowRequest<F>];

/** A flow in a test: as it was started, or found, or by the name of its request. */
export type Tested<F extends Flow> = FlowRun<F> | RequestOf<F> | string;

/** A job, the state of a job (`ship/STARTED`), or anything else that a request may show. */
export type Whereabouts<F extends Flow> = Step<F> | ((request: RequestOf<F>) => boolean);

/** How often, and how, a worker dies. */
export interface CrashOptions {
  /**
   * `begin`: before its handler has done anything; `end`: when it has done everything, before that is reported, so that it will be
   * done again. @default {"begin"}
   */
  readonly at?: "begin" | "end";
}

/**
 * A flow in a test: a fake cluster, a director, workers and their time.
 *
 * Between two calls the world stands still: nothing is written, no time passes. While a call waits, time is skipped as soon as only time
 * is waited for.
 *
 * @typeParam F The flows that are tested.
 * @typeParam First The one that `start` starts unless told otherwise.
 */
export interface FlowTest<F extends Flow = Flow, First extends F = F> {
  /** Starts a flow: the first one that the test was given. @throws {TypeError} As `startFlow` does. */
  start(...wanted: StartArguments<First>): Promise<FlowRun<First>>;
  /** Starts a flow, of several. */
  start<G extends F>(flow: G, ...wanted: StartArguments<G>): Promise<FlowRun<G>>;
  /** Finds a flow: by name, `{ key }`, or as it was given among `objects`. */
  get<G extends Flow = First>(target: FlowTarget<G>, flow?: G): Promise<FlowRun<G>>;
  /** Lists flows, as `listFlows` does. */
  list<G extends Flow = F>(selection?: FlowSelection<G>): Promise<readonly FlowRun<G>[]>;

  /**
   * Waits until a flow is over, however it ends.
   *
   * @returns How it has ended.
   * @throws {Error} When it never will be: it says where the flow stands, what it waits for, and what the test has to do.
   */
  untilOver<G extends F = First>(run: Tested<G>): Promise<FlowResult<G>>;
  /**
   * Waits until a flow comes to a job, or to a state of a job (`"ship/STARTED"`), or shows something; the world stands still then.
   * It counts where it stands already, not where it has been.
   *
   * @returns The request as it is then.
   * @throws {TypeError} When there is no such job.
   * @throws {Error} When it never will be, as `untilOver` does.
   */
  until<G extends F = First>(run: Tested<G>, where: Whereabouts<G>): Promise<RequestOf<G>>;
  /** Lets time pass, and all that happens in it. @param ms Milliseconds. @throws {RangeError} When they are negative. */
  advance(ms: number): Promise<void>;

  /** The jobs that a flow went through. */
  path<G extends F = First>(run: Tested<G>): readonly JobName<G>[];
  /**
   * All that a flow went through, the oldest first: `charge/REQUESTED`, `charge/FAILED`, `charge/REQUESTED Retrying`,
   * `charge/COMPLETED paid`: with the reason and the outcome, where there are some.
   */
  history<G extends F = First>(run: Tested<G>): readonly string[];
  /** How a flow has ended. @throws {RequestStateError} When it is not over. */
  result<G extends F = First>(run: Tested<G>): FlowResult<G>;
  /** A request as it is now. @throws {Error} When there is none. */
  request<G extends F = First>(run: Tested<G>): RequestOf<G>;

  /** Gives a signal, as `signalFlow` does; it may come before its job. */
  signal<G extends Flow, J extends SignalledJob<G> & JobName<G>>(
    run: FlowRun<G>,
    job: J,
    ...signal: SignalArguments<G, J>
  ): Promise<FlowRun<G>>;
  /** Cancels a flow, as `cancelFlow` does. */
  cancel<G extends Flow>(run: FlowRun<G>): Promise<FlowRun<G>>;
  /** Suspends a flow, as `suspendFlow` does. */
  suspend<G extends Flow>(run: FlowRun<G>): Promise<FlowRun<G>>;
  /** Lets a suspended flow go on, as `resumeFlow` does. */
  resume<G extends Flow>(run: FlowRun<G>): Promise<FlowRun<G>>;
  /** Retries what has failed, as `retryFlow` does. */
  retry<G extends Flow>(run: FlowRun<G>): Promise<FlowRun<G>>;
  /** Starts a flow that goes on from a job of another one, as `forkFlow` does. */
  fork<G extends Flow>(run: FlowRun<G>, wanted?: ForkOf<G>): Promise<FlowRun<G>>;

  /**
   * The next time that a handler of this job would be run it throws instead. Called twice: the next two times.
   *
   * @param error What it throws. @default {An Error}
   */
  failNext(job: TestedJob<F>, error?: unknown): void;
  /** The worker that is in this job is killed, or else the next one that begins it; another one is started. */
  crashWorkerIn(job: TestedJob<F>, options?: CrashOptions): void;
  /** Kills the director, and starts another one. */
  restartDirector(): void;
  /** What goes wrong between the programs and the server, by name. */
  readonly faults: TestFaults<F>;

  /** The API server. */
  readonly fake: FakeCluster;
  /** A connection to it for the test itself, on which nothing goes wrong by `faults`. */
  readonly cluster: Cluster;
  /** The test's time. What the test sets on it is waited for, and must be gone at the end. */
  readonly clock: VirtualClock;
  /** What the programs have said. */
  readonly log: RecordedLog;

  /**
   * Ends the test: programs are told to end, and what is left behind then fails it.
   *
   * @throws {Error} Naming everything: a watch or a timer of the test, a handler that does not heed its signal, a wait that was not
   * awaited, a program that has ended by itself, a failure, crash or fault that was ordered and has not come, and with `mustFinish`
   * each flow that is not over.
   */
  close(): Promise<void>;
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
