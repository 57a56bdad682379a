import { type Clock, type Cluster, type Handlers, type KubernetesObject, runDirector, runWorker } from "../../mod.ts";
import type { Dice } from "../../src/testing/dice.ts";
import {
  type Answer,
  type ByteStream,
  HttpFailure,
  type Transport,
  type TransportRequest,
} from "../../src/adapters/transport/transport.ts";
import { createMachine, type Machine, type Network } from "../../src/testing/machine.ts";
import { type HandlerRun, randomHandler } from "./random-handler.ts";
import type { Setting } from "./setting.ts";
import type { Bounds } from "./size.ts";

/** A process on a machine of its own. */
export interface Process {
  readonly kind: "director" | "worker";
  readonly identity: string;
  readonly machine: Machine;
  readonly end: () => void;
  ended: boolean;
  /** What happens to it at one of its next calls. */
  doom?: Doom;
}

/** What happens to a process at a call. */
interface Doom {
  /** Calls until then. */
  calls: number;
  /** Whether only writes of requests are counted. */
  readonly ofWrites: boolean;
  /** Whether the call is carried out: its answer is not read then, or read later. */
  readonly carriedOut: boolean;
  readonly strike: () => void;
}

/** How long one is away that was cut off right at a write, in milliseconds: about as long as its lease and its grace. */
const ABSENCE: Bounds = [14_000, 27_000];

const never = () => new Promise<never>(() => {});

/** The directors and workers of a story. */
export class Processes {
  readonly all: Process[] = [];
  readonly runs: HandlerRun[] = [];
  readonly renewals: { readonly name: string; readonly at: number }[] = [];
  /** The identities of those that were told to end. */
  readonly drained: Set<string> = new Set();
  /** By how much clocks may differ from each other, in milliseconds. */
  slack: number;
  readonly #setting: Setting;
  readonly #elects: boolean;
  /** Clocks are set. */
  readonly #steps: boolean;
  /** What each process has written itself, by name: the version. */
  readonly #written: Map<string, string>[] = [];
  readonly #killed = new Set<Process>();
  #count = 0;
  /** The server is away: for those that are started meanwhile, too. */
  #away: { readonly how: Network } | undefined;

  constructor(setting: Setting, dice: Dice) {
    this.#setting = setting;
    this.#elects = dice.chance(setting.size.electing);
    this.#steps = setting.mood === "all" && dice.chance(0.3);
    this.slack = this.#steps ? 7_000 : 50;
  }

  /** Those that are neither dead, stopped nor at their end. */
  alive(): readonly Process[] {
    return this.all.filter(({ machine, ended }) => machine.runs && !ended);
  }

