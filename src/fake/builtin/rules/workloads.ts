/**
 * What makes pods that go on for ever: what is judged of all, deployments, replica sets, replication controllers, templates of pods.
 *
 * @module
 */
import { type FieldError, forbidden, immutable, invalid, notListed, required } from "../../types/field-error.ts";
import { asGiven } from "../../types/emptiness.ts";
import { equal, isObject, type Json, type JsonObject } from "../../types/json.ts";
import { isNumber } from "../../types/numeral.ts";
import { type Rules, selectable } from "../selectable.ts";
import { selects } from "../../types/labels.ts";
import { countOrShareErrors, each, isUnset, labelErrors, notNegative, overallErrors, part } from "./checks.ts";
import { templateErrors } from "./pod-templates.ts";
import { alwaysErrors } from "./podspec.ts";
import { selectorErrors, templateMetadataErrors } from "./selectors.ts";
import { controllerWarnings, templateWarnings, workloadWarnings } from "./workload-warnings.ts";

const isEmptySelector = (selector: JsonObject) =>
  Object.keys(part(selector, "matchLabels")).length === 0 && each(selector, "matchExpressions").length === 0;

const template = "spec.template";

/** What is wrong with a template, but for its labels' being those that are selected. */
const ownTemplateErrors = (spec: JsonObject): FieldError[] =>
  templateErrors(
    spec.template,
    template,
    // Each claim is a volume of the pods, before those of the template.
    each(spec, "volumeClaimTemplates").flatMap((claim, index) =>
      labelErrors(part(claim, "metadata").name, `${template}.spec.volumes[${index}].name`)
    ),
  );

/** The names that a set gives its pods itself are not judged. */
const withoutNames = (spec: JsonObject): JsonObject => {
  const { hostname: _, subdomain: __, ...pod } = part(spec, "template", "spec");
  return { ...spec, template: { ...part(spec, "template"), spec: pod } };
};

/** Whether a selector selects what a template makes. Pure. @param path Where the template stands. */
export function matchErrors(spec: JsonObject, path: string): FieldError[] {
  const labels = asGiven(part(spec, "template", "metadata"), "labels");
  // No selector selects nothing, an empty one everything.
  return isObject(spec.selector) && selects(spec.selector, isObject(labels) ? labels as Record<string, string> : {})
    ? []
    : [invalid(`${path}.metadata.labels`, labels ?? null, "`selector` does not match template `labels`")];
}

/** The words of a selector that cannot be read; a daemon set says none, and looks at its template all the same. */
const unreadable: Readonly<Record<string, string>> = { deployment: "invalid label selector", statefulset: "" };

/** What is wrong with a selector, and with the template that it has to fit. Pure. */
function selectionErrors(spec: JsonObject, kind: string, changed: readonly FieldError[] = []): FieldError[] {
  const { selector } = spec;
  // A stateful set judges its template's labels once more.
  const again = kind === "statefulset" ? templateMetadataErrors(spec.template, template) : [];
  const always = alwaysErrors(part(spec, "template", "spec"), `${template}.spec`);
  if (!isObject(selector)) {
    const missing = kind === "daemonset" ? [] : [required("spec.selector")];
    return [...missing, ...changed, ...matchErrors(spec, template), ...ownTemplateErrors(spec), ...again, ...always];
  }
  const faults = selectorErrors(selector, "spec.selector");
  if (isEmptySelector(selector)) {
    const empty = invalid("spec.selector", selector, `empty selector is invalid for ${kind}`);
    return [empty, ...changed, ...ownTemplateErrors(spec), ...again, ...always];
  }
  if (faults.length === 0) return [...changed, ...matchErrors(spec, template), ...ownTemplateErrors(spec), ...again, ...always];
  if (kind === "daemonset") return [...changed, ...faults, ...ownTemplateErrors(spec), ...always];
  return [
    ...faults,
    ...changed,
    invalid("spec.selector", selector, unreadable[kind]!),
    // Of its template nothing else is judged.
    ...kind === "statefulset" ? always : [],
  ];
}

/** Nothing, or what is no share and counts as nothing. */
export const isNone = (value: Json | undefined): boolean =>
  typeof value === "string" ? !/^[0-9]+%$/.test(value) || parseInt(value) === 0 : value === 0;

/** What takes too long must take longer than what is to last. */
function deadlineErrors(spec: JsonObject): FieldError[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds: ready = 0 } = spec;
  return isNumber(deadline) && isNumber(ready) && deadline <= ready && deadline >= 0
    ? [invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")]
    : [];
}

/** Pods that go on for ever have no end. */
export const endlessErrors = (spec: JsonObject, kind: string): FieldError[] =>
  isUnset(part(spec, "template", "spec").activeDeadlineSeconds)
    ? []
    : [forbidden(`${template}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`)];

