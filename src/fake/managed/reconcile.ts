/**
 * Fits a set to a schema that has changed since: what became atomic is owned as a whole.
 *
 * @module
 */
import { descend, type FieldSet, FieldSetBuilder, hasMember, isEmpty, union, without } from "./field-set.ts";
import { deduced, type FieldType, type MapType, memberType } from "./field-type.ts";
import type { PathElement } from "./path-element.ts";

class Reconciler {
  readonly whole = new FieldSetBuilder();

  visit(set: FieldSet | undefined, type: FieldType, path: readonly PathElement[], isLeaf: boolean): void {
    const { map, list } = type;
    if (map) {
      if (isDeduced(map)) return;
      if (!isLeaf && map.atomic) {
        if (set) this.whole.add(path);
        return;
      }
    } else if (type.scalar || !list) return;
    else if (!isLeaf && list.owned === "atomic") return this.whole.add(path);
    for (const element of Object.keys(set ?? {})) {
      const member = element === "." ? undefined : map ? typeBelow(map, element) : list!.of;
      if (!member) continue;
      const deeper = descend(set!, element);
      this.visit(deeper, member, [...path, element], deeper === undefined && hasMember(set!, element));
    }
  }
}

const isDeduced = ({ fields, rest }: MapType) => fields.size === 0 && (rest === deduced || rest?.scalar === "untyped");

const typeBelow = (map: MapType, element: PathElement) => element[0] === "f" ? memberType(map, element.slice(2)) : map.rest;

/** A set that fits the type. Pure. */
export function reconcile(set: FieldSet, type: FieldType): FieldSet {
  const reconciler = new Reconciler();
  reconciler.visit(set, type, [], false);
  const whole = reconciler.whole.build();
  return isEmpty(whole) ? set : union(without(set, whole), whole);
}
