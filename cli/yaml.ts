import type { KubernetesObject } from "../mod.ts";
import { isPrintable, printableLines } from "../src/printable.ts";

/** An object as kubectl shows it: without who manages which field. */
export function shownObject<T extends KubernetesObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as T["metadata"] & { managedFields?: unknown };
  return { ...object, metadata };
}

/** An object as YAML that is safe for a terminal, and means the same. */
export async function yamlOf(object: unknown): Promise<string> {
  const { Document, visit } = await import("yaml"); // most commands show no object
  // What reads it (kubectl, the API server) reads YAML 1.1, where `yes` without quotes is true.
  const document = new Document(object, {
    version: "1.1",
    aliasDuplicateObjects: false,
    // Nothing is merged here; with the tag a name that is `<<` would be written as that order.
    customTags: (tags) => tags.filter((tag) => typeof tag === "string" ? tag !== "merge" : tag.tag !== "tag:yaml.org,2002:merge"),
  });
  visit(document, {
    Scalar(_, node) {
      // Between double quotes YAML takes JSON's escapes. A name that it takes for an order of its own (merge, default value) is none there.
      if (typeof node.value === "string" && (!isPrintable(node.value) || /^(<<|=)$/.test(node.value))) node.type = "QUOTE_DOUBLE";
    },
  });
  return printableLines(document.toString({ lineWidth: 0, indentSeq: false }), escaped);
}

/** YAML does not put halves of characters together, as JSON does. */
const escaped = (character: string): string => {
  const point = character.codePointAt(0)!;
  return point > 0xffff ? `\\U${point.toString(16).padStart(8, "0")}` : `\\u${point.toString(16).padStart(4, "0")}`;
};
