import { statSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { type Clock, type Implementation, implementFlow, type Log, systemClock } from "../mod.ts";
import { thrownText } from "../src/errors.ts";
import { UsageError } from "./arguments.ts";
import { moduleFault } from "./module-fault.ts";
import sample from "./sample.ts";

/** From when on it is told that a module has not loaded, and how long that may take, in milliseconds: Deno may fetch what it imports. */
const [PATIENCE, LIMIT] = [5_000, 60_000];

/** How a module is loaded. */
export interface LoadOptions {
  /** @default {Nothing is told} */
  readonly log?: Log;
  /** @default {The machine's clock} */
  readonly clock?: Clock;
}

/**
 * Loads flows with their handlers: the first of them is the one that is started where one is.
 *
 * @param specifier A path relative to the working directory, or a URL. @default {The sample flow}
 * @throws {UsageError} When it cannot be loaded, or its default export is not what `implementFlow` gives, nor a list of that.
 */
export async function loadFlows(specifier?: string, options: LoadOptions = {}): Promise<Implementations> {
  if (specifier === undefined) return [sample];
  const path = resolve(process.cwd(), specifier);
  const isUrl = /^[a-z][a-z+.-]+:/.test(specifier);
  if (!isUrl) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) throw new UsageError(`Cannot load the flow module "${specifier}": there is no such file`);
    if (/\.(json|ya?ml)$/i.test(path)) {
      throw new UsageError(`Cannot load the flow module "${specifier}": it is data, expected a module such as order.ts`);
    }
    if (found.isDirectory()) throw new UsageError(`Cannot load the flow module "${specifier}": it is a folder, expected a file`);
  }
  const url = isUrl ? specifier : pathToFileURL(path).href;
  let module: { readonly default?: unknown };
  try {
    module = await inTime(import(url), specifier, options);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const message = moduleFault(error);
    // What `npm init` makes is CommonJS. Node's warning, which says what to do, is not ours to count on.
    const remedy = /outside a module|Unexpected token 'export'/.test(message)
      ? "; its package.json says that it is CommonJS: npm pkg set type=module, or call it .mts"
      : "";
    throw new UsageError(`Cannot load the flow module "${specifier}": ${message}${remedy}`);
  }
  const implementations = implementationsIn(module, specifier);
  const twice = implementations.find(({ flow }, index) =>
    implementations.findIndex((other) => other.flow.name === flow.name && other.flow.digest === flow.digest) < index
  );
  if (twice) {
    throw new UsageError(`The default export of "${specifier}" has flow "${twice.flow.name}" twice with the same graph`);
  }
  return implementations;
}

/** What is exported is the code of others, too: reading it may throw, and what it holds may not fit together. */
function implementationsIn(module: { readonly default?: unknown }, specifier: string): Implementations {
  let exported: unknown;
  let read: (Implementation | number)[];
  try {
    exported = module.default;
    read = (Array.isArray(exported) ? exported : [exported]).map((each: unknown, index) =>
      isImplementation(each) ? implementFlow(each.flow, each.handlers, { use: each.use }) : index
    );
  } catch (error) {
    throw new UsageError(`Cannot use the default export of "${specifier}": ${thrownText(error).split("\n")[0]}`);
  }
  if (exported === undefined) {
    throw new UsageError(`"${specifier}" has no default export: export default implementFlow(flow, handlers)`);
  }
  const [first, ...others] = read.map((each) => {
    if (typeof each !== "number") return each;
    const which = Array.isArray(exported) ? `, item ${each} of a list,` : "";
    throw new UsageError(
      `The default export of "${specifier}"${which} is not a flow with its handlers: export default implementFlow(flow, handlers)`,
    );
  });
  if (!first) throw new UsageError(`The default export of "${specifier}" is an empty list, expected what implementFlow gives`);
  return [first, ...others];
}

/** What a module waits for at its top level may never come; where nothing else is waited for, Node would end without a sentence of ours. */
async function inTime<T>(loading: Promise<T>, specifier: string, { log, clock = systemClock }: LoadOptions): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.setTimer(PATIENCE, () => {
      log?.warn(`Waiting for the flow module "${specifier}": an await at its top level has not ended for ${PATIENCE / 1_000} s`);
      cancel = clock.setTimer(LIMIT - PATIENCE, () => {
        const why = `an await at its top level has not ended for ${LIMIT / 1_000} s, wait in a handler instead`;
        reject(new UsageError(`Cannot load the flow module "${specifier}": ${why}`));
      });
    });
  });
  try {
    return await Promise.race([loading, late]);
  } finally {
    cancel();
  }
}

/** One flow with its handlers, or several: of several names, or several versions of one. */
export type Implementations = readonly [Implementation, ...Implementation[]];

/** As in `flows "order" (2 versions), "refund"`. */
export function flowsText(implementations: Implementations): string {
  const names = implementations.map(({ flow }) => flow.name);
  const texts = [...new Set(names)].map((name) => {
    const versions = names.filter((other) => other === name).length;
    return versions > 1 ? `"${name}" (${versions} versions)` : `"${name}"`;
  });
  return `${texts.length === 1 ? "flow" : "flows"} ${texts.join(", ")}`;
}

function isImplementation(value: unknown): value is Implementation {
  const { flow, handlers } = (value ?? {}) as Partial<Implementation>;
  return typeof flow?.name === "string" && Array.isArray(flow.jobs) && typeof flow.digest === "string" &&
    typeof handlers === "object" && handlers !== null;
}
