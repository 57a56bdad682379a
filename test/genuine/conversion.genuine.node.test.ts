import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { genuineAssets, startApiServer } from "../support/apiserver.ts";
import { GROUPS } from "../fake/conversion/cases.ts";
import { startConverter } from "../fake/conversion/converter.ts";
import { play, type Target } from "../fake/conversion/play.ts";

const FILE = new URL("../../fixtures/conversion.json", import.meta.url);
/** With it, what the server answers is stored as what is right. */
const RECORD = process.env["RECORD"] === "conversion";

const [assets] = genuineAssets().filter(({ name }) => name.includes("1.35"));
if (assets) {
  const conversion = suite(`genuine API server ${assets.name}: conversion webhooks answer as it is recorded`);
  conversion("every case", async () => {
    const server = await startApiServer({ assets: assets.folder });
    const converter = await startConverter();
    const ca = readFileSync(server.caPath);
    const target: Target = {
      send: (method, path, body, more = {}) =>
        new Promise((resolve, reject) => {
          const bytes = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body));
          const headers = {
            authorization: `Bearer ${server.token}`,
            "user-agent": "tester/1",
            ...more,
            ...bytes && { "content-length": bytes.byteLength },
          };
          const asking = request(server.url + path, { method, ca, headers }, (answer) => {
            let text = "";
            answer.setEncoding("utf8").on("data", (chunk: string) => text += chunk).on("end", () => {
              resolve({ status: answer.statusCode!, warnings: answer.headers["warning"] as string ?? "", text });
            });
          });
          asking.on("error", reject);
          asking.end(bytes);
        }),
      // Its watch caches convert what was written, and a CRD that has changed is taken up, some time later.
      quiet: () => new Promise((resolve) => setTimeout(resolve, 1500)),
    };
    const settle = async (isSeen: () => Promise<boolean>) => {
      while (!await isSeen()) await target.quiet();
    };
    try {
      const seen = await play(target, converter, GROUPS, settle);
      if (RECORD) writeFileSync(FILE, `${JSON.stringify(seen, null, 1)}\n`);
      const recorded = JSON.parse(readFileSync(FILE, "utf8")) as typeof seen;
      for (const { name } of GROUPS) assert.equal(seen[name], recorded[name], name);
    } finally {
      await converter.close();
      await server.stop();
    }
  });
  conversion.run();
}
