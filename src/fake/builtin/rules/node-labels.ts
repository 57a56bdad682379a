/**
 * Labels of nodes that are named otherwise by now.
 *
 * @module
 */
import type { Json } from "../../types/json.ts";
import { each, part } from "./checks.ts";
import { textsOf } from "./selectors.ts";

const outdated: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  "app.kubernetes.io/created-by": "deprecated since v1.9",
  "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
  "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
};

/** What clients are told of a label's name. Pure. @returns Nothing where it is not outdated. */
export const nodeLabelWarning = (label: Json | undefined): string | undefined =>
  Object.hasOwn(outdated, String(label)) ? outdated[String(label)] : undefined;

/**
 * What clients are told of a selector of nodes. Pure.
 *
 * @param faults What is wrong with a value, where that is told of.
 */
export const nodeSelectorWarnings = (
  selector: Json | undefined,
  path: string,
  faults: (value: string) => readonly string[] = () => [],
): readonly string[] => [
  ...each(selector, "matchExpressions").flatMap((expression, index) => {
    const here = `${path}.matchExpressions[${index}]`;
    const { key } = expression;
    const warning = nodeLabelWarning(key);
    return [
      ...warning === undefined ? [] : [`${here}.key: ${key} is ${warning}`],
      ...textsOf(expression.values).flatMap((value, place) =>
        faults(value).map((fault) => `${here}.values[${place}]: ${value} is invalid, ${fault}`)
      ),
    ];
  }),
  ...Object.keys(part(selector, "matchLabels")).flatMap((label) => {
    const warning = nodeLabelWarning(label);
    return warning === undefined ? [] : [`${path}.matchLabels.${label}: ${warning}`];
  }),
];
