/**
 * A genuine API server as the target of scenarios.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";
import type { ApiServer } from "../support/apiserver.ts";
import type { Answer, Question, Target } from "./target.ts";

const sleep = (ms: number) => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms));
/** How long to wait for what may still be under way. */
const quietMs = 300;

// Node leaves the length of a DELETE's body to whoever reads it.
const length = (body: Question["body"]) => body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };

/** Plays scenarios on a server that runs. */
export function genuineTarget(server: ApiServer): Target & { close(): void } {
  const agent = new Agent({ ca: readFileSync(server.caPath), keepAlive: true });
  const send = ({ method, path, headers, body }: Question): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request(
        server.url + path,
        { method, headers: { ...headers, ...length(body) } as OutgoingHttpHeaders, agent },
        (got: IncomingMessage) => {
          resolve({
            status: got.statusCode!,
            headers: Object.fromEntries(Object.entries(got.headersDistinct).map(([name, values]) => [name, values!.join(", ")])),
            body: got,
            abort: () => void got.destroy(),
          });
        },
      );
      sent.on("error", reject).end(body);
    });
  return {
    version: server.version,
    started: Date.now() - 60_000,
    exchange: send,
    now: Date.now,
    async within(promise, limit) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const over = new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), limit));
      try {
        return await Promise.race([promise, over]);
      } finally {
        clearTimeout(timer);
      }
    },
    quiet: async () => void await sleep(quietMs),
    async tick() {
      const second = Math.floor(Date.now() / 1000) * 1000 + 1000;
      while (Date.now() < second + 5) await sleep(second + 6 - Date.now());
      return second;
    },
    close: () => agent.destroy(),
  };
}
