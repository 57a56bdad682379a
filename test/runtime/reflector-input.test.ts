/** What no API server sends, but somebody in between does. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Answer, follow, many } from "../support/following.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const input = suite("runtime: a reflector is sent what no API server sends");

const object = (metadata: unknown) =>
  JSON.stringify({ type: "ADDED", object: { kind: "ConfigMap", apiVersion: "v1", metadata } }) + "\n";
const bookmark = (metadata: unknown) => JSON.stringify({ type: "BOOKMARK", object: { kind: "ConfigMap", metadata } }) + "\n";
/** The answers to the first watches, and what is counted beside the restarts. */
const oddWatches: Record<string, Answer> = {
  "an object without metadata": { body: '{"type":"ADDED","object":{"kind":"ConfigMap"}}\n' },
  "an object whose metadata is null": { body: object(null) },
  "an object without a name": { body: object({ resourceVersion: "7" }) },
  "an object without a version": { body: object({ name: "x" }) },
  "an object whose version is a number": { body: object({ name: "x", resourceVersion: 7 }) },
  "an object that is null": { body: '{"type":"MODIFIED","object":null}\n' },
  "an event that is null": { body: "null\n" },
  "an event of a kind that nobody knows": { body: '{"type":"RENAMED","object":{"metadata":{"name":"x"}}}\n' },
  "a bookmark without a version": { body: bookmark({ resourceVersion: "" }) },
  "a bookmark without metadata": { body: '{"type":"BOOKMARK","object":{}}\n' },
  "half a JSON line": { body: '{"type":"ADDED","obj' },
  "a whole line without its end": { body: object({ name: "x", resourceVersion: "7" }).trim() },
  "HTML": { body: "<html><title>Sign in</title></html>\n" },
  "HTML with 503": { code: 503, body: "<html><title>503</title></html>" },
  "an ERROR with an unknown reason": {
    body: '{"type":"ERROR","object":{"kind":"Status","status":"Failure","reason":"Odd","code":799}}\n',
  },
  "an ERROR that is empty": { body: '{"type":"ERROR","object":{}}\n' },
  "a Status of success": { body: '{"kind":"Status","status":"Success"}\n' },
  "a list": { body: '{"kind":"ConfigMapList","metadata":{"resourceVersion":"7"},"items":[]}\n' },
  "Retry-After: 1000000000": { code: 429, body: "later", retryAfter: "1000000000" },
  "Retry-After: soon": { code: 429, body: "later", retryAfter: "soon" },
  "Retry-After: -5": { code: 503, body: "later", retryAfter: "-5" },
};
for (const [what, answer] of Object.entries(oddWatches)) {
  input(`${what} in a watch: counted, said once, survived`, async () => {
    const f = await follow({ before: many, answers: (nth) => nth < 6 ? answer : undefined });
    await f.write("f", "1");
    await f.clock.advance(4 * MINUTE);
    await f.write("f", "2");
    await f.untilSame(5 * SECOND);
    assert.ok(f.counted.filter((count) => count.startsWith("restarts")).length >= 6, f.counted.join());
    assert.is(f.lines.filter((line) => line.startsWith("warn")).length, 1, f.lines.join("\n"));
    assert.equal(f.events.filter((event) => event.startsWith("DELETED") || event.includes(" x@")), []);
    await f.stop();
  });
}

input("versions that are no numbers: events are taken in as they come, and the watch goes on from the last one", async () => {
  const next = (resourceVersion: string) => object({ name: "x", uid: "x", resourceVersion }).replace("ADDED", "MODIFIED");
  const body = [object({ name: "x", uid: "x", resourceVersion: "aGVs" }), next("bG8="), next("bG8="), next("0x10")];
  const f = await follow({ answers: [{ body: body.join("") }] });
  await f.clock.advance(2 * SECOND);
  assert.equal(f.events.slice(0, 3), ["ADDED x@aGVs", "MODIFIED x@bG8=", "MODIFIED x@0x10"]);
  assert.is(f.asked("watch")[1]!.query.get("resourceVersion"), "0x10");
  await f.clock.advance(MINUTE);
  assert.equal(f.cached(), await f.present(), "the server that knows nothing of it is listed again");
  await f.stop();
});

input("versions beyond 2^53 keep their order", async () => {
  const line = (type: string, resourceVersion: string) => object({ name: "x", uid: "x", resourceVersion }).replace("ADDED", type);
  const body = [line("ADDED", "9007199254740992"), line("MODIFIED", "9007199254740993"), line("MODIFIED", "9007199254740992")];
  const f = await follow({ answers: [{ body }] });
  assert.equal(f.events, ["ADDED x@9007199254740992", "MODIFIED x@9007199254740993"]);
  await f.stop();
});

/** What lists answer for a while, after a good one. */
const oddLists: Record<string, Answer> = {
  "nothing": { body: "" },
  "an empty object": { body: "{}" },
  "null": { body: "null" },
  "HTML": { body: "<html><title>Sign in</title></html>" },
  "half of it": { body: '{"kind":"ConfigMapList","metadata":{"resourceVersion":"99"},"items":[{"metadata":{"name":"a","uid":"u' },
  "a list without a version": { body: '{"kind":"ConfigMapList","metadata":{},"items":[]}' },
  "items that are no array": { body: '{"kind":"ConfigMapList","metadata":{"resourceVersion":"99"},"items":{}}' },
  "a list that goes back in time": { body: '{"kind":"ConfigMapList","metadata":{"resourceVersion":"1"},"items":[]}' },
  "Retry-After: 1000000000": { code: 429, body: "later", retryAfter: "1000000000" },
};
for (const [what, { code = 200, body, retryAfter }] of Object.entries(oddLists)) {
  input(`${what} instead of a list: counted, said once, survived, and nothing is taken for deleted`, async () => {
    let asked = 0;
    const f = await follow({
      before: many,
      answers: [{ code: 410, body: "{}" }],
      intercept({ url }) {
        if (url.includes("watch=true")) return undefined;
        // One that insists on going back in time is believed.
        const isOdd = ++asked === 2 || asked === 3 && what !== "a list that goes back in time";
        const headers = new Headers(retryAfter === undefined ? {} : { "retry-after": retryAfter });
        return isOdd ? new Response(String(body), { status: code, headers }) : undefined;
      },
    });
    await f.clock.advance(2 * MINUTE);
    await f.write("f", "1");
    await f.untilSame(5 * SECOND);
    assert.equal(f.events.filter((event) => event.startsWith("DELETED")), []);
    assert.is(f.lines.filter((line) => line.startsWith("warn")).length, 1, f.lines.join("\n"));
    await f.stop();
  });
}

input("an object in a list that is none is left out, and counted", async () => {
  const f = await follow({
    before: many,
    async intercept({ url }) {
      if (url.includes("watch=true")) return undefined;
      const items = [null, {}, { metadata: { name: "x" } }, { metadata: { name: "y", uid: "y", resourceVersion: "1" } }];
      return Response.json({ kind: "ConfigMapList", apiVersion: "v1", metadata: { resourceVersion: "9" }, items });
    },
  });
  assert.equal(f.events.slice(0, 1), ["ADDED y@1"]);
  assert.equal(f.counted, ["malformed_objects", "malformed_objects", "malformed_objects"]);
  assert.equal(f.lines, [
    "warn: The list of configmaps has an object without metadata, which is left out",
    "warn: The list of configmaps has an object without a resourceVersion, which is left out",
  ]);
  await f.stop();
});
input.run();
