/**
 * Limit ranges: what pods, containers and claims of a namespace may ask for.
 *
 * @module
 */
import { duplicate, type FieldError, forbidden, invalid, required } from "../../types/field-error.ts";
import type { Json, JsonObject } from "../../types/json.ts";
import { metaOf, withMeta } from "../../types/meta.ts";
import { qualifiedNameFaults } from "../../types/names.ts";
import { amountOf, amountText } from "../../types/quantity.ts";
import type { Rules } from "../selectable.ts";
import { each, part } from "./checks.ts";
import { containerResourceErrors, isOvercommitted, resourceNameErrors } from "./resource-names.ts";

const types = ["Container", "PersistentVolumeClaim", "Pod"];
/** The numbers of a range, in the order in which they are judged. */
const members = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;
const forClaims = "either minimum or maximum storage value is required, but neither was provided";

function typeErrors(type: string, path: string): FieldError[] {
  const faults = qualifiedNameFaults(type);
  if (faults.length > 0) return faults.map((fault) => invalid(path, type, fault));
  return type.includes("/") || types.includes(type)
    ? []
    : [invalid(path, type, "must be a standard limit type or fully qualified")];
}

/** What most of a resource is to the least, as Go prints it, where both are thousandths, rounded up. */
const share = (most: bigint, least: bigint): number =>
  Number((most + 999_999n) / 1_000_000n) / Number((least + 999_999n) / 1_000_000n);

function ratioErrors(ratio: Json, min: Json | undefined, max: Json | undefined, path: string): FieldError[] {
  const [wanted, text] = [amountOf(ratio), amountText(ratio)];
  const errors: FieldError[] = [];
  if (wanted < 1_000_000_000n) errors.push(invalid(path, text, `ratio ${text} is less than 1`));
  if (min === undefined || max === undefined) return errors;
  const possible = share(amountOf(max), amountOf(min));
  if (Number((wanted + 999_999n) / 1_000_000n) / 1000 > possible) {
    const shown = Number.isFinite(possible) ? possible.toFixed(6) : "+Inf";
    errors.push(invalid(path, text, `ratio ${text} is greater than max/min = ${shown}`));
  }
  return errors;
}

/** What is wrong with the amounts of one resource beside each other. */
function orderErrors(name: string, amounts: Readonly<Record<string, Json | undefined>>, path: string): FieldError[] {
  const { min, max, default: limit, defaultRequest: request, maxLimitRequestRatio: ratio } = amounts;
  const errors: FieldError[] = [];
  const ordered = (less: Json | undefined, lessIs: string, more: Json | undefined, moreIs: string, at: string, named = less) => {
    if (less === undefined || more === undefined || amountOf(less) <= amountOf(more)) return;
    const why = `${lessIs} value ${amountText(less)} is greater than ${moreIs} value ${amountText(more)}`;
    errors.push(invalid(`${path}.${at}[${name}]`, amountText(named!), why));
  };
  ordered(min, "min", max, "max", "min");
  ordered(min, "min", request, "default request", "defaultRequest", request);
  ordered(request, "default request", max, "max", "defaultRequest");
  ordered(request, "default request", limit, "default limit", "defaultRequest");
  ordered(min, "min", limit, "default", "default");
  ordered(limit, "default", max, "max", "default", max);
  if (ratio !== undefined) errors.push(...ratioErrors(ratio, min, max, `${path}.maxLimitRequestRatio[${name}]`));
  if (!isOvercommitted(name) && limit !== undefined && request !== undefined && amountOf(limit) !== amountOf(request)) {
    const why = `default value ${amountText(limit)} must equal to defaultRequest value ${amountText(request)} in ${name}`;
    errors.push(invalid(`${path}.defaultRequest[${name}]`, amountText(request), why));
  }
  return errors;
}

function itemErrors(item: JsonObject, path: string): FieldError[] {
  const type = String(item.type ?? "");
  const nameErrors = ["Pod", "Container"].includes(type) ? containerResourceErrors : resourceNameErrors;
  const judged = new Map<string, Record<string, Json | undefined>>();
  const errors: FieldError[] = [];
  for (const member of members) {
    const amounts = part(item, member);
    const isDefault = member === "default" || member === "defaultRequest";
    if (member === "maxLimitRequestRatio" && type === "PersistentVolumeClaim") {
      const bounds = [part(item, "min"), part(item, "max")];
      if (bounds.every(({ storage }) => storage === undefined)) errors.push(required(`${path}.limits`, forClaims));
    }
    if (isDefault && type === "Pod") {
      if (Object.keys(amounts).length > 0) {
        errors.push(forbidden(`${path}.${member}`, "may not be specified when `type` is 'Pod'"));
      }
      continue;
    }
    for (const [name, amount] of Object.entries(amounts)) {
      errors.push(...nameErrors(name, `${path}.${member}[${name}]`));
      judged.set(name, { ...judged.get(name), [member]: amount });
    }
  }
  return [...errors, ...[...judged].flatMap(([name, amounts]) => orderErrors(name, amounts, path))];
}

/** Limit ranges. */
export const limitRangeRules: Rules = {
  prepareCreate(object, { uuid }) {
    const metadata = metaOf(object);
    return metadata.name ? object : withMeta(object, { ...metadata, name: uuid() });
  },
  validate(object) {
    const limits = each(object, "spec", "limits");
    return limits.flatMap((item, index) => {
      const path = `spec.limits[${index}]`;
      const type = String(item.type ?? "");
      const isSecond = limits.findIndex((other) => String(other.type ?? "") === type) < index;
      return [
        ...typeErrors(type, `${path}.type`),
        ...isSecond ? [duplicate(`${path}.type`, type)] : [],
        ...itemErrors(item, path),
      ];
    });
  },
};
