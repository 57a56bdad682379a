/**
 * The checks of how the objects of a CRD are converted.
 *
 * @module
 */
import { type FieldError, forbidden, notSupported, required } from "../types/field-error.ts";
import { isObject, type Json } from "../types/json.ts";
import { clientErrors, reviewErrors } from "../types/webhook-client.ts";

const strategies = ["None", "Webhook"];

/** Checks `spec.conversion`. Pure. */
export function conversionErrors(conversion: Json | undefined, path: string): FieldError[] {
  if (!isObject(conversion)) return [];
  const { strategy } = conversion;
  const webhook = isObject(conversion.webhook) ? conversion.webhook : {};
  const reviews = Array.isArray(webhook.conversionReviewVersions) ? webhook.conversionReviewVersions.map(String) : [];
  const errors: FieldError[] = [];
  if (strategy === "") errors.push(required(`${path}.strategy`));
  else if (!strategies.includes(String(strategy))) errors.push(notSupported(`${path}.strategy`, strategy, strategies));
  if (strategy === "Webhook") {
    errors.push(
      ...isObject(webhook.clientConfig)
        ? clientErrors(webhook.clientConfig, `${path}.webhookClientConfig`)
        : [required(`${path}.webhookClientConfig`, "required when strategy is set to Webhook")],
    );
    return [...errors, ...reviewErrors(reviews, `${path}.conversionReviewVersions`)];
  }
  const why = "should not be set when strategy is not set to Webhook";
  if (isObject(webhook.clientConfig)) errors.push(forbidden(`${path}.webhookClientConfig`, why));
  if (reviews.length > 0) errors.push(forbidden(`${path}.conversionReviewVersions`, why));
  return errors;
}
