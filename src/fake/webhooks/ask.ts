/**
 * Webhooks: who is asked about a write, in what order, and what becomes of the answers.
 *
 * @module
 */
import { EvaluationError } from "../cel/language/value.ts";
import { JsonSyntaxError, parseJson } from "../types/parse.ts";
import { jsonPatch, JsonPatchError, type Operation } from "../patch/json-patch.ts";
import { encode, equal, isObject, type Json, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { quote } from "../types/quote.ts";
import { goKindOf } from "../types/shape.ts";
import { ConversionError, groupVersion } from "../types/resource.ts";
import type { AdmissionReview, WebhookTarget } from "../types/webhook.ts";
import { forbiddenBecause, internalError, notImplemented, Refusal } from "../types/status.ts";
import type { Call } from "../store/world.ts";
import { requestOf, seenAs, valuesOf } from "../admission/attributes.ts";
import { conditionsHold } from "../admission/evaluation.ts";
import { type Admission, matchedVersion } from "../admission/match.ts";
import type { Outcome, Question } from "../store/outside.ts";
import { compileConditions } from "../builtin/rules/match-conditions.ts";
import { plainValue } from "../admission/values.ts";
import { answerOf, clientOf, Unserved } from "./client.ts";
import { CallError, denialOf, reviewOf, reviewVersions, type Verdict, verdictOf } from "./review.ts";

const group = "admissionregistration.k8s.io";

interface Webhook {
  readonly configuration: string;
  readonly spec: JsonObject;
  readonly version: string;
}

const objectsIn = (value: Json | undefined): JsonObject[] => Array.isArray(value) ? value.filter(isObject) : [];

const plurals = { mutating: "mutatingwebhookconfigurations", validating: "validatingwebhookconfigurations" } as const;

/** Whether there is any. */
export const hasWebhooks = ({ store }: Call["world"]): boolean =>
  Object.values(plurals).some((plural) => store.collection(`${group}/${plural}`).size > 0);

const conditions = new WeakMap<JsonObject, ReturnType<typeof compileConditions>>();
function conditionsOf(spec: JsonObject) {
  let found = conditions.get(spec);
  if (!found) conditions.set(spec, found = compileConditions(objectsIn(spec.matchConditions)));
  return found;
}

const ignores = ({ failurePolicy }: JsonObject) => failurePolicy === "Ignore";

/** The version in which a webhook is asked about a write. @throws {Refusal} 403 where its conditions cannot be evaluated. */
function askedIn(spec: JsonObject, call: Call, admission: Admission, mutating: boolean): string | undefined {
  if (objectsIn(spec.rules).length === 0) return undefined;
  const version = matchedVersion({ ...spec, resourceRules: spec.rules } as JsonObject, call, admission);
  if (version === undefined || !call.requester) return version;
  const compiled = conditionsOf(spec);
  if (compiled.length === 0) return version;
  try {
    // The namespace is declared, and not there: as a genuine server has it.
    const { requester } = call;
    const seen = seeing(mutating, () => valuesOf(call, admission, version, requester));
    const values = { ...seen, namespaceObject: plainValue({}) };
    return conditionsHold(compiled, [], values) ? version : undefined;
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    if (ignores(spec)) return undefined;
    throw forbiddenBecause(call.type, admission.name || "Unknown", error.message);
  }
}

/** All webhooks of a kind, by the names of their configurations. */
function configured(call: Call, kind: keyof typeof plurals): Omit<Webhook, "version">[] {
  const collection = call.world.store.collection(`${group}/${plurals[kind]}`);
  if (collection.size === 0) return [];
  return collection.all().map(([, each]) => each)
    .map((each) => ({ name: metaOf(each).name!, webhooks: each.webhooks })).sort((a, b) => a.name < b.name ? -1 : 1)
    .flatMap(({ name, webhooks }) => objectsIn(webhooks).map((spec) => ({ configuration: name, spec })));
}

const targetOf = ({ configuration, spec }: Webhook, mutating: boolean): WebhookTarget => ({
  name: String(spec.name),
  configuration,
  mutating,
  ...clientOf(spec.clientConfig, typeof spec.timeoutSeconds === "number" ? spec.timeoutSeconds : 10),
});

const unserved = ({ configuration, spec }: Webhook, mutating: boolean) =>
  notImplemented(
    `the webhook ${quote(String(spec.name))} of ${plurals[mutating ? "mutating" : "validating"]} ${
      quote(configuration)
    }, which is about this write and which nobody answers,`,
  );

/** @throws {Refusal} 500 where a webhook cannot see an object in its version, whatever its `failurePolicy`. */
function seeing<T>(mutating: boolean, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    // A genuine server says it twice there.
    throw internalError(mutating ? `Internal error occurred: ${error.message}` : error.message);
  }
}

