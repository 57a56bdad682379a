import type { ClientOptions, Flow, RequestState } from "../../mod.ts";
import type { Server } from "./server.ts";
import type { Witness } from "../../src/testing/witness.ts";
import type { Timelines } from "./timelines.ts";
import type { Trace } from "./trace.ts";
import type { Mood, Size } from "./size.ts";

/** What all who act in a story share. */
export interface Setting {
  readonly seed: string;
  readonly size: Size;
  readonly mood: Mood;
  readonly flows: readonly Flow[];
  readonly server: Server;
  readonly witness: Witness;
  readonly timelines: Timelines;
  /** Milliseconds since the Unix epoch at which it began. */
  readonly epoch: number;
  /** What people act with. */
  readonly options: ClientOptions;
  /** What has happened so far. */
  readonly trace: Trace;
  /** Milliseconds of true time since it began. */
  readonly now: () => number;
  /** Takes down what is done, for those who look for a cause. */
  readonly say: (text: string) => void;
  /** Takes down what must not be. */
  readonly blame: (fault: string) => void;
  /** Does something later; the story is not healed before. @param ms Milliseconds. */
  readonly after: (ms: number, act: () => void) => void;
}

/** The flow of a request. */
export const flowOf = ({ flows }: Setting, { spec }: RequestState): Flow => flows.find(({ name }) => name === spec.flow)!;
