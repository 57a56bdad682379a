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

/** Where a webhook is. */
export interface WebhookClient {
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

/** A webhook that is asked about writes, as it is configured. */
export interface WebhookTarget extends WebhookClient {
  /** Of the webhook, as in `pods.example.com`. */
  readonly name: string;
  /** Of the object that configures it. */
  readonly configuration: string;
  /** Whether it may change what is written. */
  readonly mutating: boolean;
}

/**
 * Asks a webhook.
 *
 * @param review What is asked.
 * @returns The AdmissionReview with the response, as an object or as a text; undefined: it is nobody's, the write is refused with 501.
 * @throws {Error} It could not be asked; the message says why. What becomes of the write is up to the webhook's `failurePolicy`.
 */
export type CallWebhook = (review: AdmissionReview, webhook: WebhookTarget) => unknown;

/** `apiextensions.k8s.io ConversionReview`, as it is sent. */
export interface ConversionReview {
  /** `ConversionReview`. */
  readonly kind: string;
  /** As in `apiextensions.k8s.io/v1`. */
  readonly apiVersion: string;
  /** `ConversionRequest`: one object at a time, as a genuine server sends them. */
  readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly unknown[] };
  /** Empty; a genuine server sends it. */
  readonly response: { readonly uid: string; readonly convertedObjects: null; readonly result: unknown };
}

/** A conversion webhook that is asked, as the CRD configures it. Its time is 30 seconds. */
export interface ConversionTarget extends WebhookClient {
  /** The name of the CRD, as in `widgets.example.com`. */
  readonly crd: string;
}

/**
 * Asks a conversion webhook.
 *
 * @param review What is asked.
 * @returns The ConversionReview with the response, as an object or as a text; undefined: it is nobody's, the request is refused with 501.
 * @throws {Error} It could not be asked; the message says why. The request fails.
 */
export type CallConversion = (review: ConversionReview, webhook: ConversionTarget) => unknown;
