import type { VirtualClock } from "../runtime/time/clock.ts";
import { earliest } from "../flow/moments.ts";
import type { Gate } from "./gate.ts";
import type { Prospect } from "./prospect.ts";
import { setRealTimer } from "./real-time.ts";
import type { Timers } from "./timers.ts";

/** What a test waits for. */
export interface Goal {
  /** As in `Waited in vain until ...`. */
  readonly what: string;
  /** Asked after each change, within it. */
  readonly reached: () => boolean;
  /** Why it will not be reached though all goes on, as a clause; asked after each change, too. */
  readonly hopeless?: () => string | undefined;
  /** It counts only once all that is under way has come to rest. */
  readonly atRest?: boolean;
  /** Whether it will be reached by itself. */
  readonly prospect: () => Prospect;
  /** Where things stand, as the rest of a sentence. */
  readonly standing: () => string;
  /** How long it may take, in milliseconds of virtual time. @default {No limit} */
  readonly limit?: number;
}

/** What the driver has to know of the world. */
export interface World {
  /** Lets handlers go on in real time for a moment, where some are at work. @returns Whether there were any. */
  work(pause: (ms: number) => Promise<void>): Promise<boolean>;
  /** When something is due next, in milliseconds since the Unix epoch: of flows, and of the test. */
  moment(): number | undefined;
  /** Nothing is on its way, and nothing will go wrong. */
  isCalm(): boolean;
  /** So many milliseconds are about to be leapt over. */
  onLeap(ms: number): void;
  /** What has gone so wrong that nothing can be waited for. */
  failure(): Error | undefined;
}

/** Lets the world go on, and time pass, while somebody waits for something; otherwise it stands still. */
export interface Driver {
  /** Something has changed. Ends what waits for it at once. */
  changed(): void;
  /** Waits. @throws {Error} When it never will be, in one sentence. */
  reach(goal: Goal): Promise<void>;
  /**
   * Waits for a call of the test's own, for which the world stands still unless it takes time.
   *
   * @param isComputing Whether it waits for neither the server nor its clock.
   */
  ask<T>(what: string, call: () => Promise<T>, isComputing: () => boolean): Promise<T>;
  /** What is waited for. */
  readonly open: readonly Goal[];
  /** Waits for nothing any more; who has waited hears nothing. */
  abandon(): void;
  /** Somebody has waited in vain. */
  readonly hasFailed: boolean;
}

/** What a driver drives. */
export interface DriverOptions {
  readonly clock: VirtualClock;
  readonly timers: Timers;
  readonly gate: Gate;
  readonly world: World;
}

/** Without any change for so long, in milliseconds, whatever should happen soon is not going to: programs wait 5 minutes at the most. */
const QUIET = 600_000;

/** Before and after what happens time passes step by step for so long, in milliseconds; what lies between is leapt over. */
const NEAR = 60_000;

/** Turns for which a computation of the test's own is waited for, a millisecond each. */
const COMPUTING = 100;

interface Open extends Goal {
  readonly begun: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** Where it was begun, for the stack. */
  readonly place: Error;
  /** The latest moment at which something was due, in milliseconds since the Unix epoch. */
  due: number;
}

