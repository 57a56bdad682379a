/**
 * Paths in volumes of which one is the other, or a part of it.
 *
 * @module
 */
import { isObject, type JsonObject } from "../../types/json.ts";
import { quote } from "../../types/quote.ts";
import { each, isUnset, part } from "./checks.ts";

interface Place {
  readonly path: string;
  /** Who puts something there; nothing where it is one volume's. */
  readonly source: string;
}

const shown = ({ path, source }: Place) => source === "" ? quote(path) : `${quote(path)} (${source})`;

const meets = (one: Place, other: Place) =>
  one.path !== "" && other.path !== "" &&
  (`${one.path}/`.startsWith(`${other.path}/`) || `${other.path}/`.startsWith(`${one.path}/`));

function overlapsIn(places: readonly Place[]): string[] {
  const own = places.map(({ path, source }) => ({ path: path.replace(/\/+$/, ""), source }));
  return own.flatMap((place, index) =>
    own.slice(0, index).filter((other) => meets(place, other)).map((other) => `${shown(place)} with ${shown(other)}`)
  );
}

const itemsOf = (from: JsonObject, source = ""): readonly Place[] =>
  each(from, "items").map(({ path = "" }) => ({ path: String(path), source }));

/** Where a source of a projected volume puts what it has. */
function placesOf(given: JsonObject): readonly Place[] {
  const named = (member: string, kind: string) =>
    itemsOf(part(given, member), `${kind} ${quote(String(part(given, member).name ?? ""))}`);
  if (Array.isArray(part(given, "configMap").items)) return named("configMap", "ConfigMap");
  if (Array.isArray(part(given, "secret").items)) return named("secret", "Secret");
  if (Array.isArray(part(given, "downwardAPI").items)) return itemsOf(part(given, "downwardAPI"), "DownwardAPI");
  const { serviceAccountToken: token, clusterTrustBundle: bundle, podCertificate: certificate } = given;
  if (isObject(token)) return [{ path: String(token.path ?? ""), source: "ServiceAccountToken" }];
  if (isObject(bundle)) {
    const name = String(bundle.name ?? bundle.signerName ?? "");
    return [{ path: String(bundle.path ?? ""), source: `ClusterTrustBundle ${quote(name)}` }];
  }
  const parts = { certificateChainPath: "chain", keyPath: "key", credentialBundlePath: "credential bundle" };
  return Object.entries(parts).filter(([member]) => isObject(certificate) && !isUnset(certificate[member])).map((
    [member, words],
  ) => ({ path: String((certificate as JsonObject)[member]), source: `PodCertificate ${words}` }));
}

function volumeWarnings(volume: JsonObject): string[] {
  const name = quote(String(volume.name ?? ""));
  const say = (what: string, places: readonly Place[]) =>
    overlapsIn(places).map((text) => `volume ${name} (${what}): overlapping paths: ${text}`);
  const [map, secret, downward] = [part(volume, "configMap"), part(volume, "secret"), part(volume, "downwardAPI")];
  const sources = each(volume, "projected", "sources");
  return [
    ...say(`ConfigMap ${quote(String(map.name ?? ""))}`, itemsOf(map)),
    ...say(`Secret ${quote(String(secret.secretName ?? ""))}`, itemsOf(secret)),
    ...say("DownwardAPI", itemsOf(downward)),
    ...sources.filter((source) => Object.keys(source).length === 0).map(() =>
      `volume ${name} (Projected) has no sources provided`
    ),
    ...say("Projected", sources.flatMap(placesOf)),
  ];
}

/** What clients are told of volumes of which one thing hides another. Pure. */
export const overlapWarnings = (volumes: readonly JsonObject[]): string[] => volumes.flatMap(volumeWarnings);
