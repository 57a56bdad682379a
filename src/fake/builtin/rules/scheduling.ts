/**
 * Where a pod may run.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, notListed, required } from "../../types/field-error.ts";
import { isObject, type JsonObject } from "../../types/json.ts";
import { labelName, labelValueFaults, subdomainName } from "../../types/names.ts";
import { each, isUnset, oneOf, part } from "./checks.ts";
import { labelKeyErrors, selectorErrors, textsOf } from "./selectors.ts";

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

function tolerationErrors(toleration: JsonObject, path: string): FieldError[] {
  const [key, operator, value, effect] = ["key", "operator", "value", "effect"].map((name) => String(toleration[name] ?? ""));
  const errors = key === "" ? [] : labelKeyErrors(key!, `${path}.key`);
  const here = `${path}.operator`;
  if (key === "" && operator !== "Exists") {
    const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalid(here, operator!, why));
  }
  if (!isUnset(toleration.tolerationSeconds) && effect !== "NoExecute") {
    errors.push(invalid(`${path}.effect`, effect!, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  if (operator === "Exists") {
    if (value !== "") errors.push(invalid(here, value!, "value must be empty when `operator` is 'Exists'"));
  } else if (operator === "Equal" || operator === "") {
    const faults = labelValueFaults(value!);
    if (faults.length > 0) errors.push(invalid(here, value!, faults.join(";")));
  } else errors.push(notListed(here, operator!, ["Equal", "Exists"]));
  return effect === "" || effects.includes(effect!) ? errors : [...errors, notListed(`${path}.effect`, effect!, effects)];
}

/** What a pod bears. Pure. */
export const tolerationsErrors = (tolerations: readonly JsonObject[], path: string): FieldError[] =>
  tolerations.flatMap((toleration, index) => tolerationErrors(toleration, `${path}[${index}]`));

/** @param allowed Whether a value may be none of a label: clients are told of it then. */
function nodeRequirementErrors(requirement: JsonObject, path: string, allowed?: "anyValue"): FieldError[] {
  const { operator = "", key } = requirement;
  const values = textsOf(requirement.values);
  const errors: FieldError[] = [];
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) {
        errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      }
      break;
    case "Gt":
    case "Lt":
      if (values.length !== 1) {
        errors.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      }
      break;
    default:
      errors.push(invalid(`${path}.operator`, operator, "not a valid selector operator"));
  }
  return [
    ...errors,
    ...labelKeyErrors(key, `${path}.key`),
    ...allowed
      ? []
      : values.flatMap((value, index) =>
        labelValueFaults(value).map((fault) => invalid(`${path}.values[${index}]`, value, fault))
      ),
  ];
}

function nodeFieldErrors(requirement: JsonObject, path: string): FieldError[] {
  const { operator = "", key = "" } = requirement;
  const values = textsOf(requirement.values);
  const errors: FieldError[] = [];
  if (operator === "In" || operator === "NotIn") {
    if (values.length !== 1) {
      errors.push(
        required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"),
      );
    }
  } else errors.push(invalid(`${path}.operator`, operator, "not a valid selector operator"));
  if (key !== "metadata.name") return [...errors, invalid(`${path}.key`, key, "not a valid field selector key")];
  return [
    ...errors,
    ...values.flatMap((value, index) => subdomainName(value).map((fault) => invalid(`${path}.values[${index}]`, value, fault))),
  ];
}

const termErrors = (term: JsonObject, path: string, allowed?: "anyValue"): FieldError[] => [
  ...each(term, "matchExpressions").flatMap((one, index) =>
    nodeRequirementErrors(one, `${path}.matchExpressions[${index}]`, allowed)
  ),
  ...each(term, "matchFields").flatMap((one, index) => nodeFieldErrors(one, `${path}.matchFields[${index}]`)),
];

const needed = "requiredDuringSchedulingIgnoredDuringExecution";
const wished = "preferredDuringSchedulingIgnoredDuringExecution";

function weightErrors(term: JsonObject, path: string): FieldError[] {
  const weight = Number(term.weight ?? 0);
  return weight < 1 || weight > 100 ? [invalid(`${path}.weight`, weight, "must be in the range 1-100")] : [];
}

