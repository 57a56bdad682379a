/**
 * How two texts differ, as a unified diff: what the server shows of a change that it refuses. It finds the lines that stay as Python's
 * difflib does, which its library follows.
 *
 * @module
 */

/** A run of equal lines: where it begins in each text, and how long it is. */
interface Match {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

/** What becomes of some lines. */
interface Change {
  readonly isEqual: boolean;
  readonly a: readonly [from: number, to: number];
  readonly b: readonly [from: number, to: number];
}

const context = 3;
/** In texts of so many lines, those that come too often are not looked for. */
const longText = 200;

/** Where each line stands in the second text, without those that come too often. */
function placesOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  lines.forEach((line, index) => {
    const known = places.get(line);
    if (known) known.push(index);
    else places.set(line, [index]);
  });
  if (lines.length < longText) return places;
  const limit = Math.floor(lines.length / 100) + 1;
  return new Map([...places].filter(([, all]) => all.length <= limit));
}

/** Compares texts that are given as lines. */
class Comparison {
  readonly a: readonly string[];
  readonly b: readonly string[];
  readonly #places: ReadonlyMap<string, readonly number[]>;

  constructor(a: readonly string[], b: readonly string[]) {
    this.a = a;
    this.b = b;
    this.#places = placesOf(b);
  }

  /** The longest run of equal lines within some of both texts; of several the first. */
  #longest(aFrom: number, aTo: number, bFrom: number, bTo: number): Match {
    const { a, b } = this;
    let best: Match = { a: aFrom, b: bFrom, size: 0 };
    let before = new Map<number, number>();
    for (let i = aFrom; i < aTo; i++) {
      const here = new Map<number, number>();
      for (const j of this.#places.get(a[i]!) ?? []) {
        if (j < bFrom) continue;
        if (j >= bTo) break;
        const size = (before.get(j - 1) ?? 0) + 1;
        here.set(j, size);
        if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
      }
      before = here;
    }
    let { a: i, b: j, size } = best;
    for (; i > aFrom && j > bFrom && a[i - 1] === b[j - 1]; size++) [i, j] = [i - 1, j - 1];
    while (i + size < aTo && j + size < bTo && a[i + size] === b[j + size]) size++;
    return { a: i, b: j, size };
  }

  #matches(aFrom: number, aTo: number, bFrom: number, bTo: number): Match[] {
    const found = this.#longest(aFrom, aTo, bFrom, bTo);
    if (found.size === 0) return [];
    const { a, b, size } = found;
    return [
      ...aFrom < a && bFrom < b ? this.#matches(aFrom, a, bFrom, b) : [],
      found,
      ...a + size < aTo && b + size < bTo ? this.#matches(a + size, aTo, b + size, bTo) : [],
    ];
  }

  /** What becomes of all lines, in their order. */
  changes(): Change[] {
    const end = { a: this.a.length, b: this.b.length, size: 0 };
    const found: Change[] = [];
    let [i, j] = [0, 0];
    for (const { a, b, size } of [...this.#matches(0, end.a, 0, end.b), end]) {
      const last = found.at(-1);
      if (i < a || j < b) found.push({ isEqual: false, a: [i, a], b: [j, b] });
      else if (last?.isEqual && size > 0) {
        found[found.length - 1] = { isEqual: true, a: [last.a[0], a + size], b: [last.b[0], b + size] };
        [i, j] = [a + size, b + size];
        continue;
      }
      if (size > 0) found.push({ isEqual: true, a: [a, a + size], b: [b, b + size] });
      [i, j] = [a + size, b + size];
    }
    return found;
  }
}

/** Changes with the lines about them: those that are near are told together. */
function groupsOf(changes: readonly Change[]): Change[][] {
  const groups: Change[][] = [];
  let group: Change[] = [];
  changes.forEach((change, index) => {
    const { isEqual, a: [aFrom, aTo], b: [bFrom, bTo] } = change;
    if (!isEqual) return void group.push(change);
    const [isFirst, isLast] = [index === 0, index === changes.length - 1];
    const head: Change = {
      isEqual,
      a: [aFrom, Math.min(aTo, aFrom + context)],
      b: [bFrom, Math.min(bTo, bFrom + context)],
    };
    const tail: Change = { isEqual, a: [Math.max(aFrom, aTo - context), aTo], b: [Math.max(bFrom, bTo - context), bTo] };
    if (isFirst) group.push(tail);
    else if (isLast) group.push(head);
    else if (aTo - aFrom > 2 * context) {
      groups.push([...group, head]);
      group = [tail];
    } else group.push(change);
  });
  return [...groups, group].filter((each) => each.some(({ isEqual }) => !isEqual));
}

function rangeOf(from: number, to: number): string {
  const length = to - from;
  if (length === 1) return String(from + 1);
  return `${length === 0 ? from : from + 1},${length}`;
}

/** The difference of two texts, with three lines about each place; nothing where there is none. Pure. */
export function unifiedDiff(before: string, after: string): string {
  const [a, b] = [before, after].map((text) => text.split("\n")) as [string[], string[]];
  const marked = (mark: string, lines: readonly string[]) => lines.map((line) => `${mark}${line}\n`);
  return groupsOf(new Comparison(a, b).changes()).flatMap((group) => {
    const [first, last] = [group[0]!, group.at(-1)!];
    return [
      `@@ -${rangeOf(first.a[0], last.a[1])} +${rangeOf(first.b[0], last.b[1])} @@\n`,
      ...group.flatMap(({ isEqual, a: [aFrom, aTo], b: [bFrom, bTo] }) =>
        isEqual ? marked(" ", a.slice(aFrom, aTo)) : [...marked("-", a.slice(aFrom, aTo)), ...marked("+", b.slice(bFrom, bTo))]
      ),
    ];
  }).join("");
}
