import type { Version, Witness } from "../../src/testing/witness.ts";

/** What was stored when a backup was made, and in which timeline that was. */
export interface Backup {
  readonly timeline: number;
}

/** Where one timeline ends, because the storage is put back, and the next one begins. */
interface Restore {
  /** In milliseconds since the story began. */
  readonly at: number;
  /** The timeline to which it was put back. */
  readonly to: number;
  /** How many versions were seen by then, by uid. */
  readonly seen: ReadonlyMap<string, number>;
}

/** All versions of one request in one timeline: what was there when it began is what had come to be in another one. */
export interface Timeline {
  readonly versions: readonly Version[];
  /** When it began, and when it ended, in milliseconds since the story began; Infinity: it has not. */
  readonly from: number;
  readonly to: number;
}

/**
 * The histories of a storage that is put back to older states: what came after a backup never was, and each timeline must be right by
 * itself, from the first version to the last.
 */
export class Timelines {
  readonly #witness: Pick<Witness, "versions">;
  readonly #restores: Restore[] = [];
  /** How often versions have gone far ahead before each of them. */
  readonly #leaps = [0];
  /** The last one that gives out versions that were given out before. */
  #repeating = 0;

  constructor(witness: Pick<Witness, "versions">) {
    this.#witness = witness;
  }

  /** The number of the present one. */
  get present(): number {
    return this.#restores.length;
  }

  /**
   * Whether a version may stand for one thing in what is put back, and for another in what somebody remembers who has lived since versions
   * last went back: a backup from before that is of another branch.
   */
  repeats({ timeline }: Backup, leaps: boolean): boolean {
    return !leaps || timeline < this.#repeating;
  }

  /**
   * Takes down that the storage is about to be put back.
   *
   * @param leaps Whether versions go far ahead of all that there ever were.
   * @returns How often they must, from that of the backup.
   */
  begin(at: number, { timeline: to }: Backup, leaps: boolean): number {
    const before = this.#leaps[to]!;
    const after = leaps ? this.present + 1 : before;
    this.#leaps.push(after);
    this.#restores.push({ at, to, seen: new Map([...this.#witness.versions].map(([uid, { length }]) => [uid, length])) });
    if (!leaps) this.#repeating = this.present;
    return after - before;
  }

  /** The timelines of one request, each of them whole; those in which it never was are empty. */
  of(uid: string): Timeline[] {
    const versions = this.#witness.versions.get(uid)!;
    const own: (readonly Version[])[] = [];
    for (let number = 0; number <= this.present; number++) {
      const begin = this.#restores[number - 1]?.seen.get(uid) ?? 0;
      const end = number < this.present ? this.#restores[number]!.seen.get(uid) ?? 0 : versions.length;
      const seen = versions.slice(begin, end);
      own.push(number === 0 ? seen : continued(own, this.#restores[number - 1]!, seen));
    }
    return own.map((versions, number) => ({
      versions,
      from: this.#restores[number - 1]?.at ?? 0,
      to: this.#restores[number]?.at ?? Infinity,
    }));
  }
}

/** A restore shows what is there anew, and what is not there any more as deleted; then comes what is new. */
function continued(
  timelines: readonly (readonly Version[])[],
  { to }: Restore,
  [first, ...rest]: readonly Version[],
): readonly Version[] {
  if (first?.type !== "ADDED") return [];
  const { resourceVersion } = first.object.metadata;
  const before = timelines[to]!;
  const last = before.findIndex(({ object }) => object.metadata.resourceVersion === resourceVersion);
  // One that is made only now has no past.
  return [...last < 0 ? [first] : before.slice(0, last + 1), ...rest];
}
