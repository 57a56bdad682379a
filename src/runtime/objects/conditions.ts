/**
 * Conditions of an object's status, as Kubernetes has them (`meta/v1 Condition`).
 *
 * @module
 */

import type { Condition } from "../../ports.ts";
import { timeText } from "../../text.ts";
import { isEqual } from "../store/same.ts";

/** A condition on its way into a status: when it came to hold need not be known. */
export type NewCondition = Omit<Condition, "lastTransitionTime" | "message"> & Partial<Condition>;

/** What the server takes (`meta/v1`, the validation of Condition's fields). */
const TYPE = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/;
const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;

/**
 * The conditions with this one set: in the place of the one of its type, or at the end. Pure.
 *
 * `lastTransitionTime` changes only when `status` does, so that a status that says the same is the same, and is not written
 * again (as `SetStatusCondition` of apimachinery).
 *
 * @param conditions What there is; undefined where the status has none yet.
 * @param now Milliseconds since the Unix epoch: when `status` has changed, if it has, and the condition does not say.
 * @returns The very array that was given, where nothing changes.
 * @throws {TypeError} When it is nothing that the server would take.
 *
 * @example
 * ```ts
 * import { setCondition } from "crd-watcher/runtime";
 *
 * const first = setCondition(undefined, { type: "Ready", status: "False", reason: "Starting" }, Date.UTC(2026, 0, 1));
 * const later = setCondition(first, { type: "Ready", status: "False", reason: "Pulling" }, Date.UTC(2026, 0, 2));
 * console.log(later[0]?.lastTransitionTime); // 2026-01-01T00:00:00Z
 * ```
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  condition: NewCondition,
  now: number,
): readonly Condition[] {
  check(condition);
  const before = findCondition(conditions, condition.type);
  const flips = before?.status !== condition.status;
  const next: Condition = {
    ...before,
    ...condition,
    message: condition.message ?? "",
    lastTransitionTime: flips ? condition.lastTransitionTime ?? timeText(now) : before.lastTransitionTime,
  };
  if (!before) return [...conditions ?? [], next];
  return isEqual(before, next) ? conditions! : conditions!.map((other) => other === before ? next : other);
}

/** The condition of a type; undefined where there is none. Pure. */
export const findCondition = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find((condition) => condition.type === type);

/** Whether a condition holds for sure. Pure. */
export const isConditionTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  findCondition(conditions, type)?.status === "True";

function check({ type, status, reason, message = "" }: NewCondition): void {
  const refuse = (what: string, value: unknown, expected: string) => {
    throw new TypeError(`Cannot set condition "${type}": ${what} is ${JSON.stringify(value)}, expected ${expected}`);
  };
  if (!TYPE.test(type) || type.length > 316) refuse("type", type, "a name such as Ready or example.com/Ready");
  if (!/^(True|False|Unknown)$/.test(status)) refuse("status", status, "True, False or Unknown");
  if (!REASON.test(reason) || reason.length > 1_024) refuse("reason", reason, "a word in CamelCase");
  if (message.length > 32_768) refuse("message", `${message.slice(0, 20)}...`, "at most 32768 characters");
}
