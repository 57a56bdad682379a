import type { FakeCluster } from "../fake/mod.ts";
import type { Flow } from "../flow/plan.ts";
import { type DirectorOptions, runDirector } from "../programs/director.ts";
import { runWorker, type WorkerOptions } from "../programs/worker.ts";
import { thrownText } from "../errors.ts";
import type { Gate } from "./gate.ts";
import { createMachine, type Machine, type Network } from "./machine.ts";
import type { RecordedLog } from "./recorded-log.ts";
import type { Stage } from "./stage.ts";
import type { Timers } from "./timers.ts";

/** What a program is. */
export type ProgramKind = "director" | "worker";

/** The header of a request that says which program has sent it, as in `director-1`. */
export const SENDER = "x-sent-by";

/** A program that was started. */
export interface Program {
  readonly kind: ProgramKind;
  /** As in `worker-1`; in claims and histories a worker has a random part behind it. */
  readonly name: string;
  /** As in claims and histories. */
  readonly identity: string;
  readonly machine: Machine;
  /** It is told to end. */
  end(): void;
  /** It has ended, or was killed. */
  readonly isGone: boolean;
}

/** The programs of a test. */
export interface Crew {
  /** Those that are not gone. */
  readonly alive: readonly Program[];
  start(kind: ProgramKind): Program;
  /** SIGKILL; another one is started at once, as Kubernetes does. */
  crash(program: Pick<Program, "kind" | "machine">): void;
  /** All are told to end; nobody takes the place of one that dies. */
  end(): void;
  /** What the network does with what all of them send, those that will be started, too. */
  cut(how: Network): void;
  /** With what a program has ended by itself. */
  readonly failure: Error | undefined;
  /** What of them is left behind. */
  leaks(): string[];
}

/** What a crew works with. */
export interface CrewOptions {
  readonly fake: FakeCluster;
  readonly timers: Timers;
  readonly gate: Gate;
  readonly log: RecordedLog;
  readonly stage: Stage;
  readonly flows: readonly Flow[];
  readonly namespace: string;
  readonly director: Partial<DirectorOptions>;
  readonly worker: Partial<WorkerOptions>;
  /** A program has ended, or was killed. */
  readonly onChange: () => void;
}

/** Makes a crew of nobody. */
export function createCrew(options: CrewOptions): Crew {
  const { fake, timers, gate, log, stage, flows, namespace, onChange } = options;
  const alive = new Set<Program>();
  const started: Program[] = [];
  const counts = { director: 0, worker: 0 };
  let network: Network = "works";
  let failure: Error | undefined;
  let isEnding = false;

  const connect = (name: string): Machine => {
    const send = async (request: Request): Promise<Response> => {
      await gate.pass();
      if (!machine.runs) await new Promise<never>(() => {}); // it was killed before that was on its way
      request.signal.throwIfAborted();
      request.headers.set(SENDER, name);
      return await fake.fetch(request);
    };
    const machine = createMachine(send, timers.of(name));
    machine.cut(network);
    return machine;
  };

  const crash = ({ kind, machine }: Pick<Program, "kind" | "machine">) => {
    if (!machine.runs) return; // what its handlers do afterwards is no news
    machine.kill();
    stage.clear(machine);
    for (const program of alive) if (program.machine === machine) alive.delete(program);
    if (!isEnding) start(kind);
    onChange();
  };

  const start = (kind: ProgramKind): Program => {
    const name = `${kind}-${++counts[kind]}`;
    const machine = connect(name);
    const ending = new AbortController();
    const { cluster, clock } = machine;
    const own = { cluster, clock, namespace, identity: name, log: log.of(name), signal: ending.signal };
    const running = kind === "director"
      ? runDirector(flows, { ...options.director, ...own })
      : runWorker(stage.implementations({ machine, kill: () => crash({ kind, machine }) }), {
        concurrency: 100,
        ...options.worker,
        ...own,
      });
    const program: Program = {
      ...{ kind, name, machine, identity: running.identity },
      end: () => ending.abort(),
      get isGone() {
        return !alive.has(program);
      },
    };
    alive.add(program);
    started.push(program);
    running.finished.then(() => undefined, (error: unknown) => {
      failure ??= new Error(`The program ${name} has ended: ${thrownText(error)}`, { cause: error });
    }).finally(() => {
      if (alive.delete(program)) onChange();
    });
    return program;
  };

  return {
    get alive() {
      return [...alive];
    },
    start,
    crash,
    end() {
      isEnding = true;
      for (const program of alive) program.end();
    },
    cut(how) {
      network = how;
      for (const { machine } of alive) {
        machine.cut(how);
        if (how === "fails") machine.dropWatches();
      }
    },
    get failure() {
      return failure;
    },
    leaks: () =>
      started.flatMap((program) => [
        ...alive.has(program) ? [`${program.name}, which has not ended`] : [],
        ...leaksOf(program, timers),
      ]),
  };
}

/** What a program, or the test itself, has left open. */
export const leaksOf = ({ name, machine }: Pick<Program, "name" | "machine">, timers: Timers): string[] => [
  ...machine.watches > 0 ? [`${machine.watches === 1 ? "a watch" : `${machine.watches} watches`} of ${name}`] : [],
  ...timers.pending(name).map((ms) => `a timer of ${name}, due in ${ms / 1_000} s`),
];
