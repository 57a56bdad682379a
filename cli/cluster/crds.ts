import { encode, type JsonObject, sorted } from "../../src/fake/types/json.ts";
import { requestStateCrd } from "../../src/request-state-crd.ts";
import type { ManifestObject } from "../../src/fake/manifests.ts";

/** The CRDs of this project, as in `crds/`. */
export const OWN_CRDS: readonly ManifestObject[] = [requestStateCrd as ManifestObject];

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
