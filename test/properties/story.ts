/**
 * One story, made of a seed: random flows, handlers that do anything, machines, networks and clocks that fail, people who change their
 * minds; and what must be so in the end.
 *
 * @module
 */
import { isOver } from "../../mod.ts";
import { createCluster } from "../../src/adapters/api/http.ts";
import { createDice, type Dice, withDice } from "../../src/testing/dice.ts";
import { createWitness, type Witness } from "../../src/testing/witness.ts";
import { addLag, addMishap, addStandstill } from "./mishaps.ts";
import { bareServer, fakeServer, type Server } from "./server.ts";
import { People } from "./people.ts";
import { Processes } from "./processes.ts";
import { randomFlow } from "./random-flow.ts";
import { addRestore } from "./restores.ts";
import type { Setting } from "./setting.ts";
import { type Bounds, type Mood, type SizeName, SIZES } from "./size.ts";
import { Timelines } from "./timelines.ts";
import { createTrace } from "./trace.ts";
import { faultsOf, lineOf } from "./verdict.ts";

/** What became of a story. */
export interface Told {
  /** What must not be; empty, if all is well. */
  readonly faults: readonly string[];
  /** What was done, for those who look for a cause. */
  readonly log: readonly string[];
  /** How many flows there were, how many transitions, and how many handlers. */
  readonly requests: number;
  readonly versions: number;
  readonly runs: number;
  /** How many acts there were; each could be left out. */
  readonly acts: number;
  /** What kinds of acts were done, each as often as it was. */
  readonly did: Readonly<Record<string, number>>;
  /** What has happened, as a number: two stories with the same one went the same way. */
  readonly trace: number;
}

/** How long flows may take to end once all is well again, in milliseconds. */
const PATIENCE = 1_800_000;

/** The first thing happens before a job is claimed, or while it is, from the least to the most milliseconds. */
const EARLY: Bounds = [0, 300];

/** How a story is told. */
export interface Telling {
  /** @default {"large"} */
  readonly size?: SizeName;
  /** Which of the things happen that go wrong or are wished, by number. @default {All of them} */
  readonly acts?: ReadonlySet<number>;
  /** Whether the server is one that does the least: more orders of what happens at one moment, for a fraction of the cost. @default {false} */
  readonly bare?: boolean;
  /** What goes wrong. @default {Drawn from the seed} */
  readonly mood?: Mood;
}

/** Tells the story of a seed. What happens is drawn for each act by itself: without some of them the others are as they were. */
export function tellStory(seed: string | number, telling: Telling = {}): Promise<Told> {
  const dice = createDice(seed);
  return withDice(createDice(`${seed} platform`), async () => {
    const server = telling.bare ? bareServer(createDice(`${seed} server`)) : fakeServer();
    const story = new Story(String(seed), dice, telling, server, createWitness({ fake: server, clock: server.clock }));
    try {
      return await story.tell();
    } finally {
      server.close();
    }
  });
}

class Story {
  readonly #dice: Dice;
  readonly #only: ReadonlySet<number> | undefined;
  readonly #setting: Setting;
  readonly #processes: Processes;
  readonly #people: People;
  readonly #said: { readonly at: number; readonly text: string }[] = [];
  readonly #faults = new Set<string>(); // what is tried again each second, is told once
  readonly #did: Record<string, number> = {};
  #lastEffect = 0; // when the last thing happens that was put off
  #acts = 0;

