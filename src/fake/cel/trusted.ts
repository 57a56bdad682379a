/**
 * The rules of a schema that was judged before: nothing is wrong with them, and so they need not be compiled to find that out.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { declare, type Declared } from "./declared.ts";
import type { Compiled, Program } from "./engine.ts";
import { compileIn, hasExpression, Rule, rulesAt, type Types } from "./rule.ts";
import type { RuleNode } from "./rules.ts";

function programOf(compiled: Compiled): Program {
  if ("program" in compiled) return compiled.program;
  throw new Error(`A rule that was judged does not compile: ${JSON.stringify(compiled)}`);
}

function trustedRule(rule: JsonObject, schema: JsonObject, declared: Declared, types: Types): Rule {
  const compile = (expression: Json | undefined) => programOf(compileIn(types, expression, declared, rule));
  return new Rule(rule, schema, () => ({
    rule: compile(rule.rule),
    message: hasExpression(rule) ? compile(rule.messageExpression) : undefined,
  }));
}

/** The rules of a schema and of what is in it. @returns Nothing where there are none. */
export function trustedNode(schema: JsonObject, types: Types = new Map(), isRoot: boolean = true): RuleNode | undefined {
  const below = (part: unknown) => isObject(part) ? trustedNode(part, types, false) : undefined;
  const properties = new Map<string, RuleNode>();
  for (const [name, property] of Object.entries(isObject(schema.properties) ? schema.properties : {})) {
    const node = below(property);
    if (node) properties.set(name, node);
  }
  const [items, values] = [below(schema.items), below(schema.additionalProperties)];
  const given = rulesAt(schema);
  if (given.length === 0 && !items && !values && properties.size === 0) return undefined;
  const type = given.length === 0 ? undefined : declare(schema, isRoot || undefined);
  return {
    schema,
    type,
    rules: given.map((rule) => trustedRule(rule, schema, type!, types)),
    broken: [],
    properties,
    items,
    values,
  };
}
