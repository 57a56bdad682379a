/**
 * The values of the language: `bigint` is an int, `number` a double, an array a list; text, bytes, bool and null are what they
 * are in JavaScript. The others have classes here.
 *
 * @module
 */

/** An expression failed while it ran. */
export class EvaluationError extends Error {}

/** Operands that an operator or a function does not take. */
export const noOverload = (what?: string): EvaluationError =>
  new EvaluationError(what === undefined ? "no such overload" : `no such overload: ${what}`);

/** A whole number without a sign. */
export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** A span of time. */
export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    if (nanos >= 2n ** 63n || nanos < -(2n ** 63n)) throw new EvaluationError("integer overflow");
    this.nanos = nanos;
  }
}

const earliest = -62_135_596_800n * 1_000_000_000n;
const latest = 253_402_300_799n * 1_000_000_000n + 999_999_999n;

/** A moment. */
export class Timestamp {
  /** Since 1970. */
  readonly nanos: bigint;
  /** Minutes that its zone is ahead; it is printed in it. */
  readonly ahead: number;

  constructor(nanos: bigint, ahead: number = 0) {
    if (nanos < earliest || nanos > latest) throw new EvaluationError("timestamp overflow");
    this.nanos = nanos;
    this.ahead = ahead;
  }
}

/** A value that may be absent. */
export class Maybe {
  readonly #value: unknown;
  readonly hasValue: boolean;

  private constructor(hasValue: boolean, value: unknown) {
    this.hasValue = hasValue;
    this.#value = value;
  }

  static of(value: unknown): Maybe {
    return new Maybe(true, value);
  }
  static readonly none: Maybe = new Maybe(false, undefined);

  /** @throws {EvaluationError} Where there is none. */
  get value(): unknown {
    if (!this.hasValue) throw new EvaluationError("optional.none() dereference");
    return this.#value;
  }
}

/** A type, as a value. */
export class TypeValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What has keys. */
export abstract class Mapping {
  /** Whether it is compared with mappings only. */
  readonly isOfSchema: boolean = false;
  abstract readonly size: number;
  /** The value of a key; undefined: it has none. */
  abstract find(key: unknown): unknown;
  abstract keys(): Iterable<unknown>;

  /** The same without its schema. */
  bare(): Mapping {
    return this;
  }

  /** Whether another has the same members. */
  equals(other: Mapping): boolean {
    if (this.size !== other.size) return false;
    for (const key of this.keys()) {
      const value = other.find(key);
      if (value === undefined || !isEqual(this.find(key), value)) return false;
    }
    return true;
  }
}

/** A whole number of any kind as one that compares; a fraction is its own. */
const keyOf = (key: unknown): unknown =>
  key instanceof Uint ? key.value : typeof key === "number" && Number.isInteger(key) ? BigInt(key) : key;

/** A map that an expression makes. */
export class PlainMap extends Mapping {
  readonly #members: ReadonlyMap<unknown, readonly [key: unknown, value: unknown]>;

  private constructor(members: ReadonlyMap<unknown, readonly [key: unknown, value: unknown]>) {
    super();
    this.#members = members;
  }

  /** Of a key that stands twice, the second value counts. */
  static of(entries: Iterable<readonly [key: unknown, value: unknown]>): PlainMap {
    const members = new Map<unknown, readonly [unknown, unknown]>();
    for (const [key, value] of entries) {
      members.set(keyOf(key), [key, value]);
    }
    return new PlainMap(members);
  }

