/**
 * What is known of values that are never changed.
 *
 * @module
 */

/**
 * What is known of a value is kept with the value, under a name that nobody else sees: it goes when the value does, and no copy has it. A
 * WeakMap does the same, but its table grows with all that was noted until what is old is collected, and never becomes smaller again:
 * a note of each write made megabytes of holes.
 */
export class Note<V> {
  readonly #name = Symbol();

  /** What is known of a value. */
  of(value: object): V | undefined {
    return (value as Record<symbol, V | undefined>)[this.#name];
  }

  /** Notes it. The value is not frozen yet. */
  set(value: object, known: V): void {
    Object.defineProperty(value, this.#name, { value: known, configurable: true });
  }
}
