/**
 * Workloads, services and policies of the fuzz: sound ones, in which one thing or another is then changed.
 *
 * @module
 */
import type { Dice } from "../../src/testing/dice.ts";
import type { Value } from "../recordings/scenario.ts";

type Members = { [key: string]: Value };

const labels = (dice: Dice): Members =>
  dice.pick<Members>([{ a: "b" }, { a: "b" }, { a: "b", x: "1" }, { a: "c" }, { "a b": "c" }, { a: "x y" }, {}]);

/** A selector, which fits what stands beside it more often than not. */
export const selectorOf = (dice: Dice): Members =>
  dice.pick<Members>([
    { matchLabels: { a: "b" } },
    { matchLabels: { a: "b" } },
    { matchLabels: labels(dice) },
    {
      matchExpressions: [{
        key: "a",
        operator: dice.pick(["In", "NotIn", "Exists", "Foo", ""]),
        values: dice.pick<Value[]>([["b"], [], ["x y"]]),
      }],
    },
    {},
  ]);

const probe = (dice: Dice): Members => ({
  ...dice.pick<Members>([
    { exec: { command: ["x"] } },
    { httpGet: { port: dice.pick<Value>([80, "http", 0, "A_"]), path: "/" } },
    { tcpSocket: { port: 99_999 } },
    {},
  ]),
  ...dice.pick<Members>([{}, { periodSeconds: dice.pick([0, 5, -1]) }, { successThreshold: dice.pick([1, 2]) }]),
});

const container = (dice: Dice, name: string): Members => {
  const all: Members = {
    ports: dice.pick<Value[]>([[{ containerPort: 80 }], [{ containerPort: 80, name: "http" }, {
      containerPort: 81,
      name: "http",
    }], [{ hostPort: 1 }]]),
    env: dice.pick<Value[]>([[{ name: "A", value: "1" }], [{ name: "A=B" }], [{ name: "A", valueFrom: {} }], [{
      name: "A",
      valueFrom: { fieldRef: { fieldPath: dice.pick(["metadata.name", "spec.x"]) } },
    }]]),
    envFrom: dice.pick<Value[]>([[{ configMapRef: { name: "a" } }], [{}], [{ secretRef: { name: "" } }]]),
    resources: dice.pick<Value>([{ limits: { cpu: "1" } }, { requests: { cpu: "2" }, limits: { cpu: "1" } }, {
      requests: { foo: "1" },
    }, { requests: { "a.b/c": "1.5" } }]),
    volumeMounts: dice.pick<Value[]>([[{ name: "v", mountPath: "/x" }], [{ name: "w", mountPath: "" }], [{
      name: "v",
      mountPath: "/x",
      subPath: "../y",
    }]]),
    livenessProbe: probe(dice),
    readinessProbe: probe(dice),
    lifecycle: dice.pick<Value>([{ preStop: {} }, { preStop: { exec: { command: ["x"] } } }]),
    imagePullPolicy: dice.pick(["Always", "Foo"]),
    securityContext: dice.pick<Value>([{ runAsUser: -1 }, { runAsNonRoot: true }, {
      seccompProfile: { type: dice.pick(["Localhost", "RuntimeDefault"]) },
    }]),
  };
  return { name, image: dice.pick(["i", "i", ""]), ...Object.fromEntries(Object.entries(all).filter(() => dice.chance(0.12))) };
};

/** What a pod is made of. */
export function podSpecOf(dice: Dice): Members {
  const all: Members = {
    volumes: dice.pick<Value[]>([[{ name: "v" }], [{ name: "v", emptyDir: {}, hostPath: { path: "/" } }], [{
      name: "v",
      configMap: {},
    }], [{ name: "v" }, { name: "v" }]]),
    initContainers: [container(dice, "c")],
    tolerations: dice.pick<Value[]>([[{ key: "a", operator: "Exists" }], [{ operator: "Equal" }], [{ key: "a", effect: "x" }]]),
    nodeSelector: labels(dice),
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: dice.pick<Value[]>([[], [{ matchExpressions: [{ key: "a", operator: "Gt", values: ["x"] }] }]]),
        },
      },
    },
    topologySpreadConstraints: [{
      maxSkew: dice.roll(2),
      topologyKey: "a",
      whenUnsatisfiable: dice.pick(["DoNotSchedule", "x"]),
      labelSelector: selectorOf(dice),
    }],
    terminationGracePeriodSeconds: dice.pick([0, 5]),
    hostname: dice.pick(["a", "A_"]),
    dnsPolicy: dice.pick(["None", "Default", "x"]),
    restartPolicy: dice.pick(["Always", "Never", "OnFailure", "x"]),
    securityContext: dice.pick<Value>([{ fsGroup: -1 }, { sysctls: [{ name: "a b", value: "1" }] }]),
  };
  const chosen = Object.entries(all).filter(() => dice.chance(0.08));
  return { containers: [container(dice, "c"), ...dice.chance(0.1) ? [container(dice, "c")] : []], ...Object.fromEntries(chosen) };
}

