/**
 * Connections to pods: what the server says of them before it asks a node. Here no node answers.
 *
 * @module
 */
import { each, part } from "../builtin/rules/checks.ts";
import { type FieldError, forbidden, invalid } from "../types/field-error.ts";
import { GoTimeError, parseGoTime, rfc3339 } from "../types/go-time.ts";
import type { JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { quote } from "../types/quote.ts";
import { badRequest, notImplemented, unprocessable } from "../types/status.ts";
import { existing } from "./update.ts";
import type { Call, Reply } from "../store/world.ts";

/** What is a connection to a pod. */
export const podConnections: readonly string[] = ["log", "exec", "attach", "portforward"];

/** A number of a query. @throws {Refusal} 400 */
function integer(query: URLSearchParams, name: string): bigint | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (!/^[-+]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`);
  return BigInt(text);
}

/** What is wrong with the options of a log. @throws {Refusal} 400 for what cannot be read. */
function logErrors(query: URLSearchParams): FieldError[] {
  const [tail, limit, since] = ["tailLines", "limitBytes", "sinceSeconds"].map((name) => integer(query, name));
  const time = query.get("sinceTime") ?? "";
  try {
    if (time !== "") parseGoTime(time, rfc3339);
  } catch (error) {
    throw error instanceof GoTimeError ? badRequest(error.message) : error;
  }
  const [above, positive] = ["must be greater than or equal to 0", "must be greater than 0"];
  const errors: FieldError[] = [];
  if (tail !== undefined && tail < 0n) errors.push(invalid("tailLines", Number(tail), above));
  if (limit !== undefined && limit < 1n) errors.push(invalid("limitBytes", Number(limit), positive));
  if (since !== undefined && time !== "") {
    errors.push(forbidden("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
  } else if (since !== undefined && since < 1n) errors.push(invalid("sinceSeconds", Number(since), positive));
  if (query.get("stream")) errors.push(forbidden("stream", "may not be specified"));
  return errors;
}

/** Finds the container that is meant. @throws {Refusal} 400 */
function checkContainer(pod: JsonObject, wanted: string): void {
  const { name } = metaOf(pod);
  const lists = ["initContainers", "containers", "ephemeralContainers"];
  const names = lists.flatMap((list) => each(pod, "spec", list).map((container) => String(container.name)));
  if (wanted !== "") {
    if (!names.includes(wanted)) throw badRequest(`container ${wanted} is not valid for pod ${name}`);
  } else if (each(pod, "spec", "containers").length > 1) {
    throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(" ")}]`);
  }
}

/** Connects to a pod, were there a node. @throws {Refusal} */
export function connectPod(call: Call): Reply {
  const { query, subresource = "", name = "" } = call;
  if (subresource === "log") {
    const errors = logErrors(query);
    if (errors.length > 0) throw unprocessable({ group: "", plural: "PodLogOptions" }, name, errors);
  }
  if (subresource === "portforward") {
    for (const port of query.getAll("ports").filter((text) => text !== "" && !/^\d+$/.test(text))) {
      throw badRequest(`cannot convert to []int32: strconv.ParseUint: parsing ${quote(port)}: invalid syntax`);
    }
  }
  const pod = existing(call);
  if (subresource !== "portforward") checkContainer(pod, query.get("container") ?? "");
  if (part(pod, "spec").nodeName) throw notImplemented(`the subresource ${subresource} of pods`);
  // Who is on no node has said nothing yet.
  if (subresource === "log") return { code: 204, empty: true };
  throw badRequest(`pod ${name} does not have a host assigned`);
}
