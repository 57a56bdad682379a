/**
 * Compiles expressions, and runs them.
 *
 * @module
 */
import { authorizing } from "./library/authorizer.ts";
import { callCost, CallCosts } from "./library/call-cost.ts";
import { conversions } from "./library/conversions.ts";
import { lists } from "./library/lists.ts";
import { namedFormats } from "./library/named-formats.ts";
import { network } from "./library/network.ts";
import { operators } from "./library/operators.ts";
import { optional } from "./library/optional.ts";
import { quantities } from "./library/quantity.ts";
import { semver } from "./library/semver.ts";
import { strings } from "./library/strings.ts";
import { time } from "./library/time.ts";
import { urls } from "./library/url.ts";
import { check, NotKnown } from "./language/check.ts";
import { costOf } from "./language/cost.ts";
import { type Functions, functionsOf } from "./language/declaration.ts";
import { allOf } from "./language/expression.ts";
import { FaultyExpression, printFaults } from "./language/fault.ts";
import { parse } from "./language/parse.ts";
import { type Outcome, type Runnable, runnable, type Variables } from "./language/run.ts";
import type { Span } from "./language/span.ts";
import type { Type } from "./language/type.ts";
import { instantiationFault, verify } from "./verify.ts";

/** An expression that can be run. */
export interface Program {
  readonly type: Type;
  /** What it costs at most. */
  readonly cost: number;
  /** Whether it reads a variable. */
  uses(variable: string): boolean;
  /** Runs it. @returns Its value, or why it failed. */
  run(variables: Readonly<Record<string, unknown>>): Outcome;
  /** The same, with values that are made when they are asked for. */
  runWith(variables: Variables): Outcome;
}

/** What became of an expression. */
export type Compiled =
  | { readonly program: Program }
  /** What the compiler says, in the genuine one's words. */
  | { readonly fault: string }
  /** What is not known here. */
  | { readonly unsupported: string };

/** What an expression may use. */
export interface Environment {
  readonly variables: ReadonlyMap<string, Type>;
  /** How large is what stands at a path that begins with a variable. */
  sizeAt(path: readonly string[]): Span | undefined;
  /** Whether lists and maps that are written out may hold several types. @default {false} */
  readonly mixed?: boolean;
}

/** What one expression may cost when it runs. */
export const costLimit = 1_000_000;

let known: Functions | undefined;
const functions = (): Functions =>
  known ??= functionsOf([
    ...operators,
    ...conversions,
    ...time,
    ...strings,
    ...lists,
    ...optional,
    ...quantities,
    ...network,
    ...urls,
    ...semver,
    ...namedFormats,
    ...authorizing,
  ]);

/** Compiles an expression. */
export function compile(expression: string, { variables, sizeAt, mixed = false }: Environment): Compiled {
  try {
    const root = parse(expression);
    const checked = check(root, { functions: functions(), variables });
    if ("faults" in checked) return { fault: `compilation failed: ${printFaults(expression, checked.faults)}` };
    const faults = verify(checked, mixed);
    if (faults.length > 0) return { fault: `compilation failed: ${printFaults(expression, faults)}` };
    const failure = instantiationFault(checked);
    if (failure !== undefined) return { fault: `program instantiation failed: ${failure}` };
    let cost: number | undefined;
    const names = new Set(allOf(root).flatMap((part) => part.kind === "ident" ? [part.name] : []));
    // Many are compiled to be refused or accepted, and never run.
    let run: Runnable | undefined;
    const program: Program = {
      type: checked.type,
      get cost() {
        const costs = new CallCosts(sizeAt);
        return cost ??= costOf(checked, { sizeAt, call: (overload, target, args) => costs.estimate(overload, target, args) }).max;
      },
      uses: (variable) => names.has(variable),
      run: (values) => program.runWith({ get: (name) => Object.hasOwn(values, name) ? values[name] : undefined }),
      runWith(values) {
        run ??= runnable(checked, callCost);
        return run(values, costLimit);
      },
    };
    return { program };
  } catch (error) {
    if (error instanceof FaultyExpression) return { fault: `compilation failed: ${printFaults(expression, error.faults)}` };
    if (error instanceof NotKnown) return { unsupported: error.message };
    throw error;
  }
}
