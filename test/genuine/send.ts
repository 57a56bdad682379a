/**
 * Raw requests to a genuine server.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { request } from "node:https";
import type { Send } from "../fake/cel-transitions.ts";
import type { ApiServer } from "../support/apiserver.ts";

/** Asks a genuine server. */
export function sendOver({ url, token, caPath }: ApiServer): Send {
  const ca = readFileSync(caPath);
  return (method, path, body, type = "application/json") =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": type };
      const call = request(url + path, { method, ca, headers, agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => text += part).on("error", reject);
        response.on("end", () => resolve({ code: response.statusCode!, body: text.startsWith("{") ? JSON.parse(text) : {} }));
      });
      call.on("error", reject);
      call.end(body === undefined || typeof body === "string" ? body : JSON.stringify(body));
    });
}
