/**
 * POST on the `token` of a service account: what `kubectl create token` and a kubelet ask for.
 *
 * @module
 */
import { type Bound, issuer, issueToken } from "../accounts/service-accounts.ts";
import { checkBody, decodeObject } from "../http/body.ts";
import { writeOptions } from "../http/options.ts";
import { trackUpdate } from "../managed/tracking.ts";
import { keyOf } from "../store/store.ts";
import { admit } from "./admit.ts";
import { type Call, nowText, type Reply } from "../store/world.ts";
import { invalid } from "../types/field-error.ts";
import { isObject, type JsonObject } from "../types/json.ts";
import { type Meta, metaOf, timestamp, withMeta } from "../types/meta.ts";
import type { ResourceType } from "../types/resource.ts";
import type { Struct } from "../types/shape.ts";
import { always, int64, keep, list, object, omit, string, struct, time, uid } from "../types/shapes.ts";
import { badRequest, conflict, notFound, unprocessable } from "../types/status.ts";
import { checkNamespace } from "./create.ts";
import { otherKind } from "./other-kind.ts";
import { emptyObject, writerOf } from "./owners.ts";
import { existing } from "./update.ts";

const shape: Struct = object(
  "TokenRequest",
  always(
    "spec",
    struct(
      "v1.TokenRequestSpec",
      keep("audiences", list(string)),
      keep("expirationSeconds", int64),
      {
        ...{ name: "boundObjectRef", empty: "null" },
        shape: struct("v1.BoundObjectReference", omit("kind"), omit("apiVersion"), omit("name"), omit("uid", uid)),
      },
    ),
  ),
  always("status", struct("v1.TokenRequestStatus", omit("token"), omit("expirationTimestamp", time))),
);

const group = "authentication.k8s.io";
const subject = { group, plural: "TokenRequest" };
const [least, most] = [600, 2 ** 32];

const specOf = (object: JsonObject): JsonObject => isObject(object.spec) ? object.spec : {};

function setDefaults(object: JsonObject): JsonObject {
  const spec = specOf(object);
  return { ...object, spec: { ...spec, expirationSeconds: spec.expirationSeconds ?? 3600 } };
}

const types = new WeakMap<ResourceType, ResourceType>();
function tokenType(type: ResourceType): ResourceType {
  let found = types.get(type);
  if (!found) {
    types.set(
      type,
      found = otherKind(type, {
        group,
        version: "v1",
        kind: "TokenRequest",
        shape: () => shape,
        setDefaults,
      }),
    );
  }
  return found;
}

/** @throws {Refusal} 422 */
function checkDuration(seconds: number): void {
  const path = "spec.expirationSeconds";
  const errors = [
    ...seconds < least ? [invalid(path, seconds, "may not specify a duration less than 10 minutes")] : [],
    ...seconds > most ? [invalid(path, seconds, "may not specify a duration larger than 2^32 seconds")] : [],
  ];
  if (errors.length > 0) throw unprocessable(subject, "", errors);
}

/** What a token is bound to. @throws {Refusal} */
function boundBy({ world: { store }, namespace, name }: Call, reference: JsonObject): Bound {
  const { apiVersion = "", kind = "", name: wanted = "", uid = "" } = reference as Record<string, string | undefined>;
  const [version = "", group = ""] = apiVersion.split("/").toReversed();
  if (group !== "" || !["Pod", "Secret", "Node"].includes(kind)) {
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  }
  if (wanted === "") throw badRequest("Name parameter required.");
  const plural = `${kind.toLowerCase()}s`;
  const found = store.collection(`/${plural}`).get(keyOf(kind === "Node" ? undefined : namespace, wanted));
  if (!found) throw notFound({ group: "", plural }, wanted);
  const meta = metaOf(found);
  const { serviceAccountName, nodeName } = kind === "Pod" ? found.spec as JsonObject : {} as JsonObject;
  if (kind === "Pod" && serviceAccountName !== name) {
    throw badRequest(`cannot bind token for serviceaccount "${name}" to pod running with different serviceaccount name.`);
  }
  if (uid !== "" && uid !== meta.uid) {
    const why =
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ group: "", plural: kind }, wanted, why);
  }
  if (kind === "Secret") return { secret: meta };
  if (kind === "Node") return { node: meta };
  if (typeof nodeName !== "string") return { pod: meta };
  const node = store.collection("/nodes").get(nodeName);
  return { pod: meta, node: node ? metaOf(node) : { name: nodeName } };
}

/** Issues a token for a service account. Nothing is stored. */
export function requestToken(call: Call): Reply {
  const { world, type } = call;
  checkBody(call);
  const { fieldManager, fieldValidation, dryRun } = writeOptions(call.query, "CreateOptions");
  const own = tokenType(type);
  const asked = { ...call, type: own };
  const given = decodeObject(asked, fieldValidation);
  checkNamespace(asked, metaOf(given));
  const account = metaOf(existing(call));
  const { managedFields } = metaOf(trackUpdate(writerOf(asked, fieldManager), emptyObject(own), given));
  const { name = "", namespace: _n, uid: _u, creationTimestamp: _c, managedFields: _m, ...metadata } = metaOf(given);
  if (name !== "" && name !== account.name) {
    const why = "must match the service account name if specified";
    throw unprocessable(subject, account.name!, [invalid("metadata.name", name, why)]);
  }
  const spec = specOf(given);
  const seconds = Number(spec.expirationSeconds);
  const audiences = Array.isArray(spec.audiences) && spec.audiences.length > 0 ? spec.audiences.map(String) : [issuer];
  checkDuration(seconds);
  const meta: Meta = {
    ...metadata,
    name: account.name!,
    namespace: account.namespace!,
    uid: account.uid!,
    creationTimestamp: nowText(world),
    ...managedFields && { managedFields },
  };
  const request = withMeta({ ...given, spec: { ...spec, audiences } }, meta);
  admit(call, { operation: "CREATE", object: request, oldObject: undefined, name: account.name!, dryRun });
  const bound = isObject(spec.boundObjectRef) ? boundBy(call, spec.boundObjectRef) : {};
  const now = Math.floor(world.clock.now() / 1000);
  const token = issueToken(account, { audiences, seconds, bound, now, id: world.random.uuid() });
  const status = { token, expirationTimestamp: timestamp((now + seconds) * 1000) };
  return { code: 201, object: own.arrange({ ...request, status }), type: own };
}
