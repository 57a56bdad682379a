/**
 * Writes to a request that the rules of the CRD judge, for the fake and for genuine API servers.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import type { FakeCluster } from "../../src/fake/mod.ts";
import type { PatchOperation } from "../../src/ports.ts";
import type { RequestState } from "../../src/request-state.ts";
import { done, type Step } from "./cel-requests.ts";
import type { Write } from "./cel-writes.ts";

/** What a server answers. */
export interface Answer {
  readonly code: number;
  readonly body: {
    readonly message?: string;
    readonly metadata?: { readonly uid?: string; readonly resourceVersion?: string };
    readonly details?: { readonly causes?: readonly { readonly field: string; readonly message: string }[] };
  };
}
/** Asks a server. */
export type Send = (method: string, path: string, body?: unknown, type?: string) => Promise<Answer>;

/** Asks a fake. */
export const sendTo = (fake: FakeCluster): Send => async (method, path, body, type = "application/json") => {
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const response = await fake.fetch(new Request(`http://fake${path}`, { method, headers: { "content-type": type }, body: text }));
  return { code: response.status, body: await response.json() };
};

const crdPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const path = "/apis/com.redhat.ecosystem.sample/v1/namespaces/default/requeststates";
const patchType = "application/json-patch+json";

/** Applies the CRD, and waits until its resource is served. */
export async function applyCrd(send: Send): Promise<void> {
  const text = await readFile(new URL("../../crds/request-state.yaml", import.meta.url), "utf8");
  const { code, body } = await send("POST", crdPath, text, "application/yaml");
  if (code !== 201) throw new Error(`the CRD is refused: ${body.message}`);
  while ((await send("GET", path)).code !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Makes the request, tries the write on it without effect, and removes it again. */
export async function tryWrite(send: Send, { request, operations }: Write): Promise<readonly string[]> {
  const created = await send("POST", path, request);
  if (created.code !== 201) throw new Error(`the request is refused: ${created.body.message}`);
  const { uid, resourceVersion } = created.body.metadata!;
  const conditions: PatchOperation[] = [
    { op: "replace", path: "/metadata/uid", value: uid },
    { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion },
  ];
  const { name } = request.metadata;
  const answer = await send("PATCH", `${path}/${name}?dryRun=All`, [...conditions, ...operations], patchType);
  await send("DELETE", `${path}/${name}`);
  if (answer.code === 200) return [];
  const { causes = [] } = answer.body.details ?? {};
  return [
    `${answer.code}`,
    ...(causes.length > 1 ? [] : [answer.body.message!]),
    ...causes.map((cause) => `${cause.field}: ${cause.message}`).sort(),
  ];
}

/** The causes alone. */
export const causesOf = (answer: readonly string[]): readonly string[] =>
  answer.filter((text) => !/^422$|^RequestState/.test(text));

/** The writes of the reference: full updates with the states that were left, in Go's own print of a time. */
export function referenceUpdates(name: string): readonly RequestState[] {
  const steps: Step[] = [...done("JOB1"), ...done("JOB2")];
  const time = (index: number) => `2026-11-22 20:06:5${index}.902213694 +0000 UTC m=+${index}.038733063`;
  return steps.map(([job, state], index) => ({
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name, namespace: "default" },
    spec: { "request-uid": name, job, state },
    status: index === 0
      ? {}
      : { history: steps.slice(0, index).map(([job, state], at) => ({ job, state, timestamp: time(at) })) },
  }));
}

/** Plays the reference: one create, five updates. @returns The codes. */
export async function playReference(send: Send): Promise<readonly number[]> {
  const codes: number[] = [];
  let resourceVersion: string | undefined;
  for (const request of referenceUpdates("reference")) {
    const object = { ...request, metadata: { ...request.metadata, resourceVersion } };
    const answer = resourceVersion === undefined
      ? await send("POST", path, object)
      : await send("PUT", `${path}/reference`, object);
    codes.push(answer.code);
    resourceVersion = answer.body.metadata?.resourceVersion;
  }
  return codes;
}
