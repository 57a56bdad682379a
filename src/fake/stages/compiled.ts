/**
 * A stage, ready to be asked about objects.
 *
 * @module
 */
import type { Duration } from "../cel/language/value.ts";
import { clone, type Json, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import type { Random } from "../store/random.ts";
import { checkStage, type Stage, StageError, stageText } from "./stage.ts";
import { expressionOf, type Scope, type Template, templateOf } from "./template.ts";

/** A stage whose expressions are compiled. */
export interface CompiledStage {
  readonly stage: Stage;
  /** Whether an object is in its state. @throws {TypeError} */
  matches(scope: Scope): boolean;
  /** Milliseconds until it happens, from now on. @throws {TypeError} */
  delay(scope: Scope, random: Random): number;
  /** Whether the delay follows the object. */
  readonly follows: boolean;
  readonly patch: Template | undefined;
  readonly status: Template | undefined;
  readonly event: Template | undefined;
}

/** Compiles a stage. @throws {StageError} Where it is none, or an expression does not compile. */
export function compileStage(given: unknown): CompiledStage {
  const stage = checkStage(given);
  try {
    return compiledOf(stage);
  } catch (error) {
    throw error instanceof TypeError ? new StageError(stageText(stage.name), error.message) : error;
  }
}

function compiledOf(stage: Stage): CompiledStage {
  const { labels = {}, when, delay = 0, patch, status, event } = stage;
  const holds = when === undefined ? undefined : expressionOf(when, "bool");
  const span = typeof delay === "string" ? expressionOf(delay, "duration") : undefined;
  // What its caller changes afterwards changes nothing here.
  const read = (part: unknown) => part === undefined ? undefined : templateOf(clone(part as Json));
  return {
    stage,
    matches: (scope) => hasLabels(scope.self, labels) && (holds?.(scope) ?? true) === true,
    delay(scope, random) {
      if (span) return Math.max(0, Number((span(scope) as Duration).nanos / 1_000_000n));
      if (typeof delay === "number") return delay;
      const [least, most] = delay as readonly [number, number];
      return least + random.fraction() * (most - least);
    },
    follows: span !== undefined,
    patch: read(patch),
    status: read(status),
    event: read(event),
  };
}

function hasLabels(object: JsonObject, labels: Readonly<Record<string, string>>): boolean {
  const own = metaOf(object).labels ?? {};
  return Object.entries(labels).every(([name, value]) => Object.hasOwn(own, name) && own[name] === value);
}
