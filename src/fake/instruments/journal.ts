/**
 * What the fake was asked.
 *
 * @module
 */
import { checkOptions, type Members, TEXT, wholeFrom } from "../../options.ts";
import type { Registry } from "../store/registry.ts";
import { isResource, resourceIn } from "./resource-names.ts";
import { METHOD, PATH, SUBRESOURCE, VERB, VERB_OF_PATH } from "./request-words.ts";

/** One request, as it came and was answered. */
export interface JournalEntry {
  /** The HTTP method. */
  readonly method: string;
  /** The path, without the query. */
  readonly path: string;
  /** The query; of a parameter that is given twice, the last value. */
  readonly query: Readonly<Record<string, string>>;
  /** In the words of authorization; the lower-case method where no resource was asked for. */
  readonly verb: string;
  /** The plural, with the group behind a dot outside of the core group. */
  readonly resource?: string;
  /** The namespace in the path. */
  readonly namespace?: string;
  /** The name in the path. */
  readonly name?: string;
  /** Such as `status`. */
  readonly subresource?: string;
  /** The `Content-Type` header, parameters included. */
  readonly contentType?: string;
  /** The body: parsed where it is JSON, else its text. */
  readonly body?: unknown;
  /** The HTTP status that the client was answered; 0: the connection broke. */
  readonly status: number;
  /** The name of the fault that hit it. */
  readonly fault?: string;
  /** The status with which the request was carried out although the client was told something else; absent until it is. */
  readonly effect?: number;
  /** Milliseconds since the epoch, by the cluster's clock. */
  readonly time: number;
}

/** Members that an entry must have. */
export type JournalFilter = Partial<
  Pick<JournalEntry, "method" | "path" | "verb" | "resource" | "namespace" | "name" | "subresource" | "status" | "fault">
>;

/** The newest requests, oldest first. */
export interface Journal extends ReadonlyArray<JournalEntry> {
  /**
   * The entries that have these members. The resource is given with or without `.group`.
   *
   * @throws {TypeError} When no entry can ever have them: of an unknown verb, of a kind in the place of its plural; so do the others.
   */
  matching(filter: JournalFilter): readonly JournalEntry[];
  /** The writes that took effect, whatever their clients were told; dry runs are none. */
  writes(filter?: JournalFilter): readonly JournalEntry[];
  /**
   * The entries as lines, for one assertion on a whole story: `patch widgets.example.com shop/a 200`, with `(fault)`
   * behind where there was one.
   */
  lines(filter?: JournalFilter): readonly string[];
  /** Forgets all entries. */
  clear(): void;
}

/** The journal, and the means to write it. */
export interface JournalWriter {
  readonly journal: Journal;
  add(entry: JournalEntry): void;
}

const isMatch = (entry: JournalEntry, { resource, ...rest }: JournalFilter) =>
  (resource === undefined || isResource(resource, entry.resource)) &&
  Object.entries(rest).every(([key, value]) => value === undefined || entry[key as keyof JournalEntry] === value);

/** What may be looked for. */
const filterIn = (registry: Registry, { path }: JournalFilter): Members<JournalFilter> => ({
  method: METHOD,
  path: PATH,
  verb: path === undefined ? VERB : VERB_OF_PATH,
  resource: resourceIn(registry),
  namespace: TEXT,
  name: TEXT,
  subresource: SUBRESOURCE,
  status: wholeFrom(0, 599),
  fault: TEXT,
});

const writing = ["create", "update", "patch", "delete", "deletecollection"];

/** Whether a request changed something, or could have. Pure. */
function isWrite({ verb, resource, query, status, effect = status }: JournalEntry): boolean {
  return resource !== undefined && writing.includes(verb) && effect >= 200 && effect < 300 && !query.dryRun;
}

function lineOf({ verb, resource, path, namespace, name, subresource, status, fault }: JournalEntry): string {
  const object = [namespace, name, subresource].filter((part) => part !== undefined).join("/");
  return [verb, resource ?? path, object, String(status), fault && `(${fault})`].filter(Boolean).join(" ");
}

/** Makes an empty journal. @param limit Entries that it keeps. @param registry What is served. */
export function createJournal(limit: number, registry: Registry): JournalWriter {
  const entries: JournalEntry[] = [];
  const matching = (filter: JournalFilter = {}) => {
    // What is mistyped is in no entry: a test that expects none would pass for ever.
    checkOptions("Cannot look into the journal", filter, filterIn(registry, filter ?? {}));
    return entries.filter((entry) => isMatch(entry, filter));
  };
  const means: Omit<Journal, keyof ReadonlyArray<JournalEntry>> = {
    matching,
    writes: (filter) => matching(filter).filter(isWrite),
    lines: (filter) => matching(filter).map(lineOf),
    clear: () => void (entries.length = 0),
  };
  for (const [name, value] of Object.entries(means)) Object.defineProperty(entries, name, { value });
  return {
    journal: entries as unknown as Journal,
    add(entry) {
      entries.push(entry);
      if (entries.length > limit) entries.shift();
    },
  };
}
