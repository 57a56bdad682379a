/** What webhooks may be asked and may answer: as data, for a genuine server and for the fake. */
import type { Json, JsonObject } from "../../../src/fake/types/json.ts";

/** What a webhook answers: members of the response, the whole review, or what is no review at all. */
export type Answer =
  | { readonly response: JsonObject }
  | { readonly review: Json }
  | { readonly raw: string; readonly status?: number };

/** A webhook of a configuration. The name is the first step of its path, too. */
export interface Hook extends JsonObject {
  name: string;
}

/** One request, and what the webhooks say. */
export interface Step {
  readonly request: string;
  readonly body?: Json;
  readonly type?: string;
  /** By the first label of a webhook's name. Others allow. */
  readonly answers?: Readonly<Record<string, Answer>>;
}

/** Configurations, and what is tried with them. */
export interface Group {
  readonly name: string;
  readonly mutating?: readonly Hook[];
  readonly validating?: readonly Hook[];
  /** Whether it is recorded what webhooks are asked, too, and not only which. */
  readonly whole?: boolean;
  readonly steps: Readonly<Record<string, Step>>;
}

/** Each group has a namespace of its own. */
const MAPS = "/api/v1/namespaces/${ns}/configmaps";
const WIDGETS = "/apis/example.com/v1/namespaces/${ns}/widgets";
const MERGE = "application/merge-patch+json";
const APPLY = "application/apply-patch+yaml";
const DRY = `POST ${MAPS}?dryRun=All`;
const MAP = { metadata: { name: "a" }, data: { x: "1" } };
const WIDGET = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w" }, spec: { s: "x" } };

export const CRD: JsonObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
    versions: ["v1", "v2"].map((name) => ({
      name,
      served: true,
      storage: name === "v2",
      subresources: { status: {} },
      schema: {
        openAPIV3Schema: {
          type: "object",
          properties: {
            spec: {
              type: "object",
              properties: {
                n: { type: "integer", default: 3 },
                s: { type: "string" },
                max: { type: "integer", maximum: 5 },
              },
            },
            status: { type: "object", properties: { n: { type: "integer" } } },
          },
        },
      },
    })),
  },
};

const encoded = (value: Json) => btoa(typeof value === "string" ? value : JSON.stringify(value));
const says = (response: JsonObject): Answer => ({ response });
const patches = (...operations: Json[]) => says({ patchType: "JSONPatch", patch: encoded(operations) });
const patchOf = (text: Json) => says({ patchType: "JSONPatch", patch: encoded(text) });
const put = (path: string, value: Json) => ({ op: "add", path, value });
const about = (resources: string[], more: JsonObject = {}): JsonObject => ({
  apiGroups: ["*"],
  apiVersions: ["*"],
  operations: ["*"],
  resources,
  scope: "*",
  ...more,
});

/** One that is about config maps. */
const hook = (name: string, more: JsonObject = {}): Hook => ({
  name: `${name}.example.com`,
  rules: [about(["configmaps"])],
  ...more,
});

