/**
 * Where requests of the fuzz go: resources with objects that fit them, and paths of all forms.
 *
 * @module
 */
import type { Dice } from "../../src/testing/dice.ts";
import type { Value } from "../recordings/scenario.ts";
import { companionSpecOf } from "./companions.ts";
import { specOf } from "./workloads.ts";

type Members = { [key: string]: Value };

/** The group of the CRDs that are there for every sequence. */
export const group = "fuzz.example.com";

/** A resource that sequences are about. */
export interface Place {
  readonly kind: string;
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly custom: boolean;
  readonly subresources: readonly string[];
  /** Makes what stands in an object beside its metadata. */
  readonly content: (dice: Dice) => Members;
}

const word = (dice: Dice): string => dice.pick(["a", "b", "red", "x y", "", "ü", "1", "true", "a.b/c", "日本"]);
const map = (dice: Dice): Members =>
  Object.fromEntries(Array.from({ length: dice.roll(3) }, () => [dice.pick(["a", "b", "c.d"]), word(dice)]));

const widgetSpec = (dice: Dice): Members => {
  const all: Members = {
    color: dice.pick(["red", "green", "blue"]),
    on: dice.chance(0.5),
    code: "abc",
    port: dice.pick(["http", 80]),
    note: dice.pick([null, "text"]),
    tags: dice.pick([["a"], ["a", "b"], ["b", "a", "c"]]),
    ports: [{ name: "a", port: 1 }, { name: "a", protocol: "UDP" }],
    limits: { a: 1 },
    free: { known: 1, other: [{ a: null }] },
    nested: { inner: {}, withDefault: {} },
    choice: { a: "x" },
    when: "2024-01-01T00:00:00Z",
  };
  const chosen = Object.entries(all).filter(() => dice.chance(0.25));
  return { size: dice.between(0, 100), ...Object.fromEntries(chosen) };
};

const custom = (kind: string, plural: string, more: Partial<Place>, content: Place["content"]): Place => ({
  kind,
  plural,
  apiVersion: `${group}/v1`,
  namespaced: true,
  custom: true,
  subresources: [],
  content,
  ...more,
});

const builtin = (kind: string, plural: string, more: Partial<Place>, content: Place["content"]): Place => ({
  kind,
  plural,
  apiVersion: "v1",
  namespaced: true,
  custom: false,
  subresources: [],
  content,
  ...more,
});

/** The resources, and how often they are chosen. */
export const places: readonly (readonly [number, Place])[] = [
  [
    6,
    custom("Widget", "widgets", { subresources: ["status"] }, (dice) => ({
      spec: widgetSpec(dice),
      ...(dice.chance(0.3) ? { status: { phase: word(dice), count: dice.roll(5) } } : {}),
    })),
  ],
  [4, custom("Gadget", "gadgets", {}, (dice) => ({ spec: { text: word(dice), list: [1, "a", null, { b: 2 }] } }))],
  [2, custom("Region", "regions", { namespaced: false }, (dice) => ({ spec: { zone: word(dice) } }))],
  [2, custom("Tool", "tools", { apiVersion: `${group}/v1beta1` }, (dice) => ({ spec: { a: word(dice) } }))],
  [6, builtin("ConfigMap", "configmaps", {}, (dice) => ({ data: map(dice), ...(dice.chance(0.1) ? { immutable: true } : {}) }))],
  [
    3,
    builtin("Secret", "secrets", {}, (dice) => ({ stringData: map(dice), ...(dice.chance(0.3) ? { data: { k: "YQ==" } } : {}) })),
  ],
  [2, builtin("ServiceAccount", "serviceaccounts", {}, () => ({ secrets: [{ name: "s" }] }))],
  [
    3,
    builtin("Lease", "leases", { apiVersion: "coordination.k8s.io/v1" }, (dice) => ({
      spec: { holderIdentity: word(dice), leaseDurationSeconds: dice.between(1, 20), renewTime: "2024-01-01T00:00:00.000000Z" },
    })),
  ],
  ...[
    ["Pod", "pods", "v1"],
    ["Deployment", "deployments", "apps/v1"],
    ["StatefulSet", "statefulsets", "apps/v1"],
    ["DaemonSet", "daemonsets", "apps/v1"],
    ["CronJob", "cronjobs", "batch/v1"],
    ["Service", "services", "v1"],
    ["NetworkPolicy", "networkpolicies", "networking.k8s.io/v1"],
    ["PodDisruptionBudget", "poddisruptionbudgets", "policy/v1"],
    ["ResourceClaim", "resourceclaims", "resource.k8s.io/v1"],
    ["ResourceClaimTemplate", "resourceclaimtemplates", "resource.k8s.io/v1"],
    ["ResourceQuota", "resourcequotas", "v1"],
    ["HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling/v2"],
    ["Ingress", "ingresses", "networking.k8s.io/v1"],
    ["PersistentVolumeClaim", "persistentvolumeclaims", "v1"],
  ].map(([kind, plural, apiVersion]) =>
    [
      1,
      builtin(
        kind!,
        plural!,
        { apiVersion: apiVersion! },
        (dice) => ({ spec: { ...specOf, ...companionSpecOf }[plural!]!(dice) }),
      ),
    ] as const
  ),
  [1, builtin("Namespace", "namespaces", { namespaced: false, subresources: ["status", "finalize"] }, () => ({}))],
];