/** @param round What tells apart the times when the same is asked. */
function questionOf(call: Call, webhook: Webhook, admission: Admission, mutating: boolean, round: number): Question {
  const { spec, version } = webhook;
  const { callWebhook, requester, world } = call;
  if (!callWebhook || !requester || call.subresource !== undefined && call.subresource !== "status") {
    throw unserved(webhook, mutating);
  }
  const wanted = Array.isArray(spec.admissionReviewVersions) ? spec.admissionReviewVersions : [];
  const reviewVersion = wanted.map(String).find((each) => reviewVersions.includes(each)) ?? "v1";
  const request = requestOf(call, admission, version, requester);
  const shown = (object: JsonObject | undefined) => object ? seeing(mutating, () => seenAs(call, object, version)) : null;
  const { userInfo, operation, dryRun, options, ...which } = request;
  const asked = {
    ...which,
    operation: operation!,
    userInfo: userInfo!,
    object: shown(admission.object),
    oldObject: shown(admission.oldObject),
    dryRun: dryRun!,
    options: options!,
  };
  const target = targetOf(webhook, mutating);
  return {
    key: encode([round, target.configuration, target.name, asked] as Json),
    put: async () => {
      const uid = crypto.randomUUID();
      const review = reviewOf(reviewVersion, JSON.parse(encode({ uid, ...asked } as Json)) as AdmissionReview["request"]);
      const answer = await answerOf(world.clock, target, async () => await callWebhook(review, target));
      return verdictOf(answer, reviewVersion, uid, mutating);
    },
  };
}

/** What a webhook says; undefined where it failed and that does not matter. @throws {Refusal} */
function heard(outcome: Outcome, webhook: Webhook, mutating: boolean): Verdict | undefined {
  if ("answer" in outcome) return outcome.answer as Verdict;
  const { error } = outcome;
  if (error instanceof Unserved) throw unserved(webhook, mutating);
  if (ignores(webhook.spec)) return undefined;
  const why = error instanceof CallError
    ? error.message
    : `failed to call webhook: ${error instanceof Error ? error.message : String(error)}`;
  throw failedCall(webhook, why);
}

const failedCall = ({ spec }: Webhook, why: string) =>
  internalError(`failed calling webhook ${quote(String(spec.name))}: ${why}`);

/** Asks all validating webhooks, at the same time. Warnings are noted. @throws {Refusal} where one denies or fails. */
export function askValidating(call: Call, admission: Admission): void {
  const found: Webhook[] = [];
  for (const each of configured(call, "validating")) {
    const version = askedIn(each.spec, call, admission, false);
    if (version !== undefined) found.push({ ...each, version });
  }
  if (found.length === 0) return;
  const outcomes = answersOf(call, found[0]!, false).to(found.map((each) => questionOf(call, each, admission, false, 0)));
  let refusal: Refusal | undefined;
  outcomes.forEach((outcome, at) => {
    try {
      const verdict = heard(outcome, found[at]!, false);
      call.warnings.push(...verdict?.warnings ?? []);
      if (verdict?.allowed === false) refusal ??= denialOf(String(found[at]!.spec.name), verdict);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal ??= error;
    }
  });
  if (refusal) throw refusal;
}

