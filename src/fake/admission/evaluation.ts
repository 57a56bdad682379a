/**
 * Expressions of admission that are run, within their budget.
 *
 * @module
 */
import { EvaluationError } from "../cel/language/value.ts";
import type { Expression } from "../builtin/rules/match-conditions.ts";
import type { Variable } from "./policy.ts";
import { LazyObject } from "./values.ts";

const budget = 10_000_000;
const conditionBudget = 2_500_000;
const outOfBudget = "validation failed due to running out of cost budget, no further validation rules will be run";

/** One run of a policy or of the conditions of a webhook, with one object of parameters. */
export class Evaluation {
  readonly #values: Record<string, unknown>;
  #left = budget;

  constructor(given: readonly Variable[], values: Readonly<Record<string, unknown>>) {
    const variables = new Map(given.map((variable) => [variable.name, () => this.#variable(variable)]));
    this.#values = { ...values, variables: new LazyObject(variables) };
  }

  #variable({ name, compiled }: Variable): unknown {
    if (!("program" in compiled)) {
      throw new EvaluationError(`composited variable "${name}" fails to compile: ${failureOf(compiled)}`);
    }
    const { value, error, cost } = compiled.program.run(this.#values);
    this.#left -= cost;
    if (error) throw new EvaluationError(`composited variable "${name}" fails to evaluate: ${error.message}`);
    return value;
  }

  /** @throws {EvaluationError} With what is said of it. */
  run({ text, compiled }: Expression): unknown {
    if (!("program" in compiled)) throw new EvaluationError(`compilation error: ${failureOf(compiled)}`);
    const { value, error, cost } = compiled.program.run(this.#values);
    this.#left -= cost;
    if (this.#left < 0) throw new OutOfBudget(outOfBudget);
    if (error) throw new EvaluationError(`expression '${text}' resulted in error: ${error.message}`);
    return value;
  }

  restrict(left: number): void {
    this.#left = left;
  }
}

/** Nothing further is run. */
export class OutOfBudget extends EvaluationError {}

const failureOf = (compiled: { readonly fault: string } | { readonly unsupported: string }) =>
  "fault" in compiled ? compiled.fault : compiled.unsupported;

/**
 * Whether all conditions hold. One that says no is heard, whatever became of the others.
 *
 * @throws {EvaluationError} With what is said of those that could not be evaluated.
 */
export function conditionsHold(
  conditions: readonly Expression[],
  variables: readonly Variable[],
  values: Readonly<Record<string, unknown>>,
): boolean {
  const evaluation = new Evaluation(variables, values);
  evaluation.restrict(conditionBudget);
  const errors: EvaluationError[] = [];
  for (const condition of conditions) {
    try {
      if (evaluation.run(condition) === false) return false;
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      errors.push(error);
    }
  }
  if (errors.length === 0) return true;
  const texts = [...new Set(errors.map(({ message }) => message))];
  throw new EvaluationError(texts.length === 1 ? texts[0]! : `[${texts.join(", ")}]`);
}