  get size(): number {
    return this.#members.size;
  }
  find(key: unknown): unknown {
    return this.#members.get(keyOf(key))?.[1];
  }
  *keys(): Iterable<unknown> {
    for (const [key] of this.#members.values()) yield key;
  }
}

/** A list that is equal and joined in a way of its own: a set, or one with keys. */
export interface ListNature {
  equal(list: readonly unknown[], other: readonly unknown[]): boolean;
  join(list: readonly unknown[], other: readonly unknown[]): readonly unknown[];
}

const nature = Symbol();
const isOfSchema = Symbol();
const bare = Symbol();

/** A list with what is known of it: lists are made by the thousand, and a table of them costs more than all else about them. */
interface KnownList extends ReadonlyArray<unknown> {
  [nature]?: ListNature;
  [isOfSchema]?: true;
  [bare]?: () => unknown;
}

/** Gives a list its nature. */
export function withNature(list: readonly unknown[], own: ListNature): readonly unknown[] {
  (list as KnownList)[nature] = own;
  return list;
}
/** The nature of a list, where it has one. */
export const natureOf = (list: readonly unknown[]): ListNature | undefined => (list as KnownList)[nature];

/** A value that a library brings. */
export abstract class LibraryValue {
  /** The name of its type. */
  abstract readonly typeName: string;
  abstract equals(other: LibraryValue): boolean;
}

/** The name of the type of a value that runs. Pure. */
export function typeNameOf(value: unknown): string {
  switch (typeof value) {
    case "bigint":
      return "int";
    case "number":
      return "double";
    case "boolean":
      return "bool";
    case "string":
      return "string";
  }
  if (value === null) return "null_type";
  if (Array.isArray(value)) return "list";
  if (value instanceof Mapping) return "map";
  if (value instanceof Uint) return "uint";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof Timestamp) return "google.protobuf.Timestamp";
  if (value instanceof Duration) return "google.protobuf.Duration";
  if (value instanceof Maybe) return "optional_type";
  if (value instanceof TypeValue) return "type";
  if (value instanceof LibraryValue) return value.typeName;
  throw new TypeError(`Not a value of the language: ${typeof value}`);
}

const isNumeric = (value: unknown): value is bigint | number | Uint =>
  typeof value === "bigint" || typeof value === "number" || value instanceof Uint;
const plain = (value: bigint | number | Uint) => value instanceof Uint ? value.value : value;

/** Whether two values are equal: what cannot be compared is not. Pure. */
export const isEqual = (a: unknown, b: unknown): boolean => compared(a, b) === true;

/** What `==` answers. Pure. @throws {EvaluationError} where a list or an object of the schema meets something else. */
export function equals(a: unknown, b: unknown): boolean {
  const found = compared(a, b);
  if (found === undefined) throw noOverload();
  return found;
}

/** A list of the schema: it is compared with lists only. */
export function ofSchema<T extends readonly unknown[]>(list: T, without?: () => unknown): T {
  (list as KnownList)[isOfSchema] = true;
  (list as KnownList)[bare] = without;
  return list;
}

/** A value without its schema: a text where that has made a time of it, a list in its order. */
export const bareOf = (value: unknown): unknown =>
  value instanceof Mapping ? value.bare() : Array.isArray(value) ? (value as KnownList)[bare]?.() ?? value : value;

const isSchemaList = (list: readonly unknown[]): boolean => (list as KnownList)[isOfSchema] === true;

/** Whether a value comes from the schema, and is compared with its own kind only. */
const isStrict = (value: unknown): boolean =>
  Array.isArray(value) ? isSchemaList(value) : value instanceof Mapping && value.isOfSchema;

