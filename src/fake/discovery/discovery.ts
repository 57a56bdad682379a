/**
 * Which groups, versions and resources there are, in the old and in the aggregated form.
 *
 * @module
 */
import { contentHash } from "../types/hash.ts";
import { encode, type JsonObject } from "../types/json.ts";
import { accepts, parseAccept } from "../output/negotiate.ts";
import type { Registry } from "../store/registry.ts";
import { groupVersion, type ResourceType, type Subresource } from "../types/resource.ts";

/** The media type of the aggregated form, as the server echoes it. */
export const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** Whether an Accept header asks for the aggregated form, and whether it takes the old one too. Pure. */
export function discoveryForm(accept: string | null): "aggregated" | "plain" | "none" {
  if (accept === null || accept === "") return "plain";
  const clauses = parseAccept(accept);
  const wanted = clauses.filter((clause) => clause.parameters.get("g") === "apidiscovery.k8s.io");
  if (wanted.some((clause) => clause.parameters.get("v") === "v2" && clause.parameters.get("as") === "APIGroupDiscoveryList")) {
    return "aggregated";
  }
  const plain = clauses.some((clause) =>
    !clause.parameters.has("as") && ["application/json", "application/yaml"].some((media) => accepts(clause, media))
  );
  return plain ? "plain" : "none";
}

function subresourceEntry(type: ResourceType, subresource: Subresource): JsonObject {
  return {
    name: `${type.plural}/${subresource.name}`,
    singularName: "",
    namespaced: type.namespaced,
    ...(subresource.group ? { group: subresource.group, version: subresource.version } : {}),
    kind: subresource.kind ?? type.kind,
    verbs: [...subresource.verbs],
  };
}

function entries(type: ResourceType): JsonObject[] {
  const own: JsonObject = {
    name: type.plural,
    singularName: type.singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: [...type.shownVerbs ?? type.verbs],
  };
  if (type.shortNames.length > 0) own.shortNames = [...type.shortNames];
  if (type.categories.length > 0) own.categories = [...type.categories];
  const hash = type.storageVersionHash();
  if (hash !== "") own.storageVersionHash = hash;
  return [own, ...type.subresources.map((subresource) => subresourceEntry(type, subresource))];
}

/** The resources of a group and version. @returns Nothing where there is no such version. */
export function resourceList(registry: Registry, group: string, version: string): JsonObject | undefined {
  const types = registry.of(group, version);
  if (types.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    ...(group === "" ? {} : { apiVersion: "v1" }),
    groupVersion: groupVersion({ group, version }),
    resources: types.flatMap(entries),
  };
}

function groupObject(group: string, versions: readonly string[]): JsonObject {
  const listed = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: listed, preferredVersion: listed[0]! };
}

/** One group. @returns Nothing where there is no such group. */
export function groupAnswer(registry: Registry, group: string): JsonObject | undefined {
  const found = registry.groups().find((each) => each.group === group);
  return found && group !== "" ? { kind: "APIGroup", apiVersion: "v1", ...groupObject(group, found.versions) } : undefined;
}

/** All groups but the core one. */
export const groupList = (registry: Registry): JsonObject => ({
  kind: "APIGroupList",
  apiVersion: "v1",
  groups: registry.groups().filter(({ group }) => group !== "").map(({ group, versions }) => groupObject(group, versions)),
});

/** The versions of the core group. */
export const coreVersions = (host: string): JsonObject => ({
  kind: "APIVersions",
  versions: ["v1"],
  serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: host }],
});

function aggregatedResource(type: ResourceType): JsonObject {
  // Custom resources tell group and version of their kind, built-in ones leave them empty.
  const kindOf = (kind: string, group?: string, version?: string): JsonObject => ({
    group: group ?? (type.custom ? type.group : ""),
    version: version ?? (type.custom ? type.version : ""),
    kind,
  });
  const resource: JsonObject = {
    resource: type.plural,
    responseKind: kindOf(type.kind),
    scope: type.namespaced ? "Namespaced" : "Cluster",
    singularResource: type.singular,
    verbs: [...type.shownVerbs ?? type.verbs],
  };
  if (type.shortNames.length > 0) resource.shortNames = [...type.shortNames];
  if (type.categories.length > 0) resource.categories = [...type.categories];
  if (type.subresources.length > 0) {
    resource.subresources = type.subresources.map(({ name, verbs, kind, group, version }) => ({
      subresource: name,
      responseKind: kindOf(kind ?? type.kind, group, version),
      verbs: [...verbs],
    }));
  }
  return resource;
}

/** The aggregated form, of the core group or of all others. @returns The document and its ETag. */
export function aggregated(registry: Registry, core: boolean): { readonly object: JsonObject; readonly etag: string } {
  const items = registry.groups().filter(({ group }) => (group === "") === core).map(({ group, versions }) => ({
    metadata: group === "" ? {} : { name: group },
    versions: versions.map((version) => ({
      version,
      resources: registry.of(group, version).map(aggregatedResource),
      freshness: "Current",
    })),
  }));
  const object: JsonObject = { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
  return { object, etag: `"${contentHash(encode(object))}"` };
}

/** The version of the server that is imitated. */
export const serverVersion: JsonObject = {
  major: "1",
  minor: "35",
  emulationMajor: "1",
  emulationMinor: "35",
  minCompatibilityMajor: "1",
  minCompatibilityMinor: "34",
  gitVersion: "v1.35.4",
  gitCommit: "$Format:%H$",
  gitTreeState: "",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "go1.26.8",
  compiler: "gc",
  platform: "linux/amd64",
};
