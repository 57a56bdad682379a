/**
 * The kinds of a genuine server: what discovery says of them, their columns, and how each is handled.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { isObject, type Json, type JsonObject } from "../../../src/fake/types/json.ts";
import type { Ask } from "./asking.ts";
import type { GoTypes } from "./structs.ts";
import { traitsOf } from "./traits.ts";

/** All kinds, in the order of discovery. */
export interface Kinds {
  /** Descriptions of columns: each once. */
  readonly texts: readonly string[];
  readonly rows: readonly JsonObject[];
  /** The Go types of the kinds. */
  readonly types: readonly string[];
}

const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const table = "application/json;as=Table;v=v1;g=meta.k8s.io";

/** The smallest objects, each in a namespace and under names of its own. */
function smallest(namespace: string): JsonObject[] {
  const file = readFileSync(new URL("./minimal.yaml", import.meta.url), "utf8");
  const key = execFileSync("openssl", "req -new -newkey rsa:2048 -nodes -keyout /dev/null -subj /CN=x".split(" "), {
    stdio: ["ignore", "pipe", "ignore"],
  });
  return parse(
    file.replaceAll("${ns}", namespace).replaceAll("${csr}", key.toString("base64")).replaceAll("${group}", "a.example.com"),
  );
}

const of = (value: Json | undefined) => value as JsonObject;
const withoutEmpty = (row: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined && value !== false && value !== ""));

/** Versions of a kind that the server knows beside the one that is served. */
function otherVersions({ kinds }: GoTypes, group: string, version: string, kind: string): string[] | undefined {
  const found = Object.keys(kinds).map((each) => each.split("/")).filter(([g, v, k]) =>
    k === kind && (g === group || g === "extensions") && !(g === group && v === version)
  );
  return found.length === 0 ? undefined : found.map(([g, v]) => g === "" ? v! : `${g}/${v}`).sort();
}

/** Asks a server for its kinds, and tries them. */
export async function kindsOf(ask: Ask, types: GoTypes): Promise<Kinds> {
  const namespace = "trial";
  await ask("POST", "/api/v1/namespaces", { body: { metadata: { name: namespace } } });
  const objects = smallest(namespace);
  const texts: string[] = [];
  const place = (text: string) => texts.includes(text) ? texts.indexOf(text) : texts.push(text) - 1;
  const rows: JsonObject[] = [];
  const roots: string[] = [];
  for (const path of ["/api", "/apis"]) {
    for (const group of (await ask("GET", path, { accept: aggregated })).body.items as JsonObject[]) {
      const name = String(of(group.metadata).name ?? "");
      for (const version of group.versions as JsonObject[]) {
        const base = name === "" ? `/api/${version.version}` : `/apis/${name}/${version.version}`;
        const { body } = await ask("GET", base);
        const listed = new Map((body.resources as JsonObject[]).map((each) => [String(each.name), each]));
        for (const resource of version.resources as JsonObject[]) {
          const plural = String(resource.resource);
          const kind = String(of(resource.responseKind).kind);
          const namespaced = resource.scope === "Namespaced";
          const type = types.kinds[`${name}/${version.version}/${kind}`];
          if (type === undefined) throw new Error(`no Go type for ${name}/${version.version} ${kind}`);
          if (kind !== "CustomResourceDefinition") roots.push(type);
          const collection = `${base}${namespaced ? `/namespaces/${namespace}` : ""}/${plural}`;
          const apiVersion = base.replace(/^\/apis?\//, "");
          const object = objects.find((each) => each.apiVersion === apiVersion && each.kind === kind);
          const verbs = resource.verbs as string[];
          const columns = verbs.includes("list")
            ? ((await ask("GET", collection, { accept: table })).body.columnDefinitions as JsonObject[]).map((each) => [
              each.name!,
              each.type!,
              each.format!,
              each.priority!,
              place(String(each.description)),
            ])
            : [];
          rows.push(withoutEmpty({
            group: name,
            version: String(version.version),
            plural,
            singular: String(resource.singularResource),
            kind,
            cluster: !namespaced,
            verbs: verbs.length === 8 ? undefined : verbs,
            shortNames: resource.shortNames,
            categories: resource.categories,
            subresources: (resource.subresources as JsonObject[] | undefined)?.map((each) => {
              const answer = of(each.responseKind);
              return withoutEmpty({
                name: each.subresource,
                verbs: each.verbs,
                group: answer.group,
                version: answer.version,
                kind: answer.kind === kind ? undefined : answer.kind,
              });
            }),
            hash: listed.get(plural)?.storageVersionHash,
            type,
            otherVersions: otherVersions(types, name, String(version.version), kind),
            columns: columns.length === 0 ? undefined : columns as Json,
            ...object ? await traitsOf(ask, collection, object, resource) : {},
          }));
          if (!object && verbs.includes("create") && isObject(resource.responseKind) && verbs.includes("get")) {
            if (kind !== "CustomResourceDefinition") throw new Error(`minimal.yaml has no ${apiVersion} ${kind}`);
          }
        }
      }
    }
  }
  // What subresources take, which is no resource of its own.
  roots.push("api/autoscaling/v1.Scale", "api/policy/v1.Eviction");
  return { texts, rows, types: [...new Set(roots)] };
}
