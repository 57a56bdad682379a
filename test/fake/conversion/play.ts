/** Plays the groups of cases against a server, with a conversion webhook that listens on loopback. */
import { mergePatch } from "../../../src/fake/patch/merge-patch.ts";
import { isObject, type Json, type JsonObject } from "../../../src/fake/types/json.ts";
import { crdOf, type Group, type Step } from "./cases.ts";
import type { Converter } from "./converter.ts";

/** A server to play against. */
export interface Target {
  send(
    method: string,
    path: string,
    body?: Json,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; warnings: string; text: string }>;
  /** Waits until nothing goes on any more of what was done so far. */
  quiet(): Promise<void>;
}

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const groupOf = (at: number) => `g${at}.example.com`;
const within = <T>(value: T, group: string, { url, ca }: Converter): T =>
  JSON.parse(JSON.stringify(value).replaceAll("${g}", group).replaceAll("${url}", url).replaceAll("${ca}", ca)) as T;

async function playStep(target: Target, converter: Converter, step: Step): Promise<JsonObject> {
  const [method, path] = step.request.split(" ") as [string, string];
  if (step.whole) await target.quiet();
  let body = step.body;
  if (step.at) {
    const { metadata } = JSON.parse((await target.send("GET", step.at)).text) as { metadata: JsonObject };
    body = mergePatch(body as JsonObject, { metadata: { resourceVersion: metadata.resourceVersion! } });
  }
  converter.asked.length = 0;
  converter.say(step.say ?? {});
  const { text, ...answered } = await target.send(method, path, body, {
    ...step.accept !== undefined && { accept: step.accept },
    ...body !== undefined && { "content-type": step.type ?? "application/json" },
  });
  const asked = converter.asked.map(({ apiVersion, request: { uid: _, ...request } }) =>
    JSON.stringify({ apiVersion, ...request })
  );
  if (step.settles) await target.quiet();
  const lines = path.includes("watch=1") ? text.split("\n").filter((line) => line !== "") : undefined;
  return {
    ...step.whole && { asked: [...new Set(asked)].sort().map((each) => JSON.parse(each) as Json) },
    ...answered,
    body: lines ? lines.map((line) => JSON.parse(line) as Json) : text.startsWith("{") ? JSON.parse(text) as Json : text,
  };
}

/** Plays all groups. @param settle Waits until something is so. */
export async function play(
  target: Target,
  converter: Converter,
  groups: readonly Group[],
  settle: (isSo: () => Promise<boolean>) => Promise<void>,
): Promise<Record<string, Json>> {
  const client = { url: `${converter.url}/convert`, caBundle: converter.ca };
  for (const [at, group] of groups.entries()) {
    const usual = { strategy: "Webhook", webhook: { conversionReviewVersions: ["v1"], clientConfig: client } };
    const conversion = mergePatch(usual as JsonObject, group.conversion ?? {});
    const made = await target.send("POST", CRDS, crdOf(groupOf(at), conversion, group.versions), {
      "content-type": "application/json",
    });
    if (made.status !== 201) throw new Error(made.text);
  }
  for (const [at] of groups.entries()) {
    for (const version of ["v1", "v2"]) {
      const path = `/apis/${groupOf(at)}/${version}/namespaces/default/widgets`;
      await settle(async () => (await target.send("GET", path)).status === 200);
    }
  }
  const all: Record<string, Json> = {};
  for (const [at, group] of groups.entries()) {
    const seen: JsonObject = {};
    for (const [name, step] of Object.entries(group.steps)) {
      seen[name] = await playStep(target, converter, within(step, groupOf(at), converter));
    }
    converter.say({});
    all[group.name] = normal(seen, groupOf(at));
  }
  return all;
}

/** What was seen, without what differs by nature: uids, times, versions but for their order, ports. */
function normal(seen: JsonObject, group: string): Json {
  const versions = new Map<string, string>();
  const asText = (whole: string, version: string) => {
    if (version === "1") return whole;
    if (!versions.has(version)) versions.set(version, `v${versions.size}`);
    return `"resourceVersion":"${versions.get(version)}"`;
  };
  const text = JSON.stringify(
    seen,
    (key, value) => {
      // Which manager comes first depends on when it came, which version of a list is latest on other objects.
      if (key === "managedFields" && Array.isArray(value)) {
        const timeless = (each: object) => JSON.stringify({ ...each, time: undefined });
        return value.toSorted((a, b) => timeless(a) < timeless(b) ? -1 : 1);
      }
      if (!isObject(value) || !Array.isArray(value.items)) return value;
      const { resourceVersion: _, continue: token, ...metadata } = value.metadata as JsonObject;
      return { ...value, metadata: { ...metadata, ...token ? { continue: "TOKEN" } : {} } };
    },
  );
  return JSON.parse(
    text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID")
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, (time) => time.startsWith("2020") ? time : "TIME")
      .replaceAll(/127\.0\.0\.1:(?!1\/|1:)\d{2,5}/g, "127.0.0.1:PORT")
      .replaceAll(/"caBundle":"[^"]{9,}"/g, `"caBundle":"CA"`)
      .replaceAll(/Too large resource version: \d+, current: \d+/g, "Too large resource version: N, current: M")
      .replaceAll(group, "GROUP")
      .replaceAll(/"resourceVersion":"(\d+)"/g, asText),
  ) as Json;
}
