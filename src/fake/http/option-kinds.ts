/**
 * What a body may say that it is where options of a deletion are expected: the few kinds that the server reads there, in any version or in
 * those of `meta.k8s.io`.
 *
 * @module
 */
import { decodeShape, type Struct } from "../types/shape.ts";
import type { JsonObject } from "../types/json.ts";
import { bool, int64, keep, list, omit, string, struct } from "../types/shapes.ts";
import { quote } from "../types/quote.ts";

/** Those that are the same in whatever version. */
const unversioned: readonly string[] = [
  ...["CreateOptions", "UpdateOptions", "DeleteOptions"],
  ...["Status", "APIVersions", "APIGroup", "APIGroupList", "APIResourceList"],
];
const shown = {
  Table: "v1.Table",
  TableOptions: "v1.TableOptions",
  PartialObjectMetadata: "v1.PartialObjectMetadata",
  PartialObjectMetadataList: "v1beta1.PartialObjectMetadataList",
};
/** The Go types of the others, by version. */
const versioned: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "meta.k8s.io/v1": {
    ...shown,
    PartialObjectMetadataList: "v1.PartialObjectMetadataList",
    PatchOptions: "v1.PatchOptions",
    ListOptions: "v1.ListOptions",
    GetOptions: "v1.GetOptions",
    WatchEvent: "v1.WatchEvent",
  },
  "meta.k8s.io/v1beta1": shown,
  "meta.k8s.io/__internal": {
    ...shown,
    ListOptions: "internalversion.ListOptions",
    GetOptions: "v1.GetOptions",
    WatchEvent: "v1.InternalEvent",
  },
};

const written = [omit("dryRun", list(string)), omit("fieldManager"), omit("fieldValidation")];
/** How those are read that are options themselves: what does not fit is named first. */
const shapes: readonly Struct[] = [
  struct("v1.CreateOptions", ...written),
  struct("v1.UpdateOptions", ...written),
  struct("v1.PatchOptions", ...written, keep("force", bool)),
  struct("v1.GetOptions", omit("resourceVersion")),
  struct(
    "v1.ListOptions",
    ...["labelSelector", "fieldSelector", "resourceVersion", "continue"].map((name) => omit(name)),
    omit("resourceVersionMatch", { type: "string", named: "v1.ResourceVersionMatch" }),
    ...["watch", "allowWatchBookmarks"].map((name) => omit(name, bool)),
    keep("timeoutSeconds", int64),
    omit("limit", int64),
    keep("sendInitialEvents", bool),
  ),
];

/**
 * Why something of another kind cannot be the options of a deletion. Pure.
 *
 * @throws {ShapeError} Where it does not even fit its own kind.
 */
export function otherOptions(kind: string, version: string, value: JsonObject): string {
  const goType = unversioned.includes(kind) ? `v1.${kind}` : versioned[version]?.[kind];
  if (goType === undefined) {
    const [, group] = /^(?:(.*)\/)?__internal$/.exec(version) ?? [];
    const where = version.endsWith("__internal")
      ? `the internal version of group ${quote(group ?? "")}`
      : `version ${quote(version)}`;
    return `no kind ${quote(kind)} is registered for ${where} in scheme "pkg/runtime/scheme.go:111"`;
  }
  const shape = shapes.find(({ name }) => name === goType);
  if (shape) decodeShape(shape, value);
  return `converting (${goType}) to (v1.DeleteOptions): unknown conversion`;
}
