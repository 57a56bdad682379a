import { NoAnswerError } from "../../errors.ts";
import type { Abortable, Aborts } from "./aborts.ts";
import type { Deadlines, Expiring } from "./deadlines.ts";
import type { Linked, LinkedList } from "./linked-list.ts";
import type { Lifetime } from "../transport/transport.ts";

/** What the calls of one connection share. */
export interface CallScope {
  /** How long a call may take, in milliseconds. */
  readonly limit: number;
  readonly deadlines: Deadlines;
  readonly aborts: Aborts;
  /** Calls that are under way, and watches. */
  readonly open: LinkedList<Call>;
}

/**
 * One call's life: ended by its caller, by its time limit, by the close of the connection, or by `end`.
 *
 * A class, and its getters on the prototype: of an object that is written down with getters V8 makes a hidden class each time, and that keeps
 * alive what the object knew until all memory is collected (docs/decisions/0033-what-keeps-the-dead-alive.md).
 */
export class Call implements Lifetime, Linked<Call> {
  readonly #scope: CallScope;
  readonly #action: string;
  readonly #signal: AbortSignal | undefined;
  readonly #limited: Expiring = { expire: () => this.cut(`no answer within ${this.#scope.limit / 1000} s`) };
  readonly #aborted: Abortable | undefined;
  #over = false;
  #reason: unknown;
  #told: (() => void) | undefined;
  #settle: ((reason: unknown) => void) | undefined;
  next: Call | undefined;
  previous: Call | undefined;

  /**
   * Begins a call.
   *
   * `AbortSignal.any` is not used: it keeps a listener on the caller's signal, which may live as long as the program.
   *
   * @param action As in `Cannot patch requeststates "shop/a"`.
   */
  constructor(scope: CallScope, action: string, signal?: AbortSignal) {
    signal?.throwIfAborted();
    this.#scope = scope;
    this.#action = action;
    this.#signal = signal;
    scope.deadlines.add(this.#limited);
    if (signal) scope.aborts.add(signal, this.#aborted = { abort: () => this.#giveUp(signal.reason) });
    scope.open.add(this);
  }

  get over(): boolean {
    return this.#over;
  }

  /** What the call rejects with once it is over before its time. */
  get reason(): unknown {
    return this.#reason;
  }

  whenOver(callback: () => void): void {
    if (this.#over) callback();
    else this.#told = callback;
  }

  /** Settles as `work` does, or at once when the call is cut; a value that comes later goes to `late`. */
  race<T>(work: Promise<T>, late?: (value: T) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#over) reject(this.#reason);
      else this.#settle = reject;
      work.then(
        (value) => this.#over ? late?.(value) : resolve(value),
        (error) => this.#over || reject(error),
      );
    });
  }

  /** Ends the call for want of an answer. @param why The end of a sentence. */
  cut(why: string): void {
    this.#giveUp(new NoAnswerError(this.#action, new Error(why)));
  }

  /** The answer has begun: from now on there is no time limit. */
  stopTimer(): void {
    this.#scope.deadlines.delete(this.#limited);
  }

  /** Leaves no timer and no listener behind. */
  end(): void {
    this.stopTimer();
    if (this.#aborted) this.#scope.aborts.delete(this.#signal!, this.#aborted);
    this.#scope.open.delete(this);
  }

  #giveUp(why: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#reason = why;
    this.end();
    this.#settle?.(why);
    this.#told?.();
  }
}