const ANSWERS: Readonly<Record<string, Answer>> = {
  "denied": says({ allowed: false }),
  "denied with a message": says({ allowed: false, status: { message: "no way" } }),
  "denied with a reason": says({ allowed: false, status: { reason: "Because" } }),
  "denied with all that a Status has": says({
    allowed: false,
    status: {
      message: "no way",
      reason: "Conflict",
      code: 409,
      details: { causes: [{ message: "c", field: "spec.x" }], retryAfterSeconds: 3 },
      metadata: { continue: "x" },
      status: "Odd",
    },
  }),
  "denied with a code alone": says({ allowed: false, status: { code: 418 } }),
  "denied with the code of a success": says({ allowed: false, status: { code: 200, status: "Success", message: "m" } }),
  "denied, with warnings": says({ allowed: false, status: { message: "no" }, warnings: ["w1", "w2"] }),
  "denied, with a patch": says({ allowed: false, patchType: "JSONPatch", patch: encoded([]), status: { message: "no" } }),
  "allowed, with warnings": says({ warnings: ["w1", "", 'quo"ted', "x".repeat(300), "w1"] }),
  "allowed, with a Status": says({ status: { message: "not shown" } }),
  "annotations of the audit": says({ auditAnnotations: { k: "v", "bad key!": "x" } }),
  "no word whether it is allowed": {
    review: { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid: "${uid}" } },
  },
  "another uid": says({ uid: "x" }),
  "no uid": { review: { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { allowed: true } } },
  "another version": {
    review: { apiVersion: "admission.k8s.io/v1beta1", kind: "AdmissionReview", response: { uid: "${uid}", allowed: true } },
  },
  "no version": { review: { response: { uid: "${uid}", allowed: true } } },
  "an unknown version": {
    review: { apiVersion: "admission.k8s.io/v3", kind: "AdmissionReview", response: { uid: "${uid}", allowed: true } },
  },
  "another kind": { review: { apiVersion: "admission.k8s.io/v1", kind: "Pod", response: { uid: "${uid}", allowed: true } } },
  "no response": { review: { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" } },
  "a text": { raw: "hello" },
  "nothing": { raw: "" },
  "null": { raw: "null" },
  "a list": { raw: "[]" },
  "a number": { raw: "5" },
  "HTML": { raw: "<html>no</html>" },
  "half of it": { raw: `{"apiVersion": "admission.k8s.io/v1", "ki` },
  "500": { raw: "oh no", status: 500 },
  "500 with a Status": {
    raw: `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"sorry","reason":"InternalError","code":500}`,
    status: 500,
  },
  "502 without a word": { raw: "", status: 502 },
  "404": { raw: "404 page", status: 404 },
  "400": { raw: "bad", status: 400 },
  "401": { raw: "", status: 401 },
  "409": { raw: "", status: 409 },
  "422": { raw: "", status: 422 },
  "503": { raw: "busy", status: 503 },
  "504": { raw: "late", status: 504 },
  "302": { raw: "", status: 302 },
  "allowed is a text": says({ allowed: "true" }),
  "a code that is a text": says({ allowed: false, status: { code: "409" } }),
  "warnings that are a text": says({ warnings: "w" }),
  "a patch": patches(put("/data/y", "2")),
  "a patch of nothing": patches(),
  "a patch that changes nothing": patches(put("/data/x", "1")),
  "a patch without its type": says({ patch: encoded([put("/data/y", "2")]) }),
  "a type without its patch": says({ patchType: "JSONPatch" }),
  "a patch of another type": says({ patchType: "MergePatch", patch: encoded([put("/data/y", "2")]) }),
  "a patch that is not base64": says({ patchType: "JSONPatch", patch: "%%%" }),
  "a patch that is an object": patchOf({ a: 1 }),
  "a patch that is a text": patchOf(`"x"`),
  "a patch that is no JSON": patchOf("["),
  "a patch that is null": patchOf("null"),
  "a patch of numbers": patchOf([1]),
  "it removes what is not there": patches({ op: "remove", path: "/data/zz" }),
  "it removes what is not there, deeper": patches({ op: "remove", path: "/nope/zz" }),
  "it replaces what is not there": patches({ op: "replace", path: "/data/zz", value: "1" }),
  "it tests what is not so": patches({ op: "test", path: "/data/x", value: "9" }),
  "it tests what is not there": patches({ op: "test", path: "/data/zz", value: "9" }),
  "it copies what is not there": patches({ op: "copy", from: "/data/zz", path: "/data/y" }),
  "it moves what is not there": patches({ op: "move", from: "/data/zz", path: "/data/y" }),
  "an unknown operation": patches({ op: "mess", path: "/data/x", value: "9" }),
  "no operation": patches({ path: "/data/x", value: "9" }),
  "no path": patches({ op: "add", value: "9" }),
  "no value": patches({ op: "add", path: "/data/y" }),
  "into what is not there": patches(put("/metadata/labels/a", "9")),
  "a number for a text": patches(put("/data/y", 2)),
  "a list for a map": patches(put("/data", [])),
  "an unknown field": patches(put("/nope", 2)),
  "another name": patches({ op: "replace", path: "/metadata/name", value: "b" }),
  "another namespace": patches({ op: "replace", path: "/metadata/namespace", value: "default" }),
  "a uid": patches(put("/metadata/uid", "xx")),
  "no managers": patches({ op: "replace", path: "/metadata/managedFields", value: [] }),
  "an odd manager": patches({ op: "replace", path: "/metadata/managedFields/0/operation", value: "Odd" }),
  "a label that is none": patches(put("/metadata/labels", { "a b": "c" })),
  "a finalizer and an annotation": patches(
    put("/metadata/finalizers", ["example.com/f"]),
    put("/metadata/annotations", { a: "b" }),
  ),
  "another kind of object": patches({ op: "replace", path: "/kind", value: "Pod" }),
  "another version of it": patches({ op: "replace", path: "/apiVersion", value: "v2" }),
  "an owner twice": patches(put("/metadata/ownerReferences", [
    { apiVersion: "v1", kind: "A", name: "n", uid: "u" },
    { apiVersion: "v1", kind: "A", name: "n", uid: "u" },
  ])),
  "the whole object": patches({
    op: "replace",
    path: "",
    value: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { z: "1" } },
  }),
};

