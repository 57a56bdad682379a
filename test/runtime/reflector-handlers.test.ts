/** What listens to a reflector may throw whatever it likes. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { follow, type Following, many } from "../support/following.ts";

const handlers = suite("runtime: what listens to a reflector");

handlers("row 6: a bug in user code loses an event: the cache comes first, and the stream goes on", async () => {
  const isCached: boolean[] = [];
  const following: { f?: Following } = {};
  const f = following.f = await follow({
    onEvent({ type, object }) {
      const held = following.f!.reflector.store.get(`default/${object.metadata.name}`);
      isCached.push(held === (type === "DELETED" ? undefined : object));
      throw new TypeError("cannot read this");
    },
  });
  for (const value of ["1", "2", "3"]) await f.write("a", value);
  await f.remove("a");
  await f.clock.advance(1_000);
  assert.equal(isCached, [true, true, true, true]);
  assert.equal(f.counted, Array.from({ length: 4 }, () => "handler_errors"));
  assert.equal(f.lines, ["error: A handler of configmaps throws: cannot read this"]);
  await f.stop();
});

const thrown: Record<string, [throws: () => void, said: RegExp]> = {
  "an asynchronous handler that fails": [
    (() => Promise.reject(new Error("later"))) as () => void,
    /^error: A handler of configmaps throws: later$/,
  ],
  "an error that throws when it is looked at": [
    () => {
      throw new Proxy(new Error("x"), {
        get() {
          throw new Error("inner");
        },
      });
    },
    /^error: A handler of configmaps throws: \S/,
  ],
  "undefined": [
    () => {
      throw undefined;
    },
    /^error: A handler of configmaps throws: undefined$/,
  ],
};
for (const [what, [throws, said]] of Object.entries(thrown)) {
  handlers(`row 6: a bug in user code loses an event: not even ${what}`, async () => {
    const f = await follow({ before: many, onEvent: throws });
    await f.write("f", "1");
    await f.untilSame();
    assert.equal([f.events.length, f.counted.length, f.lines.length], [6, 6, 1]);
    assert.match(f.lines[0]!, said);
    await f.stop();
  });
}

handlers("a handler that throws something new each time does not fill the log", async () => {
  let count = 0;
  const f = await follow({
    onEvent() {
      throw new Error(`number ${count++}`);
    },
  });
  for (let value = 0; value < 50; value++) await f.write("a", `${value}`);
  await f.untilSame();
  assert.equal([f.counted.length, f.lines.length], [50, 20]);
  await f.stop();
});

handlers("an index that throws, or onProgress, keeps nobody from following", async () => {
  const f = await follow({
    before: many,
    indexes: {
      broken: ({ metadata }) => {
        if (metadata.name === "b") throw new Error("no index");
        return [metadata.name];
      },
    },
    onProgress() {
      throw new Error("no progress");
    },
  });
  assert.equal(["a", "b"].map((name) => f.reflector.store.by("broken", name).length), [1, 0]);
  assert.equal(f.lines, [
    'error: The index "broken" of configmaps throws: no index',
    "error: onProgress of configmaps throws: no progress",
  ]);
  await f.stop();
});
handlers.run();
