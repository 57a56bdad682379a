/**
 * Webhooks asked over HTTPS, as a genuine API server asks them.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Agent, request } from "node:https";
import { checkOptions, type Members, OBJECT } from "../../options.ts";
import type { CallConversion, CallWebhook, WebhookClient } from "../types/webhook.ts";
import type { JsonObject } from "../types/json.ts";

/** Where webhooks are found. */
export interface WebhookOptions {
  /**
   * Where services are, which nothing runs here: URLs such as `https://127.0.0.1:9443` by `namespace/name`. The path is the one that the
   * webhook names; its certificate is held to be that of `<name>.<namespace>.svc`, as on a cluster.
   *
   * @default {{}}
   */
  readonly services?: Readonly<Record<string, string>>;
}

const isService = ([name, url]: readonly [string, unknown]) =>
  /^[^/]+\/[^/]+$/.test(name) && typeof url === "string" && URL.canParse(url);
const OPTIONS: Members<WebhookOptions> = {
  services: {
    expected: 'URLs by namespace and name, as in { "system/webhook": "https://127.0.0.1:9443" }',
    fits: (value) => OBJECT.fits(value) && Object.entries(value as object).every(isService),
  },
};

/** What client-go makes of a status without a body that says more. */
const words: Readonly<Record<number, string>> = {
  400: "the server rejected our request for an unknown reason",
  401: "the server has asked for the client to provide credentials",
  404: "the server could not find the requested resource",
  405: "the server does not allow this method on the requested resource",
  409: "the server reported a conflict",
  422: "the server rejected our request due to an error in our request",
  429: "the server has received too many requests and has asked us to try again later",
  503: "the server is currently unable to handle the request",
  504: "the server was unable to return a response in the time allotted, but may still be processing the request",
};

const messageIn = (body: string): string | undefined => {
  try {
    const { kind, message } = JSON.parse(body) as JsonObject;
    return kind === "Status" && typeof message === "string" ? message : undefined;
  } catch {
    return undefined; // no Status
  }
};

function refusal(status: number, body: string, type: string): string {
  const own = messageIn(body) ?? words[status];
  if (own !== undefined) return own;
  const text = type === "" || type.startsWith("text/") ? body : "";
  if (status >= 500) {
    return `an error on the server (${JSON.stringify(text || "unknown")}) has prevented the request from succeeding`;
  }
  return `the server responded with the status code ${status} but did not return more information`;
}

const untrusted = ["DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"]
  .concat(["UNABLE_TO_GET_ISSUER_CERT", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"]);

/** The words of Go for what went wrong before there was an answer. */
function failureOf(error: NodeJS.ErrnoException, { hostname, port }: URL): string {
  if (error.code === "ECONNREFUSED") return `dial tcp ${hostname}:${port || 443}: connect: connection refused`;
  if (error.code === "ECONNRESET") return "EOF";
  if (untrusted.includes(error.code ?? "") || /unknown ?issuer/i.test(error.message)) {
    return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
  }
  return error.message;
}

/** Where a webhook is, and the name of the host that its certificate is for. */
function placeOf(webhook: WebhookClient, services: Readonly<Record<string, string>>): { url: URL; shown: string; host?: string } {
  const timeout = `timeout=${webhook.timeoutSeconds}s`;
  if (!webhook.service) {
    const url = new URL(webhook.url!);
    url.search = timeout;
    return { url, shown: url.href };
  }
  const { namespace, name, path, port } = webhook.service;
  const host = `${name}.${namespace}.svc`;
  const shown = `https://${host}:${port}${path.startsWith("/") || path === "" ? path || "/" : `/${path}`}?${timeout}`;
  const base = services[`${namespace}/${name}`];
  if (base === undefined) throw new Error(`Post "${shown}": service "${name}" not found`);
  const url = new URL(shown);
  const { hostname, port: own, protocol } = new URL(base);
  Object.assign(url, { protocol, hostname });
  url.port = own;
  return { url, shown, host };
}

/**
 * Asks webhooks over HTTPS: at the `url` of their `clientConfig`, or where `services` says that a service is; their certificate must be one
 * that `caBundle` vouches for. What it gives stands for both, `webhooks` and `conversions`.
 *
 * @example An operator's webhook, tried against the fake
 * ```ts ignore
 * const call = callWebhooks({ services: { "system/webhook": "https://127.0.0.1:9443" } });
 * const fake = createFakeCluster({ crds, webhooks: call, conversions: call });
 * ```
 */
export function callWebhooks(options: WebhookOptions = {}): CallWebhook & CallConversion {
  checkOptions("Cannot ask webhooks", options, OPTIONS);
  const { services = {} } = options;
  // One that is idle keeps no process alive.
  const agent = new Agent({ keepAlive: true });
  const ask = (body: Buffer, webhook: WebhookClient): Promise<string> =>
    new Promise((resolve, reject) => {
      const { url, shown, host } = placeOf(webhook, services);
      const fail = (why: string) => reject(new Error(why));
      const asking = request(url, {
        method: "POST",
        agent,
        ...(webhook.caBundle === undefined ? {} : { ca: webhook.caBundle }),
        ...(host === undefined ? {} : { servername: host }),
        timeout: webhook.timeoutSeconds * 1000,
        headers: {
          "user-agent": "kube-apiserver-admission",
          accept: "application/json, */*",
          "content-type": "application/json",
          "content-length": body.byteLength,
        },
      }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", () => fail(`Post "${shown}": unexpected EOF`));
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          const { statusCode = 0 } = answer;
          const type = answer.headers["content-type"] ?? "";
          if (statusCode < 200 || statusCode > 206) return fail(refusal(statusCode, text, type));
          if (text !== "") return resolve(text);
          fail(`0-length response with status code: ${statusCode} and content type: ${type || "application/json"}`);
        });
      });
      asking.on("timeout", () => asking.destroy(new Error("context deadline exceeded")));
      asking.on("error", (error: NodeJS.ErrnoException) => {
        // A connection that was kept may have been closed from there in the meantime: nothing was asked over it.
        if (asking.reusedSocket && error.code === "ECONNRESET") ask(body, webhook).then(resolve, reject);
        else fail(`Post "${shown}": ${failureOf(error, url)}`);
      });
      asking.end(body);
    });
  return (review: unknown, webhook: WebhookClient) => ask(Buffer.from(JSON.stringify(review)), webhook);
}
