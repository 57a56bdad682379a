/** Configurations of webhooks: what a server takes and what it refuses. */
import type { Json } from "../../../src/fake/types/json.ts";
import type { Group, Step } from "./cases.ts";

const SOUND = {
  name: "v.example.com",
  admissionReviewVersions: ["v1"],
  sideEffects: "None",
  clientConfig: { url: "https://127.0.0.1:1/x" },
  rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
};
const CONFIGURED: Readonly<Record<string, object>> = {
  ok: {},
  "no name": { name: undefined },
  "empty name": { name: "" },
  "one label": { name: "v" },
  "two labels": { name: "v.example" },
  "upper": { name: "V.example.com" },
  "no versions": { admissionReviewVersions: undefined },
  "empty versions": { admissionReviewVersions: [] },
  "unknown versions": { admissionReviewVersions: ["v9"] },
  "twice": { admissionReviewVersions: ["v1", "v1"] },
  "odd version": { admissionReviewVersions: ["V_1", "v1"] },
  "no sideEffects": { sideEffects: undefined },
  "sideEffects Some": { sideEffects: "Some" },
  "sideEffects odd": { sideEffects: "odd" },
  "sideEffects empty": { sideEffects: "" },
  "no client": { clientConfig: undefined },
  "empty client": { clientConfig: {} },
  "both": { clientConfig: { url: "https://a/b", service: { namespace: "n", name: "s" } } },
  "http": { clientConfig: { url: "http://a/b" } },
  "user": { clientConfig: { url: "https://u:p@a/b" } },
  "query": { clientConfig: { url: "https://a/b?x=1" } },
  "fragment": { clientConfig: { url: "https://a/b#x" } },
  "no host": { clientConfig: { url: "https:///b" } },
  "relative": { clientConfig: { url: "a/b" } },
  "bad url": { clientConfig: { url: "https://a b" } },
  "empty url": { clientConfig: { url: "" } },
  "service no name": { clientConfig: { service: { namespace: "n" } } },
  "service empty": { clientConfig: { service: {} } },
  "service port": { clientConfig: { service: { namespace: "n", name: "s", port: 0 } } },
  "service port big": { clientConfig: { service: { namespace: "n", name: "s", port: 70000 } } },
  "service path": { clientConfig: { service: { namespace: "n", name: "s", path: "x" } } },
  "service path //": { clientConfig: { service: { namespace: "n", name: "s", path: "//" } } },
  "service path odd": { clientConfig: { service: { namespace: "n", name: "s", path: "/a b/C" } } },
  "caBundle": { clientConfig: { url: "https://a/b", caBundle: "!!" } },
  "caBundle not pem": { clientConfig: { url: "https://a/b", caBundle: btoa("x") } },
  "timeout 0": { timeoutSeconds: 0 },
  "timeout 31": { timeoutSeconds: 31 },
  "timeout -1": { timeoutSeconds: -1 },
  "timeout 30": { timeoutSeconds: 30 },
  "failurePolicy": { failurePolicy: "Maybe" },
  "matchPolicy": { matchPolicy: "Maybe" },
  "failurePolicy empty": { failurePolicy: "" },
  "no rules": { rules: undefined },
  "empty rules": { rules: [] },
  "empty rule": { rules: [{}] },
  "rule no groups": { rules: [{ apiVersions: ["v1"], operations: ["CREATE"], resources: ["x"] }] },
  "star and": {
    rules: [{ apiGroups: ["*", "a"], apiVersions: ["*", "v1"], operations: ["*", "CREATE"], resources: ["*", "pods"] }],
  },
  "empty group version": { rules: [{ apiGroups: [""], apiVersions: [""], operations: ["CREATE"], resources: [""] }] },
  "odd operation": { rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["GET"], resources: ["pods"] }] },
  "connect": { rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CONNECT"], resources: ["pods"] }] },
  "scope": { rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"], scope: "Odd" }] },
  "star sub": {
    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["*/*", "pods", "pods/status"] }],
  },
  "pods star": {
    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods/*", "pods/status"] }],
  },
  "star scale": {
    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["*/scale", "pods/scale"] }],
  },
  "dup": { rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods", "pods"] }] },
  "selector": { namespaceSelector: { matchExpressions: [{ key: "a", operator: "Odd" }] } },
  "object selector": { objectSelector: { matchLabels: { "a b": "c" } } },
  "selector in": { objectSelector: { matchExpressions: [{ key: "a", operator: "In" }] } },
  "mc name": { matchConditions: [{ name: "", expression: "true" }] },
  "mc name odd": { matchConditions: [{ name: "a b", expression: "true" }] },
  "mc twice": { matchConditions: [{ name: "a", expression: "true" }, { name: "a", expression: "true" }] },
  "mc empty": { matchConditions: [{ name: "a", expression: "" }] },
  "mc many": { matchConditions: Array.from({ length: 65 }, (_, i) => ({ name: "a" + i, expression: "true" })) },
  "reinvocation": { reinvocationPolicy: "IfNeeded" },
  "reinvocation odd": { reinvocationPolicy: "odd" },
};

const GROUP = "/apis/admissionregistration.k8s.io/v1";
const all = (kind: string): Readonly<Record<string, Step>> =>
  Object.fromEntries(
    [...Object.entries(CONFIGURED).map(([name, more]) => [name, [{ ...SOUND, ...more }]]), ["one name twice", [SOUND, SOUND]]]
      .map(
        ([name, webhooks]) => [name, {
          request: `POST ${GROUP}/${kind}webhookconfigurations?dryRun=All`,
          body: JSON.parse(JSON.stringify({ metadata: { name: "c" }, webhooks })) as Json,
        }],
      ),
  );

/** Each is tried with both kinds. */
export const CONFIGURATIONS: readonly Group[] = [
  { name: "configurations of validating webhooks", steps: all("validating") },
  { name: "configurations of mutating webhooks", steps: all("mutating") },
];
