/**
 * What a list, a watch and the deletion of a collection take: the query, read in the order in which the server does.
 *
 * @module
 */
import { type FieldError, forbidden, notSupported } from "../types/field-error.ts";
import { exactName, fieldMatcher, type FieldTerm, parseFieldSelector } from "./field-selector.ts";
import { integer, isTrue } from "../http/options.ts";
import { type LabelSelector, parseLabelSelector } from "./label-selector.ts";
import type { JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { badRequest, Refusal, unprocessable } from "../types/status.ts";
import type { Call } from "../store/world.ts";

/** The objects that are meant. */
export interface Selection {
  readonly matches: (object: JsonObject) => boolean;
  /** Whether it narrows by label or field. */
  readonly selects: boolean;
  /** Whether it asks for one object by its name, where that is its key. */
  readonly named: boolean;
}

/** The options of a list. */
export interface ListOptions {
  /** 0: none. */
  readonly limit: number;
  /** The continue token. */
  readonly token: string;
  readonly version: string;
  readonly match: string;
  /** 0: none is given. */
  readonly timeoutSeconds: number;
  /** Whether a watch shall begin with the present state, where that is said. */
  readonly initialEvents: boolean | undefined;
  readonly bookmarks: boolean;
  readonly selection: Selection;
}

interface Selectors {
  readonly labels: LabelSelector;
  readonly labelText: string;
  readonly fields: readonly FieldTerm[];
}

/** Reads what can be read without knowing the type. @throws {Refusal} 400 */
function decode(query: URLSearchParams): Selectors & { readonly timeoutSeconds: number; readonly limit: number } {
  const timeoutSeconds = integer(query, "timeoutSeconds") ?? 0;
  const limit = Math.max(0, integer(query, "limit") ?? 0);
  const labelText = query.get("labelSelector") ?? "";
  const labels = parseLabelSelector(labelText);
  return { timeoutSeconds, limit, labelText, labels, fields: parseFieldSelector(query.get("fieldSelector") ?? "") };
}

/**
 * The name that a list or a watch is about: the authorizer takes it like one in the path, if it could be one. Pure.
 *
 * @returns Nothing as well where the query cannot be read, which is refused later.
 */
export function selectedName(query: URLSearchParams): string | undefined {
  try {
    const name = exactName(decode(query).fields);
    return name === undefined || /^$|^\.\.?$|[/%]/.test(name) ? undefined : name;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

const field = "resourceVersionMatch";

function listErrors(match: string, version: string, token: string, initial: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (match !== "") {
    if (version === "") errors.push(forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    if (token !== "") errors.push(forbidden(field, "resourceVersionMatch is forbidden when continue is provided"));
    if (!["Exact", "NotOlderThan"].includes(match)) errors.push(notSupported(field, match, ["Exact", "NotOlderThan", ""]));
    if (match === "Exact" && version === "0") {
      errors.push(forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (initial) errors.push(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  return errors;
}

function watchErrors(match: string, version: string, token: string, initial: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (initial) {
    if (match !== "NotOlderThan") {
      errors.push(forbidden(field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
    }
  } else if (match !== "") {
    errors.push(forbidden(field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
  }
  if (match !== "" && match !== "NotOlderThan") errors.push(notSupported(field, match, ["NotOlderThan"]));
  // Where neither is said of a watch from now, the server says both itself.
  const matched = match !== "" || (!initial && ["", "0"].includes(version));
  if (token !== "" && matched) errors.push(forbidden(field, "resourceVersionMatch is forbidden when continue is provided"));
  return errors;
}

function selectionOf(call: Omit<Call, "output">, { labels, labelText, fields }: Selectors): Selection {
  const { namespace, name, type } = call;
  const matches = fieldMatcher(type, fields);
  // What is named in the path may be named in the selector once more, and that is all.
  if (name !== undefined && fields.length > 0 && exactName(fields) !== name) {
    throw badRequest("fieldSelector metadata.name doesn't match requested name");
  }
  return {
    selects: labelText.trim() !== "" || fields.length > 0,
    named: exactName(fields) !== undefined && (namespace !== undefined || !type.namespaced),
    matches(object) {
      const meta = metaOf(object);
      if (namespace !== undefined && meta.namespace !== namespace) return false;
      if (name !== undefined && meta.name !== name) return false;
      return labels(meta.labels ?? {}) && matches(object);
    },
  };
}

/**
 * Reads the options of a call, but for what its type says of the fields that are selected: that is asked when it is known in which form
 * the answer is wanted.
 *
 * @throws {Refusal} 400 or 422
 */
export function readListOptions(call: Omit<Call, "output">): Omit<ListOptions, "selection"> & { readonly selectors: Selectors } {
  const { query } = call;
  const { timeoutSeconds, limit, ...selectors } = decode(query);
  const token = query.get("continue") ?? "";
  const version = query.get("resourceVersion") ?? "";
  const match = query.get(field) ?? "";
  const initial = query.has("sendInitialEvents");
  // A path with `watch/` in it is a list until it is carried out.
  const errors = isTrue(query, "watch") && call.verb === "watch"
    ? watchErrors(match, version, token, initial)
    : listErrors(match, version, token, initial);
  if (errors.length > 0) throw unprocessable({ group: "meta.k8s.io", plural: "ListOptions" }, "", errors);
  return {
    limit,
    token,
    version,
    match,
    timeoutSeconds,
    initialEvents: initial ? isTrue(query, "sendInitialEvents") : undefined,
    bookmarks: isTrue(query, "allowWatchBookmarks"),
    selectors,
  };
}

/**
 * Reads the options of a call, its selectors included: nothing is done before all of it is understood.
 *
 * @throws {Refusal} 400 or 422
 */
export function listOptions(call: Omit<Call, "output">): ListOptions {
  const { selectors, ...options } = readListOptions(call);
  return { ...options, selection: selectionOf(call, selectors) };
}
