/** How large a story is: what is drawn from its seed, and between which bounds. */
export interface Size {
  /** Flows that are defined, jobs of each, requests that are begun: at least and at most. */
  readonly flows: Bounds;
  readonly jobs: Bounds;
  readonly requests: Bounds;
  readonly directors: Bounds;
  readonly workers: Bounds;
  /** How often directors elect a leader: it renews every 2 s. */
  readonly electing: number;
  /** What the times of a definition are multiplied with. */
  readonly pace: number;
  /** How long handlers take, one of these, in milliseconds. */
  readonly work: readonly number[];
  /** How often a handler fails, until it has been tried `patience` times. */
  readonly failing: number;
  readonly patience: number;
  /** How long calls and events are held up, one of these, in milliseconds. */
  readonly delays: readonly number[];
  /** How long what goes wrong with a process lasts, one of these, in milliseconds. */
  readonly restart: Bounds;
  readonly stops: readonly number[];
  readonly sleeps: readonly number[];
  readonly cuts: readonly number[];
  /** How long an API server shows what was, one of these, in milliseconds. */
  readonly standstills: readonly number[];
  /** How old the state is to which the storage is put back, one of these, in milliseconds. */
  readonly losses: readonly number[];
  readonly moods: Readonly<Record<Mood, MoodSize>>;
  /** What is still on its way after the end has landed after this, in milliseconds. */
  readonly tail: number;
}

/** From the least to the most. */
export type Bounds = readonly [least: number, most: number];

/**
 * What goes wrong in a story: all there is; what is sent alone, so that no worker may lose a job; processes and their leases, so that
 * many do. The others are never drawn, only asked for: `restores`, all there is and the storage, which is put back to an older state;
 * `absences`, lives and leases, and workers that are cut off right at a write until they are lost, or nearly so.
 */
export type Mood = "all" | "messages" | "lives" | "restores" | "absences";

/** How long things go wrong, and how far one is from the next, in milliseconds. */
export interface MoodSize {
  readonly lasts: number;
  readonly pause: Bounds;
}

/** The sizes there are, by name. */
export type SizeName = "tiny" | "small" | "large";

/** Small ones are told by the million; large ones reach what takes many steps: histories that drop entries, queues, crowds of retries. */
export const SIZES: Readonly<Record<SizeName, Size>> = {
  tiny: {
    flows: [1, 1],
    jobs: [1, 2],
    requests: [1, 1],
    directors: [1, 2],
    workers: [1, 2],
    electing: 0.25,
    pace: 0.1,
    work: [0, 0, 100, 1_000, 6_000],
    failing: 0.2,
    patience: 3,
    delays: [10, 300, 1_500],
    restart: [0, 3_000],
    stops: [1_500, 15_500, 18_000, 27_000],
    sleeps: [2_000, 18_000, 27_000],
    cuts: [800, 5_000, 18_000, 24_000],
    standstills: [8_000, 24_000],
    losses: [20, 300, 2_000, 7_000],
    moods: {
      all: { lasts: 4_000, pause: [10, 1_000] },
      messages: { lasts: 2_500, pause: [5, 500] },
      lives: { lasts: 6_000, pause: [50, 2_000] },
      restores: { lasts: 5_000, pause: [10, 1_200] },
      absences: { lasts: 3_000, pause: [20, 1_500] },
    },
    tail: 2_000,
  },
  small: {
    flows: [1, 1],
    jobs: [2, 3],
    requests: [1, 2],
    directors: [1, 2],
    workers: [2, 2],
    electing: 0.1,
    pace: 0.25,
    work: [0, 0, 0, 100, 1_000, 4_000, 12_000],
    failing: 0.25,
    patience: 4,
    delays: [10, 300, 2_500],
    restart: [0, 6_000],
    stops: [2_000, 15_500, 21_000],
    sleeps: [5_000, 22_000],
    cuts: [1_000, 8_000, 21_000, 24_000],
    standstills: [8_000, 26_000],
    losses: [20, 1_000, 5_000, 15_000],
    moods: {
      all: { lasts: 12_000, pause: [20, 3_000] },
      messages: { lasts: 6_000, pause: [10, 1_200] },
      lives: { lasts: 20_000, pause: [100, 6_000] },
      restores: { lasts: 14_000, pause: [20, 3_000] },
      absences: { lasts: 12_000, pause: [50, 4_000] },
    },
    tail: 3_000,
  },
  large: {
    flows: [1, 2],
    jobs: [1, 6],
    requests: [0, 6],
    directors: [1, 2],
    workers: [1, 3],
    electing: 0.3,
    pace: 1,
    work: [0, 0, 0, 100, 3_000, 12_000, 50_000],
    failing: 0.45,
    patience: 7,
    delays: [10, 300, 4_000, 15_000],
    restart: [0, 20_000],
    stops: [2_000, 14_000, 20_000, 26_000, 40_000],
    sleeps: [5_000, 40_000],
    cuts: [1_000, 12_000, 35_000],
    standstills: [8_000, 40_000],
    losses: [100, 3_000, 15_000, 60_000],
    moods: {
      all: { lasts: 90_000, pause: [50, 4_000] },
      messages: { lasts: 30_000, pause: [10, 1_500] },
      lives: { lasts: 120_000, pause: [500, 6_000] },
      restores: { lasts: 90_000, pause: [100, 5_000] },
      absences: { lasts: 90_000, pause: [500, 6_000] },
    },
    tail: 70_000,
  },
};
