import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  answer,
  answerWatch,
  createFakeCluster,
  createVirtualClock,
  errorWatch,
  type Fault,
  refuse,
  renumber,
  tooManyRequests,
} from "../../src/fake/mod.ts";
import { clientOf, widget, widgetsPath } from "./client.ts";
import { widgets } from "./widgets.ts";

const setUp = async (fault: Fault, options: { match?: object; times?: number } = {}) => {
  const clock = createVirtualClock();
  const fake = createFakeCluster({ crds: [widgets], clock });
  const client = clientOf(fake);
  for (const name of ["a", "b"]) await client.post(widgetsPath, widget(name));
  fake.faults.add({ fault, ...options });
  return { clock, fake, client };
};

/** All that a watch says, as text, and how it ends. */
const heard = async (fault: Fault, until?: string) => {
  const { fake } = await setUp(fault);
  const response = await fake.fetch(new Request(`http://fake${widgetsPath}?watch=1`));
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    while (until === undefined || !text.includes(until)) {
      const { done, value } = await reader.read();
      if (done) return { text, end: "end", type: response.headers.get("content-type") };
      text += value;
    }
    await reader.cancel();
    return { text, end: "open", type: response.headers.get("content-type") };
  } catch (error) {
    return { text, end: (error as Error).message, type: response.headers.get("content-type") };
  } finally {
    fake.close();
  }
};

const watches = suite("fake: watches that say something else");

watches("text and bytes as they are, lists a line each", async () => {
  assert.equal(await heard(answerWatch("<html>no</html>", { type: "text/html" })), {
    text: "<html>no</html>",
    end: "end",
    type: "text/html",
  });
  assert.is((await heard(answerWatch(Uint8Array.of(0x7b, 0xff, 0x0a)))).text, "{\ufffd\n");
  assert.is((await heard(answerWatch(["", "nonsense", { type: "WHAT" }, 5]))).text, '\nnonsense\n{"type":"WHAT"}\n5\n');
});

watches("after so many events of the server's, which may go on", async () => {
  const { text, end } = await heard(answerWatch(["odd"], { after: 1, then: "continue" }), '"b"');
  assert.is(end, "open");
  assert.equal(text.trim().split("\n").map((line) => line === "odd" ? line : JSON.parse(line).object.metadata.name), [
    "a",
    "odd",
    "b",
  ]);
});

watches("half a line, and the connection breaks", async () => {
  const { text, end } = await heard(answerWatch('{"type":"ADDED","obj', { then: "cut" }));
  assert.equal([text, end], ['{"type":"ADDED","obj', "terminated"]);
});

watches("then silence, until the cluster is closed", async () => {
  const { clock, fake, client } = await setUp(answerWatch(["x"], { then: "silence" }));
  const lines = await client.watch(`${widgetsPath}?watch=1&timeoutSeconds=5`);
  let over = false;
  const rest = lines.next().catch(() => lines.next()).finally(() => over = true);
  await clock.advance(3_600_000);
  assert.not(over);
  fake.close();
  assert.is(await rest, undefined);
});

watches("an ERROR of any kind, and the end", async () => {
  const { text, end } = await heard(errorWatch({ code: 418, reason: "Teapot", message: "no", after: 2 }));
  const [, , last] = text.trim().split("\n");
  assert.equal(JSON.parse(last!), {
    type: "ERROR",
    object: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message: "no", reason: "Teapot", code: 418 },
  });
  assert.is(end, "end");
  assert.throws(() => errorWatch({ code: 500, after: -1 }), /after is -1/);
});

watches("other requests are not meant, and a refused watch stays refused", async () => {
  const { fake, client } = await setUp(answerWatch("x"), { times: Infinity });
  assert.is((await client.get(widgetsPath)).status, 200);
  assert.is((await client.get("/apis/example.com/v1/nothings?watch=1")).status, 404);
  fake.close();
});
watches.run();

const answers = suite("fake: answers of others, and odd ones of its own");

answers("Retry-After in any form, on any status", async () => {
  const date = "Wed, 21 Oct 2065 07:28:00 GMT";
  for (
    const [fault, header, seconds] of [
      [refuse({ code: 503, retryAfter: date }), date, undefined],
      [refuse({ code: 409, reason: "Conflict", retryAfter: 1_000_000_000 }), "1000000000", 1_000_000_000],
      [tooManyRequests("soon"), "soon", undefined],
      [tooManyRequests(-0), "0", undefined],
      [refuse({ code: 500, retryAfter: "-1" }), "-1", undefined],
    ] as const
  ) {
    const { client } = await setUp(fault);
    const { headers, text } = await client.get(widgetsPath);
    assert.is(headers.get("retry-after"), header);
    if (seconds !== undefined) assert.is(JSON.parse(text).details.retryAfterSeconds, seconds);
    else assert.not.match(text, "retryAfterSeconds");
  }
});