/** @returns Undefined where the values cannot be compared. */
function compared(a: unknown, b: unknown): boolean | undefined {
  if (b !== null && isStrict(a) && !(Array.isArray(a) ? Array.isArray(b) : b instanceof Mapping)) return undefined;
  if (isNumeric(a)) {
    // deno-lint-ignore eqeqeq -- a whole number and a fraction are compared by their worth
    return isNumeric(b) && plain(a) == plain(b);
  }
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return a === b;
  if (Array.isArray(a)) {
    if (!Array.isArray(b)) return false;
    const nature = natureOf(a);
    if (nature) return nature.equal(a, b);
    if (a.length !== b.length) return false;
    // Items of a list that an expression makes, and that cannot be compared, do not count.
    if (!isSchemaList(a)) return a.every((item, at) => compared(item, b[at]) !== false);
    const odd = a.findIndex((item, at) => compared(item, b[at]) !== true);
    return odd < 0 || compared(a[odd], b[odd]);
  }
  if (a instanceof Mapping) return b instanceof Mapping && a.equals(b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compare(a, b) === 0;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof Maybe) return b instanceof Maybe && a.hasValue === b.hasValue && (!a.hasValue || isEqual(a.value, b.value));
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  return a instanceof LibraryValue && b instanceof LibraryValue && a.typeName === b.typeName && a.equals(b);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  let at = 0;
  while (at < a.length && at < b.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  // Half of a pair decides as the whole of it: as code points, which is the order of UTF-8.
  if (at > 0 && (a.charCodeAt(at) & 0xfc00) === 0xdc00) at--;
  return (a.codePointAt(at) ?? -1) - (b.codePointAt(at) ?? -1);
}

/** Below zero where the first comes first. Pure. @throws {EvaluationError} where nothing is before or behind. */
export function compare(a: unknown, b: unknown): number {
  if (isNumeric(a) && isNumeric(b)) {
    const [left, right] = [plain(a), plain(b)];
    if (Number.isNaN(left) || Number.isNaN(right)) throw new EvaluationError("NaN values cannot be ordered");
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    for (let at = 0; at < a.length && at < b.length; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
    return a.length - b.length;
  }
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration)) {
    return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  }
  throw noOverload();
}

/** The characters of a text: positions count them, not the units of UTF-16. Pure. */
export const lengthOf = (text: string): number => {
  let count = 0;
  for (const _ of text) count++;
  return count;
};

/** What `size()` says, or undefined for what has no size. Pure. */
export function sizeOf(value: unknown): number | undefined {
  if (typeof value === "string") return lengthOf(value);
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return value instanceof Mapping ? value.size : undefined;
}

/** A fraction as Go's `%g` prints it. Pure. */
export function printDouble(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [digits, power] = value.toExponential().split("e") as [string, string];
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 6) {
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  return String(value).includes("e")
    ? value.toFixed(Math.max(0, digits.replace(/^-?\d\.?/, "").length - exponent))
    : String(value);
}

const pad = (value: number | bigint, width: number) => String(value).padStart(width, "0");
const billion = 1_000_000_000n;

/** Rounds down. */
const floored = (value: bigint, by: bigint): bigint => value / by - (value < 0n && value % by !== 0n ? 1n : 0n);

/** The parts of a moment in a zone. Pure. @param ahead Minutes. */
export function partsOfTime({ nanos }: Timestamp, ahead: number): { readonly date: Date; readonly nanos: bigint } {
  const seconds = floored(nanos, billion);
  return { date: new Date(Number(seconds) * 1000 + ahead * 60_000), nanos: nanos - seconds * billion };
}

/** A moment in its own zone. Pure. */
export function printTimestamp(moment: Timestamp): string {
  const { date, nanos } = partsOfTime(moment, moment.ahead);
  const fraction = nanos === 0n ? "" : `.${pad(nanos, 9).replace(/0+$/, "")}`;
  const zone = moment.ahead === 0
    ? "Z"
    : `${moment.ahead < 0 ? "-" : "+"}${pad(Math.floor(Math.abs(moment.ahead) / 60), 2)}:${pad(Math.abs(moment.ahead) % 60, 2)}`;
  const day = `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`;
  return `${day}T${pad(date.getUTCHours(), 2)}:${pad(date.getUTCMinutes(), 2)}:${pad(date.getUTCSeconds(), 2)}${fraction}${zone}`;
}

/** A span in seconds. Pure. */
export function printDuration({ nanos }: Duration): string {
  const seconds = Number(nanos / billion) + Number(nanos % billion) / 1e9;
  return `${seconds}s`;
}
