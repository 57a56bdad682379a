/**
 * What the fake was asked.
 *
 * @module
 */

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
  /** The HTTP status of the answer. */
  readonly status: number;
  /** Milliseconds since the epoch, by the cluster's clock. */
  readonly time: number;
}

/** Members that an entry must have. */
export type JournalFilter = Partial<
  Pick<JournalEntry, "method" | "path" | "verb" | "resource" | "namespace" | "name" | "subresource" | "status">
>;

/** The requests so far, oldest first. */
export interface Journal extends ReadonlyArray<JournalEntry> {
  /** The entries that have these members. */
  matching(filter: JournalFilter): readonly JournalEntry[];
}

/** The journal, and the means to write it. */
export interface JournalWriter {
  readonly journal: Journal;
  add(entry: JournalEntry): void;
}

/** Makes an empty journal. */
export function createJournal(): JournalWriter {
  const entries: JournalEntry[] = [];
  const matching = (filter: JournalFilter) =>
    entries.filter((entry) =>
      Object.entries(filter).every(([key, value]) => value === undefined || entry[key as keyof JournalEntry] === value)
    );
  const journal = Object.defineProperty(entries, "matching", { value: matching }) as unknown as Journal;
  return { journal, add: (entry) => void entries.push(entry) };
}
