/**
 * What stands beside workloads in the fuzz: what scales, routes to, limits and claims for them; sound, or nearly.
 *
 * @module
 */
import type { Dice } from "../../src/testing/dice.ts";
import type { Value } from "../recordings/scenario.ts";
import { selectorOf } from "./workloads.ts";

type Members = { [key: string]: Value };

const some = (dice: Dice, all: Members): Members => Object.fromEntries(Object.entries(all).filter(() => dice.chance(0.2)));
const amount = (dice: Dice): Value => dice.pick<Value>(["1", "500m", "1Gi", "-1", "x", 2, ""]);

const deviceSelectors = (dice: Dice): Value =>
  dice.pick<Value>([[], [{}], [{ cel: { expression: dice.pick(["true", "1", "", "device.driver == 'x'", "device.x"]) } }]]);

const exactRequest = (dice: Dice): Members => ({
  deviceClassName: dice.pick(["c", "c", "C_", ""]),
  ...some(dice, {
    allocationMode: dice.pick(["All", "ExactCount", "x", ""]),
    count: dice.pick([0, 1, 2, -1]),
    selectors: deviceSelectors(dice),
    tolerations: [{ key: "a", operator: "Exists" }],
  }),
});

const deviceRequest = (dice: Dice): Members => ({
  name: dice.pick(["r", "r", "s", "R_", ""]),
  ...dice.pick<Members>([
    { exactly: exactRequest(dice) },
    { exactly: exactRequest(dice) },
    { firstAvailable: [{ name: dice.pick(["a", "A", "b"]), ...exactRequest(dice) }] },
    {},
  ]),
});

const claim = (dice: Dice): Members => ({
  devices: {
    requests: Array.from({ length: 1 + dice.roll(2) }, () => deviceRequest(dice)),
    ...some(dice, {
      constraints: [{
        requests: dice.pick<Value[]>([[], ["r"], ["x"], ["r", "r"], ["r/a"]]),
        matchAttribute: dice.pick(["a/b", "a", "A_/b", ""]),
      }],
      config: [dice.pick<Value>([{}, { opaque: {} }, { opaque: { driver: "x", parameters: { a: 1 } } }, {
        requests: ["r", "x"],
        opaque: { driver: "X_", parameters: [] },
      }])],
    }),
  },
});

/** The specification of each kind, by its plural. */
export const companionSpecOf: Readonly<Record<string, (dice: Dice) => Members>> = {
  resourceclaims: claim,
  resourceclaimtemplates: (dice) => ({
    ...some(dice, { metadata: dice.pick<Value>([{ labels: { a: "b" } }, { labels: { "a b": "c" } }, { name: "x" }]) }),
    spec: claim(dice),
  }),
  resourcequotas: (dice) => ({
    hard: Object.fromEntries(
      Array.from({ length: dice.roll(3) }, () => [
        dice.pick(["pods", "requests.cpu", "count/configmaps", "a.b/c", "x y", "hugepages-2Mi"]),
        amount(dice),
      ]),
    ),
    ...some(dice, {
      scopes: dice.pick<Value[]>([["BestEffort"], ["BestEffort", "NotBestEffort"], ["x"]]),
      scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: dice.pick(["In", "Exists", "x"]) }] },
    }),
  }),
  horizontalpodautoscalers: (dice) => ({
    scaleTargetRef: dice.pick<Value>([{ kind: "Deployment", name: "a", apiVersion: "apps/v1" }, { kind: "", name: "a" }, {}]),
    maxReplicas: dice.pick([0, 3, -1]),
    ...some(dice, {
      minReplicas: dice.pick([0, 1, 5]),
      metrics: [dice.pick<Value>([{ type: "x" }, {
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: dice.pick([0, 50]) } },
      }, { type: "Pods" }])],
      behavior: { scaleDown: { stabilizationWindowSeconds: dice.pick([0, 3601, -1]) } },
    }),
  }),
  ingresses: (dice) => ({
    ...some(dice, {
      ingressClassName: dice.pick(["a", "A_", ""]),
      defaultBackend: dice.pick<Value>([{ service: { name: "s", port: { number: 80 } } }, { service: { name: "S_" } }, {}]),
      tls: [{ hosts: dice.pick<Value[]>([["a.b"], ["*.a"], ["A_"]]), secretName: dice.pick(["s", "S_"]) }],
    }),
    rules: [{
      host: dice.pick(["a.b", "*.b", "1.2.3.4", "A_"]),
      http: {
        paths: dice.pick<Value[]>([[], [{
          path: dice.pick(["/", "x", "//", "/a%2f"]),
          pathType: dice.pick(["Prefix", "Exact", "x"]),
          backend: { service: { name: "s", port: dice.pick<Value>([{ number: 80 }, { name: "a" }, {}]) } },
        }]]),
      },
    }],
  }),
  persistentvolumeclaims: (dice) => ({
    accessModes: dice.pick<Value[]>([["ReadWriteOnce"], [], ["x"], ["ReadWriteOncePod", "ReadOnlyMany"]]),
    resources: { requests: { storage: amount(dice) } },
    ...some(dice, {
      selector: selectorOf(dice),
      volumeMode: dice.pick(["Block", "x"]),
      storageClassName: dice.pick(["", "a", "A_"]),
    }),
  }),
};

const level = (dice: Dice) => dice.pick(["privileged", "baseline", "restricted", "x", ""]);
const version = (dice: Dice) => dice.pick(["latest", "v1.0", "v1.30", "v1.99", "1.30", ""]);

/** What a namespace asks of its pods. */
export const securityLabels = (dice: Dice): Members =>
  Object.fromEntries(
    Object.entries({
      enforce: level(dice),
      "enforce-version": version(dice),
      warn: level(dice),
      "warn-version": version(dice),
      audit: level(dice),
    }).filter(() => dice.chance(0.4)).map(([name, value]) => [`pod-security.kubernetes.io/${name}`, value]),
  );
