/**
 * One story, made of a seed: random flows, handlers that do anything, machines, networks and clocks that fail, people who change their
 * minds; and what must be so in the end.
 *
 * @module
 */
import {
  attemptOf,
  cancelFlow,
  type ClientOptions,
  type Cluster,
  type Flow,
  type Handlers,
  isOver,
  REQUEST_STATES,
  type RequestState,
  resumeFlow,
  retryFlow,
  runDirector,
  runWorker,
  startFlow,
  suspendFlow,
} from "../../mod.ts";
import {
  conflict,
  cut,
  cutWatch,
  delayWatch,
  duplicateWatch,
  endWatch,
  expired,
  type Fault,
  type FaultRequest,
  late,
  latency,
  loseAnswer,
  serverError,
  silenceWatch,
  stale,
  timeout,
  tooManyRequests,
  unavailable,
} from "../../src/fake/mod.ts";
import { isParked } from "../../src/request-state.ts";
import { createMachine, type Machine } from "../../src/testing/machine.ts";
import { createScenario, REQUESTS, type Scenario } from "../support/scenario.ts";
import { createDice, type Dice, withDice } from "../../src/testing/dice.ts";
import { faultsIn } from "./invariants.ts";
import { randomFlow } from "./random-flow.ts";
import { type HandlerRun, randomHandler } from "./random-handler.ts";
import { createWitness, type Witness } from "../../src/testing/witness.ts";

/** What became of a story. */
export interface Told {
  /** What must not be; empty, if all is well. */
  readonly faults: readonly string[];
  /** What was done, for those who look for a cause. */
  readonly log: readonly string[];
  /** How many transitions there were, and how many handlers. */
  readonly versions: number;
  readonly runs: number;
  /** How many acts there were; each could be left out. */
  readonly acts: number;
}

/**
 * What goes wrong in a story: all there is; what is sent alone, so that no worker may lose a job; or processes and their leases, so that
 * many do.
 */
type Mood = "all" | "messages" | "lives";

/** How long things go wrong, and how far one is from the next, in milliseconds. */
const MOODS: Readonly<Record<Mood, { readonly lasts: number; readonly pause: readonly [least: number, most: number] }>> = {
  all: { lasts: 90_000, pause: [50, 4_000] },
  messages: { lasts: 30_000, pause: [10, 1_500] },
  lives: { lasts: 120_000, pause: [500, 6_000] },
};

/** How long flows may take to end once all is well again, in milliseconds. */
const PATIENCE = 1_800_000;

/** Flows at the most. */
const MOST = 6;

/** A process on a machine of its own. */
interface Process {
  readonly kind: "director" | "worker";
  readonly identity: string;
  readonly machine: Machine;
  readonly end: () => void;
  readonly finished: Promise<void>;
  ended: boolean;
}

/** How a story is told. */
export interface Telling {
  /** Which of the things happen that go wrong or are wished, by number. @default {All of them} */
  readonly acts?: ReadonlySet<number>;
}

/** Tells the story of a seed. What happens is drawn for each act by itself: without some of them the others are as they were. */
export function tellStory(seed: string | number, { acts }: Telling = {}): Promise<Told> {
  const dice = createDice(seed);
  return withDice(createDice(`${seed} platform`), () => new Story(String(seed), dice, acts).tell());
}

class Story {
  readonly #seed: string;
  readonly #dice: Dice;
  readonly #only: ReadonlySet<number> | undefined;
  readonly #scenario: Scenario = createScenario();
  readonly #origin = this.#scenario.clock.monotonic();
  readonly #epoch = this.#scenario.clock.now();
  readonly #flows: readonly Flow[];
  readonly #runs: HandlerRun[] = [];
  readonly #renewals: { readonly name: string; readonly at: number }[] = [];
  readonly #processes: Process[] = [];
  readonly #log: string[] = [];
  readonly #faults: string[] = [];
  readonly #deleted = new Set<string>();
  readonly #options: ClientOptions;
  readonly #mood: Mood;
  readonly #drained = new Set<string>();
  readonly #elects: boolean;
  readonly #steps: boolean;
  #slack = 50;
  #begun = 0;
  #acts = 0;

