/** A value of JSON, looked at from outside. */
type Members = Readonly<Record<string, unknown>>;

const isComposite = (value: unknown): value is Members => typeof value === "object" && value !== null;

/**
 * Where two values of JSON differ, as paths: `status.conditions[0].lastTransitionTime`. Pure.
 *
 * @param limit At most so many of them.
 */
export function differences(a: unknown, b: unknown, limit = 3): string[] {
  const found: string[] = [];
  const walk = (a: unknown, b: unknown, path: string) => {
    if (found.length >= limit || Object.is(a, b)) return;
    if (!isComposite(a) || !isComposite(b) || Array.isArray(a) !== Array.isArray(b)) return void found.push(path);
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    for (const name of names) walk(a[name], b[name], Array.isArray(a) ? `${path}[${name}]` : path ? `${path}.${name}` : name);
  };
  walk(a, b, "");
  return found;
}
