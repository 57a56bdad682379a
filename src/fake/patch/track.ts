/**
 * How the parts of a document are written while it is patched: the server's library reads into an object when an operation does, and
 * keeps the rest as the texts that came.
 *
 * @module
 */
import { clone, encode, isObject, type Json, type JsonObject, setMember } from "../types/json.ts";
import type { AsWritten } from "../types/parse.ts";

/** What is known of a document's parts. */
export interface Track {
  /** An operation reads into a part: it is printed as a map of Go's from now on, and of members that came twice the last is left. */
  open(part: Json): void;
  /** The same for all that is in a part. */
  openAll(part: Json): void;
  /** Copies a value deeply. What was noted of how it is written holds for the copy. */
  copy<T extends Json>(value: T): T;
}

/** Where nobody asks how a document is written. */
export const untracked: Track = { open: () => {}, openAll: () => {}, copy: clone };

/** Notes how a document is written. */
export class WrittenParts implements Track {
  readonly #twice: AsWritten;
  readonly #opened = new Set<Json>();

  /** @param twice Values that operations bring along. */
  constructor(twice: AsWritten) {
    this.#twice = twice;
  }

  open(part: Json): void {
    this.#opened.add(part);
    this.#twice.delete(part);
  }

  openAll(part: Json): void {
    if (Array.isArray(part)) part.forEach((item) => this.openAll(item));
    else if (isObject(part)) {
      this.open(part);
      for (const member of Object.values(part)) this.openAll(member!);
    }
  }

  copy<T extends Json>(value: T): T {
    if (Array.isArray(value)) {
      return Object.isFrozen(value) ? value : this.#noted(value, value.map((item) => this.copy(item)) as T);
    }
    if (!isObject(value)) return value;
    const copy: JsonObject = {};
    for (const [key, member] of Object.entries(value)) if (member !== undefined) setMember(copy, key, this.copy(member));
    const all = this.#twice.get(value);
    if (all) this.#twice.set(copy, all.map(([name, member]) => [name, this.copy(member)]));
    return this.#noted(value, copy as T);
  }

  #noted<T extends Json>(value: T, copy: T): T {
    if (this.#opened.has(value)) this.#opened.add(copy);
    return copy;
  }

  /** Whether a member comes twice somewhere in a value. */
  isTwice(value: Json): boolean {
    if (this.#twice.size === 0 || typeof value !== "object" || value === null) return false;
    if (this.#twice.has(value)) return true;
    return Array.isArray(value)
      ? value.some((item) => this.isTwice(item))
      : isObject(value) && Object.values(value).some((member) => this.isTwice(member!));
  }

  /** A value with the members of what was read into in alphabetic order. */
  arranged<T extends Json>(value: T): T {
    if (Array.isArray(value)) return Object.isFrozen(value) ? value : value.map((item) => this.arranged(item)) as T;
    if (!isObject(value)) return value;
    const members = Object.entries(value);
    if (this.#opened.has(value)) members.sort(([a], [b]) => a < b ? -1 : 1);
    const copy: JsonObject = {};
    for (const [key, member] of members) if (member !== undefined) setMember(copy, key, this.arranged(member));
    const all = this.#twice.get(value);
    if (all) this.#twice.set(copy, all);
    return copy as T;
  }

  /** Prints a value with every member that came. */
  print(value: Json): string {
    if (!this.isTwice(value)) return encode(value);
    if (Array.isArray(value)) return `[${value.map((item) => this.print(item)).join(",")}]`;
    const members = this.#twice.get(value) ?? Object.entries(value as JsonObject);
    return `{${members.map(([key, member]) => `${encode(key)}:${this.print(member!)}`).join(",")}}`;
  }
}