/** Makes one that waits for nothing. */
export function createDriver({ clock, timers, gate, world }: DriverOptions): Driver {
  const goals = new Set<Open>();
  const reached: (() => void)[] = []; // each tells whoever waited
  let driving = false;
  let asking = 0; // calls of the test's own for which the world stands still
  let changes = 0;
  let rested = -1; // the changes that were given some real time
  let changedAt = clock.now();
  let wake = () => {};
  let hasFailed = false;

  /** Ends what is reached: nothing more is let through to the server. */
  const look = (atRest: boolean) => {
    for (const goal of goals) {
      if (goal.atRest && !atRest) continue;
      try {
        const isReached = goal.reached();
        const because = isReached ? undefined : goal.hopeless?.();
        if (because !== undefined) giveUp(goal, because);
        if (!isReached) continue;
        end(goal);
        reached.push(goal.resolve);
      } catch (error) {
        end(goal);
        reached.push(() => goal.reject(error as Error));
      }
    }
  };
  /** Lets whoever waited go on, when what was under way has come to rest, and the world stand still until he has. */
  const report = async () => {
    await clock.settle();
    for (const tell of reached.splice(0)) tell();
    await clock.settle();
  };
  const end = (goal: Open) => {
    goals.delete(goal);
    gate.close();
  };
  const giveUp = (goal: Open, because: string) => {
    end(goal);
    hasFailed = true;
    reached.push(() => goal.reject(told(goal.place, `Waited in vain until ${goal.what}: ${because}`)));
  };

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const cancel = setRealTimer(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });

  /** What is to be made of a goal now. */
  const judge = (goal: Open): Prospect => {
    const { limit, begun } = goal;
    const now = clock.now();
    if (limit !== undefined && now - begun >= limit) return lost(`${spanText(limit)} have passed, and ${goal.standing()}`);
    // What was waited for until a moment need not have happened before it.
    const isQuiet = now - Math.max(changedAt, begun, goal.due <= now ? goal.due : 0) > QUIET;
    const prospect = soonOrLater(goal.prospect(), isQuiet);
    if (prospect.kind === "at") goal.due = prospect.moment;
    if (limit !== undefined && prospect.kind === "at" && prospect.moment > begun + limit) {
      const moment = `goes on at ${new Date(prospect.moment).toISOString()} only, later than the limit of ${spanText(limit)}`;
      return lost(prospect.because ? `${prospect.because} (it ${moment})` : `${goal.standing()}, and ${moment}: raise limit`);
    }
    if (prospect.kind === "soon" && isQuiet) {
      return lost(`nothing has happened for ${spanText(QUIET)}, and ${goal.standing()}; t.log says more`);
    }
    return prospect;
  };

  /** One step of the world, or of time. */
  async function step(): Promise<void> {
    if (reached.length > 0) return await report();
    gate.open();
    await clock.settle();
    look(false);
    if (reached.length > 0) return await report();
    const failure = world.failure();
    if (failure) throw failure;
    if (await world.work(pause)) return;
    look(true);
    if (reached.length > 0) return await report();
    if (asking > 0) return await pause(1);
    const prospects = new Map([...goals].map((goal) => [goal, judge(goal)]));
    for (const [goal, prospect] of prospects) if (prospect.kind === "never") giveUp(goal, prospect.because);
    if (reached.length > 0) return await report();
    const isSoon = [...prospects.values()].some(({ kind }) => kind === "soon");
    // Somebody may be computing: a digest, a schema.
    if (isSoon && rested !== changes) {
      rested = changes;
      return await pause(1);
    }
    await pass(isSoon, [...prospects.values()]);
  }

  /** Lets time pass until something is due. */
  async function pass(isSoon: boolean, prospects: readonly Prospect[]): Promise<void> {
    const now = clock.now();
    const awaited = earliest(...prospects.map((prospect) => prospect.kind === "at" ? prospect.moment : undefined));
    const isFar = (moment: number | undefined): moment is number => moment !== undefined && moment - now > 2 * NEAR;
    if (!isSoon && isFar(awaited) && now - changedAt >= NEAR && world.isCalm()) {
      const moment = earliest(awaited, world.moment());
      if (isFar(moment)) {
        world.onLeap(moment - NEAR - now);
        return await clock.leap(moment - NEAR - now);
      }
    }
    const next = earliest(awaited, timers.next());
    if (next === undefined) throw new Error("Nothing is left that could happen: no program has a timer");
    await clock.advance(Math.max(0, next - now));
  }

  async function drive(): Promise<void> {
    try {
      while (goals.size + reached.length > 0) await step();
    } catch (error) {
      hasFailed = true;
      for (const goal of [...goals]) {
        end(goal);
        goal.reject(error as Error);
      }
    } finally {
      for (const tell of reached.splice(0)) tell();
      gate.close();
      driving = false;
    }
  }

  const reach = (goal: Goal): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const open: Open = { ...goal, begun: clock.now(), resolve, reject, place: new Error(), due: 0 };
    goals.add(open);
    look(false);
    if (!driving) {
      driving = true;
      void drive();
    }
    return promise;
  };

  return {
    changed() {
      changes++;
      changedAt = clock.now();
      look(false);
      wake();
    },
    reach,
    async ask(what, call, isComputing) {
      let settled = false;
      const asked = call().finally(() => settled = true);
      asked.catch(() => {}); // it is awaited below
      asking++;
      try {
        for (let turns = 0; !settled && turns < COMPUTING; turns++) {
          await clock.settle();
          if (settled || !isComputing()) break;
          await pause(1);
        }
      } finally {
        asking--;
      }
      const prospect = (): Prospect => ({ kind: "soon" });
      const standing = () => "the server has not answered";
      if (!settled) await reach({ what, reached: () => settled, prospect, standing });
      return await asked;
    },
    get open() {
      return [...goals];
    },
    abandon: () => [...goals].forEach(end),
    get hasFailed() {
      return hasFailed;
    },
  };
}

/** What should have happened soon, and has not. */
const soonOrLater = (prospect: Prospect, isLate: boolean): Prospect =>
  prospect.kind === "soon" && prospect.by !== undefined && isLate ? { kind: "at", moment: prospect.by } : prospect;

const lost = (because: string): Prospect => ({ kind: "never", because });

/** An error with the stack of where something was asked for. */
function told(place: Error, message: string): Error {
  const error = new Error(message);
  const [, ...frames] = place.stack?.split("\n") ?? [];
  error.stack = [`Error: ${message}`, ...frames].join("\n");
  return error;
}

const UNITS: readonly (readonly [ms: number, name: string])[] = [[86_400_000, "d"], [3_600_000, "h"], [60_000, "min"], [
  1_000,
  "s",
]];

/** A span of virtual time, for people: `30 d`, `1.5 s`. */
export function spanText(ms: number): string {
  const [unit, name] = UNITS.find(([unit]) => ms >= unit && ms % unit === 0) ?? [1_000, "s"];
  return `${ms / unit} ${name}`;
}
