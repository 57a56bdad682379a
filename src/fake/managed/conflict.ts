/**
 * Fields that somebody applies and another owns.
 *
 * @module
 */
import { identityOf, type Owned } from "./entries.ts";
import { emptySet, type FieldSet, has, type Path, paths, union } from "./field-set.ts";
import { printElement } from "./path-element.ts";
import type { JsonObject } from "../types/json.ts";
import { byBytes } from "../types/order.ts";
import { quote } from "../types/quote.ts";
import { Refusal } from "../types/status.ts";

/** A field that another manager owns. */
export interface Conflict {
  /** The text that identifies the other manager. */
  readonly manager: string;
  readonly path: Path;
}

/** What is applied differs from what others own. */
export class ConflictError extends Error {
  readonly conflicts: readonly Conflict[];

  constructor(conflicts: readonly Conflict[]) {
    super("conflicts with other managers");
    this.conflicts = conflicts;
  }
}

/** The conflicts with some managers, in the order of their sets. Pure. */
export const conflictsWith = (others: ReadonlyMap<string, Owned>): Conflict[] =>
  [...others].flatMap(([manager, { set }]) => [...paths(set)].map((path) => ({ manager, path })));

/** The conflicts that are not about these fields. Pure. */
export const conflictsWithout = (conflicts: readonly Conflict[], set: FieldSet): Conflict[] =>
  conflicts.filter(({ path }) => !has(set, path));

/** The fields of sets, together. Pure. */
export const together = (sets: Iterable<FieldSet>): FieldSet => [...sets].reduce(union, emptySet);

function nameOf(id: string): string {
  const { manager = "", operation, apiVersion, subresource } = identityOf(id);
  const name = `${quote(manager)}${subresource === undefined ? "" : ` with subresource ${quote(subresource)}`}`;
  return operation === "Update" ? `${name} using ${apiVersion}` : name;
}

const print = (path: Path) => path.map(printElement).join("");

function messageOf(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${nameOf(first!.manager)}: ${print(first!.path)}`;
  }
  const managers = [...new Set(conflicts.map(({ manager }) => manager))].sort(byBytes);
  const lines = managers.flatMap((manager) => [
    `conflicts with ${nameOf(manager)}:`,
    ...conflicts.filter((conflict) => conflict.manager === manager).map(({ path }) => `- ${print(path)}`),
  ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join("\n")}`;
}

/** 409 with a cause for each field. */
export function conflictRefusal(conflicts: readonly Conflict[]): Refusal {
  const causes = conflicts.map(({ manager, path }): JsonObject => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${nameOf(manager)}`,
    field: print(path),
  }));
  return new Refusal(409, "Conflict", messageOf(conflicts), { details: { causes } });
}