const answers = (name: string): Readonly<Record<string, Step>> =>
  Object.fromEntries(
    Object.entries(ANSWERS).map(([what, answer]) => [what, { request: DRY, body: MAP, answers: { [name]: answer } }]),
  );

const condition = (expression: string) => ({ matchConditions: [{ name: "c", expression }] });
const only = (name: string, more: JsonObject): Group => ({
  name,
  validating: [hook("v", more)],
  steps: {
    "a new map": {
      request: DRY,
      body: { ...MAP, metadata: { name: "a", labels: { l: "v" } } },
      answers: { v: says({ allowed: false }) },
    },
  },
});

export const GROUPS: readonly Group[] = [
  { name: "validating", validating: [hook("v")], steps: answers("v") },
  { name: "mutating", mutating: [hook("m")], steps: answers("m") },
  { name: "validating, failures ignored", validating: [hook("v", { failurePolicy: "Ignore" })], steps: answers("v") },
  { name: "mutating, failures ignored", mutating: [hook("m", { failurePolicy: "Ignore" })], steps: answers("m") },
  {
    name: "what is asked",
    whole: true,
    mutating: [hook("m")],
    validating: [hook("v")],
    steps: {
      "create": {
        request: `POST ${MAPS}?fieldManager=me&fieldValidation=Strict`,
        body: { metadata: { name: "a", uid: "given" }, data: { x: "1" } },
      },
      "create, with a generated name": { request: `POST ${MAPS}?dryRun=All`, body: { metadata: { generateName: "a-" } } },
      "create what is invalid": { request: `POST ${MAPS}`, body: { metadata: { name: "A_" } } },
      "create what is there": { request: `POST ${MAPS}`, body: MAP },
      "replace": { request: `PUT ${MAPS}/a`, body: { metadata: { name: "a", labels: { l: "1" } }, data: { x: "2" } } },
      "replace with the same": {
        request: `PUT ${MAPS}/a`,
        body: { metadata: { name: "a", labels: { l: "1" } }, data: { x: "2" } },
      },
      "replace what has changed": { request: `PUT ${MAPS}/a`, body: { metadata: { name: "a", resourceVersion: "1" } } },
      "replace what is not there": { request: `PUT ${MAPS}/zz`, body: { metadata: { name: "zz" } } },
      "patch": { request: `PATCH ${MAPS}/a?fieldManager=me`, type: MERGE, body: { data: { x: "3" } } },
      "patch of nothing": { request: `PATCH ${MAPS}/a`, type: MERGE, body: {} },
      "patch of what is not there": { request: `PATCH ${MAPS}/zz`, type: MERGE, body: {} },
      "apply what is new": {
        request: `PATCH ${MAPS}/b?fieldManager=me&force=true`,
        type: APPLY,
        body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b" }, data: { x: "4" } },
      },
      "apply a change": {
        request: `PATCH ${MAPS}/b?fieldManager=me`,
        type: APPLY,
        body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b" }, data: { x: "5" } },
      },
      "a patch that is changed on its way": {
        request: `PATCH ${MAPS}/a`,
        type: MERGE,
        body: { data: { y: "1" } },
        answers: { m: patches(put("/metadata/labels", { by: "m" }), put("/data/z", "m")) },
      },
      "what it has set is nobody's": { request: `GET ${MAPS}/a` },
      "it takes back what was asked": {
        request: `PATCH ${MAPS}/a`,
        type: MERGE,
        body: { data: { y: "2" } },
        answers: { m: patches(put("/data/y", "1")) },
      },
      "a deletion that is changed": { request: `DELETE ${MAPS}/b`, answers: { m: patches(put("/data/z", "m")) } },
      "a deletion that is denied": { request: `DELETE ${MAPS}/b`, answers: { v: says({ allowed: false }) } },
      "delete": { request: `DELETE ${MAPS}/b?propagationPolicy=Background&gracePeriodSeconds=3` },
      "delete, with a body": { request: `DELETE ${MAPS}/a`, body: { kind: "DeleteOptions", apiVersion: "v1", dryRun: ["All"] } },
      "delete what is not there": { request: `DELETE ${MAPS}/zz` },
      "one of another resource": {
        request: "POST /api/v1/namespaces/${ns}/secrets?dryRun=All",
        body: { metadata: { name: "s" } },
      },
      "one of another namespace": { request: "POST /api/v1/namespaces/default/configmaps?dryRun=All", body: MAP },
    },
  },
  {
    name: "several, and once more",
    mutating: [hook("m1", { reinvocationPolicy: "IfNeeded" }), hook("m2"), hook("m3", { reinvocationPolicy: "IfNeeded" })],
    steps: {
      "one changes": { request: DRY, body: MAP, answers: { m2: patches(put("/data/m2", "1")) } },
      "two change": {
        request: DRY,
        body: MAP,
        answers: { m2: patches(put("/data/m2", "1")), m3: patches(put("/data/m3", "1")) },
      },
      "all change": {
        request: DRY,
        body: MAP,
        answers: { m1: patches(put("/data/m1", "1")), m2: patches(put("/data/m2", "1")), m3: patches(put("/data/m3", "1")) },
      },
      "one changes to what it was": { request: DRY, body: MAP, answers: { m2: patches(put("/data/x", "1")) } },
      "one denies": {
        request: DRY,
        body: MAP,
        answers: { m1: says({ warnings: ["from m1"] }), m2: says({ allowed: false, status: { message: "m2 says no" } }) },
      },
    },
  },
  {
    name: "a custom resource in two versions",
    whole: true,
    mutating: [{ name: "m.example.com", rules: [about(["*/*"], { apiGroups: ["example.com"] })] }],
    validating: [{ name: "v.example.com", rules: [about(["*/*"], { apiGroups: ["example.com"], apiVersions: ["v2"] })] }],
    steps: {
      "create": { request: `POST ${WIDGETS}`, body: WIDGET, answers: { m: patches(put("/spec/s", "from m")) } },
      "what a rule forbids": {
        request: `POST ${WIDGETS}?dryRun=All`,
        body: WIDGET,
        answers: { m: patches(put("/spec/max", 9)) },
      },
      "what the schema forbids": {
        request: `POST ${WIDGETS}?dryRun=All`,
        body: WIDGET,
        answers: { m: patches(put("/spec/n", "text")) },
      },
      "without what had a default": {
        request: `POST ${WIDGETS}?dryRun=All`,
        body: WIDGET,
        answers: { m: patches({ op: "remove", path: "/spec" }) },
      },
      "it gets its default again": {
        request: `POST ${WIDGETS}?dryRun=All`,
        body: WIDGET,
        answers: { m: patches(put("/spec", {})) },
      },
      "a status from the start": {
        request: `POST ${WIDGETS}?dryRun=All`,
        body: WIDGET,
        answers: { m: patches(put("/status", { n: 5 })) },
      },
      "its status": {
        request: `PATCH ${WIDGETS}/w/status`,
        type: MERGE,
        body: { status: { n: 1 } },
        answers: { m: patches(put("/spec/s", "on status"), put("/status", { n: 7 })) },
      },
      "an update": {
        request: `PATCH ${WIDGETS}/w`,
        type: MERGE,
        body: { spec: { s: "u" } },
        answers: { m: patches(put("/metadata/labels", { a: "b" })) },
      },
      "an update of nothing": { request: `PATCH ${WIDGETS}/w`, type: MERGE, body: { spec: { s: "u" } } },
      "another resourceVersion": {
        request: `PATCH ${WIDGETS}/w`,
        type: MERGE,
        body: { spec: { s: "u2" } },
        answers: { m: patches({ op: "replace", path: "/metadata/resourceVersion", value: "1" }) },
      },
      "another kind": {
        request: `PATCH ${WIDGETS}/w`,
        type: MERGE,
        body: { spec: { s: "u2" } },
        answers: { m: patches({ op: "replace", path: "/kind", value: "Other" }) },
      },
      "deletecollection": { request: `DELETE ${WIDGETS}` },
    },
  },
  {
    name: "cluster-scoped",
    whole: true,
    validating: [{ name: "v.example.com", rules: [about(["namespaces"])] }],
    steps: {
      "create": { request: "POST /api/v1/namespaces", body: { metadata: { name: "n2", labels: { hooked: "${ns}" } } } },
      "delete": { request: "DELETE /api/v1/namespaces/n2" },
      "without the label": { request: "POST /api/v1/namespaces?dryRun=All", body: { metadata: { name: "n3" } } },
    },
  },
  only("a condition that holds", condition("object.data.x == '1'")),
  only("a condition that does not", condition("object.data.x == '2'")),
  only("a condition that cannot be evaluated", condition("object.data.nope == '2'")),
  only("one that cannot be evaluated, ignored", { failurePolicy: "Ignore", ...condition("object.data.nope == '2'") }),
  only("one of two says no", {
    matchConditions: [{ name: "c", expression: "object.data.nope == '2'" }, { name: "d", expression: "false" }],
  }),
  only("two cannot be evaluated", {
    matchConditions: [{ name: "c", expression: "object.data.nope == '2'" }, { name: "d", expression: "object.data.nada == 'x'" }],
  }),
  only(
    "a condition on who asks",
    condition("request.userInfo.username == 'admin' && authorizer.group('').resource('pods').check('get').allowed()"),
  ),
  only("a condition on the namespace", condition("namespaceObject.metadata.name == 'x'")),
  only("a condition on parameters", condition("params.x")),
  only("a condition that is a text", condition("'a'")),
  only("a condition that cannot be read", condition("object.")),
  only("another label", { objectSelector: { matchLabels: { l: "w" } } }),
  only("its label", { objectSelector: { matchExpressions: [{ key: "l", operator: "In", values: ["v"] }] } }),
  only("an older form of the review", { admissionReviewVersions: ["v1beta1"] }),
  only("its own configuration", { rules: [about(["validatingwebhookconfigurations"])] }),
  only("deletions alone", { rules: [about(["configmaps"], { operations: ["DELETE"] })] }),
  only("by name", { rules: [about(["configmaps"], { apiGroups: [""], apiVersions: ["v1"] })] }),
  only("on cluster scope", { rules: [about(["configmaps"], { scope: "Cluster" })] }),
  only("a service that is not there", { clientConfig: { service: { namespace: "default", name: "svc", path: "/p" } } }),
  only("nobody listens", { clientConfig: { url: "https://127.0.0.1:1/x" } }),
  only("nobody vouches for it", { clientConfig: { url: "${url}/v" } }),
];
