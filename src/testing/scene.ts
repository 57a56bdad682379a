import { createFakeCluster, type FakeCluster } from "../fake/mod.ts";
import { decide } from "../flow.ts";
import { earliest } from "../flow/moments.ts";
import type { Flow } from "../flow/plan.ts";
import type { Handlers } from "../flow/handler.ts";
import type { PartialImplementation } from "../programs/implementations.ts";
import { isOver, type RequestState } from "../request-state.ts";
import { createVirtualClock, type VirtualClock } from "../runtime/time/clock.ts";
import { requestStateCrd } from "../request-state-crd.ts";
import { createCrew, type Crew } from "./crew.ts";
import { createDriver, type Driver, spanText, type World } from "./driver.ts";
import type { TestFlowOptions } from "./flow-test.ts";
import { createGate } from "./gate.ts";
import { createMachine, type Machine } from "./machine.ts";
import { latestMoment, readObjects, requestsIn } from "./production.ts";
import { prospectOf, type Surroundings } from "./prospect.ts";
import { realNow } from "./real-time.ts";
import { createRecordedLog, type RecordedLog } from "./recorded-log.ts";
import { createStage, type Enclose, type Stage } from "./stage.ts";
import { createTimers, type Timers } from "./timers.ts";
import { createWitness, type Witness } from "./witness.ts";

/** All that is in a test. */
export interface Scene {
  readonly flows: readonly Flow[];
  readonly namespace: string;
  readonly fake: FakeCluster;
  readonly clock: VirtualClock;
  readonly timers: Timers;
  readonly log: RecordedLog;
  readonly witness: Witness;
  readonly stage: Stage;
  readonly crew: Crew;
  readonly driver: Driver;
  /** The connection of the test itself. */
  readonly client: Machine;
  readonly around: () => Surroundings;
  /** Handlers are not waited for any more. */
  end(): void;
}

/** Whose timers they are. */
export const OWNERS = { test: "t.clock", client: "t.cluster", fake: "the fake cluster", faults: "faults" } as const;

/** How long a handler at work is left alone at a time, in milliseconds of real time. */
const SPELL = 20;

/** What a check needs otherwise than a test. */
export interface Staging {
  /** Puts something around all handlers. @default {Nothing} */
  readonly enclose?: Enclose;
  /** Faults are of writes of requests alone: where none is written, time may be leapt over all the same. @default {false} */
  readonly leapsOverFaults?: boolean;
}

/** Sets a test up; nothing is under way yet. */
export async function setScene(
  implementations: readonly PartialImplementation[],
  options: TestFlowOptions,
  { enclose, leapsOverFaults = false }: Staging = {},
): Promise<Scene> {
  const objects = await readObjects(options.objects ?? []);
  const requests = requestsIn(objects);
  const {
    clock = createVirtualClock(latestMoment(requests)),
    namespace = requests[0]?.metadata.namespace ?? "default",
    seed = 1,
    realTime = 3_000,
  } = options;
  const flows = implementations.map(({ flow }) => flow);
  const gate = createGate();
  // Where the test lets time pass on its own clock, by itself, the world goes on as well.
  const timers = createTimers(clock, { foreign: OWNERS.test, onFire: gate.open });
  const crds = [requestStateCrd, ...options.crds ?? []];
  const place = placeOf(namespace, objects);
  const fake = createFakeCluster({ crds, objects: [...place, ...objects], clock: timers.of(OWNERS.fake), seed });
  const log = createRecordedLog(options.log);
  const client = createMachine(fake.fetch, timers.of(OWNERS.client));
  let driver: Driver | undefined = undefined as Driver | undefined; // the witness looks before there is one
  const onChange = () => driver?.changed();
  const witness = createWitness({ fake, clock }, onChange);
  let isEnding = false;

  const stage = createStage({
    implementations,
    mocks: (options.mocks ?? {}) as Partial<Handlers>,
    onChange,
    hasTimers: () => timers.next(OWNERS.test) !== undefined,
    ...enclose && { enclose },
  });
  const crew = createCrew({
    ...{ fake, timers, gate, log, stage, flows, namespace, onChange },
    director: options.director ?? {},
    worker: (options.worker ?? {}) as object,
  });

  const around = (): Surroundings => ({
    flows,
    now: clock.now(),
    lives: (identity) => crew.alive.some((program) => program.identity === identity),
    handles: (flow, job) => crew.alive.some(({ kind }) => kind === "worker") && stage.handles(flow, job),
    handler: (request) => stage.find(request),
    timer: timers.next(OWNERS.test),
    realTime,
  });

  // Who sleeps does not renew its lease.
  const abortsOnLapse = options.worker?.onLeaseLost === "abort" || flows.some(({ onLeaseLost }) => onLeaseLost === "abort");
  const world: World = {
    async work(pause) {
      const runs = isEnding ? [] : [...stage.running].filter(stage.isWorking);
      if (runs.length === 0) return false;
      const begun = realNow();
      await pause(SPELL);
      for (const run of runs) {
        run.worked += realNow() - begun;
        if (run.worked < realTime || !stage.running.has(run)) continue;
        run.slow = true;
        const text = `The handler of job ${run.job} (attempt ${run.attempt}) has been at work for ${
          realTime / 1_000
        } s of real time`;
        log.warn(`${text}: the test's time goes on without it`, { object: run.request });
      }
      return true;
    },
    moment: () =>
      earliest(
        timers.next(OWNERS.test),
        timers.next(OWNERS.faults),
        ...witness.present().map((request) => momentOf(request, around())),
      ),
    isCalm: () =>
      !(stage.running.size > 0 && abortsOnLapse) && (leapsOverFaults || fake.faults.active === 0) &&
      [client, ...crew.alive.map(({ machine }) => machine)].every(({ calls }) => calls === 0),
    onLeap(ms) {
      if (stage.running.size === 0) return;
      log.info(`${spanText(Math.round(ms))} are leapt over: to the programs it is as if they had been asleep meanwhile`);
    },
    failure: () => isEnding ? undefined : crew.failure,
  };
  driver = createDriver({ clock, timers, gate, world });

  crew.start("director");
  for (let count = options.workers ?? 1; count > 0; count--) crew.start("worker");
  return {
    flows,
    namespace,
    fake,
    clock,
    timers,
    log,
    witness,
    stage,
    crew,
    driver,
    client,
    around,
    end: () => void (isEnding = true),
  };
}

/** The namespace of the test, where it does not come with the objects, or with every cluster. */
function placeOf(namespace: string, objects: readonly object[]): readonly object[] {
  const isThere = (objects as readonly RequestState[]).some(({ kind, metadata }) =>
    metadata?.namespace === namespace || kind === "Namespace" && metadata?.name === namespace
  );
  if (isThere || namespace === "default" || namespace.startsWith("kube-")) return [];
  return [{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }];
}

/** When something is due of a request by itself; undefined where nothing is. */
function momentOf(request: RequestState, around: Surroundings): number | undefined {
  if (isOver(request)) {
    const decision = decide(around.flows, request, { now: around.now });
    return decision.action === "over" ? decision.until : undefined;
  }
  const prospect = prospectOf(request, around);
  return prospect.kind === "at" ? prospect.moment : prospect.kind === "soon" ? prospect.by : undefined;
}
