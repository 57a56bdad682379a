/**
 * How many managers that do not apply an object remembers: the oldest become one.
 *
 * @module
 */
import { identify, type Managed } from "./entries.ts";
import { union } from "./field-set.ts";
import { byBytes } from "../types/order.ts";

const most = 10;
const bucketName = "ancient-changes";

/** Brings the oldest updaters together, by version, until there are few enough. In place. */
export function capUpdaters({ fields, times }: Managed): void {
  const updaters = [...fields].filter(([, owned]) => !owned.applied).map(([id]) => id);
  if (updaters.length <= most) return;
  const timeOf = (id: string) => times.get(id) ?? "";
  updaters.sort((a, b) => byBytes(timeOf(a), timeOf(b)) || byBytes(a, b));
  const firsts = new Map<string, string>();
  let left = updaters.length;
  for (const id of updaters) {
    if (left <= most) return;
    const owned = fields.get(id)!;
    const { apiVersion } = owned;
    const first = firsts.get(apiVersion);
    if (first === undefined) {
      firsts.set(apiVersion, id);
      continue;
    }
    const bucket = identify({ manager: bucketName, operation: "Update", apiVersion });
    const before = fields.get(bucket) ?? fields.get(first)!;
    // The bucket may be the first itself, or what is merged into it.
    if (!fields.has(bucket)) fields.delete(first);
    fields.set(bucket, { ...owned, set: union(owned.set, before.set) });
    fields.delete(id);
    left--;
    const time = times.get(id);
    // That of what came last into it.
    if (time === undefined) times.delete(bucket);
    else times.set(bucket, time);
  }
}
