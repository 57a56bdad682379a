/**
 * Webhooks as whoever asks them knows them.
 *
 * @module
 */
/** `admission.k8s.io AdmissionReview`, as it is sent. */
export interface AdmissionReview {
  /** `AdmissionReview`. */
  readonly kind: string;
  /** As in `admission.k8s.io/v1`. */
  readonly apiVersion: string;
  /** `AdmissionRequest`: `uid`, `operation`, `object`, `oldObject`, `userInfo` and so on. */
  readonly request: { readonly uid: string; readonly operation: string } & Readonly<Record<string, unknown>>;
}

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
 * @param review What is asked.
 * @returns The AdmissionReview with the response, as an object or as a text; undefined: it is nobody's, the write is refused with 501.
 * @throws {Error} It could not be asked; the message says why. What becomes of the write is up to the webhook's `failurePolicy`.
 */
export type CallWebhook = (review: AdmissionReview, webhook: WebhookTarget) => unknown;
