/**
 * The OpenAPI v3 documents, with what they have in common once.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../../../src/fake/types/json.ts";
import type { Ask } from "./asking.ts";

/** What was recorded. */
export interface Documents {
  /** `{ parts, documents, hashes }` as JSON, where `{ "$": n }` stands for the nth part; parts refer to earlier ones only. */
  readonly text: string;
  /** All schemas of all documents. */
  readonly schemas: Readonly<Record<string, JsonObject>>;
}

const isBranch = (value: Json): value is JsonObject | Json[] => isObject(value) || Array.isArray(value);
const smallest = 24;

/** Takes out what comes twice. Pure. */
export function shared(documents: JsonObject, hashes: JsonObject): string {
  const counts = new Map<string, number>();
  const count = (value: Json): void => {
    if (!isBranch(value)) return;
    const text = JSON.stringify(value);
    if (text.length < smallest) return;
    counts.set(text, (counts.get(text) ?? 0) + 1);
    if (counts.get(text) === 1) { for (const member of Object.values(value)) count(member!); }
  };
  for (const document of Object.values(documents)) count(document!);
  const parts: Json[] = [];
  const places = new Map<string, number>();
  const inner = (value: JsonObject | Json[]): Json =>
    Array.isArray(value)
      ? value.map(outer)
      : Object.fromEntries(Object.entries(value).map(([key, member]) => [key, outer(member!)]));
  const outer = (value: Json): Json => {
    if (!isBranch(value)) return value;
    const text = JSON.stringify(value);
    if ((counts.get(text) ?? 0) < 2) return inner(value);
    if (!places.has(text)) {
      const part = inner(value);
      places.set(text, parts.push(part) - 1);
    }
    return { $: places.get(text)! };
  };
  const rest = Object.fromEntries(Object.entries(documents).map(([path, document]) => [path, inner(document as JsonObject)]));
  return JSON.stringify({ parts, documents: rest, hashes });
}

/** Reads all documents of a server. */
export async function documentsOf(ask: Ask): Promise<Documents> {
  const { paths } = (await ask("GET", "/openapi/v3")).body as { paths: JsonObject };
  const documents: JsonObject = {};
  const hashes: JsonObject = {};
  const schemas: Record<string, JsonObject> = {};
  for (const [path, place] of Object.entries(paths)) {
    hashes[path] = String((place as JsonObject).serverRelativeURL).split("?hash=")[1]!;
    const { body } = await ask("GET", `/openapi/v3/${path}`);
    documents[path] = body;
    Object.assign(schemas, (body as { components?: { schemas?: JsonObject } }).components?.schemas);
  }
  return { text: shared(documents, hashes), schemas };
}