  constructor(seed: string, dice: Dice, telling: Telling, server: Server, witness: Witness) {
    const { clock } = server;
    const size = SIZES[telling.size ?? "large"];
    const origin = clock.monotonic();
    const now = () => clock.monotonic() - origin;
    this.#dice = dice;
    this.#only = telling.acts;
    const flows = Array.from({ length: dice.between(...size.flows) }, (_, index) => randomFlow(dice, `flow-${index}`, size));
    const drawn = dice.pick(["all", "messages", "lives"] as const);
    this.#setting = {
      seed,
      size,
      mood: telling.mood ?? drawn,
      flows,
      server,
      witness,
      timelines: new Timelines(witness),
      epoch: clock.now(),
      options: { cluster: createCluster(server.connect(), { clock }), clock, identity: "client" },
      trace: createTrace(),
      now,
      say: (text) => void this.#said.push({ at: now(), text: `[${this.#acts}] ${text}` }),
      blame: (fault) => void this.#faults.add(fault),
      after: (ms, act) => {
        this.#lastEffect = Math.max(this.#lastEffect, now() + ms);
        clock.setTimer(ms, act);
      },
    };
    this.#processes = new Processes(this.#setting, dice);
    this.#people = new People(this.#setting);
  }

  async tell(): Promise<Told> {
    const { server: { clock, faults }, witness, size, mood, now, say, flows } = this.#setting;
    for (const { name, plans, start, deadline, ttl } of flows) say(JSON.stringify({ name, start, plans, deadline, ttl }));
    const dice = this.#dice;
    for (let count = dice.between(...size.directors); count > 0; count--) this.#processes.start("director", dice);
    for (let count = dice.between(...size.workers); count > 0; count--) this.#processes.start("worker", dice);
    for (let count = size.requests[0]; count > 0; count--) this.#people.begin(dice);
    const { lasts, pause } = size.moods[mood];
    for (; now() < lasts; this.#acts++) {
      const dice = createDice(`${this.#setting.seed} act ${this.#acts}`);
      await clock.advance(dice.between(...(this.#acts === 0 ? EARLY : pause)));
      if (!this.#only || this.#only.has(this.#acts)) this.#act(dice);
    }
    await clock.advance(Math.max(0, this.#lastEffect - now()));
    // What a restore sets off is part of it.
    while (mood === "restores" && this.#lastEffect > now()) await clock.advance(this.#lastEffect - now());
    say("all is well from now on");
    faults.clear();
    this.#processes.complete(dice);
    const isDone = () => witness.present().every(isOver);
    for (const limit = now() + PATIENCE; !isDone() && now() < limit;) {
      this.#people.help(dice);
      await clock.advance(1_000);
    }
    await clock.advance(size.tail); // what lands late, changes nothing any more
    await this.#processes.end();
    witness.end();
    return this.#told();
  }

  #told(): Told {
    const { witness, trace } = this.#setting;
    const versions = [...witness.versions.values()].flat();
    for (const { type, object: { spec, status } } of versions) {
      const { by, reason, outcome } = status?.history?.at(-1) ?? {};
      trace.add(
        `${type} ${spec.job} ${spec.state} ${spec.attempt} ${by?.split("-")[0]} ${reason} ${outcome} ${spec.desiredState}`,
      );
    }
    const said = this.#said;
    return {
      faults: [...new Set([...this.#faults, ...faultsOf(this.#setting, this.#processes, this.#people)])],
      get log() {
        const lines = [...said, ...versions.map((version) => ({ at: version.at, text: lineOf(version) }))];
        return lines.sort((a, b) => a.at - b.at).map(({ at, text }) => `${String(Math.round(at)).padStart(7)} ${text}`);
      },
      requests: witness.versions.size,
      versions: versions.length,
      runs: this.#processes.runs.length,
      acts: this.#acts,
      did: this.#did,
      trace: trace.sum,
    };
  }

  /** One thing that happens. */
  #act(dice: Dice): void {
    const [processes, people] = [this.#processes, this.#people];
    const { mood } = this.#setting;
    const alive = processes.alive();
    const victim = alive.length > 0 ? dice.pick(alive) : undefined;
    const workers = alive.filter(({ kind }) => kind === "worker");
    const [messages, lives] = [mood !== "lives" && mood !== "absences", mood !== "messages"].map(Number) as [number, number];
    const acts: readonly (readonly [name: string, weight: number, act: () => void])[] = [
      ["start", 6, () => people.begin(dice)],
      ["wish", 8, () => people.wish(dice)],
      ["signal", 5, () => people.signal(dice)],
      ["fault", messages * 10, () => addMishap(this.#setting, dice)],
      ["outage", mood === "messages" ? 2 : 0, () => processes.outage(dice)],
      ["kill", lives * 3, () => victim && processes.kill(victim, dice)],
      ["stop", lives * 3, () => victim && processes.stop(victim, dice)],
      ["doom", lives * 4, () => victim && processes.doom(victim, dice)],
      ["cut", lives * 3, () => victim && processes.cut(victim, dice)],
      ["sleep", lives * 1, () => victim && processes.sleep(victim, dice)],
      ["lag", lives * 1, () => addLag(this.#setting, dice)],
      ["standstill", lives * 2, () => {
        addStandstill(this.#setting, dice);
        if (victim && dice.chance(0.5)) processes.sleep(victim, dice);
      }],
      ["drain", 2, () => victim && processes.drain(victim, dice)],
      ["set clock", 1, () => victim && processes.setClock(victim, dice)],
      ["delete", 1, () => people.delete(dice)],
      ["sever", mood === "absences" ? 30 : 0, () => workers.length > 0 && processes.sever(dice.pick(workers), dice)],
      ["restore", mood === "restores" ? 20 : 0, () => addRestore(this.#setting, processes, people, dice)],
    ];
    let lot = dice.roll(acts.reduce((sum, [, weight]) => sum + weight, 0));
    const [name, , act] = acts.find(([, weight]) => (lot -= weight) < 0)!;
    this.#did[name] = (this.#did[name] ?? 0) + 1;
    this.#setting.trace.add(name);
    act();
  }
}
