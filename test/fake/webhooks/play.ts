/** Plays the groups of cases against a server, with webhooks that listen on loopback. */
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Json, JsonObject } from "../../../src/fake/types/json.ts";
import { createCertificate } from "../../../src/fake/http/certificate.ts";
import { type Answer, CRD, type Group, type Hook, type Step } from "./cases.ts";

/** What was asked of webhooks, and what the client was answered. */
export interface Seen {
  readonly asked: readonly (Asked | string)[];
  readonly status: number;
  readonly warnings: string;
  readonly body: Json;
}

/** A server to play against. */
export interface Target {
  send(method: string, path: string, body?: Json, type?: string): Promise<{ status: number; warnings: string; body: Json }>;
}

const NAMES = { mutating: "Mutating", validating: "Validating" } as const;
const path = (kind: keyof typeof NAMES) => `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations`;

/** What a webhook was asked. */
export interface Asked {
  readonly path: string;
  readonly request: JsonObject;
}

/** Webhooks that answer as they are told. */
export interface Webhooks {
  readonly url: string;
  /** What vouches for them, in base64. */
  readonly ca: string;
  /** What they were asked, until it is taken away. */
  readonly asked: Asked[];
  tell(answers: Readonly<Record<string, Answer>>): void;
  close(): Promise<void>;
}

/** Starts them. */
export async function startWebhooks(): Promise<Webhooks> {
  const { key, cert, ca } = createCertificate();
  const asked: Asked[] = [];
  let answers: Readonly<Record<string, Answer>> = {};
  const server = createServer({ key, cert }, (incoming, outgoing) => {
    const chunks: Uint8Array[] = [];
    incoming.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    incoming.on("end", () => {
      const review = JSON.parse(new TextDecoder().decode(concat(chunks))) as { apiVersion: string; request: JsonObject };
      const { uid } = review.request as { uid: string };
      asked.push({ path: incoming.url!, request: review.request });
      const answer = answers[incoming.url!.slice(1).split("?")[0]!] ?? { response: {} };
      outgoing.statusCode = "raw" in answer ? answer.status ?? 200 : 200;
      outgoing.setHeader("content-type", "application/json");
      const text = "raw" in answer ? answer.raw : JSON.stringify(
        "review" in answer
          ? answer.review
          : { apiVersion: review.apiVersion, kind: "AdmissionReview", response: { uid, allowed: true, ...answer.response } },
      );
      outgoing.end(text.replaceAll("${uid}", uid));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    ca: btoa(ca),
    asked,
    tell: (next: Readonly<Record<string, Answer>>) => void (answers = next),
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const chunk of chunks) all.set(chunk, at), at += chunk.length;
  return all;
}

type Settle = (isSo: () => Promise<boolean>) => Promise<void>;

const KINDS = ["mutating", "validating"] as const;
const namespaceOf = (at: number) => `g${at}`;
const within = <T>(value: T, ns: string): T =>
  value === undefined ? value : JSON.parse(JSON.stringify(value).replaceAll("${ns}", ns)) as T;

/** A webhook of a group, with what is not told. */
const whole = (hook: Hook, ns: string, { url, ca }: Webhooks): JsonObject => ({
  admissionReviewVersions: ["v1"],
  sideEffects: "None",
  timeoutSeconds: 5,
  namespaceSelector: { matchLabels: { hooked: ns } },
  clientConfig: { url: `${url}/${hook.name.split(".")[0]}`, caBundle: ca },
  rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
  ...JSON.parse(JSON.stringify(hook).replaceAll("${url}", url)),
});

/**
 * Plays all groups, each in a namespace of its own.
 *
 * @param settle Waits until something is so.
 */
export async function play(
  target: Target,
  webhooks: Webhooks,
  groups: readonly Group[],
  settle: Settle,
): Promise<Record<string, Json>> {
  await target.send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", CRD as unknown as Json);
  await settle(async () => (await target.send("GET", "/apis/example.com/v1/namespaces/g0/widgets")).status === 200);
  const refused = new Map<Group, Seen>();
  // What is configured last is known last.
  const last: Group = { name: "", mutating: [{ name: "m.example.com" }], validating: [{ name: "v.example.com" }], steps: {} };
  for (const [at, group] of [...groups, last].entries()) {
    const ns = namespaceOf(at);
    await target.send("POST", "/api/v1/namespaces", { metadata: { name: ns, labels: { hooked: ns } } });
    for (const kind of KINDS.filter((kind) => group[kind])) {
      const made = await target.send("POST", path(kind), {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: `${NAMES[kind]}WebhookConfiguration`,
        metadata: { name: ns },
        webhooks: group[kind]!.map((hook) => whole(hook, ns, webhooks)),
      });
      if (made.status !== 201) refused.set(group, { asked: [], ...made });
    }
  }
  await settle(async () => {
    webhooks.asked.length = 0;
    await target.send("POST", `/api/v1/namespaces/${namespaceOf(groups.length)}/configmaps?dryRun=All`, {
      metadata: { name: "a" },
    });
    return webhooks.asked.length === 2;
  });
  const all: Record<string, Json> = {};
  for (const [at, group] of groups.entries()) {
    const seen: Record<string, Seen> = {};
    if (refused.has(group)) seen["the configuration"] = refused.get(group)!;
    else {for (const [name, step] of Object.entries(group.steps)) {
        seen[name] = await playStep(target, webhooks, within(step, namespaceOf(at)), group.whole ?? false);
      }}
    all[group.name] = normal(seen);
  }
  return all;
}

async function playStep(target: Target, webhooks: Webhooks, step: Step, isWhole: boolean): Promise<Seen> {
  const [method, path] = step.request.split(" ") as [string, string];
  webhooks.asked.length = 0;
  webhooks.tell(step.answers ?? {});
  const answered = await target.send(method, path, step.body, step.type);
  const asked = isWhole ? [...webhooks.asked] : webhooks.asked.map(({ path }) => path);
  return { asked, ...answered };
}

/** What was seen, without what differs by nature: uids, times, versions by their order, ports. */
function normal(seen: Readonly<Record<string, Seen>>): Json {
  // Which manager comes first depends on when it came.
  const text = JSON.stringify(
    seen,
    (key, value) =>
      key === "managedFields" && Array.isArray(value)
        ? value.map((each) => JSON.stringify(each)).sort().map((each) => JSON.parse(each))
        : value,
  );
  const versions = new Map<string, string>();
  return JSON.parse(
    text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID")
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "TIME")
      .replaceAll(/127\.0\.0\.1:(?!1\/|1:)\d{2,5}/g, "127.0.0.1:PORT")
      .replaceAll(/"a-[a-z0-9]{5}"/g, `"a-GENERATED"`)
      .replaceAll(/"resourceVersion":"(\d+)"/g, (whole, version: string) => {
        if (version === "1") return whole;
        if (!versions.has(version)) versions.set(version, `v${versions.size}`);
        return `"resourceVersion":"${versions.get(version)}"`;
      }),
  ) as Json;
}
