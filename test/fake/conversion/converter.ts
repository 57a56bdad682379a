/** A conversion webhook on loopback: it converts, or answers as it is told. */
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Json, JsonObject } from "../../../src/fake/types/json.ts";
import { createCertificate } from "../../../src/fake/http/certificate.ts";
import { mergePatch } from "../../../src/fake/patch/merge-patch.ts";

/** What the webhook says, instead of what it ought to. */
export interface Say {
  /** Only where it is asked for this version. @default {Whatever it is asked for} */
  readonly to?: string;
  /** Merged into each converted object. */
  readonly edit?: Json;
  /** Instead of the converted objects. */
  readonly objects?: Json;
  /** Merged into the response. */
  readonly response?: Json;
  /** Merged into the review. */
  readonly review?: Json;
  /** Instead of all of it. */
  readonly raw?: string;
  readonly status?: number;
  /** Nothing is ever answered. */
  readonly hangs?: boolean;
  /** What the same server answers as an admission webhook: a JSON patch. */
  readonly patch?: Json;
}

export interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly JsonObject[] };
}

interface Spec extends JsonObject {
  hostPort?: string;
  host?: string;
  port?: string;
  address?: JsonObject;
}

/** v1 says `hostPort`, v2 `host` and `port`, v3 `address`. Pure. */
export function converted(object: JsonObject, desired: string): JsonObject {
  const from = String(object.apiVersion).split("/")[1];
  const to = desired.split("/")[1];
  const { hostPort, host, port, address, ...rest } = (object.spec ?? {}) as Spec;
  const [h, p] = from === "v1" ? (hostPort ?? "").split(":") : from === "v3" ? [address?.host, address?.port] : [host, port];
  const own: JsonObject = to === "v1"
    ? { hostPort: `${h ?? ""}:${p ?? ""}` }
    : to === "v3"
    ? { address: { ...h !== undefined && { host: h }, ...p !== undefined && { port: p } } as JsonObject }
    : { ...h !== undefined && { host: h }, ...p !== undefined && { port: p } } as JsonObject;
  return { ...object, apiVersion: desired, ...object.spec !== undefined && { spec: { ...rest, ...own } } };
}

/** The text that is answered. Pure. */
export function answerTo({ apiVersion, request }: Review, say: Say): string {
  const { uid, desiredAPIVersion } = request;
  const told = say.to === undefined || desiredAPIVersion.endsWith(`/${say.to}`) ? say : {};
  if (told.raw !== undefined) return told.raw.replaceAll("${uid}", uid);
  const objects = request.objects.map((each) => {
    const right = converted(each, desiredAPIVersion);
    return told.edit === undefined ? right : mergePatch(right, told.edit as JsonObject);
  });
  const response = { uid, convertedObjects: told.objects === undefined ? objects : told.objects, result: { status: "Success" } };
  const review = {
    apiVersion,
    kind: "ConversionReview",
    response: told.response === undefined ? response : mergePatch(response as unknown as JsonObject, told.response as JsonObject),
  };
  const whole = told.review === undefined ? review : mergePatch(review as JsonObject, told.review as JsonObject);
  return JSON.stringify(whole).replaceAll("${uid}", uid);
}

/** As an admission webhook. Pure. */
function admissionAnswer({ apiVersion, request }: Review, { patch }: Say): string {
  const { uid } = request;
  const patched = patch === undefined ? {} : { patchType: "JSONPatch", patch: btoa(JSON.stringify(patch)) };
  return JSON.stringify({ apiVersion, kind: "AdmissionReview", response: { uid, allowed: true, ...patched } });
}

/** One that listens. */
export interface Converter {
  readonly url: string;
  /** What vouches for it, in base64. */
  readonly ca: string;
  /** What it was asked, until it is taken away. */
  readonly asked: Review[];
  say(say: Say): void;
  close(): Promise<void>;
}

/** Starts it. */
export async function startConverter(): Promise<Converter> {
  const { key, cert, ca } = createCertificate();
  const asked: Review[] = [];
  let say: Say = {};
  const server = createServer({ key, cert }, (incoming, outgoing) => {
    let text = "";
    incoming.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
    incoming.on("end", () => {
      const review = JSON.parse(text) as Review;
      asked.push(review);
      if (review.kind === "AdmissionReview") return void outgoing.end(admissionAnswer(review, say));
      const isMeant = say.to === undefined || review.request.desiredAPIVersion.endsWith(`/${say.to}`);
      if (say.hangs && isMeant) return;
      outgoing.statusCode = isMeant ? say.status ?? 200 : 200;
      outgoing.setHeader("content-type", "application/json");
      outgoing.end(answerTo(review, say));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: btoa(ca),
    asked,
    say: (next) => void (say = next),
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}
