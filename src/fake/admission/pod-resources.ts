/**
 * What a pod asks for, all in all.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { amountOf, sumText } from "../types/quantity.ts";

/** Amounts by the names of resources. */
export type Amounts = Readonly<Record<string, string>>;

const part = (object: Json | undefined, name: string): JsonObject => {
  const value = isObject(object) ? object[name] : undefined;
  return isObject(value) ? value : {};
};

/** The containers of a pod's specification. Pure. */
export const containersOf = (spec: JsonObject, kind: "containers" | "initContainers"): readonly JsonObject[] =>
  Array.isArray(spec[kind]) ? spec[kind].filter(isObject) : [];

/** What a container, or a pod as a whole, says of its resources. Pure. */
export const amountsOf = (owner: JsonObject, kind: "requests" | "limits"): Amounts =>
  part(part(owner, "resources"), kind) as Record<string, string>;

const added = (one: Amounts, other: Amounts): Amounts => ({
  ...one,
  ...Object.fromEntries(Object.entries(other).map(([name, amount]) => [name, sumText(one[name], amount)])),
});

const larger = (one: Amounts, other: Amounts): Amounts => ({
  ...one,
  ...Object.fromEntries(
    Object.entries(other).filter(([name, amount]) => one[name] === undefined || amountOf(amount) > amountOf(one[name])),
  ),
});

/** What a pod asks for, or may have: sidecars run beside its containers, and before them one after the other. Pure. */
export function podAmounts(spec: JsonObject, kind: "requests" | "limits"): Amounts {
  let all = containersOf(spec, "containers").reduce<Amounts>((sum, each) => added(sum, amountsOf(each, kind)), {});
  let [sidecars, before]: [Amounts, Amounts] = [{}, {}];
  for (const container of containersOf(spec, "initContainers")) {
    const own = amountsOf(container, kind);
    if (container.restartPolicy === "Always") {
      all = added(all, own);
      sidecars = added(sidecars, own);
      before = larger(before, sidecars);
    } else before = larger(before, added(own, sidecars));
  }
  const ofPod = Object.entries(amountsOf(spec, kind)).filter(([name]) => ["cpu", "memory"].includes(name));
  return { ...larger(all, before), ...Object.fromEntries(ofPod) };
}

/** The same with what it costs to run a pod at all, which counts where there is a limit. Pure. */
export function podAmountsInFull(spec: JsonObject, kind: "requests" | "limits"): Amounts {
  const amounts = podAmounts(spec, kind);
  const overhead = Object.entries(part(spec, "overhead") as Record<string, string>);
  return added(
    amounts,
    Object.fromEntries(kind === "requests" ? overhead : overhead.filter(([name]) => amounts[name] !== undefined)),
  );
}
