/** An end ends everything, at every step. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cut, type Fault, latency } from "../../src/fake/mod.ts";
import type { Reader, WatchEvent } from "../../src/ports.ts";
import { follow, type Following, type FollowOptions, many } from "../support/following.ts";

const watches = { verb: "watch", resource: "configmaps" };
const lists = { verb: "list", resource: "configmaps" };
const never = <T>() => new Promise<T>(() => {});
const rejection = (promise: Promise<unknown>) => promise.then(() => assert.unreachable("did not reject"), (error) => error);

const ends = suite("runtime: an aborted reflector");

const always = (match: { verb: string; resource: string }, fault: Fault): FollowOptions => ({
  before: ({ fake }) => void fake.faults.add({ match, times: Infinity, fault }),
});
/** Where it is when it is aborted: what it is told to follow, what happens before, how many watches it has asked for. */
const places: Record<string, [options: (abort: () => void) => FollowOptions, watches: number, act?: (f: Following) => unknown]> =
  {
    "in its first list": [() => always(lists, latency(10_000)), 0],
    "between two pages": [(abort) => ({
      before: many,
      pageSize: 2,
      intercept: ({ url }) => url.includes("continue=") ? abort() as undefined : undefined,
    }), 0],
    "by what is told of an object of the list": [(abort) => ({ before: many, onEvent: abort }), 0],
    "between its list and its watch": [(abort) => ({ onProgress: abort }), 0],
    "while a watch is opened": [() => always(watches, latency(10_000)), 1],
    "in the stream": [() => ({}), 1],
    "by what is told of an event of the watch": [(abort) => ({ onEvent: abort }), 1, async (f) => {
      await f.write("a", "1");
      await f.clock.settle();
      assert.is(f.cached().length, 1);
    }],
    "in a wait after a list that failed": [() => always(lists, cut()), 0],
    "in a wait after a watch that failed": [() => always(watches, cut()), 1],
  };
for (const [where, [options, opened, act]] of Object.entries(places)) {
  ends(`fault 5: an aborted reflector goes on: ends at once when it is aborted ${where}, and asks for nothing more`, async () => {
    const f = await follow(options);
    await act?.(f);
    await f.stop();
    assert.equal([f.reflector.health().state, f.asked("watch").length], ["ended", opened]);
  });
}

ends("ends at once when it was aborted before it began, and asks for nothing", async () => {
  const f = await follow((abort) => ({ before: abort }));
  assert.is((await rejection(f.reflector.synced)).message, "enough");
  await f.stop();
  assert.is(f.asked("list").length, 0);
});

const deaf: Record<string, Partial<Reader>> = {
  "a list": { list: never },
  "the opening of a watch": { watch: never },
  "the stream of a watch": {
    async watch<T>() {
      return { [Symbol.asyncIterator]: () => ({ next: never<IteratorResult<WatchEvent<T>>> }) };
    },
  },
};
for (const [what, part] of Object.entries(deaf)) {
  ends(`ends at once although ${what} does not heed the signal`, async () => {
    const cluster: Reader = { get: never, list: async () => ({ resourceVersion: "1", items: [] }), watch: never, ...part };
    const f = await follow({ cluster });
    await f.stop();
  });
}

ends("takes nothing in that comes after its end", async () => {
  let tell: (event: IteratorResult<WatchEvent<never>>) => void = () => {};
  const next = () => new Promise<IteratorResult<WatchEvent<never>>>((resolve) => tell = resolve);
  const stream = { [Symbol.asyncIterator]: () => ({ next }) } as AsyncIterable<WatchEvent<never>>;
  const cluster = { get: never, list: async () => ({ resourceVersion: "1", items: [] }), watch: async () => stream } as Reader;
  const f = await follow({ cluster });
  await f.stop();
  const object = { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "a", uid: "a", resourceVersion: "2" } };
  tell({ done: false, value: { type: "ADDED", object: object as never } });
  await f.clock.settle();
  assert.equal(f.events, []);
});

ends("a watch that opens after its end is left", async () => {
  let left = 0;
  const opened = Promise.withResolvers<AsyncIterable<WatchEvent<never>>>();
  const cluster = { get: never, list: async () => ({ resourceVersion: "1", items: [] }), watch: () => opened.promise } as Reader;
  const f = await follow({ cluster });
  await f.stop();
  const iterator = {
    next: never<IteratorResult<WatchEvent<never>>>,
    return: async () => ({ done: true as const, value: ++left }),
  };
  opened.resolve({ [Symbol.asyncIterator]: () => iterator });
  await f.clock.settle();
  assert.is(left, 1);
});
ends.run();
