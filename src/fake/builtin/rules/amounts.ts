/**
 * The resources that a container asks for.
 *
 * @module
 */
import { type FieldError, forbidden, invalid, notSupported, required, shown } from "../../types/field-error.ts";
import type { Json, JsonObject } from "../../types/json.ts";
import { canonicalQuantity, nanosOf } from "../../types/quantity.ts";
import { each, part } from "./checks.ts";
import { containerResourceErrors, isHuge, isOvercommitted, isWhole } from "./resource-names.ts";

/** What is wrong with an amount of a resource. Pure. */
export function amountErrors(name: string, value: Json | undefined, path: string): FieldError[] {
  const text = canonicalQuantity(String(value)) ?? String(value);
  const amount = nanosOf(text) ?? 0n;
  const errors: FieldError[] = [];
  if (amount < 0n) errors.push(invalid(path, text, "must be greater than or equal to 0"));
  if (isWhole(name) && amount % 1_000_000_000n !== 0n) errors.push(invalid(path, text, "must be an integer"));
  if (isHuge(name)) {
    const size = nanosOf(name.slice("hugepages-".length)) ?? 0n;
    if (size <= 0n || size % 1_000_000_000n !== 0n || amount % size !== 0n) {
      errors.push(invalid(path, text, `${text} is not positive integer multiple of ${name}`));
    }
  }
  return errors;
}

function limitErrors(name: string, value: Json | undefined, limit: Json | undefined, path: string): FieldError[] {
  if (limit === undefined) {
    return isOvercommitted(name) ? [] : [required(`${path}.limits`, "Limit must be set for non overcommitable resources")];
  }
  const [amount, most] = [nanosOf(String(value)) ?? 0n, nanosOf(String(limit)) ?? 0n];
  const text = canonicalQuantity(String(value)) ?? String(value);
  const bound = canonicalQuantity(String(limit)) ?? String(limit);
  if (amount !== most && !isOvercommitted(name)) {
    return [invalid(`${path}.requests`, text, `must be equal to ${name} limit of ${bound}`)];
  }
  return amount > most ? [invalid(`${path}.requests`, text, `must be less than or equal to ${name} limit of ${bound}`)] : [];
}

function claimErrors(resources: JsonObject, path: string, claims: ReadonlySet<string>): FieldError[] {
  return each(resources, "claims").flatMap(({ name }, index): FieldError[] => {
    const at = `${path}.claims[${index}]`;
    if (name === undefined || name === "") return [required(`${at}.name`)];
    if (claims.has(String(name))) return [];
    const known = claims.size === 0 ? " which is empty" : "";
    const why = `must be one of the names in pod.spec.resourceClaims${known}`;
    return [{ field: at, reason: "NotFound", text: `Not found: ${shown(name)}: ${why}` }];
  });
}

/** What a container asks for. Pure. @param claims The names of the pod's claims. */
export function resourcesErrors(container: JsonObject, path: string, claims: ReadonlySet<string>): FieldError[] {
  const resources = part(container, "resources");
  const at = `${path}.resources`;
  const [limits, requests] = [part(resources, "limits"), part(resources, "requests")];
  const each = (kind: string, amounts: JsonObject, more: (name: string, value: Json | undefined) => FieldError[]) =>
    Object.entries(amounts).flatMap(([name, value]) => [
      ...containerResourceErrors(name, `${at}.${kind}[${name}]`),
      ...amountErrors(name, value, `${at}.${kind}[${name}]`),
      ...more(name, value),
    ]);
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  return [
    ...claimErrors(resources, at, claims),
    ...each("limits", limits, () => []),
    ...each("requests", requests, (name, value) => limitErrors(name, value, limits[name], at)),
    ...names.some(isHuge) && !names.includes("cpu") && !names.includes("memory")
      ? [forbidden(at, "HugePages require cpu or memory")]
      : [],
  ];
}

/** What is to happen when it is changed. Pure. */
export const resizeErrors = (container: JsonObject, path: string): FieldError[] =>
  each(container, "resizePolicy").flatMap(({ resourceName = "", restartPolicy = "" }) => [
    ...["cpu", "memory"].includes(String(resourceName))
      ? []
      : [notSupported(`${path}.resizePolicy`, resourceName, ["cpu", "memory"])],
    ...["NotRequired", "RestartContainer"].includes(String(restartPolicy))
      ? []
      : [notSupported(`${path}.resizePolicy`, restartPolicy, ["NotRequired", "RestartContainer"])],
  ]);