function answersOf(call: Call, webhook: Webhook, mutating: boolean) {
  if (!call.answers) throw unserved(webhook, mutating);
  return call.answers;
}

/**
 * Asks all mutating webhooks, one after the other; once more those that want to see what others have changed after them.
 *
 * @param accept Makes what came out of a patch an object of the type.
 * @returns What shall be written.
 * @throws {Refusal} where one denies or fails.
 */
export function askMutating(call: Call, given: Admission, accept: (patched: JsonObject) => JsonObject): JsonObject | undefined {
  let admission = given;
  let isPatched = false;
  const again = new Set<Omit<Webhook, "version">>();
  const all = configured(call, "mutating");
  const before: Omit<Webhook, "version">[] = [];
  for (const round of [0, 1]) {
    for (const each of all) {
      if (round === 1 && !again.has(each)) continue;
      again.delete(each);
      const version = askedIn(each.spec, call, admission, true);
      if (version === undefined) continue;
      const webhook = { ...each, version };
      const [outcome] = answersOf(call, webhook, true).to([questionOf(call, webhook, admission, true, round)]);
      const verdict = heard(outcome!, webhook, true);
      if (verdict) {
        call.warnings.push(...verdict.warnings);
        if (!verdict.allowed) throw denialOf(String(each.spec.name), verdict);
        const object = changed(call, webhook, admission, verdict, accept);
        // The first patch counts as a change in any case: it has been through the decoder then.
        if (object && (!isPatched || !equal(object, admission.object!))) {
          for (const other of before) if (other !== each) again.add(other);
        }
        isPatched ||= object !== undefined;
        if (object) admission = { ...admission, object };
      }
      if (round === 0 && each.spec.reinvocationPolicy === "IfNeeded") before.push(each);
    }
  }
  return admission.object;
}

/** What a patch makes of the object; undefined: what it was. @throws {Refusal} */
function changed(
  call: Call,
  webhook: Webhook,
  { object }: Admission,
  { patch, patchType }: Verdict,
  accept: (patched: JsonObject) => JsonObject,
): JsonObject | undefined {
  const operations = patch === undefined ? [] : operationsIn(webhook, patch);
  if (operations.length === 0) return undefined;
  if (!object) {
    const name = quote(String(webhook.spec.name));
    throw internalError(`admission webhook ${name} attempted to modify the object, which is not supported for this operation`);
  }
  if (patchType !== "JSONPatch") {
    if (ignores(webhook.spec)) return undefined;
    throw failedCall(webhook, `unsupported patch type ${quote(patchType)}`);
  }
  try {
    const patched = jsonPatch(seenAs(call, object, webhook.version), operations);
    return accept(asAsked(call, isObject(patched) ? patched : {}, webhook.version));
  } catch (error) {
    throw error instanceof JsonPatchError ? internalError(error.message) : error;
  }
}

/** What was patched in a version of a custom resource, in the version of the request. @throws {ConversionError} */
function asAsked({ type, world }: Call, patched: JsonObject, version: string): JsonObject {
  const seen = version === type.version ? undefined : world.registry.find(type.group, version, type.plural);
  if (!seen || !type.custom || !type.convert) return patched;
  return type.convert(seen.setDefaults(patched), groupVersion(type));
}

function operationsIn(webhook: Webhook, patch: string): Operation[] {
  try {
    const { value } = parseJson(patch);
    if (value === null) return [];
    if (Array.isArray(value) && value.every(isObject)) return value as Operation[];
    const [what, type] = Array.isArray(value)
      ? [value.find((each) => !isObject(each))!, "jsonpatch.Operation"]
      : [value, "jsonpatch.Patch"];
    const kind = what === null ? "object" : goKindOf(what);
    throw new JsonSyntaxError(`json: cannot unmarshal ${kind} into Go value of type ${type}`);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    if (ignores(webhook.spec)) return [];
    throw failedCall(webhook, `received undecodable patch in webhook response: ${error.message}`);
  }
}
