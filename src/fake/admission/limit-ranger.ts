/**
 * Limit ranges at work: what pods get that ask for nothing, and who asks for too little or too much.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { metaOf, withMeta } from "../types/meta.ts";
import { amountOf, amountText } from "../types/quantity.ts";
import { forbiddenBecause } from "../types/status.ts";
import type { Call } from "../store/world.ts";
import type { Admission } from "./match.ts";
import { type Amounts, amountsOf, containersOf, podAmounts } from "./pod-resources.ts";

const annotation = "kubernetes.io/limit-ranger";

/** The limit ranges of the namespace of a call, by name. */
const rangesOf = ({ world, namespace }: Call): readonly JsonObject[] =>
  world.store.collection("/limitranges").all().map(([, range]) => range).filter((range) => metaOf(range).namespace === namespace);

const itemsOf = (range: JsonObject): readonly JsonObject[] => {
  const limits = (range.spec as JsonObject | undefined)?.limits;
  return Array.isArray(limits) ? limits.filter(isObject) : [];
};

const isKind = ({ type }: Call, kind: string) => !type.custom && type.group === "" && type.kind === kind;

/** What containers get that say nothing. */
function defaultsOf(range: JsonObject): { readonly limits: Amounts; readonly requests: Amounts } {
  const own = itemsOf(range).filter(({ type }) => type === "Container");
  const all = (member: string) => Object.assign({}, ...own.map((item) => item[member] ?? {})) as Amounts;
  return { limits: all("default"), requests: all("defaultRequest") };
}

/** A pod with the defaults of its namespace's limit ranges. */
export function withDefaultLimits(call: Call, { operation, object }: Admission): JsonObject | undefined {
  if (!object || operation !== "CREATE" || !isKind(call, "Pod") || call.subresource !== undefined) return object;
  return rangesOf(call).reduce(withDefaultsOf, object);
}

function withDefaultsOf(pod: JsonObject, range: JsonObject): JsonObject {
  const { limits, requests } = defaultsOf(range);
  const said: string[] = [];
  const spec = (pod.spec ?? {}) as JsonObject;
  const completed = (container: JsonObject, what: string): JsonObject => {
    const missing = (defaults: Amounts, given: Amounts) => Object.keys(defaults).filter((name) => given[name] === undefined);
    const [ownRequests, ownLimits] = [amountsOf(container, "requests"), amountsOf(container, "limits")];
    const [someRequests, someLimits] = [missing(requests, ownRequests), missing(limits, ownLimits)];
    if (someRequests.length > 0) said.push(`${someRequests.sort().join(", ")} request for ${what} ${container.name}`);
    if (someLimits.length > 0) said.push(`${someLimits.sort().join(", ")} limit for ${what} ${container.name}`);
    if (someRequests.length + someLimits.length === 0) return container;
    const resources = { ...container.resources as JsonObject | undefined };
    const [allLimits, allRequests] = [{ ...limits, ...ownLimits }, { ...requests, ...ownRequests }];
    if (Object.keys(allLimits).length > 0) resources.limits = allLimits;
    if (Object.keys(allRequests).length > 0) resources.requests = allRequests;
    return { ...container, resources };
  };
  const containers = containersOf(spec, "containers").map((each) => completed(each, "container"));
  const initContainers = containersOf(spec, "initContainers").map((each) => completed(each, "init container"));
  if (said.length === 0) return pod;
  const metadata = metaOf(pod);
  return {
    ...withMeta(pod, {
      ...metadata,
      annotations: { ...metadata.annotations, [annotation]: `LimitRanger plugin set: ${said.join("; ")}` },
    }),
    spec: { ...spec, containers, ...initContainers.length > 0 && { initContainers } },
  };
}

/** How Go prints a ratio. */
const ratioText = (ratio: number) => Number.isFinite(ratio) ? ratio.toFixed(6) : "+Inf";

/** What is wrong with one resource. @param limits Undefined where only requests count. */
function constraint(
  { kind, name, type }: { readonly kind: string; readonly name: string; readonly type: string },
  bound: Json | undefined,
  requests: Amounts,
  limits: Amounts | undefined,
): string | undefined {
  const [request, limit] = [requests[name], limits?.[name]];
  const [most, text] = [amountOf(bound), amountText(bound)];
  if (kind === "maxLimitRequestRatio") {
    const is = `${name} max limit to request ratio per ${type} is ${text}, but`;
    if (request === undefined || amountOf(request) === 0n) return `${is} no request is specified or request is 0`;
    if (limit === undefined || amountOf(limit) === 0n) return `${is} no limit is specified or limit is 0`;
    const ratio = Number(amountOf(limit)) / Number(amountOf(request));
    return ratio > Number(most) / 1e9 ? `${is} provided ratio is ${ratioText(ratio)}` : undefined;
  }
  const isLeast = kind === "min";
  const is = `${isLeast ? "minimum" : "maximum"} ${name} usage per ${type} is ${text}`;
  const isAmiss = (amount: string) => isLeast ? amountOf(amount) < most : amountOf(amount) > most;
  const but = (what: string, amount: string | undefined) =>
    amount !== undefined && isAmiss(amount) ? `${is}, but ${what} is ${amountText(amount)}` : undefined;
  if (isLeast || !limits) {
    if (request === undefined) return `${is}.  No request is specified`;
    return but("request", request) ?? but("limit", limit);
  }
  if (limit === undefined) return `${is}.  No limit is specified`;
  return but("limit", limit) ?? but("request", request);
}

function faultsOf(item: JsonObject, kinds: readonly string[], requests: Amounts, limits: Amounts | undefined): readonly string[] {
  const type = String(item.type);
  return kinds.flatMap((kind) =>
    Object.entries((item[kind] ?? {}) as JsonObject).flatMap(([name, bound]) =>
      constraint({ kind, name, type }, bound, requests, limits) ?? []
    )
  );
}

const kinds = ["min", "max", "maxLimitRequestRatio"];

function podFaults(item: JsonObject, spec: JsonObject): readonly string[] {
  if (item.type === "Pod") return faultsOf(item, kinds, podAmounts(spec, "requests"), podAmounts(spec, "limits"));
  if (item.type !== "Container") return [];
  return [...containersOf(spec, "containers"), ...containersOf(spec, "initContainers")].flatMap((container) =>
    faultsOf(item, kinds, amountsOf(container, "requests"), amountsOf(container, "limits"))
  );
}

/** Refuses pods and claims that a limit range does not allow. @throws {Refusal} 403 */
export function checkLimits(call: Call, { operation, object, oldObject, name }: Admission): void {
  const isPod = isKind(call, "Pod");
  if (!object || (!isPod && !isKind(call, "PersistentVolumeClaim"))) return;
  const isResize = isPod && call.subresource === "resize" && operation === "UPDATE";
  if (!isResize && (call.subresource !== undefined || (isPod && operation !== "CREATE"))) return;
  if (operation === "DELETE" || (oldObject && metaOf(oldObject).deletionTimestamp !== undefined)) return;
  const spec = (object.spec ?? {}) as JsonObject;
  for (const range of rangesOf(call)) {
    const faults = itemsOf(range).flatMap((item) => {
      if (isPod) return podFaults(item, spec);
      return item.type === "PersistentVolumeClaim" ? faultsOf(item, ["min", "max"], amountsOf(spec, "requests"), undefined) : [];
    });
    const texts = [...new Set(faults)];
    if (texts.length > 0) {
      throw forbiddenBecause(call.type, name, texts.length === 1 ? texts[0]! : `[${texts.join(", ")}]`);
    }
  }
}