  constructor(seed: string, dice: Dice, only: ReadonlySet<number> | undefined) {
    this.#seed = seed;
    this.#dice = dice;
    this.#only = only;
    this.#flows = Array.from({ length: dice.between(1, 2) }, (_, index) => randomFlow(dice, `flow-${index}`));
    this.#elects = dice.chance(0.3);
    this.#mood = dice.pick(["all", "messages", "lives"]);
    this.#steps = this.#mood === "all" && dice.chance(0.3);
    this.#options = { cluster: this.#scenario.connect(), clock: this.#scenario.clock, identity: "client" };
  }

  get #now(): number {
    return this.#scenario.clock.monotonic() - this.#origin;
  }

  #say(text: string): void {
    this.#log.push(`${String(Math.round(this.#now)).padStart(7)} [${this.#acts}] ${text}`);
  }

  async tell(): Promise<Told> {
    const { clock } = this.#scenario;
    const witness = await createWitness(this.#scenario);
    for (const { name, plans, start, deadline, ttl } of this.#flows) {
      this.#say(JSON.stringify({ name, start, plans, deadline, ttl }));
    }
    const dice = this.#dice;
    for (let count = dice.between(1, 2); count > 0; count--) this.#start("director", dice);
    for (let count = dice.between(1, 3); count > 0; count--) this.#start("worker", dice);
    const { lasts, pause } = MOODS[this.#mood];
    for (; this.#now < lasts; this.#acts++) {
      const dice = createDice(`${this.#seed} act ${this.#acts}`);
      await clock.advance(dice.between(...pause));
      if (!this.#only || this.#only.has(this.#acts)) this.#act(witness, dice);
    }
    await this.#heal(witness);
    const isDone = () => witness.present().every(isOver);
    while (!isDone() && this.#now < lasts + PATIENCE) {
      await clock.advance(5_000);
      this.#help(witness);
    }
    for (const request of witness.present().filter((request) => !isOver(request))) {
      const { spec, status, metadata } = request;
      this.#faults.push(
        `I13: requeststates ${metadata.name} stands at ${spec.job}/${spec.state} ${attemptOf(request)}: ${
          JSON.stringify(status)
        }`,
      );
    }
    await clock.advance(70_000); // what lands late, changes nothing any more
    await this.#end();
    witness.end();
    return this.#judge(witness);
  }

  #judge(witness: Witness): Told {
    let versions = 0;
    for (const [uid, all] of witness.versions) {
      versions += all.length;
      const flow = this.#flows.find(({ name }) => name === all[0]!.object.spec.flow)!;
      this.#faults.push(...faultsIn(all, {
        flow,
        epoch: this.#epoch,
        slack: this.#slack,
        runs: this.#runs,
        renewals: (worker) => this.#renewals.filter(({ name }) => name === worker).map(({ at }) => at),
        wasDeleted: this.#deleted.has(uid),
        isWell: this.#mood === "messages" ? (worker) => !this.#drained.has(worker) : undefined,
      }));
      for (const { type, object: { metadata, spec, status }, at } of all) {
        const last = status?.history?.at(-1);
        const rest = JSON.stringify([
          last?.by,
          last?.reason,
          last?.outcome,
          status?.failures,
          spec.desiredState,
          status?.completionTime,
        ]);
        this.#log.push(
          `${String(Math.round(at)).padStart(7)} ${type} ${
            metadata.name.slice(0, 8)
          } ${spec.job}/${spec.state} ${spec.attempt} ${rest}`,
        );
      }
    }
    for (const { body } of this.#scenario.fake.requests.matching({ verb: "patch", resource: "requeststates" })) {
      const [first, second] = Array.isArray(body) ? body as { path: string }[] : [];
      if (first?.path !== "/metadata/uid" || second?.path !== "/metadata/resourceVersion") {
        if (!isOfPeople(body)) this.#faults.push(`I10: a write is not conditional: ${JSON.stringify(body)}`);
      }
    }
    this.#log.sort((a, b) => Number(a.slice(0, 7)) - Number(b.slice(0, 7)));
    return { faults: this.#faults, log: this.#log, versions, runs: this.#runs.length, acts: this.#acts };
  }

  /** A process on a machine of its own, at a connection that is known to be its own. */
  #start(kind: Process["kind"], dice: Dice): void {
    const { fake, clock: time } = this.#scenario;
    const ahead = this.#steps ? dice.between(-3_000, 3_000) : 0;
    this.#slack = Math.max(this.#slack, this.#steps ? 7_000 : 0);
    const send = async (request: Request) => {
      request.headers.set("x-machine", kind);
      const response = await fake.fetch(request);
      const lease = request.method !== "GET" && response.ok && /\/leases\/?(.*)$/.exec(new URL(request.url).pathname);
      if (lease) {
        const name = lease[1] || (await response.clone().json()).metadata.name;
        this.#renewals.push({ name, at: this.#now });
      }
      return response;
    };
    const machine = createMachine(send, time, { ahead });
    const { cluster, clock } = machine;
    const ending = new AbortController();
    const options = { cluster, clock, signal: ending.signal };
    const running = kind === "director"
      ? runDirector(this.#flows, { ...options, leaderElect: this.#elects })
      : this.#work(options, dice);
    const identity = running.identity;
    this.#say(`${identity} is started, ${ahead} ms ahead`);
    const process: Process = {
      kind,
      identity,
      machine,
      end: () => ending.abort(),
      finished: running.finished.catch((error) => void this.#faults.push(`${identity} has ended with ${error.stack}`)),
      ended: false,
    };
    process.finished.then(() => process.ended = true);
    this.#processes.push(process);
  }

  #work(options: { readonly cluster: Cluster; readonly clock: Machine["clock"]; readonly signal: AbortSignal }, dice: Dice) {
    const time = () => this.#now;
    const begin = (run: HandlerRun) => {
      this.#runs.push(run);
      this.#say(`${run.worker} begins ${run.job} ${run.attempt}`);
    };
    const implementations = this.#flows.map((flow) => {
      const handler = randomHandler(this.#seed, flow, { clock: options.clock, time, begin }, () => worker.identity);
      const handlers = Object.fromEntries(flow.jobs.filter((job) => !flow.plans[job]!.waits).map((job) => [job, handler]));
      return { flow, handlers: handlers as Partial<Handlers> };
    });
    const concurrency = dice.between(2, 6);
    const worker = runWorker(implementations, { ...options, concurrency, grace: dice.pick([0, 5_000, 20_000]) });
    return worker;
  }

  /** One thing that happens. */
  #act(witness: Witness, dice: Dice): void {
    const alive = this.#processes.filter(({ machine, ended }) => machine.runs && !ended);
    const victim = alive.length > 0 ? dice.pick(alive) : undefined;
    const [messages, lives] = [this.#mood !== "lives", this.#mood !== "messages"].map(Number) as [number, number];
    const acts: readonly (readonly [weight: number, act: () => void])[] = [
      [6, () => this.#begin(dice)],
      [8, () => this.#wish(witness, dice)],
      [5, () => this.#signal(witness, dice)],
      [messages * 10, () => this.#fault(dice)],
      [this.#mood === "messages" ? 2 : 0, () => this.#outage(dice)],
      [lives * 3, () => victim && this.#kill(victim, dice)],
      [lives * 3, () => victim && this.#stop(victim, dice)],
      [lives * 3, () => victim && this.#cut(victim, dice)],
      [lives * 1, () => victim && this.#sleep(victim, dice)],
      [2, () => victim && this.#drain(victim, dice)],
      [1, () => victim && this.#steps && this.#setClock(victim, dice)],
      [1, () => this.#delete(witness, dice)],
    ];
    const weights = acts.flatMap(([weight, act]) => Array<() => void>(weight).fill(act));
    dice.pick(weights)();
  }

  /** Does something as a person, who may come too late. */
  #ask(what: string, asked: Promise<unknown>): void {
    this.#say(what);
    asked.catch((error: Error) => {
      if (error.name !== "RequestStateError") this.#faults.push(`${what}: ${error.stack}`);
      this.#say(`${what}: refused: ${error.message}`);
    });
  }

  #begin(dice: Dice): void {
    if (this.#begun === MOST) return;
    this.#begun++;
    const flow = dice.pick(this.#flows);
    const story = `r${this.#acts}`;
    this.#ask(
      `start of ${story}, ${flow.name}`,
      startFlow(flow, {
        labels: { story },
        annotations: { "example.com/kept": "as it is" },
        ...dice.chance(0.2) && { notBefore: this.#epoch + this.#now + dice.between(-5_000, 30_000) },
        ...dice.chance(0.3) && { input: { nothing: null } },
      }, this.#options),
    );
  }

  #one(witness: Witness, dice: Dice, fits: (request: RequestState) => boolean = () => true): RequestState | undefined {
    const fitting = witness.present().filter((request) => !isOver(request) && fits(request));
    return fitting.length > 0 ? dice.pick(fitting) : undefined;
  }

  #wish(witness: Witness, dice: Dice): void {
    const request = this.#one(witness, dice);
    if (!request) return;
    const { name } = request.metadata;
    if (isParked(request) && dice.chance(0.7)) return this.#ask(`retry of ${name}`, this.#retry(request));
    const suspended = request.spec.desiredState === "Suspended";
    const [what, act] = dice.chance(0.15)
      ? ["cancel", cancelFlow] as const
      : suspended
      ? ["resume", resumeFlow] as const
      : ["suspend", suspendFlow] as const;
    this.#ask(`${what} of ${name}`, act(request, this.#options));
  }

  /** Where it was over meanwhile, a retry is another flow. */
  #retry(request: RequestState): Promise<unknown> {
    return retryFlow(request, { ...this.#options, flow: this.#flows.find(({ name }) => name === request.spec.flow)! });
  }

  /** As kubectl does it: nobody checks the outcome. */
  #signal(witness: Witness, dice: Dice, only?: RequestState): void {
    const flowOf = (request: RequestState) => this.#flows.find(({ name }) => name === request.spec.flow)!;
    const waits = (request: RequestState) => flowOf(request).jobs.some((job) => flowOf(request).plans[job]!.waits?.signal);
    const request = only ?? this.#one(witness, dice, waits);
    if (!request) return;
    const { plans, jobs } = flowOf(request);
    const { name } = request.metadata;
    const job = only ? request.spec.job : dice.pick(jobs.filter((job) => plans[job]!.waits?.signal));
    const outcomes = plans[job]!.outcomes;
    const isWrong = !only && dice.chance(0.1) && plans[job]!.timeout !== undefined;
    const outcome = isWrong ? "unheard-of" : outcomes.length > 0 ? dice.pick(outcomes) : undefined;
    const signal = { ...outcome !== undefined && { outcome }, data: { said: null }, by: "somebody" };
    this.#say(`signal for ${job} of ${name}: ${JSON.stringify(signal)}`);
    const patch = { spec: { signals: { [job]: signal } } };
    this.#scenario.send("PATCH", `${REQUESTS}/${name}`, patch, "application/merge-patch+json").then(async (response) => {
      if (![200, 404, 422].includes(response.status)) this.#faults.push(`signal: ${await response.text()}`);
    });
  }

  #delete(witness: Witness, dice: Dice): void {
    const request = this.#one(witness, dice);
    if (!request || dice.chance(0.5)) return;
    const { name, namespace, uid } = request.metadata;
    this.#deleted.add(uid!);
    this.#ask(`deletion of ${name}`, this.#options.cluster.delete(REQUEST_STATES, { name, namespace }));
  }

  /** A fault of one of the next calls that a process makes. */
  #fault(dice: Dice): void {
    const ms = dice.pick([10, 300, 4_000, 15_000]);
    const where = ({ headers }: FaultRequest) => headers.has("x-machine");
    const both = { applied: dice.chance(0.5) };
    const ofWrites: readonly Fault[] = [
      cut(),
      loseAnswer(),
      loseAnswer(),
      late(ms),
      late(ms),
      latency(ms),
      latency(ms, both),
      serverError(both),
      unavailable(both),
      timeout(both),
      tooManyRequests(dice.between(1, 3)),
      conflict(),
    ];
    const ofWatches: readonly Fault[] = [
      cutWatch(dice.roll(4)),
      endWatch(dice.roll(4)),
      silenceWatch(dice.roll(4)),
      delayWatch(ms),
      duplicateWatch(),
      expired(),
      expired({ inStream: true }),
    ];
    const ofReads: readonly Fault[] = [cut(), serverError(), unavailable(), latency(ms), tooManyRequests(1)];
    const [verb, resource, faults]: readonly [string | string[], string, readonly Fault[]] = dice.pick(
      [
        [["create", "patch"], "requeststates", ofWrites],
        [["create", "patch"], "requeststates", ofWrites],
        ["watch", "requeststates", ofWatches],
        ["list", "requeststates", [...ofReads, stale(dice.between(1, 5))]],
        ["get", "requeststates", ofReads],
        ...this.#mood === "all" ? [[["get", "list", "create", "patch", "update"], "leases", ofReads]] as const : [],
      ] as const,
    ) as never;
    const fault = dice.pick(faults);
    this.#say(`fault of ${resource} ${verb}: ${fault.name}`);
    this.#scenario.fake.faults.add({
      match: { verb, resource, where },
      nth: dice.between(1, 3),
      times: dice.pick([1, 1, 2, 5]),
      fault,
    });
  }

  #after(ms: number, act: () => void): void {
    this.#scenario.clock.setTimer(ms, act);
  }

  /** The server is away, for everybody. It comes back in time for a lease that was renewed right before. */
  #outage(dice: Dice): void {
    const ms = dice.pick([200, 2_000, 7_000]);
    this.#say(`the server is away for ${ms} ms`);
    const how = dice.pick(["fails", "hangs"] as const);
    const cut = this.#processes.map(({ machine }) => machine);
    for (const machine of cut) machine.cut(how);
    this.#after(ms, () => {
      for (const machine of cut) machine.cut("works");
    });
  }

  #kill({ kind, machine }: Process, dice: Dice): void {
    this.#say(`a ${kind} is killed`);
    machine.kill();
    this.#after(dice.between(0, 20_000), () => this.#start(kind, dice));
  }

  #stop({ kind, machine }: Process, dice: Dice): void {
    this.#say(`a ${kind} is stopped`);
    machine.stop();
    this.#after(dice.chance(0.5) ? dice.between(14_000, 26_000) : dice.pick([2_000, 40_000]), () => {
      this.#say(`a ${kind} goes on`);
      machine.resume();
    });
  }

  #sleep({ kind, machine }: Process, dice: Dice): void {
    this.#say(`the machine of a ${kind} sleeps`);
    machine.sleep();
    this.#after(dice.pick([5_000, 40_000]), () => {
      this.#say(`the machine of a ${kind} wakes`);
      machine.wake();
    });
  }

  #cut({ kind, machine }: Process, dice: Dice): void {
    const how = dice.pick(["fails", "hangs"] as const);
    this.#say(`a ${kind} is cut off: ${how}`);
    machine.cut(how);
    this.#after(dice.pick([1_000, 12_000, 35_000]), () => {
      this.#say(`a ${kind} is connected again`);
      machine.cut("works");
    });
  }

  #drain({ kind, end, identity }: Process, dice: Dice): void {
    this.#drained.add(identity);
    this.#say(`a ${kind} is told to end`);
    end();
    this.#after(dice.between(0, 3_000), () => this.#start(kind, dice));
  }

  #setClock({ kind, machine }: Process, dice: Dice): void {
    const ms = dice.between(-8_000, 8_000);
    this.#slack += Math.abs(ms);
    this.#say(`the clock of a ${kind} is set by ${ms} ms`);
    machine.setClock(ms);
  }

  /** From now on nothing goes wrong; what was under way comes to its end. */
  async #heal(witness: Witness): Promise<void> {
    await this.#scenario.clock.advance(45_000);
    this.#say("all is well from now on");
    this.#scenario.fake.faults.clear();
    for (const kind of ["director", "worker"] as const) {
      if (!this.#processes.some((process) => process.kind === kind && process.machine.runs && !process.ended)) {
        this.#start(kind, this.#dice);
      }
    }
    this.#help(witness);
  }

  /** What people do who want flows to end: resume, decide, retry or cancel. */
  #help(witness: Witness): void {
    for (const request of witness.present()) {
      if (isOver(request)) continue;
      const { spec, metadata } = request;
      const plan = this.#flows.find(({ name }) => name === spec.flow)!.plans[spec.job]!;
      if (spec.desiredState === "Suspended") this.#ask(`resume of ${metadata.name}`, resumeFlow(request, this.#options));
      if (isParked(request) && spec.desiredState !== "Cancelled") {
        this.#ask(`retry of ${metadata.name}`, this.#retry(request));
      }
      if (spec.state === "REQUESTED" && plan.waits?.signal && !spec.signals?.[spec.job]) {
        this.#signal(witness, this.#dice, request);
      }
    }
  }

  async #end(): Promise<void> {
    const alive = this.#processes.filter(({ machine }) => machine.runs);
    for (const { end } of alive) end();
    await this.#scenario.clock.advance(60_000);
    for (const { kind, ended } of alive) if (!ended) this.#faults.push(`end: a ${kind} does not end`);
  }
}

/** A merge patch, as kubectl sends it. */
const isOfPeople = (body: unknown): boolean => !Array.isArray(body);
