/**
 * Which requests wait for which: schemas of flows, and their levels of priority.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from "../../types/field-error.ts";
import { isObject, type Json, type JsonObject } from "../../types/json.ts";
import { metaOf } from "../../types/meta.ts";
import { isNumber } from "../../types/numeral.ts";
import { labelName, subdomainName } from "../../types/names.ts";
import type { Rules } from "../selectable.ts";
import { each, isUnset, part } from "./checks.ts";
import { textsOf } from "./selectors.ts";

const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];

/** @param kinds What the others are called. */
function allOrSome(
  list: readonly string[],
  path: string,
  kinds: string,
  empty: string,
  others: () => FieldError[],
): FieldError[] {
  if (list.length === 0) return empty === "" ? others() : [required(path, empty)];
  if (!list.includes("*")) return others();
  return list.length > 1 ? [invalid(path, [...list], `if '*' is present, must not specify other ${kinds}`)] : [];
}

const verbErrors = (rule: JsonObject, path: string): FieldError[] => {
  const given = textsOf(rule.verbs);
  return allOrSome(
    given,
    `${path}.verbs`,
    "verbs",
    "verbs must contain at least one value",
    () => given.every((verb) => verbs.includes(verb)) ? [] : [notSupported(`${path}.verbs`, [...given], verbs)],
  );
};

function pathFault(path: string): string | undefined {
  if (path === "") return "must not be empty";
  if (path === "/") return undefined;
  if (!path.startsWith("/")) return "must start with slash";
  if (path.includes(" ")) return "must not contain white-space";
  if (path.includes("//")) return "must not contain double slash";
  const stars = path.split("*").length - 1;
  return stars > 1 || (stars === 1 && !path.endsWith("/*")) ? "wildcard can only do suffix matching" : undefined;
}

function nonResourceErrors(rule: JsonObject, path: string): FieldError[] {
  const paths = textsOf(rule.nonResourceURLs);
  const at = `${path}.nonResourceURLs`;
  const each = () =>
    paths.flatMap((text, index) => {
      const fault = pathFault(text);
      return fault === undefined ? [] : [invalid(`${at}[${index}]`, text, fault)];
    });
  return [
    ...verbErrors(rule, path),
    ...allOrSome(paths, at, "non-resource URLs", "nonResourceURLs must contain at least one value", each),
  ];
}

function resourceErrors(rule: JsonObject, path: string): FieldError[] {
  const none = () => [];
  const namespaces = textsOf(rule.namespaces);
  const eachNamespace = () =>
    namespaces.flatMap((name, index) =>
      labelName(name).map((fault) =>
        invalid(`${path}.namespaces[${index}]`, name, `each member of this list must be '*' or a DNS-1123 label; ${fault}`)
      )
    );
  const noNamespaces = rule.clusterScope === true
    ? ""
    : "resource rules that are not cluster scoped must supply at least one namespace";
  const noGroups = "resource rules must supply at least one api group";
  const noResources = "resource rules must supply at least one resource";
  return [
    ...verbErrors(rule, path),
    ...allOrSome(textsOf(rule.apiGroups), `${path}.apiGroups`, "api groups", noGroups, none),
    ...allOrSome(textsOf(rule.resources), `${path}.resources`, "resources", noResources, none),
    ...allOrSome(namespaces, `${path}.namespaces`, "namespaces", noNamespaces, eachNamespace),
  ];
}

const members = { ServiceAccount: "serviceAccount", User: "user", Group: "group" } as const;

