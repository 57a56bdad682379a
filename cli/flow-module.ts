import { statSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { type Implementation, implementFlow } from "../mod.ts";
import { UsageError } from "./arguments.ts";
import { moduleFault } from "./module-fault.ts";
import sample from "./sample.ts";

/**
 * Loads flows with their handlers: the first of them is the one that is started where one is.
 *
 * @param specifier A path relative to the working directory, or a URL. @default {The sample flow}
 * @throws {UsageError} When it cannot be loaded, or its default export is not what `implementFlow` gives, nor a list of that.
 */
export async function loadFlows(specifier?: string): Promise<Implementations> {
  if (specifier === undefined) return [sample];
  const path = resolve(process.cwd(), specifier);
  const isUrl = /^[a-z][a-z+.-]+:/.test(specifier);
  if (!isUrl) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) throw new UsageError(`Cannot load the flow module "${specifier}": there is no such file`);
    if (found.isDirectory()) throw new UsageError(`Cannot load the flow module "${specifier}": it is a folder, expected a file`);
  }
  const url = isUrl ? specifier : pathToFileURL(path).href;
  let module: { readonly default?: unknown };
  try {
    module = await import(url);
  } catch (error) {
    const message = moduleFault(error);
    // What `npm init` makes is CommonJS. Node's warning, which says what to do, is not ours to count on.
    const remedy = /outside a module|Unexpected token 'export'/.test(message)
      ? "; its package.json says that it is CommonJS: npm pkg set type=module, or call it .mts"
      : "";
    throw new UsageError(`Cannot load the flow module "${specifier}": ${message}${remedy}`);
  }
  const exported = module.default;
  if (exported === undefined) {
    throw new UsageError(`"${specifier}" has no default export: export default implementFlow(flow, handlers)`);
  }
  const [first, ...others] = (Array.isArray(exported) ? exported : [exported]).map((each: unknown, index) => {
    if (isImplementation(each)) return implementFlow(each.flow, each.handlers, { use: each.use });
    const which = Array.isArray(exported) ? `, item ${index} of a list,` : "";
    throw new UsageError(
      `The default export of "${specifier}"${which} is not a flow with its handlers: export default implementFlow(flow, handlers)`,
    );
  });
  if (!first) throw new UsageError(`The default export of "${specifier}" is an empty list, expected what implementFlow gives`);
  const implementations: Implementations = [first, ...others];
  const twice = implementations.find(({ flow }, index) =>
    implementations.findIndex((other) => other.flow.name === flow.name && other.flow.digest === flow.digest) < index
  );
  if (twice) {
    throw new UsageError(`The default export of "${specifier}" has flow "${twice.flow.name}" twice with the same graph`);
  }
  return implementations;
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
