/**
 * What becomes of objects by themselves, as data: who would have done it on a cluster is not here.
 *
 * @module
 */
import {
  type Members,
  OBJECT,
  oneOf,
  type OptionFault,
  optionsFault,
  required,
  SPAN,
  TEXT,
  TRUTH,
  valueText,
} from "../../options.ts";
import { resourceIn } from "../instruments/resource-names.ts";
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

const isSpan = SPAN.fits;
const isBounds = (value: unknown) =>
  Array.isArray(value) && value.length === 2 && value.every(isSpan) && (value[0] as number) <= (value[1] as number);

const MEMBERS: Members<Stage> = {
  name: required(TEXT),
  resource: required(resourceIn(undefined)),
  labels: { expected: "texts by name", fits: (value) => OBJECT.fits(value) && Object.values(value as object).every(TEXT.fits) },
  when: { expected: "an expression in CEL", fits: TEXT.fits },
  delay: {
    fits: (value) => isSpan(value) || isBounds(value) || TEXT.fits(value),
    expected: "milliseconds, [least, most] milliseconds, or an expression in CEL",
  },
  bind: { expected: "the name of a node", fits: TEXT.fits },
  patch: OBJECT,
  status: OBJECT,
  event: OBJECT,
  delete: TRUTH,
};
const EVENT: Members<StageEvent> = { type: oneOf(["Normal", "Warning"]), reason: required(TEXT), message: required(TEXT) };
const effects = ["bind", "patch", "status", "event", "delete"] as const;

/** Makes sure that something is a stage. Its expressions are not looked at. @throws {StageError} */
export function checkStage(value: unknown): Stage {
  if (!isObject(value as JsonObject)) {
    throw new StageError(`${valueText(value)} as a stage`, "expected an object, such as podReady");
  }
  const stage = value as unknown as Stage;
  const fault = optionsFault(stage, MEMBERS) ?? (stage.event && optionsFault(stage.event, EVENT, "event")) ?? idle(stage);
  if (fault) throw new StageError(stageText(stage.name), fault.why);
  return stage;
}

/** What makes a stage one that has no effect. */
function idle(stage: Stage): Pick<OptionFault, "why"> | undefined {
  if (effects.every((effect) => stage[effect] === undefined || stage[effect] === false)) {
    return { why: `it does nothing, expected one of ${effects.join(", ")}` };
  }
  if (stage.bind === undefined || stage.resource === "pods") return undefined;
  return { why: `bind is of pods, and resource is ${JSON.stringify(stage.resource)}` };
}
