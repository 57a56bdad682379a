/**
 * Webhooks as whoever asks them knows them.
 *
 * @module
 */
import type { JsonObject } from "./json.ts";

/** A webhook that is asked, as it is configured. */
export interface WebhookTarget {
  /** Of the webhook, as in `pods.example.com`. */
  readonly name: string;
  /** Of the object that configures it. */
  readonly configuration: string;
  /** Whether it may change what is written. */
  readonly mutating: boolean;
  /** `clientConfig.url`. */
  readonly url: string | undefined;
  /** `clientConfig.service`, with its defaults. */
  readonly service:
    | { readonly namespace: string; readonly name: string; readonly path: string; readonly port: number }
    | undefined;
  /** `clientConfig.caBundle`: certificates in PEM. */
  readonly caBundle: string | undefined;
  /** After this many it has failed. */
  readonly timeoutSeconds: number;
}

/**
 * Asks a webhook.
 *
 * @param review `admission.k8s.io/v1 AdmissionReview` with the request.
 * @returns The AdmissionReview with the response, as an object or as a text; undefined: it is nobody's, the write is refused with 501.
 * @throws {Error} It could not be asked; the message says why. What becomes of the write is up to the webhook's `failurePolicy`.
 */
export type CallWebhook = (review: JsonObject, webhook: WebhookTarget) => unknown;
