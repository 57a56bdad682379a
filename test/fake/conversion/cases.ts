/** What conversion webhooks may be asked and may answer: as data, for a genuine server and for the fake. */
import type { Json, JsonObject } from "../../../src/fake/types/json.ts";
import type { Say } from "./converter.ts";

/** One request, and what the webhook says. */
export interface Step {
  readonly request: string;
  readonly body?: Json;
  readonly type?: string;
  readonly accept?: string;
  readonly say?: Say;
  /** Whether it is recorded what the webhook is asked, too. */
  readonly whole?: boolean;
  /** What is done again to an object that was read: its resourceVersion is put into the body. */
  readonly at?: string;
  /** Waits until the CRD that was changed is served anew. */
  readonly settles?: boolean;
}

/** A CRD, and what is tried with it. Each has a group of its own: `${g}`. */
export interface Group {
  readonly name: string;
  /** Merged into `spec.conversion`. */
  readonly conversion?: JsonObject;
  /** `spec.versions`. @default {v1, v2, which is stored, and v3} */
  readonly versions?: readonly JsonObject[];
  readonly steps: Readonly<Record<string, Step>>;
}

const MERGE = "application/merge-patch+json";
const JSON_PATCH = "application/json-patch+json";
const APPLY = "application/apply-patch+yaml";
const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";
const METADATA = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";

const schema = (properties: JsonObject): JsonObject => ({
  openAPIV3Schema: {
    type: "object",
    properties: {
      spec: { type: "object", properties: { ...properties, n: { type: "integer" }, replicas: { type: "integer" } } },
      status: { type: "object", properties: { n: { type: "integer" }, replicas: { type: "integer" } } },
    },
  },
});
const version = (name: string, properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  name,
  served: true,
  storage: name === "v2",
  schema: schema({ ...properties, [`d${name}`]: { type: "string", default: name } }),
  subresources: { status: {}, scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" } },
  ...more,
});
const text = { type: "string" };
export const VERSIONS: readonly JsonObject[] = [
  version("v1", { hostPort: { type: "string", maxLength: 12 } }, {
    additionalPrinterColumns: [{ name: "Place", type: "string", jsonPath: ".spec.hostPort" }],
    selectableFields: [{ jsonPath: ".spec.hostPort" }],
  }),
  version("v2", { host: text, port: text }),
  version("v3", { address: { type: "object", properties: { host: text, port: text } } }),
];

const AT = (version: string) => `/apis/\${g}/${version}/namespaces/default/widgets`;
const SPECS: Readonly<Record<string, JsonObject>> = {
  v1: { hostPort: "h:1" },
  v2: { host: "h", port: "1" },
  v3: { address: { host: "h", port: "1" } },
};
const widget = (version: string, name: string, spec: Json = SPECS[version]!, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: `\${g}/${version}`,
  kind: "Widget",
  metadata: { name, ...metadata },
  spec,
});
const create = (version: string, name: string, spec?: Json, metadata?: JsonObject): Step => ({
  request: `POST ${AT(version)}`,
  body: widget(version, name, spec, metadata),
});
const get = (version: string, name: string): Step => ({ request: `GET ${AT(version)}/${name}` });
const list = (version: string, query = ""): Step => ({ request: `GET ${AT(version)}${query}` });
const watch = (version: string): Step => ({ request: `GET ${AT(version)}?watch=1&timeoutSeconds=1` });
const merge = (version: string, name: string, body: Json, query = ""): Step => ({
  request: `PATCH ${AT(version)}/${name}${query}`,
  body,
  type: MERGE,
});
const apply = (version: string, name: string, spec: Json, query: string): Step => ({
  request: `PATCH ${AT(version)}/${name}?${query}`,
  body: widget(version, name, spec),
  type: APPLY,
});
const remove = (version: string, name: string): Step => ({ request: `DELETE ${AT(version)}/${name}` });
const saying = (say: Say, step: Step): Step => ({ ...step, say });
const refuses = (to: string): Say => ({ to, response: { result: { status: "Failure", message: "no way" } } });

const STATUS = { kind: "Status", apiVersion: "v1", status: "Failure", message: "as told", code: 403, reason: "Forbidden" };

