/**
 * The columns of the built-in types' Tables.
 *
 * @module
 */
import { age } from "../output/age.ts";
import type { JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import type { Column } from "../types/resource.ts";
import { clusterCells } from "./cells/cluster.ts";
import { eventCells } from "./cells/events.ts";
import { networkCells } from "./cells/network.ts";
import { podCells } from "./cells/pods.ts";
import { type Cells, count, read, size } from "./cells/reading.ts";
import { workloadCells } from "./cells/workloads.ts";
import { type Row, textAt } from "./recorded.ts";

/** The Name column, which all types have. */
export const nameColumn: Column = {
  name: "Name",
  type: "string",
  format: "name",
  description:
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names",
  priority: 0,
  cell: (object) => metaOf(object).name ?? "",
};

const created = (object: JsonObject, now: number) => age(metaOf(object).creationTimestamp, now) ?? "<unknown>";

/** Cells that many kinds have. */
const common: Cells = {
  Name: nameColumn.cell,
  Age: created,
  "Created At": (object) => metaOf(object).creationTimestamp ?? "",
};

const kinds: Readonly<Record<string, Cells>> = {
  ...workloadCells,
  ...networkCells,
  ...clusterCells,
  Pod: podCells,
  Event: eventCells,
  Namespace: { Status: read("status.phase") },
  ConfigMap: { Data: (object) => size(object, "data") + size(object, "binaryData") },
  Secret: { Type: read("type"), Data: (object) => size(object, "data") },
  Lease: { Holder: read("spec.holderIdentity") },
};

const replicas = (name: string, path: string, description: string): Column => ({
  name,
  type: "integer",
  format: "",
  description,
  priority: 0,
  cell: count(path),
});

/** The columns of a scale, which is no kind of its own. @param age As a kind that has one describes it. */
export const scaleColumns = (age: Column): readonly Column[] => [
  { ...nameColumn, format: "" },
  replicas("Desired", "spec.replicas", "replicas is the desired number of instances for the scaled object."),
  replicas("Available", "status.replicas", "replicas is the actual number of observed instances of the scaled object."),
  age,
];

/** The columns of a kind. @throws {Error} when it is not known what stands in one of them. */
export function columnsOf({ kind, columns = [] }: Row): readonly Column[] {
  return columns.map(([name, type, format, priority, description]) => {
    const cell = kinds[kind]?.[name] ?? common[name];
    if (!cell) throw new Error(`No cell is known for the column ${name} of ${kind}`);
    return { name, type, format, priority, description: textAt(description), cell };
  });
}