function subjectErrors(subject: JsonObject, path: string): FieldError[] {
  const kind = String(subject.kind ?? "");
  if (!Object.hasOwn(members, kind)) return [notSupported(`${path}.kind`, kind, ["Group", "ServiceAccount", "User"])];
  const own = members[kind as keyof typeof members];
  const others = Object.entries(members).filter(([other, member]) => other !== kind && isObject(subject[member])).map(
    ([other, member]) => forbidden(`${path}.${member}`, `${member} is forbidden when subject kind is not '${other}'`),
  );
  const given = subject[own];
  const at = `${path}.${own}`;
  if (!isObject(given)) return [required(at, `${own} is required when subject kind is '${kind}'`), ...others];
  const { name, namespace } = given;
  const errors = isUnset(name)
    ? [required(`${at}.name`)]
    : own === "serviceAccount" && name !== "*"
    ? subdomainName(String(name)).map((fault) => invalid(`${at}.name`, name, fault))
    : [];
  if (own !== "serviceAccount") return [...errors, ...others];
  const ofNamespace = isUnset(namespace)
    ? [required(`${at}.namespace`, "must specify namespace for service account")]
    : labelName(String(namespace)).map((fault) => invalid(`${at}.namespace`, namespace, fault));
  return [...errors, ...ofNamespace, ...others];
}

function ruleErrors(rule: JsonObject, path: string): FieldError[] {
  const [subjects, resources, others] = [each(rule, "subjects"), each(rule, "resourceRules"), each(rule, "nonResourceRules")];
  return [
    ...subjects.length === 0 ? [required(`${path}.subjects`, "subjects must contain at least one value")] : [],
    ...subjects.flatMap((subject, index) => subjectErrors(subject, `${path}.subjects[${index}]`)),
    ...resources.length + others.length === 0
      ? [required(path, "at least one of resourceRules and nonResourceRules has to be non-empty")]
      : [],
    ...resources.flatMap((each, index) => resourceErrors(each, `${path}.resourceRules[${index}]`)),
    ...others.flatMap((each, index) => nonResourceErrors(each, `${path}.nonResourceRules[${index}]`)),
  ];
}

const lowest = 10_000;