  /** A process on a machine of its own, at a connection that is known to be its own. */
  start(kind: Process["kind"], dice: Dice): void {
    const { server, flows, trace, say, blame } = this.#setting;
    const ahead = this.#steps ? dice.between(-3_000, 3_000) : 0;
    const number = this.#count++;
    const reached = server.connect(kind);
    const send = async <T extends Answer | ByteStream>(request: TransportRequest, perform: () => Promise<T>): Promise<T> => {
      const { doom } = process;
      const counts = doom !== undefined && (!doom.ofWrites || request.method === "PATCH");
      const strikes = counts && --doom.calls === 0;
      if (strikes && !doom.carriedOut) {
        doom.strike();
        return await never();
      }
      try {
        const answer = await perform();
        this.#note(number, request, answer);
        return answer;
      } catch (error) {
        if (error instanceof HttpFailure) this.#note(number, request, error);
        throw error;
      } finally {
        if (strikes) doom.strike();
      }
    };
    const transport: Transport = {
      ...reached,
      text: (request, life) => send(request, () => reached.text(request, life)),
      stream: (request, life) => send(request, () => reached.stream(request, life)),
    };
    const machine = createMachine(transport, server.clock, { ahead });
    if (this.#away) machine.cut(this.#away.how);
    const ending = new AbortController();
    const process: { -readonly [Member in keyof Process]: Process[Member] } = {
      kind,
      identity: "",
      machine,
      end: () => ending.abort(),
      ended: false,
    };
    const options = { cluster: this.#remembering(machine.cluster, process), clock: machine.clock, signal: ending.signal };
    const running = kind === "director"
      ? runDirector(flows, { ...options, leaderElect: this.#elects })
      : this.#work(process, options, dice);
    process.identity = running.identity;
    say(`${running.identity} is started, ${ahead} ms ahead`);
    trace.add(`start ${kind}`);
    running.finished.catch((error) => blame(`process: ${running.identity} has ended with ${error.stack}`)).then(() =>
      process.ended = true
    );
    this.all.push(process);
  }

  /** Protocol 4.16: it decides on nothing that is older than what it knows that it has written itself. */
  #remembering(cluster: Cluster, process: Process): Cluster {
    const { timelines } = this.#setting;
    const written = new Map<string, string>();
    this.#written.push(written);
    const patch: Cluster["patch"] = async (resource, key, operations, options) => {
      const { value: based } = operations.find(({ path }) => path === "/metadata/resourceVersion") as { value?: string } ?? {};
      const own = written.get(key.name);
      if (own !== undefined && Number(based) < Number(own)) {
        this.#setting.blame(`own: ${process.identity} goes on from version ${based} of ${key.name}, and has written ${own}`);
      }
      const timeline = timelines.present;
      const object = await cluster.patch<never>(resource, key, operations, options);
      if (timeline === timelines.present) written.set(key.name, (object as KubernetesObject).metadata.resourceVersion!);
      return object;
    };
    return { ...cluster, patch };
  }

  /** What a process was answered. */
  #note(number: number, { method, path }: TransportRequest, answer: Answer | ByteStream | HttpFailure): void {
    const [, resource = "", name = "", query = ""] = /\/(leases|requeststates|events)(?:\/([^?]*))?(\?.*)?$/.exec(path) ?? [];
    this.#setting.trace.add(`${number} ${method} ${resource} ${query.includes("watch=") ? "watch" : ""} ${answer.code}`);
    if (resource !== "leases" || method === "GET" || !("text" in answer)) return;
    const at = this.#setting.now();
    this.renewals.push({ name: name === "" ? JSON.parse(answer.text).metadata.name : name, at });
  }

  #work(
    process: Process,
    options: { readonly cluster: Cluster; readonly clock: Clock; readonly signal: AbortSignal },
    dice: Dice,
  ): ReturnType<typeof runWorker> {
    const { seed, size, mood, flows, trace, now, say } = this.#setting;
    const begin = (run: HandlerRun) => {
      this.runs.push(run);
      trace.add(`run ${run.job} ${run.attempt}`);
      say(`${run.worker} begins ${run.job} ${run.attempt}`);
    };
    const block = (ms: number) => mood === "lives" && this.#block(process, ms);
    const implementations = flows.map((flow) => {
      const handler = randomHandler(seed, flow, { size, clock: options.clock, time: now, begin, block }, () => process.identity);
      const handlers = Object.fromEntries(flow.jobs.filter((job) => !flow.plans[job]!.waits).map((job) => [job, handler]));
      return { flow, handlers: handlers as Partial<Handlers> };
    });
    const concurrency = dice.between(2, 6);
    return runWorker(implementations, { ...options, concurrency, grace: dice.pick([0, 5_000, 20_000]) });
  }

  /** The server is away, for everybody, longer than a lease lasts, too: no job is lost by that. */
  outage(dice: Dice): void {
    const { after, say } = this.#setting;
    const ms = dice.pick([200, 2_000, 7_000, 13_000, 24_000]);
    say(`the server is away for ${ms} ms`);
    const away = this.#away = { how: dice.pick(["fails", "hangs"] as const) };
    for (const { machine } of this.all) machine.cut(away.how);
    after(ms, () => {
      if (this.#away !== away) return; // another one has begun meanwhile
      this.#away = undefined;
      for (const { machine } of this.all) machine.cut("works");
    });
  }

  kill(process: Process, dice: Dice): void {
    const { size, after, say } = this.#setting;
    const { kind, machine } = process;
    say(`a ${kind} is killed`);
    this.#killed.add(process);
    machine.kill();
    after(dice.between(...size.restart), () => this.start(kind, dice));
  }

  stop({ kind, machine }: Process, dice: Dice, times: readonly number[] = this.#setting.size.stops): void {
    const { after, say } = this.#setting;
    say(`a ${kind} is stopped`);
    machine.stop();
    after(dice.pick(times) + dice.between(-1_000, 1_000), () => {
      say(`a ${kind} goes on`);
      if (dice.chance(0.5)) machine.dropWatches();
      machine.resume();
    });
  }

  /** It is killed, or stopped or cut off for long, at one of its next calls: before that is sent, or after it was carried out. */
  doom(process: Process, dice: Dice): void {
    const { stops, cuts } = this.#setting.size;
    const what = dice.pick(["kill", "kill", "stop", "cut"] as const);
    const carriedOut = what !== "kill" || dice.chance(0.6);
    const ofWrites = dice.chance(0.5);
    const calls = dice.between(1, ofWrites ? 2 : 6);
    const strike = () => {
      if (!process.machine.runs) return;
      if (what === "kill") this.kill(process, dice);
      else this[what](process, dice, (what === "stop" ? stops : cuts).slice(-2));
    };
    process.doom = { calls, ofWrites, carriedOut, strike };
    const call = `${ofWrites ? "write" : "call"} ${calls}${carriedOut ? ", which is carried out" : ""}`;
    this.#setting.say(`a ${process.kind} has its doom at its ${call}: ${what}`);
  }

  /** It is cut off at its next write, which is carried out: for so long that it is lost meanwhile, or nearly so. */
  sever(process: Process, dice: Dice): void {
    const ms = dice.between(...ABSENCE);
    const strike = () => process.machine.runs && this.cut(process, dice, [ms]);
    process.doom = { calls: 1, ofWrites: true, carriedOut: true, strike };
    this.#setting.say(`a ${process.kind} is cut off at its next write, for ${ms} ms`);
  }

  /** A handler computes for so long that nothing else of its process runs. */
  #block({ kind, machine }: Process, ms: number): void {
    const { after, say } = this.#setting;
    if (!machine.runs) return;
    say(`a ${kind} is blocked by its handler`);
    machine.stop();
    after(ms, () => machine.resume());
  }

  sleep({ kind, machine }: Process, dice: Dice): void {
    const { size, after, say } = this.#setting;
    say(`the machine of a ${kind} sleeps`);
    machine.sleep();
    after(dice.pick(size.sleeps), () => {
      say(`the machine of a ${kind} wakes`);
      if (dice.chance(0.5)) machine.dropWatches();
      machine.wake();
    });
  }

  cut({ kind, machine }: Process, dice: Dice, times: readonly number[] = this.#setting.size.cuts): void {
    const { after, say } = this.#setting;
    const how = dice.pick(["fails", "hangs"] as const);
    say(`a ${kind} is cut off: ${how}`);
    machine.cut(how);
    after(dice.pick(times), () => {
      say(`a ${kind} is connected again`);
      machine.cut("works");
    });
  }

  drain({ kind, end, identity }: Process, dice: Dice): void {
    const { after, say } = this.#setting;
    this.drained.add(identity);
    say(`a ${kind} is told to end`);
    end();
    after(dice.between(0, 3_000), () => this.start(kind, dice));
  }

  setClock({ kind, machine }: Process, dice: Dice): void {
    if (!this.#steps) return;
    const ms = dice.between(-8_000, 8_000);
    this.slack += Math.abs(ms);
    this.#setting.say(`the clock of a ${kind} is set by ${ms} ms`);
    machine.setClock(ms);
  }

  /** The storage was put back: what was written is written no more. */
  forget(): void {
    for (const written of this.#written) written.clear();
  }

  /** All are killed, those that are stopped, too. @returns Starts as many. */
  replaceAll(): (dice: Dice) => void {
    const left = this.all.filter((process) => !this.#killed.has(process) && !process.ended);
    for (const process of left) {
      this.#killed.add(process);
      process.machine.kill();
    }
    // Another one is about to take the place of one that was told to end.
    const kinds = left.filter(({ identity }) => !this.drained.has(identity)).map(({ kind }) => kind);
    return (dice) => kinds.forEach((kind) => this.start(kind, dice));
  }

  /** Whatever is needed runs again. */
  complete(dice: Dice): void {
    for (const process of this.all) delete process.doom;
    for (const kind of ["director", "worker"] as const) {
      if (!this.alive().some((process) => process.kind === kind)) this.start(kind, dice);
    }
  }

  /** All are told to end, and do so. */
  async end(): Promise<void> {
    const running = this.all.filter(({ machine }) => machine.runs);
    for (const { end } of running) end();
    await this.#setting.server.clock.advance(60_000);
    for (const { identity, ended } of running) if (!ended) this.#setting.blame(`end: ${identity} does not end`);
  }
}
