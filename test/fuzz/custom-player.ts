/**
 * Plays a sequence about a random custom resource on a server.
 *
 * @module
 */
import type { Target } from "../recordings/target.ts";
import { type CustomSequence, markMember } from "./customs.ts";
import { prepare, type Run, run, until } from "./player.ts";
import type { FuzzRequest } from "./sequence.ts";

const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** The request that makes a CRD, or puts another schema in the place of its own. */
function crdRequest({ chapters }: CustomSequence, index: number): FuzzRequest {
  const crd = chapters[index]!.crd as {
    metadata: { name: string };
    spec: { versions: { schema: { openAPIV3Schema: unknown } }[] };
  };
  const made = { headers: { "content-type": "application/json" }, watch: false };
  if (index === 0) return { ...made, method: "POST", path: crds, body: JSON.stringify(crd) };
  const value = crd.spec.versions[0]!.schema.openAPIV3Schema;
  return {
    method: "PATCH",
    path: `${crds}/${crd.metadata.name}`,
    headers: { "content-type": "application/json-patch+json" },
    body: JSON.stringify([{ op: "replace", path: "/spec/versions/0/schema/openAPIV3Schema", value }]),
    watch: false,
  };
}

/** Plays it up to where the server refuses the CRD. */
export async function runCustom(sequence: CustomSequence, target: Target, ns: string): Promise<Run> {
  const { seed, path, apiVersion, chapters } = sequence;
  await prepare(target, [ns], []);
  const sent: Run["sent"][number][] = [];
  const answers: Run["answers"][number][] = [];
  const play = async (requests: readonly FuzzRequest[]) => {
    const played = await run({ seed, requests }, target, ns);
    sent.push(...played.sent);
    answers.push(...played.answers);
    return (played.answers.at(-1)?.status ?? 500) < 300;
  };
  const probe = JSON.stringify({ apiVersion, kind: "Random", metadata: { name: "probe" } });
  for (const [index, { mark, requests }] of chapters.entries()) {
    if (!await play([crdRequest(sequence, index)])) break;
    await until(target, {
      method: "PATCH",
      path: `${path.replace("${ns}", ns)}/probe?dryRun=All&fieldManager=probe&force=true`,
      headers: { "content-type": "application/apply-patch+yaml" },
      body: probe,
    }, ({ body }) => (body as Record<string, unknown> | undefined)?.[markMember] === mark);
    await play(requests);
  }
  await play([{
    method: "DELETE",
    path: `${crds}/randoms.${apiVersion.slice(0, -"/v1".length)}`,
    headers: {},
    body: undefined,
    watch: false,
  }]);
  sent.pop();
  answers.pop();
  return { sent, answers };
}
