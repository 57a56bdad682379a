/**
 * One question to a genuine server.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import type { JsonObject } from "../../../src/fake/types/json.ts";
import type { ApiServer } from "../apiserver.ts";

/** What is asked, beside method and path. */
export interface Asking {
  readonly body?: JsonObject;
  /** @default {"application/json"} */
  readonly type?: string;
  /** @default {"application/json"} */
  readonly accept?: string;
}

/** Asks. @returns The status, and the body as JSON. */
export type Ask = (
  method: string,
  path: string,
  asking?: Asking,
) => Promise<{ status: number; body: JsonObject; warned: boolean }>;

/** Asks a server as its administrator. */
export function asker(server: ApiServer): Ask {
  const agent = new Agent({ ca: readFileSync(server.caPath), keepAlive: false });
  return (method, path, { body, type = "application/json", accept = "application/json" } = {}) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${server.token}`, accept, ...body && { "content-type": type } };
      const sent = request(server.url + path, { method, agent, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject).on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          try {
            resolve({ status: answer.statusCode!, body: JSON.parse(text), warned: answer.headers.warning !== undefined });
          } catch {
            reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
          }
        });
      });
      sent.on("error", reject).end(body && JSON.stringify(body));
    });
}
