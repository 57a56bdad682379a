/**
 * Which requests a policy is about.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { selects } from "../types/labels.ts";
import { metaOf } from "../types/meta.ts";
import type { Call } from "../store/world.ts";

/** What a request does. */
export interface Admission {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  /** Undefined for a deletion. */
  readonly object: JsonObject | undefined;
  readonly oldObject: JsonObject | undefined;
  /** In the request: of a new object it may still be missing. */
  readonly name: string;
  readonly dryRun: boolean;
  /** What else was asked for. @default What the query says */
  readonly options?: JsonObject;
}

const items = (value: Json | undefined): JsonObject[] => Array.isArray(value) ? value.filter(isObject) : [];
const holds = (value: Json | undefined, wanted: string) =>
  Array.isArray(value) && (value.includes("*") || value.includes(wanted));
const isNamespace = ({ type }: Call) => !type.custom && type.group === "" && type.kind === "Namespace";

function isMeant(rule: JsonObject, call: Call, version: string, { operation, name }: Admission): boolean {
  const { type, namespace, subresource = "" } = call;
  if (!holds(rule.operations, operation) || !holds(rule.apiGroups, type.group) || !holds(rule.apiVersions, version)) return false;
  const isNamespaced = namespace !== undefined && !isNamespace(call);
  if (rule.scope === "Namespaced" && !isNamespaced) return false;
  if (rule.scope === "Cluster" && isNamespaced) return false;
  const isOfRule = (Array.isArray(rule.resources) ? rule.resources : []).some((each) => {
    const [resource = "", sub = ""] = String(each).split("/");
    return (resource === "*" || resource === type.plural) && (sub === "*" || sub === subresource);
  });
  if (!isOfRule) return false;
  const names = Array.isArray(rule.resourceNames) ? rule.resourceNames : [];
  return names.length === 0 || names.includes(name);
}

/** The version of the resource by which rules are about a request; undefined: they are not. */
function versionMeant(rules: readonly JsonObject[], call: Call, admission: Admission, isExact: boolean): string | undefined {
  const { type, world } = call;
  if (rules.some((rule) => isMeant(rule, call, type.version, admission))) return type.version;
  if (isExact) return undefined;
  // The same object in another version.
  const others = world.registry.all().filter((other) => other.storage === type.storage && other.group === type.group);
  return others.map(({ version }) => version).find((version) => rules.some((rule) => isMeant(rule, call, version, admission)));
}

function inNamespace(selector: JsonObject, call: Call, { object, oldObject }: Admission): boolean {
  if (Object.keys(selector).length === 0) return true;
  if (isNamespace(call)) return selects(selector, metaOf(object ?? oldObject!).labels ?? {});
  if (call.namespace === undefined) return true;
  const namespace = call.world.store.collection("/namespaces").get(call.namespace);
  return namespace !== undefined && selects(selector, metaOf(namespace).labels ?? {});
}

/**
 * Whether a policy or a binding is about a request. Pure.
 *
 * @param constraints `matchConstraints` of the one, `matchResources` of the other.
 * @returns The version in which it wants to see the object.
 */
export function matchedVersion(constraints: Json | undefined, call: Call, admission: Admission): string | undefined {
  if (!isObject(constraints)) return call.type.version;
  const selector = (name: string) => isObject(constraints[name]) ? constraints[name] as JsonObject : {};
  if (!inNamespace(selector("namespaceSelector"), call, admission)) return undefined;
  const wanted = selector("objectSelector");
  const seen = [admission.object, admission.oldObject].filter((each) => each !== undefined);
  if (Object.keys(wanted).length > 0 && !seen.some((each) => selects(wanted, metaOf(each).labels ?? {}))) return undefined;
  const isExact = constraints.matchPolicy === "Exact";
  if (versionMeant(items(constraints.excludeResourceRules), call, admission, isExact) !== undefined) return undefined;
  const rules = items(constraints.resourceRules);
  return rules.length === 0 ? call.type.version : versionMeant(rules, call, admission, isExact);
}
