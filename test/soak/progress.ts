import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import process from "node:process";

/** What was seen in some stories. */
export interface Part {
  readonly told: number;
  readonly requests: number;
  readonly versions: number;
  readonly runs: number;
  readonly acts: number;
  /** Acts by kind. */
  readonly did: Record<string, number>;
  /** What happened in each, as a number. */
  readonly traces: number[];
  /** What is to be said of each that broke an invariant. */
  readonly broken: string[];
  /** Milliseconds. */
  readonly cpu: number;
}

/** How far a simulation is, and what it has seen. */
export interface Progress {
  /** The next seeds to be told, the first and the last; undefined: all are told, or on their way. */
  take(most: number): readonly [from: number, to: number] | undefined;
  /** Notes what was seen of them. @returns What is to be said of it. */
  done(share: readonly [from: number, to: number], part: Part): readonly string[];
  /** Seeds were not told. */
  fail(): void;
  /** How many were broken, or not told. */
  readonly broken: number;
  /** How far it is, for those who wait. */
  line(): string;
  summary(): string;
  save(): void;
}

/** What is kept from one start to the next. */
interface State {
  readonly from: number;
  readonly to: number;
  readonly size: string;
  readonly mood?: string;
  readonly bare: boolean;
  /** The next seed that nobody was given, and the seeds that somebody was given who has said nothing yet. */
  next: number;
  open: (readonly [from: number, to: number])[];
  told: number;
  requests: number;
  versions: number;
  runs: number;
  acts: number;
  did: Record<string, number>;
  broken: number;
  /** Milliseconds. */
  cpu: number;
  wall: number;
}

/** How often what was seen is kept, in milliseconds. */
const PERIOD = 30_000;

/**
 * Begins a simulation, or goes on with it.
 *
 * @param options.state Where it is kept how far it is; what happened in each story is kept beside it, eight bytes each.
 * @throws {Error} When it was begun otherwise.
 */
export function createProgress(
  { state: path, ...given }: Pick<State, "from" | "to" | "size" | "bare"> & {
    readonly mood: string | undefined;
    readonly state: string | undefined;
  },
): Progress {
  const { from, to } = given;
  if (!(Number.isInteger(from) && Number.isInteger(to) && from <= to)) throw new RangeError(`--seeds is ${from}..${to}`);
  const state: State = path !== undefined && existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) as State : {
    ...given,
    next: from,
    open: [],
    told: 0,
    requests: 0,
    versions: 0,
    runs: 0,
    acts: 0,
    did: {},
    broken: 0,
    cpu: 0,
    wall: 0,
  };
  for (const member of ["from", "to", "size", "mood", "bare"] as const) {
    if (state[member] !== given[member]) {
      throw new Error(`${path} was begun with ${member} ${state[member]}, not ${given[member]}`);
    }
  }
  const traces = new Set<number>();
  const fresh: number[] = [];
  const tracePath = `${path}.traces`;
  if (path !== undefined && existsSync(tracePath)) {
    const bytes = readFileSync(tracePath);
    const kept = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 8 * Math.floor(bytes.length / 8)));
    for (const trace of kept) traces.add(trace);
  }
  const again = state.open.splice(0); // given to processes that are gone
  const before = { told: state.told, wall: state.wall };
  const begun = performance.now();
  let saved = begun;

  const save = () => {
    if (path === undefined) return;
    saved = performance.now();
    state.wall = before.wall + saved - begun;
    appendFileSync(tracePath, new Uint8Array(Float64Array.from(fresh.splice(0)).buffer));
    writeFileSync(`${path}.new`, JSON.stringify({ ...state, open: [...again, ...state.open] }));
    renameSync(`${path}.new`, path);
  };
  const seconds = () => (before.wall + performance.now() - begun) / 1_000;

  return {
    take(most) {
      const share = again.shift() ?? [state.next, Math.min(to, state.next + most - 1)] as const;
      if (share[0] > share[1]) return undefined;
      state.next = Math.max(state.next, share[1] + 1);
      state.open.push(share);
      return share;
    },
    done(share, part) {
      state.open = state.open.filter(([from]) => from !== share[0]);
      for (const member of ["told", "requests", "versions", "runs", "acts", "cpu"] as const) state[member] += part[member];
      for (const [act, count] of Object.entries(part.did)) state.did[act] = (state.did[act] ?? 0) + count;
      for (const trace of part.traces) {
        traces.add(trace);
        if (path !== undefined) fresh.push(trace);
      }
      state.broken += part.broken.length;
      if (performance.now() - saved > PERIOD) save();
      return part.broken;
    },
    fail: () => void state.broken++,
    get broken() {
      return state.broken;
    },
    line() {
      const rate = (state.told - before.told) / (performance.now() - begun) * 1_000;
      return `${new Date().toISOString()} ${state.told} schedules, ${traces.size} distinct, ${state.broken} broken, ` +
        `${rate.toFixed(1)} a second`;
    },
    summary() {
      const acts = Object.entries(state.did).sort(([, a], [, b]) => b - a).map(([act, count]) => `${act} ${count}`).join(", ");
      return [
        `${state.told} seeds of size ${state.size}${state.mood ? `, mood ${state.mood}` : ""}${
          state.bare ? ", on a bare server" : ""
        }: ${traces.size} distinct schedules, ` +
        `${state.requests} flows, ${state.versions} versions judged, ${state.runs} handlers, ${state.acts} acts (${acts})`,
        `${Math.round(seconds())} s, ${(state.told / seconds()).toFixed(1)} a second, ${
          (state.cpu / state.told).toFixed(1)
        } ms of CPU each; ` +
        (process.versions.deno === undefined ? `Node ${process.versions.node}` : `Deno ${process.versions.deno}`),
      ].join("\n");
    },
    save,
  };
}