/** A template of pods. */
export const templateOf = (dice: Dice): Members => ({
  metadata: { labels: dice.chance(0.7) ? { a: "b" } : labels(dice) },
  spec: podSpecOf(dice),
});

const amount = (dice: Dice): Value => dice.pick<Value>([0, 1, -1, "0%", "25%", "101%", "x"]);
const some = (dice: Dice, all: Members): Members => Object.fromEntries(Object.entries(all).filter(() => dice.chance(0.15)));

/** The specification of each kind, by its plural. */
export const specOf: Readonly<Record<string, (dice: Dice) => Members>> = {
  pods: podSpecOf,
  deployments: (dice) => ({
    selector: selectorOf(dice),
    template: templateOf(dice),
    ...some(dice, {
      replicas: dice.pick([0, 2, -1]),
      minReadySeconds: dice.pick([5, 600]),
      strategy: dice.pick<Value>([{ type: "Recreate" }, { type: "x" }, {
        rollingUpdate: { maxSurge: amount(dice), maxUnavailable: amount(dice) },
      }]),
    }),
  }),
  statefulsets: (dice) => ({
    selector: selectorOf(dice),
    template: templateOf(dice),
    serviceName: dice.pick(["s", "S_", ""]),
    ...some(dice, { podManagementPolicy: dice.pick(["Parallel", "x"]), ordinals: { start: dice.pick([1, -1]) } }),
  }),
  daemonsets: (dice) => ({
    selector: selectorOf(dice),
    template: templateOf(dice),
    ...some(dice, { updateStrategy: { rollingUpdate: { maxSurge: amount(dice), maxUnavailable: amount(dice) } } }),
  }),
  cronjobs: (dice) => ({
    schedule: dice.pick([
      "* * * * *",
      "*/5 1-3 * JAN mon",
      "60 * * * *",
      "* * 0 * *",
      "a * * * *",
      "@daily",
      "@every x",
      "5-1 * * * *",
      "TZ=UTC * * * * *",
    ]),
    jobTemplate: {
      spec: { template: { spec: { ...podSpecOf(dice), restartPolicy: dice.pick(["Never", "Never", "Always", "x"]) } } },
    },
    ...some(dice, { timeZone: dice.pick(["UTC", "Local", "x", ""]), concurrencyPolicy: dice.pick(["Forbid", "x"]) }),
  }),
  services: (dice) => ({
    ports: dice.pick<Value[]>([
      [{ port: 80 }],
      [{ port: 80, name: "a" }, { port: 81, name: "b" }],
      [{ port: 80 }, { port: 81 }],
      [{ port: 80, name: "a" }, { port: 80, name: "b" }],
      [{ port: 0 }],
      [],
    ]),
    selector: labels(dice),
    clusterIP: "None",
    ...some(dice, {
      sessionAffinity: dice.pick(["ClientIP", "x"]),
      externalTrafficPolicy: dice.pick(["Local", "x"]),
      internalTrafficPolicy: dice.pick(["Local", "x"]),
      externalIPs: dice.pick<Value[]>([["1.2.3.4"], ["x"], ["127.0.0.1"]]),
    }),
  }),
  networkpolicies: (dice) => ({
    podSelector: selectorOf(dice),
    ...some(dice, {
      ingress: [{
        from: dice.pick<Value[]>([[{ podSelector: selectorOf(dice) }], [{}], [{
          ipBlock: { cidr: dice.pick(["10.0.0.0/8", "x"]) },
        }]]),
      }],
      egress: [{ ports: [{ port: dice.pick<Value>([80, "a", 0, "A_"]), endPort: 79 }] }],
      policyTypes: dice.pick<Value[]>([["Ingress"], ["x"]]),
    }),
  }),
  poddisruptionbudgets: (dice) => ({
    selector: selectorOf(dice),
    ...some(dice, { minAvailable: amount(dice), maxUnavailable: amount(dice) }),
  }),
};
