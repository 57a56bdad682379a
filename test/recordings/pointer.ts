/**
 * JSON pointers with two additions: `name=x` is the item of a list whose `name` is x (`metadata.name=x`, whose name in
 * its metadata is), `*` is every item or member.
 *
 * @module
 */

const stepsOf = (pointer: string): string[] =>
  pointer === "" ? [] : pointer.slice(1).split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));

type Container = Record<string, unknown>;
const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

/** The key of a step in a value. */
function keyOf(value: Container, step: string): string | undefined {
  if (Object.hasOwn(value, step)) return step;
  const [, member, wanted] = /^([^=]+)=(.*)$/.exec(step) ?? [];
  if (!Array.isArray(value) || member === undefined) return undefined;
  const inside = (item: unknown): unknown =>
    member.split(".").reduce<unknown>((found, key) => isContainer(found) ? found[key] : undefined, item);
  const index = value.findIndex((item) => inside(item) === wanted);
  return index === -1 ? undefined : String(index);
}

/** What is at a pointer. Pure. @returns Nothing when nothing is. */
export function at(value: unknown, pointer: string): unknown {
  let found = value;
  for (const step of stepsOf(pointer)) {
    if (!isContainer(found)) return undefined;
    const key = keyOf(found, step);
    if (key === undefined) return undefined;
    found = found[key];
  }
  return found;
}

/** Every place that a pointer names: its container and its key there. Pure. */
export function places(value: unknown, pointer: string): { readonly container: Container; readonly key: string }[] {
  const steps = stepsOf(pointer);
  const last = steps.pop();
  if (last === undefined) return [];
  let found: unknown[] = [value];
  for (const step of steps) {
    found = found.filter(isContainer).flatMap((each) => {
      if (step === "*") return Object.values(each);
      const key = keyOf(each, step);
      return key === undefined ? [] : [each[key]];
    });
  }
  return found.filter(isContainer).flatMap((container) => {
    if (last === "*") return Object.keys(container).map((key) => ({ container, key }));
    const key = keyOf(container, last);
    return key === undefined ? [] : [{ container, key }];
  });
}
