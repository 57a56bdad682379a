import type { FakeCluster } from "../fake/mod.ts";
import type { Clock } from "../ports.ts";
import { type HistoryEntry, nameOf, type RequestState } from "../request-state.ts";

/** One version of a request, and when it came to be, in milliseconds since the witness began to look. */
export interface Version {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: RequestState;
  readonly at: number;
}

/** Who sees every version of every request, whatever goes wrong for others. */
export interface Witness {
  /** The versions by uid, the oldest first. */
  readonly versions: ReadonlyMap<string, readonly Version[]>;
  /** The newest versions of what is there. */
  present(): RequestState[];
  /** The newest version of what is there, or was last there, under a name such as `default/a`. */
  newest(name: string): Version | undefined;
  /** All entries of a history that were ever seen: the object itself keeps the newest ones only. */
  entries(uid: string): readonly HistoryEntry[];
  end(): void;
}

/** Looks at a fake cluster. @param tell Hears of each version within the write that makes it. */
export function createWitness(
  { fake, clock }: { readonly fake: Pick<FakeCluster, "follow">; readonly clock: Clock },
  tell: (version: Version) => void = () => {},
): Witness {
  const versions = new Map<string, Version[]>();
  const present = new Map<string, RequestState>(); // by uid
  const names = new Map<string, string>(); // the uid that last had a name
  const histories = new Map<string, HistoryEntry[]>();
  const begun = clock.monotonic();

  /** Entries by their place in the whole history. */
  const note = (uid: string, { status }: RequestState) => {
    const known = histories.get(uid) ?? [];
    const dropped = status?.historyDropped ?? 0;
    status?.history?.forEach((entry, index) => known[dropped + index] = entry);
    histories.set(uid, known);
  };

  const end = fake.follow("requeststates.com.redhat.ecosystem.sample", ({ type, object: seen }) => {
    const object = seen as RequestState;
    const uid = object.metadata.uid!;
    const version: Version = { type, object, at: clock.monotonic() - begun };
    const own = versions.get(uid);
    if (own) own.push(version);
    else versions.set(uid, [version]);
    if (type === "DELETED") present.delete(uid);
    else present.set(uid, object);
    if (type !== "DELETED" || !names.has(nameOf(object))) names.set(nameOf(object), uid);
    note(uid, object);
    tell(version);
  });

  return {
    versions,
    present: () => [...present.values()],
    newest: (name) => versions.get(names.get(name) ?? "")?.at(-1),
    entries: (uid) => (histories.get(uid) ?? []).filter((entry) => entry !== undefined),
    end,
  };
}
