import { readdir, readFile } from "node:fs/promises";
import { encode, type JsonObject, sorted } from "../../src/fake/types/json.ts";
import { type ManifestObject, parseManifests } from "./manifests.ts";

/** The CRDs of this project: `crds/`. */
export async function readOwnCrds(): Promise<ManifestObject[]> {
  // As deep below dist/, whether compiled into dist/cli/ or into dist/chunks/.
  const folder = new URL("../../crds/", import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).sort();
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, folder), "utf8")));
  return texts.flatMap((text, index) => parseManifests(text, files[index]!).map(({ object }) => object));
}

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

interface Metadata {
  readonly annotations?: Readonly<Record<string, string>>;
}

/** As `kubectl apply` would have created it, so that it finds its own manifest unchanged later. Pure. */
export function asApplied(manifest: ManifestObject): ManifestObject {
  if (typeof manifest.metadata !== "object" || manifest.metadata === null) return manifest; // it will be refused
  const metadata = manifest.metadata as Metadata;
  if (metadata.annotations?.[LAST_APPLIED] !== undefined) return manifest;
  const applied = encode(sorted({ ...manifest, metadata: { annotations: {}, ...metadata } } as JsonObject));
  return { ...manifest, metadata: { ...metadata, annotations: { ...metadata.annotations, [LAST_APPLIED]: `${applied}\n` } } };
}
