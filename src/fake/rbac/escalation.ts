/**
 * Nobody gives rights away that he does not have.
 *
 * @module
 */
import { isObject, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import type { ResourceType } from "../types/resource.ts";
import { quote } from "../types/quote.ts";
import { badRequest, forbiddenBecause, notFound, plainError } from "../types/status.ts";
import { masters, rbacGroup, type Roles, type Subject } from "./roles.ts";
import { notCovered, type PolicyRule, rulesIn } from "./rule.ts";

const kinds = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"];

/** Whether objects of a type give rights. Pure. */
export const givesRights = (type: ResourceType): boolean => !type.custom && type.group === rbacGroup && kinds.includes(type.kind);

/**
 * Refuses a role or a binding that gives more than its writer has. The verbs `escalate` and `bind` let it pass.
 *
 * @throws {Refusal} 403; 404 for a binding to a role that is not there.
 */
export function confirmNoEscalation(type: ResourceType, object: JsonObject, writer: Subject, roles: Roles): void {
  if (writer.groups.includes(masters)) return;
  const { name = "", namespace } = metaOf(object);
  const given = type.kind.endsWith("Binding")
    ? bound(type, object, namespace, writer, roles)
    : written(type, object, name, namespace, writer, roles);
  if (!given) return;
  const missing = notCovered(roles.rules(writer, namespace), given);
  if (missing.length === 0) return;
  const groups = writer.groups.map(quote).join(" ");
  const who = `user ${quote(writer.user)} (groups=[${groups}])`;
  throw forbiddenBecause(type, name, `${who} is attempting to grant RBAC permissions not currently held:\n${missing.join("\n")}`);
}

function written(
  type: ResourceType,
  object: JsonObject,
  name: string,
  namespace: string | undefined,
  writer: Subject,
  roles: Roles,
): readonly PolicyRule[] | undefined {
  const wanted = { verb: "escalate", group: rbacGroup, resource: type.plural, name, namespace };
  return roles.decide(writer, wanted).allowed ? undefined : rulesIn(object);
}

function bound(
  type: ResourceType,
  object: JsonObject,
  namespace: string | undefined,
  writer: Subject,
  roles: Roles,
): readonly PolicyRule[] | undefined {
  const reference = isObject(object.roleRef) ? object.roleRef : {};
  const resource = reference.kind === "ClusterRole" ? "clusterroles" : "roles";
  const name = String(reference.name ?? "");
  if (roles.decide(writer, { verb: "bind", group: rbacGroup, resource, name, namespace }).allowed) return undefined;
  if (reference.kind !== "Role" && reference.kind !== "ClusterRole") {
    throw plainError(`unsupported role reference kind: ${quote(String(reference.kind ?? ""))}`);
  }
  if (name === "") throw badRequest("Name parameter required.");
  const rules = roles.rulesOf(reference, namespace);
  if (!rules) throw notFound(type, name);
  return rules;
}
