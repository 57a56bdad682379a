/**
 * The fake API server as the target of scenarios. Its time is virtual.
 *
 * @module
 */
import { createFakeCluster } from "../../src/fake/mod.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import { type Question, type Target, tokens } from "./target.ts";

// No time that a scenario writes down.
const beginning = Date.UTC(2031, 4, 6, 7, 8, 9);

/** Makes a fake and plays scenarios on it. */
export function fakeTarget(): Target & { close(): void } {
  const clock = createVirtualClock(beginning);
  const fake = createFakeCluster({
    clock,
    seed: 1,
    tokens: {
      [tokens.admin]: { user: "admin", uid: "admin", groups: ["system:masters"] }, // The genuine one has her token from a file, with a group that has no name.
      [tokens.alice]: { user: "alice", uid: "alice", groups: [""], allow: "rbac" },
    },
  });
  return {
    version: "fake",
    started: beginning,
    async exchange({ method, path, headers, body }) {
      const controller = new AbortController();
      const response = await fake.fetch(
        new Request(`https://127.0.0.1:6443${path}`, { method, headers: joined(headers), body, signal: controller.signal }),
      );
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: response.body ?? nothing(),
        abort: () => controller.abort(),
      };
    },
    now: () => clock.now(),
    async within(promise, limit) {
      let settled = false;
      const done = promise.finally(() => settled = true);
      done.catch(() => {}); // it is awaited below
      await clock.settle();
      for (let passed = 0; !settled && passed < limit; passed += 200) await clock.advance(200);
      return settled ? await done : undefined;
    },
    quiet: () => clock.settle(),
    async tick() {
      const second = Math.floor(clock.now() / 1000) * 1000 + 1000;
      await clock.advance(second + 5 - clock.now());
      return second;
    },
    close: () => fake.close(),
  };
}

/** As a `Request` takes them. */
const joined = (headers: Question["headers"]): [string, string][] =>
  Object.entries(headers).flatMap(([name, value]) => [value].flat().map((each): [string, string] => [name, each as string]));

async function* nothing(): AsyncGenerator<Uint8Array> {}
