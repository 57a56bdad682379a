import { existsSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { type Implementation, implementFlow, SAMPLE } from "../mod.ts";
import { UsageError } from "./arguments.ts";

/** The sample flow of the reference: two jobs that do nothing. */
const sample: Implementation = implementFlow(SAMPLE, { JOB1: async () => {}, JOB2: async () => {} });

/**
 * Loads a flow with its handlers.
 *
 * @param specifier A path relative to the working directory, or a URL. @default {The sample flow}
 * @throws {UsageError} When it cannot be loaded, or its default export is not what `implementFlow` gives.
 */
export async function loadFlow(specifier?: string): Promise<Implementation> {
  if (specifier === undefined) return sample;
  const path = resolve(process.cwd(), specifier);
  const isUrl = /^[a-z][a-z+.-]+:/.test(specifier);
  if (!isUrl && !existsSync(path)) throw new UsageError(`Cannot load the flow module "${specifier}": there is no such file`);
  const url = isUrl ? specifier : pathToFileURL(path).href;
  let exported: unknown;
  try {
    exported = (await import(url) as { default?: unknown }).default;
  } catch (error) {
    throw new UsageError(
      `Cannot load the flow module "${specifier}": ${error instanceof Error ? error.message.split("\n")[0] : error}`,
    );
  }
  if (!isImplementation(exported)) {
    throw new UsageError(
      `The default export of "${specifier}" is not a flow with its handlers: export default implementFlow(flow, handlers)`,
    );
  }
  return implementFlow(exported.flow, exported.handlers);
}

function isImplementation(value: unknown): value is Implementation {
  const { flow, handlers } = (value ?? {}) as Partial<Implementation>;
  return typeof flow?.name === "string" && Array.isArray(flow.jobs) && typeof flow.digest === "string" &&
    typeof handlers === "object" && handlers !== null;
}
