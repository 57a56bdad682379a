import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { callWebhooks } from "../../src/fake/server.ts";
import type { JsonObject } from "../../src/fake/types/json.ts";
import { GROUPS } from "./conversion/cases.ts";
import { startConverter } from "./conversion/converter.ts";
import { play } from "./conversion/play.ts";

const recorded = JSON.parse(readFileSync(new URL("../../fixtures/conversion.json", import.meta.url), "utf8")) as Record<
  string,
  JsonObject
>;
const call = callWebhooks();
const fake = createFakeCluster({
  tokens: { admin: { user: "admin", uid: "admin", groups: ["system:masters"] } },
  webhooks: call,
  conversions: call,
});
const converter = await startConverter();
const played = await play(
  {
    async send(method, path, body, headers = {}) {
      const response = await fake.fetch(
        new Request(`http://fake${path}`, {
          method,
          headers: { authorization: "Bearer admin", "user-agent": "tester/1", ...headers },
          ...body !== undefined && { body: JSON.stringify(body) },
        }),
      );
      return { status: response.status, warnings: response.headers.get("warning") ?? "", text: await response.text() };
    },
    quiet: () => Promise.resolve(),
  },
  converter,
  GROUPS,
  async (isSo) => assert.ok(await isSo()),
);
await converter.close();
fake.close();

for (const { name, steps } of GROUPS) {
  const cases = suite(`conversion: ${name}`);
  for (const step of Object.keys(steps)) {
    cases(step, () => assert.equal((played[name] as JsonObject)[step], recorded[name]![step]));
  }
  cases.run();
}