/** Which nodes are meant. Pure. */
export function nodeSelectorErrors(selector: JsonObject, path: string): FieldError[] {
  const here = `${path}.nodeSelectorTerms`;
  const terms = each(selector, "nodeSelectorTerms");
  return [
    ...terms.length === 0 ? [required(here, "must have at least one node selector term")] : [],
    ...terms.flatMap((term, index) => termErrors(term, `${here}[${index}]`)),
  ];
}

function nodeAffinityErrors(affinity: JsonObject, path: string): FieldError[] {
  const must = affinity[needed];
  return [
    ...isObject(must) ? nodeSelectorErrors(must, `${path}.${needed}`) : [],
    ...each(affinity, wished).flatMap((term, index) => {
      const here = `${path}.${wished}[${index}]`;
      return [...weightErrors(term, here), ...termErrors(part(term, "preference"), `${here}.preference`, "anyValue")];
    }),
  ];
}

function podTermErrors(term: JsonObject, path: string): FieldError[] {
  const key = String(term.topologyKey ?? "");
  return [
    ...selectorErrors(term.labelSelector, `${path}.labelSelector`),
    ...selectorErrors(term.namespaceSelector, `${path}.namespaceSelector`),
    ...textsOf(term.namespaces).flatMap((name) => labelName(name).map((fault) => invalid(`${path}.namespace`, name, fault))),
    ...key === "" ? [required(`${path}.topologyKey`, "can not be empty")] : [],
    ...labelKeyErrors(key, `${path}.topologyKey`),
  ];
}

const podAffinityErrors = (affinity: JsonObject, path: string): FieldError[] => [
  ...each(affinity, needed).flatMap((term, index) => podTermErrors(term, `${path}.${needed}[${index}]`)),
  ...each(affinity, wished).flatMap((term, index) => {
    const here = `${path}.${wished}[${index}]`;
    return [...weightErrors(term, here), ...podTermErrors(part(term, "podAffinityTerm"), `${here}.podAffinityTerm`)];
  }),
];

/** Which nodes and pods a pod wants to be near. Pure. */
export const affinityErrors = (spec: JsonObject, path: string): FieldError[] => [
  ...nodeAffinityErrors(part(spec, "affinity", "nodeAffinity"), `${path}.affinity.nodeAffinity`),
  ...podAffinityErrors(part(spec, "affinity", "podAffinity"), `${path}.affinity.podAffinity`),
  ...podAffinityErrors(part(spec, "affinity", "podAntiAffinity"), `${path}.affinity.podAntiAffinity`),
];

/** How pods are spread. Pure. */
export function spreadErrors(spec: JsonObject, path: string): FieldError[] {
  const all = each(spec, "topologySpreadConstraints");
  const tuple = ({ topologyKey, whenUnsatisfiable }: JsonObject) => `{${topologyKey ?? ""}, ${whenUnsatisfiable ?? ""}}`;
  return all.flatMap((constraint, index) => {
    const here = `${path}.topologySpreadConstraints[${index}]`;
    const { minDomains, whenUnsatisfiable = "" } = constraint;
    const skew = Number(constraint.maxSkew ?? 0);
    const key = String(constraint.topologyKey ?? "");
    const errors: FieldError[] = [];
    if (skew <= 0) errors.push(invalid(`${here}.maxSkew`, skew, "must be greater than zero"));
    if (key === "") errors.push(required(`${here}.topologyKey`, "can not be empty"));
    if (!["DoNotSchedule", "ScheduleAnyway"].includes(String(whenUnsatisfiable))) {
      errors.push(notListed(`${here}.whenUnsatisfiable`, whenUnsatisfiable, ["DoNotSchedule", "ScheduleAnyway"]));
    }
    if (all.slice(index + 1).some((other) => tuple(other) === tuple(constraint))) {
      errors.push(duplicate(`${here}.{topologyKey, whenUnsatisfiable}`, tuple(constraint)));
    }
    if (!isUnset(minDomains)) {
      if (Number(minDomains) <= 0) errors.push(invalid(`${here}.minDomains`, minDomains, "must be greater than 0"));
      if (whenUnsatisfiable !== "DoNotSchedule") {
        const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
        errors.push(invalid(`${here}.minDomains`, minDomains, why));
      }
    }
    return [
      ...errors,
      ...oneOf(constraint, here, "nodeAffinityPolicy", "Honor", "Ignore"),
      ...oneOf(constraint, here, "nodeTaintsPolicy", "Honor", "Ignore"),
      ...selectorErrors(constraint.labelSelector, `${here}.labelSelector`),
    ];
  });
}
