import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { callWebhooks } from "../../src/fake/server.ts";
import type { Json, JsonObject } from "../../src/fake/types/json.ts";
import { GROUPS } from "./webhooks/cases.ts";
import { CONFIGURATIONS } from "./webhooks/configurations.ts";
import { play, startWebhooks } from "./webhooks/play.ts";

const recorded = JSON.parse(readFileSync(new URL("../../fixtures/webhooks.json", import.meta.url), "utf8")) as Record<
  string,
  JsonObject
>;
const fake = createFakeCluster({
  tokens: { admin: { user: "admin", uid: "admin", groups: ["system:masters"] } },
  webhooks: callWebhooks(),
});
const ALL = [...GROUPS, ...CONFIGURATIONS];
const hooks = await startWebhooks();
const played = await play(
  {
    async send(method, path, body, type = "application/json") {
      const response = await fake.fetch(
        new Request(`http://fake${path}`, {
          method,
          headers: { authorization: "Bearer admin", "user-agent": "tester/1", ...body !== undefined && { "content-type": type } },
          ...body !== undefined && { body: JSON.stringify(body) },
        }),
      );
      const text = await response.text();
      return {
        status: response.status,
        warnings: response.headers.get("warning") ?? "",
        body: text.startsWith("{") ? JSON.parse(text) as Json : text,
      };
    },
  },
  hooks,
  ALL,
  async (isSo) => assert.ok(await isSo()),
);
await hooks.close();
fake.close();

for (const { name, steps } of ALL) {
  const cases = suite(`webhooks: ${name}`);
  for (const step of Object.keys(recorded[name]!)) {
    cases(step in steps ? step : "is refused", () => assert.equal((played[name] as JsonObject)[step], recorded[name]![step]));
  }
  cases.run();
}
