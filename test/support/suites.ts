/**
 * Runs what a test file has put into uvu's queue. uvu's own runner swallows what a hook throws, and waits for ever; so
 * each test and each hook is wrapped before its suite runs.
 *
 * @module
 */
import process from "node:process";

/** What became of one file's tests. */
export interface Outcome {
  passed: number;
  /** One text for each failure. */
  readonly failures: string[];
}

/** How long things may take, in milliseconds. */
export interface Limits {
  readonly test: number;
  readonly hook: number;
}

type Handler = (state: unknown) => unknown;
interface Suite {
  readonly tests: { readonly name: string; handler: Handler }[];
  readonly only: unknown[];
  readonly skips: number;
  readonly before: Handler[];
  readonly after: Handler[];
  readonly bEach: Handler[];
  readonly aEach: Handler[];
}
type Entry = () => Promise<[errors: string | true, ran: number, skipped: number, total: number]>;
interface Uvu {
  UVU_DEFER?: number;
  UVU_QUEUE?: Entry[][];
  UVU_INDEX?: number;
}

/** Imports a test file. @returns Its suites, those that were `.run()`. */
export async function loadSuites(file: string, limit: number): Promise<Map<Entry, Suite | undefined>> {
  const uvu = globalThis as Uvu;
  const queue: Entry[] = [];
  Object.assign(uvu, { UVU_DEFER: 1, UVU_INDEX: 0, UVU_QUEUE: [queue] });
  const suites = new Map<Entry, Suite | undefined>();
  const { bind } = Function.prototype;
  // uvu binds its runner to each suite; there is no other way to see what a suite consists of.
  Function.prototype.bind = function (this: (...args: unknown[]) => unknown, ...args: [unknown, ...unknown[]]) {
    const bound = bind.apply(this, args);
    const suite = args[1] as Suite | undefined;
    if (this.name === "runner" && Array.isArray(suite?.tests)) suites.set(bound as Entry, suite);
    return bound;
  };
  try {
    await within(limit, () => import(file), "the import of the file");
  } finally {
    Function.prototype.bind = bind;
  }
  return new Map(queue.map((entry) => [entry, suites.get(entry)]));
}

/** Runs suites one after the other. */
export async function runSuites(suites: Map<Entry, Suite | undefined>, limits: Limits): Promise<Outcome> {
  const outcome: Outcome = { passed: 0, failures: [] };
  for (const [entry, suite] of suites) {
    const hookErrors: unknown[] = [];
    if (suite) wrap(suite, limits, hookErrors);
    const restore = hideMarks();
    try {
      const [errors, ran, skipped, total] = await entry();
      outcome.passed += ran;
      const failed = typeof errors === "string" ? errors.split(/(?=^.* FAIL .*"$)/m).filter((text) => text.trim() !== "") : [];
      outcome.failures.push(...failed.map(trimmed));
      if (skipped > 0) outcome.failures.push("uses .only or .skip: use skip() of test/support/skip.ts, which takes a reason");
      if (ran + failed.length < total && hookErrors.length === 0) hookErrors.push(new Error("a hook threw"));
    } catch (error) {
      if (!hookErrors.includes(error)) hookErrors.push(error);
    } finally {
      restore();
    }
    for (const error of hookErrors) outcome.failures.push(`a hook failed: ${errorText(error)}`);
  }
  return outcome;
}

function wrap(suite: Suite, limits: Limits, hookErrors: unknown[]): void {
  for (const test of suite.tests) {
    const { handler } = test;
    test.handler = (state) => within(limits.test, () => handler(state), "the test");
  }
  for (const hooks of [suite.before, suite.after, suite.bEach, suite.aEach]) {
    hooks.forEach((hook, index) => {
      hooks[index] = async (state) => {
        try {
          await within(limits.hook, () => hook(state), "a hook");
        } catch (error) {
          if (hooks !== suite.bEach) hookErrors.push(error);
          throw error;
        }
      };
    });
  }
}

/** Settles as `work` does, or rejects when it takes longer. */
async function within<T>(limit: number, work: () => T, what: string): Promise<Awaited<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${limit} ms`)), limit);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** uvu writes a mark for each test; a line for each file is enough. */
function hideMarks(): () => void {
  const { stdout } = process;
  const { write } = stdout;
  // deno-lint-ignore no-control-regex
  const plain = (text: string) => text.replace(/\x1b\[\d+m/g, "");
  stdout.write = function (...args: [string | Uint8Array]) {
    const text = typeof args[0] === "string" ? plain(args[0]) : "";
    if (/^(• |✘ | .* {2}| {2}\(\d+ \/ \d+\)\n)$/.test(text)) return true;
    return Reflect.apply(write, stdout, args);
  } as typeof write;
  return () => void (stdout.write = write);
}

const trimmed = (text: string) => text.replace(/\n\s*\n/g, "\n").trim();

/** The stack of an error, or whatever was thrown. */
export const errorText = (error: unknown): string => error instanceof Error ? error.stack ?? error.message : String(error);