/** What may be answered to the question for an object in v1. */
const ANSWERS: Readonly<Record<string, Say>> = {
  "as it ought to be": {},
  "refused": { response: { result: { status: "Failure", message: "no way" } } },
  "refused without a message": { response: { result: { status: "Failure" } } },
  "refused with a reason and a code": { response: { result: { status: "Failure", reason: "Conflict", code: 409 } } },
  "a status that is neither": { response: { result: { status: "Perhaps", message: null } } },
  "a status in lower case": { response: { result: { status: "success" } } },
  "no status": { response: { result: { status: null } } },
  "no result": { response: { result: null } },
  "a message with success": { response: { result: { status: "Success", message: "well done" } } },
  "no objects": { objects: [] },
  "null for objects": { objects: null },
  "objects left out": { response: { convertedObjects: null } },
  "two objects": { objects: [{}, {}] },
  "another version": { edit: { apiVersion: "${g}/v3" } },
  "the version that it had": { edit: { apiVersion: "${g}/v2" } },
  "another group": { edit: { apiVersion: "other.example.com/v1" } },
  "no version": { edit: { apiVersion: null } },
  "an empty version": { edit: { apiVersion: "" } },
  "another kind": { edit: { kind: "Other" } },
  "no kind at all": { objects: [{ apiVersion: "${g}/v1", metadata: { name: "a" } }] },
  "an empty kind": { objects: [{ apiVersion: "${g}/v1", kind: "", metadata: { name: "a" } }] },
  "an empty object": { objects: [{}] },
  "null for an object": { objects: [null] },
  "a text for an object": { objects: ["x"] },
  "a number for an object": { objects: [7] },
  "true for an object": { objects: [true] },
  "a list for an object": { objects: [[]] },
  "a text for the objects": { objects: "x" },
  "an object for the objects": { objects: {} },
  "another name": { edit: { metadata: { name: "b" } } },
  "no name": { edit: { metadata: { name: null } } },
  "a number for the name": { edit: { metadata: { name: 7 } } },
  "another namespace": { edit: { metadata: { namespace: "b" } } },
  "no namespace": { edit: { metadata: { namespace: null } } },
  "another uid": { edit: { metadata: { uid: "b" } } },
  "no uid": { edit: { metadata: { uid: null } } },
  "another name and uid": { edit: { metadata: { name: "b", uid: "b" } } },
  "no metadata": { edit: { metadata: null } },
  "a text for metadata": { edit: { metadata: "x" } },
  "a list for metadata": { edit: { metadata: [] } },
  "another label": { edit: { metadata: { labels: { a: "b" } } } },
  "no labels": { edit: { metadata: { labels: null } } },
  "empty labels": { edit: { metadata: { labels: { x: null } } } },
  "the label with another value": { edit: { metadata: { labels: { x: "z" } } } },
  "a label with a wrong key": { edit: { metadata: { labels: { "a b": "c" } } } },
  "a label with a wrong value": { edit: { metadata: { labels: { a: "b c" } } } },
  "a label with a wrong key and value": { edit: { metadata: { labels: { "a b": "b c" } } } },
  "a number for a label": { edit: { metadata: { labels: { a: 3 } } } },
  "a fraction for a label": { edit: { metadata: { labels: { a: 3.5 } } } },
  "true for a label": { edit: { metadata: { labels: { a: true } } } },
  "a list for a label": { edit: { metadata: { labels: { a: [] } } } },
  "an object for a label": { edit: { metadata: { labels: { a: { b: "c" } } } } },
  "a text for labels": { edit: { metadata: { labels: "x" } } },
  "a list for labels": { edit: { metadata: { labels: [] } } },
  "an annotation": { edit: { metadata: { annotations: { a: "b" } } } },
  "an annotation with a wrong key": { edit: { metadata: { annotations: { "a b": "c" } } } },
  "a number for an annotation": { edit: { metadata: { annotations: { a: 1 } } } },
  "a text for annotations": { edit: { metadata: { annotations: "x" } } },
  "other metadata, which is not taken": {
    edit: {
      metadata: {
        finalizers: ["a/b"],
        generation: 7,
        ownerReferences: [],
        creationTimestamp: "2020-01-01T00:00:00Z",
        deletionTimestamp: "2020-01-01T00:00:00Z",
        managedFields: [],
        odd: 1,
      },
    },
  },
  "a resourceVersion": { edit: { metadata: { resourceVersion: "1" } } },
  "an unknown member": { edit: { spec: { unknown: 1 }, more: 1 } },
  "a member of a wrong type": { edit: { spec: { n: "text" } } },
  "a text for the spec": { edit: { spec: "x" } },
  "a list for the spec": { edit: { spec: [1] } },
  "no spec": { edit: { spec: null } },
  "what breaks a rule of the schema": { edit: { spec: { hostPort: "much too long for this" } } },
  "the uid of another question": { response: { uid: "x" } },
  "an empty uid": { response: { uid: "" } },
  "without the uid": { response: { uid: null } },
  "a number for the uid": { response: { uid: 3 } },
  "no response": { review: { response: null } },
  "a text for the response": { review: { response: "x" } },
  "a list for the response": { review: { response: [] } },
  "a text for the result": { response: { result: "x" } },
  "a number for the status": { response: { result: { status: 3 } } },
  "a number for the message": { response: { result: { message: 3 } } },
  "a review of another kind": { review: { kind: "Other" } },
  "a review without a kind": { review: { kind: null } },
  "a review in v1beta1": { review: { apiVersion: "apiextensions.k8s.io/v1beta1" } },
  "a review in v2": { review: { apiVersion: "apiextensions.k8s.io/v2" } },
  "a review of another group": { review: { apiVersion: "other.io/v1" } },
  "a review without a version": { review: { apiVersion: null } },
  "an admission review": { review: { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" } },
  "a CRD": { review: { kind: "CustomResourceDefinition" } },
  "a list of CRDs": { review: { kind: "CustomResourceDefinitionList" } },
  "a Status": { raw: JSON.stringify(STATUS) },
  "more members than there are": { review: { more: 1, response: { more: 1 } } },
  "a text": { raw: "hello" },
  "nothing": { raw: "" },
  "null": { raw: "null" },
  "a list": { raw: "[]" },
  "a number": { raw: "7" },
  "{}": { raw: "{}" },
  "half of an object": { raw: '{"kind":' },
  "500 with a text": { raw: "out of order", status: 500 },
  "503": { raw: "", status: 503 },
  "400": { raw: "bad", status: 400 },
  "401": { raw: "", status: 401 },
  "403": { raw: "", status: 403 },
  "404": { raw: "", status: 404 },
  "409": { raw: "", status: 409 },
  "418": { raw: "", status: 418 },
  "429": { raw: "", status: 429 },
  "403 with a Status": { raw: JSON.stringify(STATUS), status: 403 },
  "201 with a review": { status: 201 },
  "204": { raw: "", status: 204 },
  "301": { raw: "", status: 301 },
};

/** The same, where the review is one of v1beta1. */
const EARLIER: Readonly<Record<string, Say>> = {
  "as it ought to be": {},
  "the uid of another question": { response: { uid: "x" } },
  "a review without a kind": { review: { kind: null } },
  "a review without a version": { review: { apiVersion: null } },
  "a review in v1": { review: { apiVersion: "apiextensions.k8s.io/v1" } },
  "a review of another kind": { review: { kind: "Other" } },
  "no result": { response: { result: null } },
  "refused": { response: { result: { status: "Failure", message: "no way" } } },
  "no response": { review: { response: null } },
  "{}": { raw: "{}" },
  "null": { raw: "null" },
  "no objects": { objects: [] },
};

const answers = (of: Readonly<Record<string, Say>>): Record<string, Step> =>
  Object.fromEntries(
    Object.entries(of).map(([name, say]) => [name, { ...get("v1", "a"), say: { to: "v1", ...say } }]),
  );

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const url = "https://a.example.com/convert";
const told = (more: JsonObject = {}): JsonObject => ({
  strategy: "Webhook",
  webhook: { conversionReviewVersions: ["v1"], clientConfig: { url }, ...more },
});
const asked = (clientConfig: Json) => told({ clientConfig });
const service = (more: JsonObject) => asked({ service: { namespace: "a", name: "b", ...more } });

/** `spec.conversion`, right and wrong. */
const CONVERSIONS: Readonly<Record<string, Json>> = {
  "none": null,
  "empty": {},
  "None": { strategy: "None" },
  "None with an empty webhook": { strategy: "None", webhook: {} },
  "None with a webhook": { strategy: "None", webhook: { conversionReviewVersions: ["v1"], clientConfig: { url } } },
  "None with versions of reviews": { strategy: "None", webhook: { conversionReviewVersions: ["v1"] } },
  "None with a client": { strategy: "None", webhook: { clientConfig: { url } } },
  "an unknown strategy": { strategy: "Magic" },
  "a strategy in lower case": { strategy: "webhook" },
  "an empty strategy": { strategy: "" },
  "a number for the strategy": { strategy: 3 },
  "a text for it all": "Webhook",
  "a list for it all": [],
  "an unknown member": { strategy: "None", more: 1 },
  "Webhook alone": { strategy: "Webhook" },
  "an empty webhook": { strategy: "Webhook", webhook: {} },
  "no client": { strategy: "Webhook", webhook: { conversionReviewVersions: ["v1"] } },
  "a client of nothing": asked({}),
  "a url and a service": asked({ url, service: { namespace: "a", name: "b" } }),
  "no versions of reviews": { strategy: "Webhook", webhook: { clientConfig: { url } } },
  "an empty list of versions": told({ conversionReviewVersions: [] }),
  "v1beta1": told({ conversionReviewVersions: ["v1beta1"] }),
  "an unknown version first": told({ conversionReviewVersions: ["v9", "v1"] }),
  "an unknown version alone": told({ conversionReviewVersions: ["v2"] }),
  "two unknown versions": told({ conversionReviewVersions: ["v2", "v3"] }),
  "a version that is no label": told({ conversionReviewVersions: ["v 2", "v1"] }),
  "an empty version": told({ conversionReviewVersions: ["", "v1"] }),
  "a version twice": told({ conversionReviewVersions: ["v1", "v1"] }),
  "an unknown version twice": told({ conversionReviewVersions: ["v2", "v2"] }),
  "a text for the versions": told({ conversionReviewVersions: "v1" }),
  "http": asked({ url: "http://a.example.com/convert" }),
  "no scheme": asked({ url: "a.example.com" }),
  "no host": asked({ url: "https:///convert" }),
  "an empty url": asked({ url: "" }),
  "a user": asked({ url: "https://u@a.example.com" }),
  "a query": asked({ url: "https://a.example.com/?x=1" }),
  "a fragment": asked({ url: "https://a.example.com/#f" }),
  "all that is wrong in a url": asked({ url: "http://u@a.example.com/?x=1#f" }),
  "a space in the url": asked({ url: "https://a b.example.com" }),
  "a service": service({}),
  "a service with all": service({ path: "/convert", port: 9443 }),
  "an empty service": asked({ service: {} }),
  "a service without a name": asked({ service: { namespace: "a" } }),
  "a service without a namespace": asked({ service: { name: "a" } }),
  "port 0": service({ port: 0 }),
  "port 65536": service({ port: 65536 }),
  "a path without a slash": service({ path: "convert" }),
  "a path with an empty step": service({ path: "/a//b" }),
  "a path with a wrong step": service({ path: "/a_b/C" }),
  "the path /": service({ path: "/" }),
  "the path //": service({ path: "//" }),
  "a caBundle that is no certificate": asked({ url, caBundle: "AAAA" }),
  "a caBundle that is no base64": asked({ url, caBundle: "*" }),
  "preserved unknown fields": told(),
};

export const crdOf = (group: string, conversion: Json, versions: readonly JsonObject[] = VERSIONS): JsonObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `widgets.${group}` },
  spec: {
    group,
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
    ...conversion === null ? {} : { conversion },
    versions: [...versions],
  },
});

