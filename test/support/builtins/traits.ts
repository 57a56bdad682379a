/**
 * How a kind is handled, found by trying.
 *
 * @module
 */
import type { Json, JsonObject } from "../../../src/fake/types/json.ts";
import { usualChecks, usualStatusChecks } from "../../../src/fake/types/metadata.ts";
import type { Ask } from "./asking.ts";

const merge = "application/merge-patch+json";
const metaOf = (object: JsonObject) => (object.metadata ?? {}) as JsonObject;

/** How names are judged: by what is refused. */
function nameRule(refusals: Readonly<Record<string, string>>): string | undefined {
  const about = Object.values(refusals).join(" ");
  if (about.includes("DNS-1035")) return "service";
  if (about.includes("RFC 1123 label")) return "label";
  if (about.includes("RFC 1123 subdomain")) return undefined;
  return "segment";
}

/** What each check of metadata finds wrong with `suspect`, by the field that it names. */
const finds: Readonly<Record<string, string>> = {
  "metadata.generateName": "N",
  "metadata.labels": "l",
  "metadata.finalizers": "f",
  "metadata.deletionTimestamp": "d",
  "metadata.finalizers[0]": "B",
};
const suspect = {
  generateName: "A",
  labels: { a: "x y" },
  deletionTimestamp: "2020-01-01T00:00:00Z",
  finalizers: ["bare", "example.com/a b"],
};

/** The checks that the metadata of a new state goes through, in their order: some do it more than once. */
async function checksOf(ask: Ask, path: string): Promise<string> {
  const { body } = await ask("PATCH", `${path}?dryRun=All`, { body: { metadata: suspect }, type: merge });
  const causes = ((body.details as JsonObject | undefined)?.causes ?? []) as { field: string }[];
  const found = causes.map(({ field }) => finds[field] ?? "").join("");
  // Names are found wrong in one or two ways; labels in the check of states, finalizers behind them, and in that of changes.
  const whole = found.replaceAll(/N+/g, "N").replaceAll("lf", "S").replaceAll(/d?l/g, "C");
  // Where labels are not taken, the rest tells.
  return whole.replaceAll("f", "S").replaceAll("d", "C");
}

/**
 * Creates one object, changes it in several ways and deletes it.
 *
 * @returns Members of the row: only what is not as with most kinds.
 */
export async function traitsOf(ask: Ask, collection: string, given: JsonObject, resource: JsonObject): Promise<JsonObject> {
  const metadata = { name: "a", ...metaOf(given) };
  const object: JsonObject = { ...given, metadata };
  const created = await ask("POST", collection, { body: object });
  if (created.status !== 201) throw new Error(`${collection}: ${JSON.stringify(created.body)}`);
  const name = String(metaOf(created.body).name);
  const one = `${collection}/${name}`;
  const { resourceVersion: _, ...unversioned } = metaOf(created.body);
  const other = metaOf(given).name === undefined ? "b" : `${name}x`;
  const named = (text: string, more: JsonObject = {}): JsonObject => ({
    ...object,
    metadata: { ...metadata, name: text, ...more },
  });
  const dry = "?dryRun=All";
  const unconditional = await ask("PUT", one + dry, { body: { ...created.body, metadata: unversioned } });
  const put = await ask("PUT", `${collection}/${other}${dry}`, { body: named(other) });
  const bare = await ask("POST", collection + dry, { body: named(other, { finalizers: ["bare"] }) });
  const refusals: Record<string, string> = {};
  for (const text of ["A", "a.b", "0a", "a:b"]) {
    const { status, body } = await ask("POST", collection + dry, { body: named(text) });
    if (status !== 201) refusals[text] = String(body.message);
  }
  let status: JsonObject | undefined;
  const subresources = (resource.subresources ?? []) as { subresource: string }[];
  if (subresources.some((each) => each.subresource === "status")) {
    const given = { labels: { a: "b" }, annotations: { a: "b" } };
    status = metaOf((await ask("PATCH", `${one}/status${dry}`, { body: { metadata: given }, type: merge })).body);
  }
  const checks = await checksOf(ask, one);
  const statusChecks = status && await checksOf(ask, `${one}/status`);
  const generation = Number(metaOf(created.body).generation ?? 0);
  const counts = async (change: JsonObject) => {
    const { body } = await ask("PATCH", one + dry, { body: { metadata: change }, type: merge });
    return Number(metaOf(body).generation ?? 0) > generation;
  };
  const annotated = generation > 0 && await counts({ annotations: { z: "z" } });
  const labelled = generation > 0 && await counts({ labels: { z: "z" } });
  const selector = await ask("GET", `${collection}?fieldSelector=x%3Dy`);
  const deleted = await ask("DELETE", one);
  const orphans = (metaOf(deleted.body).finalizers as string[] | undefined)?.includes("orphan") ?? false;
  const kept = (member: string): Json => (status?.[member] as JsonObject | undefined)?.a === "b";
  return {
    counted: generation > 0,
    countedMetadata: [...annotated ? ["annotations"] : [], ...labelled ? ["labels"] : []].join(" "),
    createOnUpdate: put.status === 201,
    strictUpdate: unconditional.status === 422,
    returnsDeleted: deleted.body.kind !== "Status" && !orphans,
    orphans,
    bareFinalizers: bare.status === 201,
    names: nameRule(refusals),
    ...status && { statusMetadata: ["labels", "annotations"].filter(kept).join(" ") },
    checks: checks === usualChecks ? "" : checks,
    statusChecks: statusChecks === usualStatusChecks ? "" : statusChecks ?? "",
    selectors: String(selector.body.message).startsWith('"')
      ? ""
      : String(selector.body.message).replace(/: x$|"x"/, (x) => x.replace("x", "%")),
  };
}
