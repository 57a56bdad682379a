/**
 * Quotas at work: whether there may be one more in a namespace, and what is used then.
 *
 * @module
 */
import { isObject, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { amountOf, amountText, sumText } from "../types/quantity.ts";
import { forbiddenBecause } from "../types/status.ts";
import type { Call } from "../store/world.ts";
import type { Admission } from "./match.ts";
import type { Amounts } from "./pod-resources.ts";
import { type Counting, countingOf } from "./usage.ts";

const statusOf = (quota: JsonObject, member: "hard" | "used"): Amounts => {
  const amounts = (quota.status as JsonObject | undefined)?.[member];
  return isObject(amounts) ? amounts as Record<string, string> : {};
};

const only = (amounts: Amounts, names: readonly string[]): Amounts =>
  Object.fromEntries(Object.entries(amounts).filter(([name]) => names.includes(name)));

/** What a quota asks of what it counts. */
function requirementsOf(quota: JsonObject): readonly JsonObject[] {
  const { scopes, scopeSelector } = (quota.spec ?? {}) as JsonObject;
  const expressions = (scopeSelector as JsonObject | undefined)?.matchExpressions;
  return [
    ...Array.isArray(scopes) ? scopes.map((scopeName) => ({ scopeName, operator: "Exists" })) : [],
    ...Array.isArray(expressions) ? expressions.filter(isObject) : [],
  ];
}

const isCounted = (quota: JsonObject, object: JsonObject, { isIn = () => false }: Counting) =>
  requirementsOf(quota).every((requirement) => isIn(requirement, object));

const listed = (amounts: Amounts) => Object.keys(amounts).sort().map((name) => `${name}=${amountText(amounts[name])}`).join(",");

/** What is used more than before; less is not given back. */
const beyond = (usage: Amounts, before: Amounts): Amounts =>
  Object.fromEntries(
    Object.entries(usage).map(([name, amount]) => {
      const more = amountOf(amount) - amountOf(before[name] ?? "0");
      return [name, before[name] === undefined ? amount : more > 0n ? sumText(amount, amountText(`-${before[name]}`)) : "0"];
    }),
  );

/**
 * Checks a write against the quotas of its namespace.
 *
 * @returns The quotas of which more is used then.
 * @throws {Refusal} 403
 */
export function chargedQuotas(call: Call, admission: Admission): readonly JsonObject[] {
  const { world, type, namespace, subresource } = call;
  const { object, oldObject, name } = admission;
  const counting = namespace === undefined || !type.namespaced ? undefined : countingOf(type);
  if (!object || !counting?.counts(admission, subresource)) return [];
  const refuse = (why: string) => forbiddenBecause(type, name, why);
  const concerned: { readonly quota: JsonObject; readonly names: readonly string[] }[] = [];
  for (const [, quota] of world.store.collection("/resourcequotas").all()) {
    if (metaOf(quota).namespace !== namespace) continue;
    const names = Object.keys(statusOf(quota, "hard")).filter((each) => counting.isAbout(each));
    if (names.length === 0 || !isCounted(quota, object, counting)) continue;
    const fault = counting.constraint?.(object, names);
    if (fault !== undefined) throw refuse(`failed quota: ${metaOf(quota).name}: ${fault}`);
    if (names.some((each) => statusOf(quota, "used")[each] === undefined)) {
      throw refuse(`status unknown for quota: ${metaOf(quota).name}, resources: ${names.sort().join(",")}`);
    }
    concerned.push({ quota, names });
  }
  const usage = counting.usage(object);
  const more = oldObject ? beyond(usage, counting.usage(oldObject)) : usage;
  return concerned.flatMap(({ quota, names }) => {
    const delta = oldObject && isCounted(quota, oldObject, counting) ? more : usage;
    const requested = Object.fromEntries(
      Object.entries(only(delta, names)).filter(([, amount]) => amountOf(amount) !== 0n),
    );
    if (Object.keys(requested).length === 0) return [];
    const [hard, used] = [statusOf(quota, "hard"), statusOf(quota, "used")];
    const sums = Object.fromEntries(Object.entries(requested).map(([each, amount]) => [each, sumText(used[each], amount)]));
    const exceeded = Object.keys(sums).filter((each) => amountOf(sums[each]) > amountOf(hard[each]));
    if (exceeded.length > 0 && subresource !== "status") {
      const [wanted, there, most] = [requested, used, hard].map((amounts) => listed(only(amounts, exceeded)));
      throw refuse(`exceeded quota: ${metaOf(quota).name}, requested: ${wanted}, used: ${there}, limited: ${most}`);
    }
    return [{ ...quota, status: { ...quota.status as JsonObject, used: { ...used, ...sums } } }];
  });
}