const plain: readonly JsonObject[] = [{
  name: "v1",
  served: true,
  storage: true,
  schema: { openAPIV3Schema: { type: "object" } },
}];

const conversions = Object.fromEntries(
  Object.entries(CONVERSIONS).map(([name, conversion]) => {
    const crd = crdOf("none.example.com", conversion, plain);
    if (name === "preserved unknown fields") (crd.spec as JsonObject).preserveUnknownFields = true;
    return [name, { request: `POST ${CRDS}?dryRun=All`, body: crd }];
  }),
);

/** Versions with members of their own. */
const own = (name: string, storage: boolean): JsonObject => ({
  name,
  served: true,
  storage,
  schema: {
    openAPIV3Schema: {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: { a: text, [name]: text, [`d${name}`]: { type: "string", default: name } },
        },
      },
    },
  },
});
const STORE = (stored: string) => [
  { op: "replace", path: "/spec/versions/0/storage", value: stored === "v1" },
  { op: "replace", path: "/spec/versions/1/storage", value: stored === "v2" },
];
const store = (version: string): Step => ({
  request: `PATCH ${CRDS}/widgets.\${g}`,
  body: STORE(version),
  type: JSON_PATCH,
  settles: true,
});

const patching = (step: Step, ...patch: Json[]): Step => ({ ...step, say: { patch } });
const CONDITION = [
  { op: "add", path: "/webhooks/0/failurePolicy", value: "Ignore" },
  {
    op: "add",
    path: "/webhooks/0/matchConditions",
    value: [{ name: "host", expression: "object.spec.address.host != 'none'" }],
  },
];
const policy: JsonObject = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  metadata: { name: "${g}" },
  webhooks: [{
    name: "m.example.com",
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    clientConfig: { url: "https://127.0.0.1:1/adm" },
    rules: [{ apiGroups: ["${g}"], apiVersions: ["v3"], operations: ["*"], resources: ["widgets"] }],
  }],
};

