import type { KubernetesObject } from "../mod.ts";
import { isPrintable, printableLines } from "./printable.ts";

/** An object as kubectl shows it: without who manages which field. */
export function shownObject<T extends KubernetesObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as T["metadata"] & { managedFields?: unknown };
  return { ...object, metadata };
}

/** An object as YAML that is safe for a terminal, and means the same. */
export async function yamlOf(object: unknown): Promise<string> {
  const { Document, visit } = await import("yaml"); // most commands show no object
  // What reads it (kubectl, the API server) reads YAML 1.1, where `yes` without quotes is true.
  const document = new Document(object, { version: "1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      // Between double quotes YAML takes JSON's escapes.
      if (typeof node.value === "string" && !isPrintable(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return printableLines(document.toString({ lineWidth: 0, indentSeq: false }));
}
