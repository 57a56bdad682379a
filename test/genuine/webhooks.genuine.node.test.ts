import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import process from "node:process";
import { isDeepStrictEqual } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Json } from "../../src/fake/types/json.ts";
import { genuineAssets, startApiServer } from "../support/apiserver.ts";
import { GROUPS } from "../fake/webhooks/cases.ts";
import { CONFIGURATIONS } from "../fake/webhooks/configurations.ts";
import { play, startWebhooks, type Target } from "../fake/webhooks/play.ts";

const FILE = new URL("../../fixtures/webhooks.json", import.meta.url);
const ALL = [...GROUPS, ...CONFIGURATIONS];
/** With it, what the server answers is stored as what is right. */
const RECORD = process.env["RECORD"] === "webhooks";

const [assets] = genuineAssets().filter(({ name }) => name.includes("1.35"));
if (assets) {
  const webhooks = suite(`genuine API server ${assets.name}: webhooks answer as it is recorded`);
  const tell = async () => {
    const server = await startApiServer({ assets: assets.folder });
    const hooks = await startWebhooks();
    const target: Target = {
      send: (method, path, body, type = "application/json") =>
        new Promise((resolve, reject) => {
          const bytes = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body));
          const headers = {
            authorization: `Bearer ${server.token}`,
            "user-agent": "tester/1",
            ...bytes && { "content-type": type, "content-length": bytes.byteLength },
          };
          const asking = request(server.url + path, { method, ca: readFileSync(server.caPath), headers }, (answer) => {
            let text = "";
            answer.setEncoding("utf8").on("data", (chunk: string) => text += chunk).on("end", () => {
              // A path that is not served yet is answered with a text.
              const body = text.startsWith("{") ? JSON.parse(text) as Json : text;
              resolve({ status: answer.statusCode!, warnings: answer.headers["warning"] as string ?? "", body });
            });
          });
          asking.on("error", reject);
          asking.end(bytes);
        }),
    };
    const settle = async (isSeen: () => Promise<boolean>) => {
      while (!await isSeen()) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    try {
      return await play(target, hooks, ALL, settle);
    } finally {
      await hooks.close();
      await server.stop();
    }
  };
  webhooks("every case", async () => {
    const first = await tell();
    if (RECORD) writeFileSync(FILE, `${JSON.stringify(first, null, 1)}\n`);
    const recorded = JSON.parse(readFileSync(FILE, "utf8")) as typeof first;
    const differing = (seen: typeof first) =>
      ALL.map(({ name }) => name).filter((name) => !isDeepStrictEqual(seen[name], recorded[name]));
    // A server whose cache is behind decides on an update again, and asks for it again: not twice for the same case.
    const suspects = new Set(differing(first));
    const seen = suspects.size > 0 ? await tell() : first;
    for (const name of differing(seen)) if (suspects.has(name)) assert.equal(seen[name], recorded[name], name);
  });
  webhooks.run();
}
