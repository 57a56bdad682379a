/**
 * Names that CRDs of one group may not share.
 *
 * @module
 */
import { type CrdNames, hasCondition, specOf, statusOf, withCondition } from "./crd.ts";
import { equal, type Json, type JsonObject } from "../types/json.ts";
import { quote } from "../types/quote.ts";

/** What became of the names of a CRD. */
export interface NameDecision {
  /** Names that clash stay as they were accepted before. */
  readonly accepted: JsonObject;
  /** The last clash: the reason of the condition, and the name. */
  readonly conflict: { readonly reason: string; readonly message: string } | undefined;
}

const taken = (name: string) => `${quote(name)} is already in use`;

/** Decides which names of a CRD are free. Pure. @param all All CRDs. */
export function decideNames(crd: JsonObject, all: readonly JsonObject[]): NameDecision {
  const { names, group } = specOf(crd);
  const before = statusOf(crd).acceptedNames as unknown as CrdNames;
  const known = all.filter((each) => specOf(each).group === group)
    .map((each) => statusOf(each).acceptedNames as unknown as CrdNames);
  const resources = new Set(known.flatMap((each) => [each.plural, each.singular, ...each.shortNames ?? []]));
  const kinds = new Set(known.flatMap((each) => [each.kind, each.listKind]));
  const accepted: JsonObject = { ...before };
  let conflict: NameDecision["conflict"];
  const decide = (member: "plural" | "singular" | "kind" | "listKind", among: Set<string | undefined>, reason: string) => {
    const name = names[member]!;
    if (name !== before[member] && among.has(name)) conflict = { reason, message: taken(name) };
    else accepted[member] = name;
  };
  const take = (member: "shortNames" | "categories") => {
    if (names[member]) accepted[member] = names[member] as Json;
    else delete accepted[member];
  };
  decide("plural", resources, "PluralConflict");
  decide("singular", resources, "SingularConflict");
  const own = before.shortNames ?? [];
  const clashing = [...new Set((names.shortNames ?? []).filter((name) => !own.includes(name) && resources.has(name)))].map(taken);
  if (clashing.length > 0) {
    conflict = { reason: "ShortNamesConflict", message: clashing.length === 1 ? clashing[0]! : `[${clashing.join(", ")}]` };
  } else take("shortNames");
  decide("kind", kinds, "KindConflict");
  decide("listKind", kinds, "ListKindConflict");
  take("categories");
  return { accepted: { plural: "", kind: "", ...accepted }, conflict };
}

/**
 * A copy of a CRD with its names decided upon, and itself established where they are free: what controllers do. Once established, it
 * stays so, with the names that it has. Pure.
 */
export function establish(crd: JsonObject, all: readonly JsonObject[], time: string): JsonObject {
  const isEstablished = hasCondition(crd, "Established");
  // What it asks for is what it has: nobody looks at it again, whatever was said of it before.
  if (equal(specOf(crd).names, statusOf(crd).acceptedNames)) return crd;
  const { accepted, conflict } = decideNames(crd, all);
  const named: JsonObject = { ...crd, status: { ...statusOf(crd), acceptedNames: accepted } };
  const decided = conflict
    ? withCondition(named, "NamesAccepted", "False", conflict.reason, conflict.message, time)
    : withCondition(named, "NamesAccepted", "True", "NoConflicts", "no conflicts found", time);
  if (isEstablished) return decided;
  return conflict
    ? withCondition(decided, "Established", "False", "NotAccepted", "not all names are accepted", time)
    : withCondition(decided, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted", time);
}