function strategyErrors(spec: JsonObject): FieldError[] {
  const strategy = part(spec, "strategy");
  const rolling = strategy.rollingUpdate;
  if (strategy.type === "Recreate") {
    return isObject(rolling)
      ? [forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")]
      : [];
  }
  if (strategy.type !== "RollingUpdate") {
    const shown = { Type: strategy.type ?? "", RollingUpdate: isObject(rolling) ? goRolling(rolling) : null };
    return [notListed("spec.strategy", shown, ["Recreate", "RollingUpdate"])];
  }
  if (!isObject(rolling)) return [];
  const path = "spec.strategy.rollingUpdate";
  return [
    ...countOrShareErrors(rolling.maxUnavailable, `${path}.maxUnavailable`),
    ...countOrShareErrors(rolling.maxSurge, `${path}.maxSurge`),
    ...overallErrors(rolling.maxUnavailable, `${path}.maxUnavailable`),
    ...isNone(rolling.maxUnavailable) && isNone(rolling.maxSurge)
      ? [invalid(`${path}.maxUnavailable`, rolling.maxUnavailable, "may not be 0 when `maxSurge` is 0")]
      : [],
  ];
}

export const goRolling = (rolling: JsonObject): JsonObject => ({
  MaxUnavailable: rolling.maxUnavailable ?? null,
  MaxSurge: rolling.maxSurge ?? null,
});

/** The numbers of a status, none of which may be negative; the parts are none above all replicas. */
function statusErrors(object: JsonObject, { word, numbers, parts = [] }: Pick<Kind, "word" | "numbers" | "parts">): FieldError[] {
  const status = part(object, "status");
  const [total, ready] = [Number(status.replicas ?? 0), Number(status.readyReplicas ?? 0)];
  const above = parts.filter((name) => Number(status[name] ?? 0) > total).map((name) =>
    invalid(`status.${name}`, status[name] ?? 0, "cannot be greater than status.replicas")
  );
  const available = Number(status.availableReplicas ?? 0);
  return [
    ...notNegative(status, "status", ...numbers),
    ...above,
    ...parts.includes("availableReplicas") && available > ready
      ? [
        invalid(
          "status.availableReplicas",
          available,
          `cannot be greater than ${word === "statefulset" ? "status." : ""}readyReplicas`,
        ),
      ]
      : [],
  ];
}

interface Kind {
  /** As it is named in words. */
  readonly word: string;
  readonly changes: (spec: JsonObject, before: JsonObject) => FieldError[];
  readonly more?: (spec: JsonObject) => FieldError[];
  /** What is looked at before all numbers. */
  readonly before?: (spec: JsonObject, isNew: boolean) => FieldError[];
  /** What is looked at after the numbers, before the selector and the template. */
  readonly after?: (spec: JsonObject, isNew: boolean) => FieldError[];
  /** The numbers of the status, in the order in which they are judged. */
  readonly numbers: readonly string[];
  /** Those of them that count replicas, and are at most all of them. */
  readonly parts?: readonly string[];
  /** Whether the selector is looked at after the change of it. */
  readonly changesFirst?: boolean;
  /** Whether how many revisions are kept may be any number. */
  readonly limitless?: boolean;
}

export function rulesOf(kind: Kind): Rules {
  const { word, changes, more = () => [], before = () => [], after = () => [], changesFirst, limitless } = kind;
  return {
    validate(object, old, subresource, warn) {
      if (subresource === "status") return statusErrors(object, kind);
      const spec = part(object, "spec");
      const changed = old ? changes(spec, part(old, "spec")) : [];
      const errors = [
        ...before(spec, !old),
        ...notNegative(spec, "spec", "replicas", "minReadySeconds", "progressDeadlineSeconds"),
        ...limitless ? [] : notNegative(spec, "spec", "revisionHistoryLimit"),
        ...after(spec, !old),
        ...selectionErrors(word === "statefulset" ? withoutNames(spec) : spec, word, changesFirst ? changed : []),
        ...more(spec),
        ...changesFirst ? [] : changed,
      ];
      if (errors.length === 0) {
        workloadWarnings(object, old, word).forEach((text) => warn?.(text));
      }
      return errors;
    },
  };
}

export const fixedSelector = (spec: JsonObject, before: JsonObject): FieldError[] =>
  equal(spec.selector ?? null, before.selector ?? null) ? [] : [immutable("spec.selector", spec.selector)];

/** Deployments. */
export const deploymentRules: Rules = {
  ...rulesOf({
    word: "deployment",
    changes: fixedSelector,
    more: (spec) => [...endlessErrors(spec, "ReplicaSet"), ...strategyErrors(spec), ...deadlineErrors(spec)],
    numbers: [
      ...["observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"],
      ...["terminatingReplicas", "collisionCount"],
    ],
    parts: ["updatedReplicas", "readyReplicas", "availableReplicas"],
  }),
};

/** Replica sets. */
export const replicaSetRules: Rules = {
  selectable: selectable("status.replicas"),
  ...rulesOf({
    word: "deployment",
    changes: fixedSelector,
    more: (spec) => endlessErrors(spec, "ReplicaSet"),
    numbers: [
      ...["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"],
      "terminatingReplicas",
    ],
    parts: ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"],
  }),
};

const controlled = {
  word: "replicationcontroller",
  numbers: ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"],
  parts: ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"],
};

/** Replication controllers. */
export const replicationControllerRules: Rules = {
  selectable: selectable("status.replicas"),
  validate(object, old, subresource, warn) {
    const spec = part(object, "spec");
    if (subresource === "status") return statusErrors(object, controlled);
    const labels = part(spec, "selector");
    const state = [
      ...notNegative(spec, "spec", "minReadySeconds"),
      ...Object.keys(labels).length === 0 ? [required("spec.selector")] : [],
      ...notNegative(spec, "spec", "replicas"),
    ];
    if (!isObject(spec.template)) return [...state, required(template)];
    const errors = [
      ...state,
      ...matchErrors({ ...spec, selector: { matchLabels: labels } }, template),
      ...ownTemplateErrors(spec),
      ...alwaysErrors(part(spec, "template", "spec"), `${template}.spec`),
      ...endlessErrors(spec, "ReplicationController"),
    ];
    if (errors.length === 0) controllerWarnings(object, old).forEach((text) => warn?.(text));
    return errors;
  },
};

/** Templates of pods. */
export const podTemplateRules: Rules = {
  validate(object, old, _subresource, warn) {
    const errors = templateErrors(object.template, "template");
    if (errors.length === 0) templateWarnings(object, old).forEach((text) => warn?.(text));
    return errors;
  },
};
