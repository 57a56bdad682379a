/**
 * The columns of the built-in types' Tables.
 *
 * @module
 */
import { age } from "../output/age.ts";
import { isObject, type Json, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import type { Column } from "../types/resource.ts";

/** What the Name column says about itself. */
export const nameDescription: string =
  "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";

/** What columns over the creation time say about themselves. */
export const createdDescription: string =
  "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

const column = (name: string, description: string, cell: Column["cell"], more: Partial<Column> = {}): Column => ({
  name,
  type: "string",
  format: "",
  description,
  priority: 0,
  cell,
  ...more,
});

const at = (object: JsonObject, ...path: string[]): Json | undefined => {
  let value: Json | undefined = object;
  for (const step of path) value = isObject(value) ? value[step] : undefined;
  return value;
};
const text = (object: JsonObject, ...path: string[]) => String(at(object, ...path) ?? "");
const count = (value: Json | undefined) => isObject(value) ? Object.keys(value).length : 0;

/** The Name column, which all types have. */
export const nameColumn: Column = column("Name", nameDescription, (object) => metaOf(object).name ?? "", { format: "name" });

const created = (object: JsonObject, now: number) => age(metaOf(object).creationTimestamp, now) ?? "<unknown>";
const ageColumn = column("Age", createdDescription, created);

const eventColumns: readonly Column[] = [
  column("Last Seen", "The time at which the most recent occurrence of this event was recorded.", (object, now) => {
    const last = text(object, "series", "lastObservedTime") || text(object, "lastTimestamp") || text(object, "eventTime");
    return age(last || undefined, now) ?? "<unknown>";
  }),
  column(
    "Type",
    "Type of this event (Normal, Warning), new types could be added in the future",
    (object) => text(object, "type"),
  ),
  column(
    "Reason",
    "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
    (object) => text(object, "reason"),
  ),
  column("Object", "The object that this event is about.", (object) => {
    const [kind, name] = [text(object, "involvedObject", "kind"), text(object, "involvedObject", "name")];
    return name === "" ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
  }),
  column(
    "Subobject",
    'If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference is to a container within a pod, this would take on a value like: "spec.containers{name}" (where "name" refers to the name of the container that triggered the event) or if no container name is specified "spec.containers[2]" (container with index 2 in this pod). This syntax is chosen only to have some well-defined way of referencing a part of an object.',
    (object) => text(object, "involvedObject", "fieldPath"),
    { priority: 1 },
  ),
  column(
    "Source",
    "The component reporting this event. Should be a short machine understandable string.",
    (object) => {
      const component = text(object, "source", "component") || text(object, "reportingComponent");
      const host = text(object, "source", "host") || text(object, "reportingInstance");
      return host === "" ? component : `${component}, ${host}`;
    },
    { priority: 1 },
  ),
  column("Message", "A human-readable description of the status of this operation.", (object) => text(object, "message").trim()),
  column(
    "First Seen",
    "The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)",
    (object, now) => age(text(object, "firstTimestamp") || text(object, "eventTime") || undefined, now) ?? "<unknown>",
    { priority: 1 },
  ),
  column("Count", "The number of times this event has occurred.", (object) => {
    const times = Number(at(object, "series", "count") ?? at(object, "count") ?? 0);
    return times === 0 ? 1 : times;
  }, { priority: 1 }),
  { ...nameColumn, priority: 1 },
];

const columns: Readonly<Record<string, readonly Column[]>> = {
  Namespace: [
    nameColumn,
    column("Status", "The status of the namespace", (object) => text(object, "status", "phase")),
    ageColumn,
  ],
  ConfigMap: [
    nameColumn,
    column(
      "Data",
      "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.",
      (object) => count(object.data) + count(object.binaryData),
    ),
    ageColumn,
  ],
  Secret: [
    nameColumn,
    column(
      "Type",
      "Used to facilitate programmatic handling of secret data. More info: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types",
      (object) => text(object, "type"),
    ),
    column(
      "Data",
      "Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or '.'. The serialized form of the secret data is a base64 encoded string, representing the arbitrary (possibly non-string) data value here. Described in https://tools.ietf.org/html/rfc4648#section-4",
      (object) => count(object.data),
    ),
    ageColumn,
  ],
  ServiceAccount: [nameColumn, ageColumn],
  Lease: [
    nameColumn,
    column(
      "Holder",
      "holderIdentity contains the identity of the holder of a current lease. If Coordinated Leader Election is used, the holder identity must be equal to the elected LeaseCandidate.metadata.name field.",
      (object) => text(object, "spec", "holderIdentity"),
    ),
    ageColumn,
  ],
  Event: eventColumns,
  CustomResourceDefinition: [
    nameColumn,
    column("Created At", createdDescription, (object) => metaOf(object).creationTimestamp ?? "", { type: "date" }),
  ],
};

/** The columns of a kind. */
export const columnsOf = (kind: string): readonly Column[] => columns[kind] ?? [nameColumn, ageColumn];