function schemaErrors(object: JsonObject): FieldError[] {
  const spec = part(object, "spec");
  const precedence = Number(spec.matchingPrecedence ?? 0);
  const method = spec.distinguisherMethod;
  const level = part(spec, "priorityLevelConfiguration").name;
  const at = "spec.matchingPrecedence";
  const errors: FieldError[] = [];
  if (precedence <= 0) errors.push(invalid(at, precedence, "must be a positive value"));
  if (precedence > lowest) errors.push(invalid(at, precedence, `must not be greater than ${lowest}`));
  if (precedence === 1 && metaOf(object).name !== "exempt") {
    errors.push(invalid(at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  }
  if (isObject(method) && !["ByNamespace", "ByUser"].includes(String(method.type))) {
    errors.push(notSupported("spec.distinguisherMethod.type", { Type: method.type ?? "" }, ["ByNamespace", "ByUser"]));
  }
  const path = "spec.priorityLevelConfiguration.name";
  errors.push(
    ...isUnset(level)
      ? [required(path, "must reference a priority level")]
      : subdomainName(String(level)).map((fault) => invalid(path, level, fault)),
  );
  return [...errors, ...each(spec, "rules").flatMap((rule, index) => ruleErrors(rule, `spec.rules[${index}]`))];
}

const statusErrors = (object: JsonObject): FieldError[] => {
  const conditions = each(object, "status", "conditions");
  const types = conditions.map(({ type }) => String(type ?? ""));
  return types.flatMap((type, index) => {
    const path = `status.conditions[${index}].type`;
    return [...types.indexOf(type) < index ? [duplicate(path, type)] : [], ...type === "" ? [required(path)] : []];
  });
};

/** Schemas of flows. LIMIT: those that a genuine server has from its start may be anything. */
export const flowSchemaRules: Rules = {
  validate: (object, _old, subresource) =>
    subresource === "status" ? statusErrors(object) : [...schemaErrors(object), ...statusErrors(object)],
};

const most = { queues: 10_000_000, bits: 60 };

function queuingErrors(queuing: JsonObject, path: string): FieldError[] {
  const [limit, queues, hand] = ["queueLengthLimit", "queues", "handSize"].map((name) => Number(queuing[name] ?? 0)) as [
    number,
    number,
    number,
  ];
  const errors: FieldError[] = [];
  if (limit <= 0) errors.push(invalid(`${path}.queueLengthLimit`, limit, "must be positive"));
  if (queues <= 0) errors.push(invalid(`${path}.queues`, queues, "must be positive"));
  else if (queues > most.queues) errors.push(invalid(`${path}.queues`, queues, `must not be greater than ${most.queues}`));
  const at = `${path}.handSize`;
  if (hand <= 0) errors.push(invalid(at, hand, "must be positive"));
  else if (hand > queues) errors.push(invalid(at, hand, `should not be greater than queues (${queues})`));
  else if (Math.ceil(Math.log2(queues) * hand) > most.bits) {
    const why = `required entropy bits of deckSize ${queues} and handSize ${hand} should not be greater than ${most.bits}`;
    errors.push(invalid(at, hand, why));
  }
  return errors;
}

function responseErrors({ type = "", queuing }: JsonObject, path: string): FieldError[] {
  if (type === "Reject") {
    const why = "must be nil if limited.limitResponse.type is not Limited";
    return isObject(queuing) ? [forbidden(`${path}.queuing`, why)] : [];
  }
  if (type !== "Queue") return [notSupported(`${path}.type`, type, ["Queue", "Reject"])];
  return isObject(queuing)
    ? queuingErrors(queuing, `${path}.queuing`)
    : [required(`${path}.queuing`, "must not be empty if limited.limitResponse.type is Limited")];
}

const sharesErrors = (level: JsonObject, path: string): FieldError[] => {
  const { nominalConcurrencyShares: shares } = level;
  return isNumber(shares) && shares < 0
    ? [invalid(`${path}.nominalConcurrencyShares`, shares, "must be a non-negative integer")]
    : [];
};

const lentErrors = ({ lendablePercent: lent }: JsonObject, path: string): FieldError[] =>
  isNumber(lent) && (lent < 0 || lent > 100)
    ? [invalid(`${path}.lendablePercent`, lent, "must be between 0 and 100, inclusive")]
    : [];

function limitedErrors(limited: JsonObject): FieldError[] {
  const path = "spec.limited";
  const borrowed = limited.borrowingLimitPercent;
  return [
    ...sharesErrors(limited, path),
    ...responseErrors(part(limited, "limitResponse"), `${path}.limitResponse`),
    ...lentErrors(limited, path),
    ...isNumber(borrowed) && borrowed < 0
      ? [invalid(`${path}.borrowingLimitPercent`, borrowed, "if specified, must be a non-negative integer")]
      : [],
  ];
}

function levelErrors(object: JsonObject): FieldError[] {
  const { type = "", limited, exempt } = part(object, "spec");
  const isExempt = metaOf(object).name === "exempt";
  const errors = isExempt === (type === "Exempt")
    ? []
    : [invalid("spec.type", type as Json, "must be 'Exempt' if and only if `name` is 'exempt'")];
  if (type === "Exempt") {
    if (isObject(limited)) errors.push(forbidden("spec.limited", "must be nil if the type is not Limited"));
    return isObject(exempt) ? [...errors, ...sharesErrors(exempt, "spec.exempt"), ...lentErrors(exempt, "spec.exempt")] : errors;
  }
  if (type !== "Limited") return [...errors, notSupported("spec.type", type as Json, ["Exempt", "Limited"])];
  if (isObject(exempt)) errors.push(forbidden("spec.exempt", "must be nil if the type is Limited"));
  return isObject(limited)
    ? [...errors, ...limitedErrors(limited)]
    : [...errors, required("spec.limited", "must not be empty when type is Limited")];
}

const zeroShares = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares";

/** Levels of priority. LIMIT: those that a genuine server has from its start may be anything. */
export const priorityLevelRules: Rules = {
  validate(object, _old, subresource) {
    if (subresource === "status") return statusErrors(object);
    const annotated = metaOf(object).annotations?.[zeroShares] === undefined
      ? []
      : [forbidden("metadata.annotations", `annotation '${zeroShares}' is forbidden`)];
    return [...annotated, ...levelErrors(object), ...statusErrors(object)];
  },
};
