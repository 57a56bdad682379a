/**
 * Asking a webhook, of whatever sort: where it is, and how long its answer is waited for.
 *
 * @module
 */
import type { Clock } from "../../ports.ts";
import { loadYaml } from "../output/yaml.ts";
import { isObject, type Json } from "../types/json.ts";
import type { WebhookClient } from "../types/webhook.ts";
import { isJson } from "./read-review.ts";

/** Nobody has told how the webhook is asked. */
export class Unserved extends Error {}

/** A `clientConfig`, with its defaults. Pure. */
export function clientOf(config: Json | undefined, timeoutSeconds: number): WebhookClient {
  const { url, service, caBundle } = isObject(config) ? config : {};
  return {
    url: typeof url === "string" ? url : undefined,
    service: isObject(service)
      ? {
        namespace: String(service.namespace),
        name: String(service.name),
        path: typeof service.path === "string" ? service.path : "",
        port: typeof service.port === "number" ? service.port : 443,
      }
      : undefined,
    caBundle: typeof caBundle === "string" ? atob(caBundle) : undefined,
    timeoutSeconds,
  };
}

/**
 * What a webhook answers: as it is, once it can be read.
 *
 * @throws {Unserved} When it is nobody's.
 * @throws {Error} When it takes too long.
 */
export async function answerOf(clock: Clock, { timeoutSeconds }: WebhookClient, ask: () => Promise<unknown>): Promise<unknown> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.setTimer(timeoutSeconds * 1000, () => reject(new Error("context deadline exceeded")));
  });
  try {
    const answer = await Promise.race([ask(), late]);
    if (answer === undefined) throw new Unserved();
    if (typeof answer === "string" && !isJson(answer)) await loadYaml();
    return answer;
  } finally {
    cancel();
  }
}
