/**
 * What becomes of objects by themselves, as data: who would have done it on a cluster is not here.
 *
 * @module
 */
import { isObject, type JsonObject } from "../types/json.ts";

/**
 * One thing that happens to objects of a resource, some time after they have come to be in a state.
 *
 * Its texts may hold expressions in CEL: `${self.spec.replicas}`. One that is the whole text gives its value as it is, or nothing, where it
 * is an absent optional; others are put into the text. `self` is the object, as it is stored; `now` the time on the cluster's clock.
 *
 * @example A Widget is ready after two to five seconds
 * ```ts
 * import { createFakeCluster, type Stage } from "crd-watcher/fake";
 *
 * const ready: Stage = {
 *   name: "widget-ready",
 *   resource: "widgets.example.com",
 *   when: "self.?status.?phase.orValue('') != 'Ready'",
 *   delay: [2000, 5000],
 *   status: { phase: "Ready", since: "${now}", size: "${self.spec.size}" },
 * };
 * createFakeCluster({ stages: [ready] }).close();
 * ```
 */
export interface Stage {
  /** What messages call it. */
  readonly name: string;
  /** The plural, with or without `.group`. It may be one that is not served yet. */
  readonly resource: string;
  /** Labels that the object has. @default {Whichever} */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * In what state it happens: an expression in CEL, true or false. It happens once for each time that an object comes into that state, and not
   * when the object has left it before the time was over.
   *
   * @default {In any state: once to each object}
   */
  readonly when?: string;
  /**
   * Milliseconds from there; between two bounds, drawn from the cluster's seed; or an expression in CEL for the span that is left:
   * `"timestamp(self.metadata.deletionTimestamp) - now"`.
   *
   * @default {0}
   */
  readonly delay?: number | readonly [least: number, most: number] | string;
  /** The node to which a pod is bound. */
  readonly bind?: string;
  /** A patch of the object: a strategic merge patch, of a custom resource a merge patch. */
  readonly patch?: Readonly<Record<string, unknown>>;
  /** A patch of its status, by the status subresource where there is one. */
  readonly status?: Readonly<Record<string, unknown>>;
  /** An Event about it. */
  readonly event?: StageEvent;
  /** Whether it is deleted, a pod with no more time to end. */
  readonly delete?: boolean;
}

/** An Event that a stage writes. */
export interface StageEvent {
  /** How bad it is. @default {"Normal"} */
  readonly type?: "Normal" | "Warning";
  /** In one word, in CamelCase. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
}

/** Something is no stage. */
export class StageError extends TypeError {
  /** What it is: `the stage "a"`. */
  readonly what: string;
  /** Why it is none. */
  readonly why: string;

  constructor(what: string, why: string) {
    super(`Cannot use ${what}: ${why}`);
    this.name = "TypeError";
    this.what = what;
    this.why = why;
  }
}

/** A stage, as messages name it. Pure. */
export const stageText = (name: unknown): string => typeof name === "string" ? `the stage ${JSON.stringify(name)}` : "a stage";

const isText = (value: unknown) => typeof value === "string" && value !== "";
const isSpan = (value: unknown) => typeof value === "number" && value >= 0 && Number.isFinite(value);
const isBounds = (value: unknown) =>
  Array.isArray(value) && value.length === 2 && value.every(isSpan) && (value[0] as number) <= (value[1] as number);
const isTexts = (value: unknown) => isObject(value as JsonObject) && Object.values(value as object).every(isText);
const isPatch = (value: unknown) => isObject(value as JsonObject);
const isEvent = (value: unknown) => {
  if (!isObject(value as JsonObject)) return false;
  const { type = "Normal", reason, message, ...rest } = value as JsonObject;
  return (type === "Normal" || type === "Warning") && isText(reason) && isText(message) && Object.keys(rest).length === 0;
};

interface Member {
  readonly fits: (value: unknown) => boolean;
  readonly expected: string;
  readonly required?: boolean;
}

const members: Readonly<Record<keyof Stage, Member>> = {
  name: { fits: isText, expected: "a text", required: true },
  resource: { fits: isText, expected: 'a plural, as in "pods" or "widgets.example.com"', required: true },
  labels: { fits: isTexts, expected: "texts by name" },
  when: { fits: isText, expected: "an expression in CEL" },
  delay: {
    fits: (value) => isSpan(value) || isBounds(value) || isText(value),
    expected: "milliseconds, [least, most] milliseconds, or an expression in CEL",
  },
  bind: { fits: isText, expected: "the name of a node" },
  patch: { fits: isPatch, expected: "an object" },
  status: { fits: isPatch, expected: "an object" },
  event: { fits: isEvent, expected: "{ type: Normal or Warning, reason, message }" },
  delete: { fits: (value) => typeof value === "boolean", expected: "true or false" },
};
const effects = ["bind", "patch", "status", "event", "delete"] as const;

/** Makes sure that something is a stage. Its expressions are not looked at. @throws {StageError} */
export function checkStage(value: unknown): Stage {
  if (!isObject(value as JsonObject)) throw new StageError(`${JSON.stringify(value)} as a stage`, "expected an object");
  const stage = value as Record<string, unknown>;
  const fail = (why: string): never => {
    throw new StageError(stageText(stage.name), why);
  };
  for (const member of Object.keys(stage)) {
    if (!Object.hasOwn(members, member)) fail(`it has a member "${member}", expected ${Object.keys(members).join(", ")}`);
  }
  for (const [member, { fits, expected, required = false }] of Object.entries(members)) {
    if (stage[member] === undefined ? required : !fits(stage[member])) {
      fail(`${member} is ${JSON.stringify(stage[member])}, expected ${expected}`);
    }
  }
  if (effects.every((effect) => stage[effect] === undefined || stage[effect] === false)) {
    fail(`it does nothing, expected one of ${effects.join(", ")}`);
  }
  return stage as unknown as Stage;
}
