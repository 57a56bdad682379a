import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RequestState } from "../../mod.ts";
import { HttpFailure, type Lifetime } from "../../src/adapters/transport/transport.ts";
import { createDice } from "../../src/testing/dice.ts";
import type { Version } from "../../src/testing/witness.ts";
import { REQUESTS } from "../support/scenario.ts";
import { bareServer, fakeServer, type Server } from "./server.ts";
import { Timelines } from "./timelines.ts";

const restores = suite("properties: a storage that is put back");

const patient: Lifetime = { over: false, whenOver() {} };

/** What somebody sees who lives through it, with versions counted from the first one. */
async function sight(server: Server, bumpRevision: number): Promise<unknown> {
  const { clock } = server;
  const transport = server.connect("worker");
  const done = async <T>(asked: Promise<T>): Promise<T> => {
    let answer: { readonly is: T } | { readonly fails: unknown } | undefined;
    asked.then((is) => answer = { is }, (fails) => answer = { fails });
    while (!answer) await clock.advance(100);
    if ("fails" in answer) throw answer.fails;
    return answer.is;
  };
  const ask = async (method: "GET" | "POST", path: string, body?: unknown) => {
    try {
      const sent = body === undefined ? {} : { body: JSON.stringify(body), contentType: "application/json" };
      const { code, text } = await done(transport.text({ method, path, ...sent }, patient));
      return { code, body: JSON.parse(text) };
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      return { code: error.code, body: JSON.parse(error.body) };
    }
  };
  const create = (name: string) =>
    ask("POST", REQUESTS, {
      apiVersion: "com.redhat.ecosystem.sample/v1",
      kind: "RequestState",
      metadata: { name },
      spec: { job: "A", state: "REQUESTED", "request-uid": name, flow: "f" },
    });
  const watch = async (from: number) => {
    const path = `${REQUESTS}?watch=true&allowWatchBookmarks=true&resourceVersion=${from}&timeoutSeconds=600`;
    const stream = await done(transport.stream({ method: "GET", path }, patient));
    const seen: string[] = [];
    const decoder = new TextDecoder();
    void (async () => {
      for (let bytes = await stream.read(); bytes; bytes = await stream.read()) {
        for (const line of decoder.decode(bytes).split("\n").filter((line) => line !== "")) {
          const { type, object } = JSON.parse(line);
          seen.push(`${type} ${object.metadata?.name ?? object.code ?? ""}`.trim());
        }
      }
      seen.push("end");
    })();
    return seen;
  };
  const told: string[] = [];
  const first = Number((await create("a")).body.metadata.resourceVersion);
  server.follow("requeststates.com.redhat.ecosystem.sample", ({ type, object }) => {
    const { name, resourceVersion } = (object as RequestState).metadata;
    told.push(`${type} ${name} ${Number(resourceVersion) - first}`);
  });
  told.length = 0; // what was there already may have been shown
  const putBack = server.backUp();
  await create("b");
  await create("c");
  const open = await watch(first);
  await clock.advance(10);
  putBack(bumpRevision);
  const names = (await ask("GET", REQUESTS)).body.items.map(({ metadata }: RequestState) => metadata.name);
  const ahead = await ask("GET", `${REQUESTS}?resourceVersion=${first + 2}&resourceVersionMatch=NotOlderThan`);
  const old = await watch(first - 1);
  const future = await watch(first + 2);
  await clock.advance(150_000);
  const silent = [...future];
  for (const name of ["d", "e", "f"]) await create(name);
  await clock.advance(10);
  return { told, names, ahead: ahead.code, open, old, silent, future };
}

const servers = (): readonly Server[] => [fakeServer(), bareServer(createDice("bare"))];

restores("versions go back, too: what was known is in the future, on both servers", async () => {
  const [fake, bare] = await Promise.all(servers().map((server) => sight(server, 0)));
  assert.equal(fake, {
    told: ["ADDED b 1", "ADDED c 2", "DELETED b 1", "DELETED c 2", "ADDED a 0", "ADDED d 1", "ADDED e 2", "ADDED f 3"],
    names: ["a"],
    ahead: 504,
    open: ["ADDED b", "ADDED c", "end"],
    old: ["ERROR 410", "end"],
    silent: [],
    future: ["ADDED f"],
  });
  assert.equal(bare, fake);
});