/** Chooses by weights. */
export function weighted<T>(dice: Dice, of: readonly (readonly [number, T])[]): T {
  let left = dice.fraction() * of.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, value] of of) if ((left -= weight) < 0) return value;
  return of.at(-1)![1];
}

const root = (apiVersion: string): string => apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

/** The path of a collection. Pure. */
export const collectionPath = ({ apiVersion, plural, namespaced }: Place): string =>
  `${root(apiVersion)}${namespaced ? "/namespaces/${ns}" : ""}/${plural}`;

/** Paths that few clients ask for. */
export function oddPath(dice: Dice, place: Place, name: string): string {
  const { apiVersion, plural } = place;
  const collection = collectionPath(place);
  const base = root(apiVersion);
  return dice.pick([
    `${base}/${plural}`,
    `${base}/${plural}/${name}`,
    `${base}/namespaces/\${ns}/${plural}`,
    `${base}/namespaces/nowhere/${plural}`,
    `${base}/namespaces/nowhere/${plural}/${name}`,
    `${base}/namespaces/\${ns}/nothings`,
    `${base}/namespaces/\${ns}/nothings/${name}`,
    `${base}/nothings`,
    `${base}/v9/${plural}`,
    `/apis/${group}/v9/namespaces/\${ns}/${plural}`,
    `/apis/nobody.example.com/v1/namespaces/\${ns}/${plural}/${name}`,
    `/apis/apps/v1/namespaces/\${ns}/nothings`,
    `/apis/apps/v9/namespaces/\${ns}/deployments`,
    `/api/v2/namespaces/\${ns}/configmaps`,
    `${collection}/`,
    `${collection}/${name}/`,
    `${collection}/${name}/status`,
    `${collection}/${name}/scale`,
    `${collection}/${name}/nothing`,
    `${collection}/${name}/status/more`,
    `${collection}/${name}/finalize`,
    `${collection}/${name}/a/b/c`,
    `${collection}/A_B`,
    `${collection}/a%2Fb`,
    `${collection}/%C3%BC`,
    `${collection}/a%20b`,
    `${collection}/-a`,
    `${collection}/${"x".repeat(254)}`,
    `${collection}/%25`,
    `${collection}/a:b`,
    `${base}/watch/namespaces/\${ns}/${plural}`,
    `${base}/watch/namespaces/\${ns}/${plural}/${name}`,
    `${base}/watch/${plural}/${name}`,
    "/api/v1/namespaces/${ns}",
    "/api/v1/namespaces/${ns}/status",
    "/api/v1/namespaces/${ns}/finalize",
    "/api/v1/namespaces/nowhere",
    "/api/v1/namespaces/${ns}/configmaps/a/status",
  ]);
}

/** Paths without a resource. Their bodies are compared in recordings; here only what little of them is common to all servers. */
export const nonResourcePaths: readonly string[] = [
  ...[
    "/healthz/nothing",
    "/livez/nothing",
    "/readyz/ping",
    "/healthz/ping",
    "/healthz",
    "/livez",
    "/nowhere",
    "/apis/nobody.example.com",
  ],
  ...["/apis/nobody.example.com/v1", `/apis/${group}/v9`, "/api/v2", `/apis/${group}`, `/apis/${group}/v1`],
  ...["/apis/coordination.k8s.io/", "/apis/coordination.k8s.io/v9", "/version/", "/openapi", "/openapi/v3/nothing"],
];
