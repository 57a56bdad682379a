/**
 * What is done to a pod by way of its subresources: it is evicted.
 *
 * @module
 */
import { goStruct } from "../builtin/go-types.ts";
import { selects } from "../types/labels.ts";
import { inReadingOrder, readBody } from "../http/body.ts";
import { bodyType, protobufType } from "../http/media-type.ts";
import { type FieldValidation, writeOptions } from "../http/options.ts";
import { JsonSyntaxError } from "../types/parse.ts";
import { decodeProtobuf, ProtobufError } from "../http/protobuf.ts";
import { isObject, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { quote } from "../types/quote.ts";
import { decodeShape, ShapeError } from "../types/shape.ts";
import { badRequest, Refusal } from "../types/status.ts";
import { checkedOptions, checkPreconditions, removeOne } from "./delete.ts";
import { admitAction } from "./admit.ts";
import { existing } from "./update.ts";
import { type Call, nowText, type Reply, type World } from "../store/world.ts";
import { each, part } from "../builtin/rules/checks.ts";

/** What is answered once it is done. */
export const done: Reply = {
  code: 201,
  object: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
};

/** The body of an action. @throws {Refusal} 400 */
export function decodeAction(call: Call, kind: string, identity: string, validation: FieldValidation): JsonObject {
  const { body, contentType } = call;
  const media = bodyType(contentType);
  const struct = goStruct(identity);
  try {
    const { value, duplicates, text } = media === protobufType
      ? { value: decodeProtobuf(struct, body), duplicates: [], text: "" }
      : readBody(body, media);
    if (!isObject(value)) throw badRequest(`the object provided is unrecognized (must be of type ${kind})`);
    const { value: action, unknown } = decodeShape(struct, value);
    const complaints = inReadingOrder(text, duplicates, unknown.map((path) => `unknown field ${quote(path)}`));
    if (complaints.length > 0 && validation === "Strict") throw new ShapeError(`strict decoding error: ${complaints.join(", ")}`);
    if (validation === "Warn") call.warnings.push(...complaints);
    return action;
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof JsonSyntaxError || error instanceof ProtobufError)) throw error;
    throw badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: ${error.message}`);
  }
}

/** The body names what the URL names. @throws {Refusal} 400 */
export function checkName({ name }: Call, given: JsonObject, kind: string): void {
  if ((metaOf(given)?.name ?? "") !== name) throw badRequest(`name in URL does not match name in ${kind} object`);
}

const isOver = (pod: JsonObject) => ["Succeeded", "Failed"].includes(String((pod.status as JsonObject | undefined)?.phase));

/** Refuses an eviction that a budget does not allow. @throws {Refusal} 429 */
function checkBudgets(call: Call, pod: JsonObject): void {
  const { world, namespace } = call;
  const labels = metaOf(pod).labels ?? {};
  const budgets = world.store.collection("policy/poddisruptionbudgets").all().map(([, each]) => each).filter((budget) => {
    const selector = (budget.spec as JsonObject | undefined)?.selector;
    return metaOf(budget).namespace === namespace && isObject(selector) && selects(selector, labels);
  });
  if (budgets.length > 1) {
    throw new Refusal(
      500,
      "",
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    );
  }
  const [budget] = budgets;
  if (!budget || isOver(pod) || (pod.status as JsonObject | undefined)?.phase === "Pending") return;
  const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0 } = (budget.status ?? {}) as Record<string, number>;
  if (disruptionsAllowed > 0) return;
  throw new Refusal(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
    details: {
      causes: [{
        reason: "DisruptionBudget",
        message: `The disruption budget ${
          metaOf(budget).name
        } needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
      }],
    },
  });
}

/** A pod says why it goes. */
function evicted(world: World, pod: JsonObject): JsonObject {
  const status = part(pod, "status");
  const condition = {
    ...{ type: "DisruptionTarget", status: "True", lastProbeTime: null, lastTransitionTime: nowText(world) },
    ...{ reason: "EvictionByEvictionAPI", message: "Eviction API: evicting" },
  };
  const others = each(status, "conditions").filter(({ type }) => type !== condition.type);
  return { ...pod, status: { ...status, conditions: [...others, condition] } };
}

/** POST on `eviction`: the pod is deleted, where no budget is against it. */
export function evictPod(call: Call): Reply {
  const { world, type } = call;
  const { dryRun, fieldValidation } = writeOptions(call.query, "CreateOptions");
  const eviction = decodeAction(call, "Eviction", "api/policy/v1.Eviction", fieldValidation);
  checkName(call, eviction, "Eviction");
  admitAction(call, eviction, dryRun);
  const pod = existing(call);
  const given = isObject(eviction.deleteOptions) ? eviction.deleteOptions : {};
  const options = checkedOptions(dryRun ? { ...given, dryRun: ["All"] } : given);
  checkPreconditions(type, pod, options);
  checkBudgets(call, pod);
  if (!options.dryRun) world.store.put(type, evicted(world, pod));
  removeOne(call, existing(call), options);
  return done;
}