export const GROUPS: readonly Group[] = [
  { name: "spec.conversion", steps: conversions },
  {
    name: "answers",
    steps: { "an object": create("v1", "a", SPECS["v1"], { labels: { x: "y" } }), ...answers(ANSWERS) },
  },
  {
    name: "answers in v1beta1",
    conversion: { webhook: { conversionReviewVersions: ["v3", "v1beta1", "v1"] } },
    steps: { "an object": create("v1", "a"), "asked": { ...get("v1", "a"), whole: true }, ...answers(EARLIER) },
  },
  {
    name: "there and back",
    steps: {
      "created in v1": create("v1", "a", { hostPort: "h:1", unknown: 1 }),
      "created in v2": create("v2", "b", { host: "h" }),
      "created in v3": create("v3", "c", { address: { port: "3" }, n: 3 }),
      "a dry run in v1": { ...create("v1", "dry"), request: `POST ${AT("v1")}?dryRun=All`, whole: true },
      "a wrong type in v1": create("v1", "d", { hostPort: 3 }),
      "too long in v1": create("v1", "d", { hostPort: "h:0123456789" }),
      "too long for v1, in v2": create("v2", "d", { host: "much-too-long", port: "1" }),
      "without a spec": create("v3", "e", {}),
      ...Object.fromEntries(
        ["v1", "v2", "v3"].flatMap((version) => [
          ...["a", "b", "c", "d", "e"].map((name) => [
            `${name} in ${version}`,
            { ...get(version, name), whole: version !== "v2" },
          ]),
          [`the list in ${version}`, list(version)],
          [`a page in ${version}`, list(version, "?limit=2")],
          [`a watch in ${version}`, watch(version)],
          [`a name in ${version}`, list(version, "?fieldSelector=metadata.name%3Db")],
        ]),
      ),
      "a field of v1": list("v1", "?fieldSelector=spec.hostPort%3Dh%3A1"),
      "a field of v1, in v2": list("v2", "?fieldSelector=spec.hostPort%3Dh%3A1"),
      "a table in v1": { ...get("v1", "a"), accept: TABLE },
      "metadata in v1": { ...get("v1", "a"), accept: METADATA },
    },
  },
  {
    name: "writes in other versions",
    steps: {
      "an object": create("v2", "a"),
      "a merge patch in v1": merge("v1", "a", { spec: { hostPort: "x:2" } }),
      "in v2": get("v2", "a"),
      "a merge patch in v3": merge("v3", "a", { spec: { address: { port: "3" }, n: 3 } }),
      "a JSON patch in v1": {
        request: `PATCH ${AT("v1")}/a`,
        type: JSON_PATCH,
        body: [{ op: "test", path: "/spec/hostPort", value: "x:3" }, { op: "add", path: "/spec/n", value: 4 }],
      },
      "a test that fails": {
        request: `PATCH ${AT("v1")}/a`,
        type: JSON_PATCH,
        body: [{ op: "test", path: "/spec/hostPort", value: "x:2" }],
      },
      "what breaks a rule of v1": merge("v1", "a", { spec: { hostPort: "0123456789:0" + "1" } }),
      "a strategic merge patch": { ...merge("v1", "a", {}), type: "application/strategic-merge-patch+json" },
      "a dry run in v3": merge("v3", "a", { spec: { n: 9 } }, "?dryRun=All"),
      "it was one": get("v2", "a"),
      "a body of another version": { request: `PUT ${AT("v1")}/a`, body: widget("v2", "a"), at: `${AT("v1")}/a` },
      "replaced in v1": { request: `PUT ${AT("v1")}/a`, body: widget("v1", "a"), at: `${AT("v1")}/a` },
      "replaced in v3, with a stale version": {
        request: `PUT ${AT("v3")}/a`,
        body: widget("v3", "a", {}, { resourceVersion: "1" }),
      },
      "replaced in v3": { request: `PUT ${AT("v3")}/a`, body: widget("v3", "a"), at: `${AT("v3")}/a` },
      "its status in v1": merge("v1", "a/status", { status: { n: 1 } }),
      "its status in v3": { request: `GET ${AT("v3")}/a/status` },
      "replicas in v3": merge("v3", "a", { spec: { replicas: 3 } }),
      "its scale in v1": { request: `GET ${AT("v1")}/a/scale` },
      "scaled in v1": merge("v1", "a/scale", { spec: { replicas: 5 } }),
      "scaled, in v2": get("v2", "a"),
      "labels in v1": merge("v1", "a", { metadata: { labels: { x: "y" } } }),
      "labels that the webhook adds": saying(
        { to: "v2", edit: { metadata: { labels: { by: "webhook" } } } },
        merge("v1", "a", { spec: { n: 7 } }),
      ),
      "they are there": get("v2", "a"),
      "finalizers": merge("v3", "a", { metadata: { finalizers: ["example.com/f"] } }),
      "deleted in v1": remove("v1", "a"),
      "released in v3": merge("v3", "a", { metadata: { finalizers: null } }),
      "it is gone": get("v2", "a"),
      "another": create("v1", "b"),
      "one more": create("v3", "c"),
      "deleted in v3": remove("v3", "b"),
      "the collection in v1": { request: `DELETE ${AT("v1")}` },
      "nothing is left": list("v2"),
    },
  },
  {
    name: "apply in other versions",
    steps: {
      "applied in v1": apply("v1", "a", { hostPort: "h:1" }, "fieldManager=one"),
      "applied in v2, by another": apply("v2", "a", { n: 1 }, "fieldManager=two"),
      "as it is": get("v2", "a"),
      "a conflict in v1": apply("v1", "a", { hostPort: "x:1" }, "fieldManager=two"),
      "forced": apply("v1", "a", { hostPort: "x:1" }, "fieldManager=two&force=true"),
      "applied again in v1": apply("v1", "a", { hostPort: "x:1" }, "fieldManager=one"),
      "applied in v3, by a third": apply("v3", "a", { n: 1 }, "fieldManager=three"),
      "with a member of v1": apply("v3", "a", { hostPort: "x:1" }, "fieldManager=three"),
      "a merge patch in v3": merge("v3", "a", { spec: { n: 2 } }),
      "what it has become": get("v1", "a"),
      "where v1 cannot be had": saying(refuses("v1"), apply("v3", "a", { n: 3 }, "fieldManager=three&force=true")),
      "a dry run": apply("v1", "b", { hostPort: "h:1" }, "fieldManager=one&dryRun=All"),
      "its scale": {
        request: `PATCH ${AT("v1")}/a/scale?fieldManager=s`,
        type: APPLY,
        body: { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "a" }, spec: { replicas: 2 } },
      },
    },
  },
  {
    name: "the stored version cannot be had",
    steps: {
      "an object": create("v2", "a"),
      "in v1": get("v1", "a"),
      "created": saying(refuses("v2"), create("v1", "b")),
      "created in a dry run": saying(refuses("v2"), { ...create("v1", "b"), request: `POST ${AT("v1")}?dryRun=All` }),
      "a merge patch": saying(refuses("v2"), merge("v1", "a", { spec: { n: 1 } })),
      "a dry run": saying(refuses("v2"), merge("v1", "a", { spec: { n: 1 } }, "?dryRun=All")),
      "applied": saying(refuses("v2"), apply("v1", "b", { hostPort: "h:1" }, "fieldManager=m")),
      "applied to what is there": saying(refuses("v2"), apply("v1", "a", { hostPort: "h:1" }, "fieldManager=m&force=true")),
      "its status": saying(refuses("v2"), merge("v1", "a/status", { status: { n: 1 } })),
      "deleted": saying(refuses("v2"), remove("v1", "a")),
      "what is wrong comes first": saying(refuses("v2"), create("v1", "b", { hostPort: 3 })),
      "in v2 all is well": saying(refuses("v2"), merge("v2", "a", { spec: { n: 2 } })),
      "in v1 it can be read": saying(refuses("v2"), get("v1", "a")),
      "another name": saying({ to: "v2", edit: { metadata: { name: "z" } } }, create("v1", "b")),
      "another uid": saying({ to: "v2", edit: { metadata: { uid: "z" } } }, create("v1", "b")),
      "labels that are wrong": saying({ to: "v2", edit: { metadata: { labels: { a: "b c" } } } }, create("v1", "b")),
      "a wrong type is stored": saying({ to: "v2", edit: { spec: { n: "text", unknown: 1 } } }, create("v1", "c")),
      "and shown": get("v2", "c"),
      "a finalizer that is added is not": saying({ to: "v2", edit: { metadata: { finalizers: ["a/b"] } } }, create("v1", "d")),
      "all there is": list("v2"),
    },
  },
  {
    name: "what is stored cannot be had",
    steps: {
      "created in v1": saying(refuses("v1"), create("v1", "a")),
      "it is there": saying(refuses("v1"), get("v2", "a")),
      "created in a dry run": saying(refuses("v1"), { ...create("v1", "b"), request: `POST ${AT("v1")}?dryRun=All` }),
      "it is not": saying(refuses("v1"), get("v2", "b")),
      "created once more": saying(refuses("v1"), create("v1", "a")),
      "read": saying(refuses("v1"), get("v1", "a")),
      "what is not there": saying(refuses("v1"), get("v1", "z")),
      "its status": saying(refuses("v1"), { request: `GET ${AT("v1")}/a/status` }),
      "its scale": saying(refuses("v1"), { request: `GET ${AT("v1")}/a/scale` }),
      "as a table": saying(refuses("v1"), { ...get("v1", "a"), accept: TABLE }),
      "its metadata": saying(refuses("v1"), { ...get("v1", "a"), accept: METADATA }),
      "listed": saying(refuses("v1"), list("v1")),
      "a page": saying(refuses("v1"), list("v1", "?limit=1")),
      "watched": saying(refuses("v1"), watch("v1")),
      "a merge patch": saying(refuses("v1"), merge("v1", "a", { spec: { n: 1 } })),
      "a JSON patch": saying(refuses("v1"), { request: `PATCH ${AT("v1")}/a`, type: JSON_PATCH, body: [] }),
      "replaced": saying(refuses("v1"), {
        request: `PUT ${AT("v1")}/a`,
        body: widget("v1", "a", SPECS["v1"], { resourceVersion: "1" }),
      }),
      "applied": saying(refuses("v1"), apply("v1", "a", { hostPort: "h:1" }, "fieldManager=m")),
      "deleted": saying(refuses("v1"), remove("v1", "a")),
      "the collection": saying(refuses("v1"), { request: `DELETE ${AT("v1")}` }),
      "in v3 all is well": saying(refuses("v1"), merge("v3", "a", { spec: { n: 1 } })),
      "in v2, too": saying(refuses("v1"), list("v2")),
      "and in v1, once it is": get("v1", "a"),
      "a list in v1": list("v1"),
      "a watch in v1": watch("v1"),
      "deleted in v2": saying(refuses("v1"), remove("v2", "a")),
    },
  },
  {
    name: "nobody is there",
    conversion: { webhook: { clientConfig: { url: "https://127.0.0.1:1/convert" } } },
    steps: {
      "created in v1": create("v1", "a"),
      "created in v2": create("v2", "a"),
      "read in v1": get("v1", "a"),
      "read in v2": get("v2", "a"),
      "listed in v2": list("v2"),
      "a patch in v3": merge("v3", "a", { spec: { n: 1 } }),
      "deleted in v1": remove("v1", "a"),
      "deleted in v2": remove("v2", "a"),
    },
  },
  {
    name: "nobody vouches for it",
    conversion: { webhook: { clientConfig: { caBundle: null } } },
    steps: { "created in v1": create("v1", "a"), "created in v2": create("v2", "a"), "read in v1": get("v1", "a") },
  },
  {
    name: "a service that is not there",
    conversion: { webhook: { clientConfig: { url: null, service: { namespace: "default", name: "none", path: "/convert" } } } },
    steps: { "created in v1": create("v1", "a"), "created in v2": create("v2", "a"), "read in v1": get("v1", "a") },
  },
  {
    name: "admission in another version",
    steps: {
      "an object": create("v2", "a"),
      "a webhook that is about v3": {
        request: "POST /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
        body: policy,
        settles: true,
      },
      "asked about a create in v1": { ...create("v1", "b"), whole: true },
      "which cannot be had in v3": saying(refuses("v3"), create("v1", "b")),
      "asked about a patch in v2": merge("v2", "a", { spec: { n: 1 } }),
      "a patch that cannot be had in v3": saying(refuses("v3"), merge("v2", "a", { spec: { n: 1 } })),
      "a deletion that cannot be had in v3": saying(refuses("v3"), remove("v2", "a")),
      "from now on it answers": {
        request: "PATCH /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${g}",
        type: JSON_PATCH,
        body: [{ op: "replace", path: "/webhooks/0/clientConfig", value: { url: "${url}/adm", caBundle: "${ca}" } }],
        settles: true,
      },
      "what is patched in v3 is created in v1": patching(create("v1", "b"), {
        op: "replace",
        path: "/spec/address/host",
        value: "new",
      }),
      "and stored in v2": get("v2", "b"),
      "a member that v3 does not know": patching(create("v1", "c"), { op: "add", path: "/spec/hostPort", value: "x:9" }),
      "a member that nobody knows": patching(create("v2", "d"), { op: "add", path: "/spec/unknown", value: 1 }),
      "a patch in v2, changed in v3": patching(merge("v2", "a", { spec: { n: 1 } }), {
        op: "add",
        path: "/spec/replicas",
        value: 7,
      }),
      "a patch in v1, changed in v3": patching(merge("v1", "a", { spec: { n: 2 } }), {
        op: "add",
        path: "/metadata/labels",
        value: { a: "b" },
      }),
      "a patch in v3, changed in v3": patching(merge("v3", "a", { spec: { n: 3 } }), {
        op: "add",
        path: "/spec/dv1",
        value: "of v1",
      }),
      "a patch to another version": patching(create("v1", "e"), { op: "replace", path: "/apiVersion", value: "${g}/v1" }),
      "what is wrong in v1 after it": patching(create("v1", "e"), {
        op: "replace",
        path: "/spec/address/host",
        value: "much-too-long",
      }),
      "what cannot be had in v1 again": {
        ...create("v1", "f"),
        say: { ...refuses("v1"), patch: [{ op: "replace", path: "/spec/address/host", value: "new" }] },
      },
      "nothing is patched": { ...create("v1", "g"), say: refuses("v1") },
      "deleted": remove("v1", "b"),
      "all there is": list("v2"),
      "with a condition, ignored when it fails": {
        request: "PATCH /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${g}",
        type: JSON_PATCH,
        body: CONDITION,
        settles: true,
      },
      "what its condition cannot see": saying(refuses("v3"), create("v1", "h")),
      "what its condition leaves out": patching(create("v1", "h", { hostPort: "none:1" }), {
        op: "add",
        path: "/spec/n",
        value: 1,
      }),
      "no more": { request: "DELETE /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${g}" },
      "one that validates": {
        request: "POST /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
        body: { ...policy, kind: "ValidatingWebhookConfiguration" },
        settles: true,
      },
      "what it cannot see": saying(refuses("v3"), create("v1", "i")),
      "a patch that it cannot see": saying(refuses("v3"), merge("v2", "a", { spec: { n: 8 } })),
      "with a condition": {
        request: "PATCH /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${g}",
        type: JSON_PATCH,
        body: CONDITION,
        settles: true,
      },
      "what the condition cannot see": saying(refuses("v3"), create("v1", "j")),
      "nobody any more": { request: "DELETE /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${g}" },
    },
  },
  {
    name: "the storage version changes",
    conversion: { strategy: "None", webhook: null },
    versions: [own("v1", false), own("v2", true)],
    steps: {
      "an object": create("v2", "a", { a: "x", v2: "y" }),
      "in v1": get("v1", "a"),
      "v1 is stored": store("v1"),
      "in v1, stored in v2": get("v1", "a"),
      "in v2, stored in v2": get("v2", "a"),
      "listed in v1": list("v1"),
      "another": create("v2", "b", { a: "x", v2: "y" }),
      "its v1": get("v1", "b"),
      "written, and not changed": merge("v2", "a", {}),
      "in v2, stored in v1": get("v2", "a"),
      "in v1, stored in v1": get("v1", "a"),
      "written once more": merge("v1", "a", {}),
      "v2 is stored": store("v2"),
      "stored in v1 still": get("v2", "a"),
      "both in v2": list("v2"),
      "both in v1": list("v1"),
      "deleted": remove("v2", "a"),
    },
  },
  {
    name: "the storage version changes, with a webhook",
    steps: {
      "an object": create("v2", "a"),
      "v1 is stored": store("v1"),
      "in v1, stored in v2": { ...get("v1", "a"), whole: true },
      "in v2, stored in v2": { ...get("v2", "a"), whole: true },
      "another": create("v2", "b"),
      "its v2": { ...get("v2", "b"), whole: true },
      "all in v3": list("v3"),
      "written, and not changed": merge("v2", "a", {}),
      "in v2, stored in v1": { ...get("v2", "a"), whole: true },
      "in v1, stored in v1": { ...get("v1", "a"), whole: true },
      "written in v1": merge("v1", "b", { spec: { n: 1 } }),
      "all in v2": list("v2"),
    },
  },
  {
    name: "a version that is not served any more",
    steps: {
      "an object": create("v1", "a"),
      "a manager of v2": merge("v2", "a", { metadata: { labels: { x: "y" } } }, "?fieldManager=two"),
      "v1 is not served": {
        request: `PATCH ${CRDS}/widgets.\${g}`,
        body: [{ op: "replace", path: "/spec/versions/0/served", value: false }],
        type: JSON_PATCH,
        settles: true,
      },
      "in v1": get("v1", "a"),
      "in v2": get("v2", "a"),
      "in v3": get("v3", "a"),
      "a patch in v2": merge("v2", "a", { spec: { n: 1 } }),
      "applied in v2": apply("v2", "a", { n: 2 }, "fieldManager=m"),
      "forced in v3": apply("v3", "a", { n: 2 }, "fieldManager=m&force=true"),
      "who owns what": get("v2", "a"),
    },
  },
  {
    name: "a version that is gone",
    conversion: { strategy: "None", webhook: null },
    versions: [own("v1", true), own("v2", false)],
    steps: {
      "an object": create("v1", "a", { a: "x" }),
      "v2 is stored": store("v2"),
      "another": create("v2", "b", { a: "x" }),
      "v1 cannot go yet": {
        request: `PATCH ${CRDS}/widgets.\${g}`,
        body: [{ op: "remove", path: "/spec/versions/0" }],
        type: JSON_PATCH,
      },
      "nothing is said to be stored in it": {
        request: `PATCH ${CRDS}/widgets.\${g}/status`,
        body: { status: { storedVersions: ["v2"] } },
        type: MERGE,
      },
      "v1 goes": {
        request: `PATCH ${CRDS}/widgets.\${g}`,
        body: [{ op: "remove", path: "/spec/versions/0" }],
        type: JSON_PATCH,
        settles: true,
      },
      "read": get("v2", "a"),
      "what is stored in v2": get("v2", "b"),
      "a patch": merge("v2", "a", { spec: { a: "y" } }),
      "deleted": remove("v2", "a"),
      "created once more": create("v2", "a", {}),
    },
  },
  {
    name: "a policy in another version",
    steps: {
      "an object": create("v2", "a"),
      "a policy about v3": {
        request: "POST /apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
        body: {
          apiVersion: "admissionregistration.k8s.io/v1",
          kind: "ValidatingAdmissionPolicy",
          metadata: { name: "${g}" },
          spec: {
            matchConstraints: {
              resourceRules: [{ apiGroups: ["${g}"], apiVersions: ["v3"], operations: ["*"], resources: ["widgets"] }],
            },
            validations: [{
              expression: "object == null || object.spec.address.host != 'bad'",
              messageExpression:
                "'not in ' + object.apiVersion + ': ' + object.spec.address.host + (has(object.spec.dv3) ? ' with' : ' without') + ' defaults'" +
                " + (has(object.spec.dv1) || has(object.spec.dv2) ? ', and others' : '')",
            }],
          },
        },
      },
      "its binding": {
        request: "POST /apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
        body: {
          apiVersion: "admissionregistration.k8s.io/v1",
          kind: "ValidatingAdmissionPolicyBinding",
          metadata: { name: "${g}" },
          spec: { policyName: "${g}", validationActions: ["Deny"] },
        },
        settles: true,
      },
      "a good one in v1": create("v1", "b"),
      "a bad one in v1": create("v1", "c", { hostPort: "bad:1" }),
      "a bad one in v2": create("v2", "c", { host: "bad" }),
      "a bad patch in v2": merge("v2", "a", { spec: { host: "bad" } }),
      "a good patch in v1": merge("v1", "a", { spec: { hostPort: "good:2" } }),
      "which cannot be had in v3": saying(refuses("v3"), create("v1", "d")),
      "a patch that cannot be had in v3": saying(refuses("v3"), merge("v2", "a", { spec: { n: 1 } })),
      "a deletion that cannot be had in v3": saying(refuses("v3"), remove("v2", "a")),
      "deleted": remove("v1", "a"),
      "which is ignored from now on": {
        request: "PATCH /apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${g}",
        body: { spec: { failurePolicy: "Ignore" } },
        type: MERGE,
        settles: true,
      },
      "a good one that cannot be had in v3": saying(refuses("v3"), create("v1", "d")),
      "no more": { request: "DELETE /apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/${g}" },
      "nor the policy": { request: "DELETE /apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${g}" },
    },
  },
];
