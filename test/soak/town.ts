/**
 * A fake cluster in virtual time with all who live on it, and what can happen to them.
 *
 * @module
 */
import {
  cancelFlow,
  type ClientOptions,
  createVirtualClock,
  isOver,
  type RequestState,
  resumeFlow,
  retryFlow,
  runDirector,
  runWorker,
  signalFlow,
  startFlow,
  suspendFlow,
  type VirtualClock,
} from "../../mod.ts";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import {
  conflict,
  createFakeCluster,
  cut,
  cutWatch,
  delayWatch,
  duplicateWatch,
  endWatch,
  expired,
  type Fault,
  late,
  latency,
  loseAnswer,
  serverError,
  silenceWatch,
  timeout,
  tooManyRequests,
  unavailable,
} from "../../src/fake/mod.ts";
import { isParked } from "../../src/request-state.ts";
import { silentLog } from "../../src/runtime/log/log.ts";
import { requestStateCrd as crd } from "../../src/request-state-crd.ts";
import type { Dice } from "../../src/testing/dice.ts";
import { createMachine, type Machine } from "../../src/testing/machine.ts";
import { countedSignal } from "../support/following.ts";
import { createTrade } from "./trade.ts";

/** Everybody. */
export interface Town {
  readonly clock: VirtualClock;
  /** Calls that programs have sent so far, watches included. */
  readonly calls: number;
  /** Watches that are open. */
  readonly watches: number;
  /** Who listens to the signals that end the programs. */
  readonly listeners: number;
  /** Requests that are there. */
  readonly objects: number;
  /** The server forgets the past, so that what it remembers is not counted as held. */
  forget(): void;
  /** How many flows were started. */
  readonly begun: number;
  /** How often something was struck. */
  readonly struck: number;
  present(): RequestState[];
  /** Somebody starts a flow, and may have second thoughts. */
  startFlow(): void;
  /** Something goes wrong. */
  strike(): void;
  /** From now on all is well. */
  heal(): void;
  /** Ends the programs. @returns What was wrong with that, and before. */
  end(): Promise<string[]>;
}

