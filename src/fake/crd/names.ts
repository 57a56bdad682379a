/**
 * Names that CRDs of one group may not share.
 *
 * @module
 */
import { type CrdNames, specOf, statusOf, withCondition } from "./crd.ts";
import type { Json, JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { quote } from "../types/quote.ts";

/** What became of the names of a CRD. */
export interface NameDecision {
  readonly accepted: JsonObject;
  /** The last clash: the reason of the condition, and the name. */
  readonly conflict: { readonly reason: string; readonly message: string } | undefined;
}

const taken = (name: string) => `${quote(name)} is already in use`;

/** Decides which names of a CRD are free. Pure. @param others All CRDs. */
export function decideNames(crd: JsonObject, others: readonly JsonObject[]): NameDecision {
  const { names, group } = specOf(crd);
  const rivals = others.filter((other) => specOf(other).group === group && metaOf(other).name !== metaOf(crd).name)
    .map((other) => statusOf(other).acceptedNames as unknown as CrdNames);
  const resources = new Set(rivals.flatMap((each) => [each.plural, each.singular, ...each.shortNames ?? []]));
  const kinds = new Set(rivals.flatMap((each) => [each.kind, each.listKind]));
  const accepted: JsonObject = {};
  let conflict: NameDecision["conflict"];
  const decide = (member: "plural" | "singular" | "kind" | "listKind", among: Set<string | undefined>, reason: string) => {
    const name = names[member]!;
    if (among.has(name)) conflict = { reason, message: taken(name) };
    else accepted[member] = name;
  };
  decide("plural", resources, "PluralConflict");
  decide("singular", resources, "SingularConflict");
  const clashing = (names.shortNames ?? []).filter((name) => resources.has(name));
  if (clashing.length > 0) conflict = { reason: "ShortNamesConflict", message: clashing.map(taken).join(", ") };
  else if (names.shortNames) accepted.shortNames = names.shortNames;
  decide("kind", kinds, "KindConflict");
  decide("listKind", kinds, "ListKindConflict");
  if (names.categories) accepted.categories = names.categories as Json;
  return { accepted: { plural: "", kind: "", ...accepted }, conflict };
}

/** A copy of a CRD with its names decided upon and itself established where they are free: what controllers do. Pure. */
export function establish(crd: JsonObject, decision: NameDecision, time: string): JsonObject {
  const named: JsonObject = { ...crd, status: { ...statusOf(crd), acceptedNames: decision.accepted } };
  const { conflict } = decision;
  if (conflict) {
    const refused = withCondition(named, "NamesAccepted", "False", conflict.reason, conflict.message, time);
    return withCondition(refused, "Established", "False", "NotAccepted", "not all names are accepted", time);
  }
  const accepted = withCondition(named, "NamesAccepted", "True", "NoConflicts", "no conflicts found", time);
  return withCondition(accepted, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted", time);
}