restores("versions go far ahead: what was known is too old, on both servers", async () => {
  const [fake, bare] = await Promise.all(servers().map((server) => sight(server, 1_000)));
  assert.equal(fake, {
    told: ["ADDED b 1", "ADDED c 2", "DELETED b 1", "DELETED c 2", "ADDED a 0", "ADDED d 1001", "ADDED e 1002", "ADDED f 1003"],
    names: ["a"],
    ahead: 200,
    open: ["ADDED b", "ADDED c", "end"],
    old: ["ERROR 410", "end"],
    silent: ["ERROR 410", "end"],
    future: ["ERROR 410", "end"],
  });
  assert.equal(bare, fake);
});

/** Versions of one request as a witness sees them: those that a restore shows come again. */
function seen(): { readonly timelines: Timelines; readonly add: (text: string) => void; readonly shown: () => unknown } {
  const versions: Version[] = [];
  const timelines = new Timelines({ versions: new Map([["u", versions]]) });
  return {
    timelines,
    add(text) {
      for (const each of text.split(", ")) {
        const [type, resourceVersion] = each.split(" ") as [Version["type"], string];
        versions.push({ type, object: { metadata: { resourceVersion } } as RequestState, at: versions.length });
      }
    },
    shown: () =>
      timelines.of("u").map(({ versions, from, to }) => [
        versions.map(({ type, object, at }) => `${type} ${object.metadata.resourceVersion} at ${at}`).join(", "),
        from,
        to,
      ]),
  };
}

restores("each timeline has the versions from the first one on, whichever backup it began with", () => {
  const { timelines, add, shown } = seen();
  add("ADDED 1, MODIFIED 2");
  const early = { timeline: timelines.present };
  add("MODIFIED 3, DELETED 4");
  timelines.begin(10, early, false);
  add("ADDED 2, MODIFIED 3");
  timelines.begin(20, { timeline: 1 }, true);
  add("ADDED 3, MODIFIED 1000");
  timelines.begin(30, early, true);
  add("ADDED 2");
  timelines.begin(40, early, true); // to before it was made
  add("DELETED 2");
  assert.equal(shown(), [
    ["ADDED 1 at 0, MODIFIED 2 at 1, MODIFIED 3 at 2, DELETED 4 at 3", 0, 10],
    ["ADDED 1 at 0, MODIFIED 2 at 1, MODIFIED 3 at 5", 10, 20],
    ["ADDED 1 at 0, MODIFIED 2 at 1, MODIFIED 3 at 5, MODIFIED 1000 at 7", 20, 30],
    ["ADDED 1 at 0, MODIFIED 2 at 1", 30, 40],
    ["", 40, Infinity],
  ]);
});

restores("versions go ahead of all that there ever were", () => {
  const { timelines } = seen();
  const begin = (timeline: number, leaps: boolean) => timelines.begin(0, { timeline }, leaps);
  assert.is(begin(0, true), 1);
  assert.is(begin(0, true), 2);
  assert.is(begin(1, true), 2, "from one leap to three");
  assert.is(begin(2, false), 0);
  assert.is(begin(4, true), 3, "from two leaps to five");
});

restores("a backup from before versions were given out twice is of another branch", () => {
  const { timelines } = seen();
  const repeats = (timeline: number, leaps: boolean) => timelines.repeats({ timeline }, leaps);
  assert.is(repeats(0, true), false);
  assert.is(repeats(0, false), true);
  timelines.begin(0, { timeline: 0 }, true);
  assert.is(repeats(0, true), false);
  timelines.begin(0, { timeline: 0 }, false);
  assert.equal([0, 1, 2].map((timeline) => repeats(timeline, true)), [true, true, false]);
});
restores.run();