interface Program {
  readonly kind: "director" | "worker";
  readonly machine: Machine;
  readonly ending: ReturnType<typeof countedSignal>;
  isEnded: boolean;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Not of people. Here, so that it holds nobody who is gone. */
const isOfMachine = ({ headers }: { readonly headers: Headers }) => headers.has("x-machine");

/** Builds it. */
export function createTown(dice: Dice): Town {
  const clock = createVirtualClock();
  const { flows } = createTrade(clock, MINUTE);
  // What the fake remembers for those who look into it is not what is measured.
  const fake = createFakeCluster({ crds: [crd], clock, journal: 100, history: 500 });
  const programs = new Set<Program>();
  const present = new Map<string, RequestState>();
  const faults: string[] = [];
  let [calls, begun, struck] = [0, 0, 0];
  const after = (ms: number, act: () => void) => void clock.setTimer(ms, act);
  const options: ClientOptions = {
    cluster: createFetchCluster(fake.fetch, { clock }),
    clock,
    log: silentLog,
    identity: "client",
  };
  const send = (request: Request) => {
    calls++;
    request.headers.set("x-machine", "yes");
    return fake.fetch(request);
  };

  function start(kind: Program["kind"]): void {
    const machine = createMachine(send, clock);
    const ending = countedSignal();
    const own = { cluster: machine.cluster, clock: machine.clock, log: silentLog, signal: ending.signal };
    const running = kind === "director"
      ? runDirector(flows, { ...own, leaderElect: true })
      : runWorker(createTrade(machine.clock, MINUTE).implementations, { ...own, concurrency: 4 });
    const program: Program = { kind, machine, ending, isEnded: false };
    programs.add(program);
    running.finished
      .catch((error: Error) => faults.push(`a ${kind} has ended with ${error.stack}`))
      .finally(() => {
        program.isEnded = true;
        programs.delete(program);
      });
  }
  for (const kind of ["director", "director", "worker", "worker", "worker"] as const) start(kind);

  /** Does something as a person, who may come too late. */
  function person(act: () => Promise<unknown>): void {
    act().catch((error: Error) => {
      if (error.name !== "RequestStateError") faults.push(`a person: ${error.stack}`);
    });
  }

  const flowOf = (request: RequestState) => flows.find(({ name }) => name === request.spec.flow)!;
  const endFollowing = fake.follow("requeststates.com.redhat.ecosystem.sample", ({ type, object }) => {
    const request = object as RequestState;
    const { uid, name } = request.metadata;
    const before = present.get(uid!);
    if (type === "DELETED") return void present.delete(uid!);
    present.set(uid!, request);
    if (isOver(request)) return;
    const { spec: { job, state } } = request;
    const isNew = before?.spec.job !== job || before.spec.state !== state;
    if (isNew && job === "approve" && state === "REQUESTED" && dice.chance(0.8)) {
      const outcome = dice.chance(0.8) ? "yes" : "no";
      const wait = dice.between(1, 120) * SECOND;
      after(wait, () => person(() => signalFlow(name!, job, outcome, undefined, { ...options, flow: flowOf(request) } as never)));
    }
    if (isParked(request) && !(before && isParked(before))) {
      after(
        dice.between(1, 120) * SECOND,
        () => person(() => retryFlow(request, { ...options, flow: flowOf(request) } as never)),
      );
    }
  });

  /** What can go wrong with the answer to a call. */
  function draw(): { readonly verb: string | string[]; readonly fault: Fault } {
    const ms = dice.pick([10, 300, 4_000, 15_000]);
    const ofWrites = [
      cut(),
      loseAnswer(),
      late(ms),
      latency(ms),
      serverError(),
      unavailable(),
      timeout(),
      tooManyRequests(2),
      conflict(),
    ];
    const ofWatches = [
      ...[cutWatch(dice.roll(4)), endWatch(dice.roll(4)), silenceWatch(dice.roll(4)), delayWatch(ms), duplicateWatch()],
      ...[expired(), expired({ inStream: true })],
    ];
    const ofReads = [cut(), serverError(), unavailable(), latency(ms), tooManyRequests(1)];
    const [verb, faults] = dice.pick<readonly [string | string[], readonly Fault[]]>([
      [["create", "patch", "update"], ofWrites],
      ["watch", ofWatches],
      [["get", "list"], ofReads],
    ]);
    return { verb, fault: dice.pick(faults) };
  }

  /** The network of some lets nothing through for a while. */
  function cutOff(machines: readonly Machine[], ms: number): void {
    const how = dice.pick(["fails", "hangs"] as const);
    for (const machine of machines) machine.cut(how);
    after(ms, () => machines.forEach((machine) => machine.cut("works")));
  }

  return {
    clock,
    get calls() {
      return calls;
    },
    get watches() {
      return [...programs].reduce((sum, { machine }) => sum + machine.watches, 0);
    },
    get listeners() {
      return [...programs].reduce((sum, { ending }) => sum + ending.listeners(), 0);
    },
    get objects() {
      return present.size;
    },
    forget: () => fake.compact(),
    get begun() {
      return begun;
    },
    get struck() {
      return struck;
    },
    present: () => [...present.values()],
    startFlow() {
      const flow = dice.pick(flows);
      const key = `day-${begun++}`;
      const notBefore = dice.chance(0.2) ? clock.now() + dice.between(0, 120) * SECOND : undefined;
      person(async () => {
        const { request } = await startFlow(flow, { key, ...notBefore !== undefined && { notBefore } }, options as never);
        const [wait, mood] = [dice.between(1, 120) * SECOND, dice.fraction()];
        if (mood < 0.05) after(wait, () => person(() => cancelFlow(request, options)));
        else if (mood < 0.1) {
          after(wait, () => person(() => suspendFlow(request, options)));
          after(wait + dice.between(1, 300) * SECOND, () => person(() => resumeFlow(request, options)));
        }
      });
    },
    strike() {
      struck++;
      const alive = [...programs].filter(({ machine }) => machine.runs);
      if (alive.length === 0) return;
      const victim = dice.pick(alive);
      const { kind, machine, ending } = victim;
      const acts: readonly (readonly [weight: number, act: () => void])[] = [
        [8, () => {
          const { verb, fault } = draw();
          fake.faults.add({
            match: { verb, where: isOfMachine },
            times: dice.pick([1, 1, 2, 5]),
            fault,
          });
        }],
        [4, () => machine.dropWatches()],
        [2, () => {
          machine.kill();
          programs.delete(victim);
          after(dice.between(0, 20) * SECOND, () => start(kind));
        }],
        [2, () => {
          ending.abort();
          after(dice.between(0, 3) * SECOND, () => start(kind));
        }],
        [2, () => {
          machine.stop();
          after(dice.pick([2, 15, 25, 40]) * SECOND, () => void machine.resume());
        }],
        [2, () => cutOff([machine], dice.pick([1, 12, 35]) * SECOND)],
        [1, () => cutOff(alive.map(({ machine }) => machine), dice.pick([2, 7, 30]) * SECOND)],
        [1, () => fake.compact()],
      ];
      dice.pick(acts.flatMap(([weight, act]) => Array<() => void>(weight).fill(act)))();
    },
    heal: () => fake.faults.clear(),
    async end() {
      const all = [...programs];
      for (const { ending } of all) ending.abort();
      await clock.advance(60 * SECOND);
      for (const { kind, isEnded } of all) if (!isEnded) faults.push(`a ${kind} does not end`);
      endFollowing();
      fake.close();
      return faults;
    },
  };
}