answers("a page with 200, a redirect, half a document, nothing", async () => {
  const page = await (await setUp(answer({ body: "<html>log in</html>" }))).client.get(widgetsPath);
  assert.equal([page.status, page.headers.get("content-type"), page.text], [200, "text/html", "<html>log in</html>"]);
  const moved = await (await setUp(answer({ code: 302, headers: { location: "https://login.example.com" } }))).client.get(
    widgetsPath,
  );
  assert.equal([moved.status, moved.headers.get("location")], [302, "https://login.example.com"]);
  const list = await (await setUp(answer({ body: { kind: "WidgetList" } }))).client.get(widgetsPath);
  assert.equal([list.headers.get("content-type"), list.body], ["application/json", { kind: "WidgetList" }]);
  const { fake } = await setUp(answer({ code: 204 }));
  assert.is((await fake.fetch(new Request(`http://fake${widgetsPath}`))).body, null);
  assert.throws(() => answer({ code: 101 }), /code is 101, expected a whole number from 200 to 599/);
});

answers("what was answered by another may have taken effect", async () => {
  const { fake, client } = await setUp(answer({ code: 502, body: "bad gateway", applied: true }));
  assert.is((await client.post(widgetsPath, widget("c"))).status, 502);
  assert.is((await client.get(`${widgetsPath}/c`)).status, 200);
  assert.equal(fake.requests.lines({ verb: "create", status: 502 }), ["create widgets.example.com default 502 (answer 502)"]);
});

const back = (by: number) => renumber((version) => String(Number(version) - by));

answers("a list whose version goes back", async () => {
  const { client } = await setUp(back(5), { match: { verb: "list" } });
  const earlier = (await client.get(widgetsPath)).body;
  const now = (await client.get(widgetsPath)).body;
  assert.is(Number(now.metadata.resourceVersion) - Number(earlier.metadata.resourceVersion), 5);
  assert.is(Number(now.items[0].metadata.resourceVersion) - Number(earlier.items[0].metadata.resourceVersion), 5);
  assert.is(earlier.items.length, 2);
});

for (
  const [name, shown, meant] of [
    ["beyond 2^53", (v: string) => String(BigInt(v) + 2n ** 60n), (v: string) => String(BigInt(v) - 2n ** 60n)],
    ["not in decimals", (v: string) => `v${Number(v).toString(2)}`, (v: string) => String(parseInt(v.slice(1), 2))],
  ] as const
) {
  answers(`a cluster that counts ${name}: clients that do not read versions notice nothing`, async () => {
    const { fake, client } = await setUp(renumber(shown, meant), { times: Infinity });
    const { metadata } = (await client.get(widgetsPath)).body;
    assert.match(metadata.resourceVersion, name === "beyond 2^53" ? /^1152921504606\d{6}$/ : /^v[01]+$/);
    const lines = await client.watch(
      `${widgetsPath}?watch=1&allowWatchBookmarks=true&resourceVersion=${metadata.resourceVersion}`,
    );
    const a = (await client.get(`${widgetsPath}/a`)).body;
    const put = await client.put(`${widgetsPath}/a`, { ...a, spec: { size: 5 } });
    assert.is(put.status, 200);
    assert.is((await client.put(`${widgetsPath}/a`, { ...a, spec: { size: 6 } })).status, 409);
    const event = await lines.next();
    assert.is(event.object.metadata.resourceVersion, put.body.metadata.resourceVersion);
    const test = { op: "test", path: "/metadata/resourceVersion", value: put.body.metadata.resourceVersion };
    assert.is((await client.patch(`${widgetsPath}/a`, [test, { op: "add", path: "/spec/size", value: 7 }], "json")).status, 200);
    const stale = { preconditions: { resourceVersion: put.body.metadata.resourceVersion } };
    assert.is((await client.delete(`${widgetsPath}/a`, stale)).status, 409);
    const { metadata: { resourceVersion } } = (await client.get(`${widgetsPath}/a`)).body;
    assert.is((await client.delete(`${widgetsPath}/a`, { preconditions: { resourceVersion } })).status, 200);
    fake.close();
  });
}
answers.run();
