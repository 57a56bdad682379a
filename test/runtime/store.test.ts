import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { KubernetesObject } from "../../mod.ts";
import { createStore } from "../../src/runtime/store/store.ts";
import { compareVersions } from "../../src/runtime/store/version.ts";

interface Thing extends KubernetesObject {
  readonly spec: number;
}
const thing = (uid: string, resourceVersion: string, spec = 0): Thing => ({
  apiVersion: "v1",
  kind: "Thing",
  metadata: { name: "a", namespace: "shop", uid, resourceVersion },
  spec,
});

/** What is put or listed after version 10 of uid-1, and the events that it makes. */
const cases: Record<string, [(store: ReturnType<typeof createStore<Thing>>) => { type: string; object: Thing }[], string[]]> = {
  "a newer version": [(store) => store.put(thing("uid-1", "11")), ["MODIFIED 11"]],
  "the same version": [(store) => store.put(thing("uid-1", "10")), []],
  "an older version, by number and not by letter": [(store) => store.put(thing("uid-1", "9")), []],
  "another object of that name": [(store) => store.put(thing("uid-2", "9")), ["DELETED 10", "ADDED 9"]],
  "the deletion of another object of that name": [(store) => store.remove(thing("uid-2", "12")), []],
  "its deletion": [(store) => store.remove(thing("uid-1", "12")), ["DELETED 12"]],
  "what was before its deletion, late": [
    (store) => [...store.remove(thing("uid-1", "12")), ...store.put(thing("uid-1", "11")), ...store.put(thing("uid-1", "12"))],
    ["DELETED 12"],
  ],
  "what came back into the selection after it had left": [
    (store) => [...store.remove(thing("uid-1", "12")), ...store.put(thing("uid-1", "13"))],
    ["DELETED 12", "ADDED 13"],
  ],
  "a list that has it again, in an older version": [
    (store) => [...store.remove(thing("uid-1", "12")), ...store.replace([thing("uid-1", "8")])],
    ["DELETED 12", "ADDED 8"],
  ],
  "what has not come back into the selection before the storage was put back to an older state, and does so after it": [
    (store) => [...store.remove(thing("uid-1", "12")), ...store.replace([]), ...store.put(thing("uid-1", "9"))],
    ["DELETED 12", "ADDED 9"],
  ],
  "a list without it": [(store) => store.replace([]), ["DELETED 10"]],
  "a list with it": [(store) => store.replace([thing("uid-1", "10")]), []],
  "a list with an older version": [(store) => store.replace([thing("uid-1", "8")]), ["DELETED 10", "ADDED 8"]],
  "a list with other content at the same version": [(store) => store.replace([thing("uid-1", "10", 7)]), [
    "DELETED 10",
    "ADDED 10",
  ]],
  "a list of a built-in kind, whose items lack kind and apiVersion": [
    (store) => {
      const { kind: _kind, apiVersion: _apiVersion, ...item } = thing("uid-1", "10");
      return store.replace([item as Thing]);
    },
    [],
  ],
  "a list that names its members in another order": [(store) => {
    const { kind, apiVersion, metadata: { name, namespace, uid, resourceVersion }, spec } = thing("uid-1", "10");
    return store.replace([{ spec, metadata: { uid, resourceVersion, namespace, name }, kind, apiVersion }]);
  }, []],
  "a list that says who manages its fields": [(store) => {
    const { metadata, ...rest } = thing("uid-1", "10");
    return store.replace([{ ...rest, metadata: { ...metadata, managedFields: [{ manager: "kubectl" }] } as Thing["metadata"] }]);
  }, []],
  "a list with another object of that name": [(store) => store.replace([thing("uid-2", "12")]), ["DELETED 10", "ADDED 12"]],
  "a version beyond 2^53": [(store) => store.put(thing("uid-1", "9007199254740993")), ["MODIFIED 9007199254740993"]],
  "the version after one beyond 2^53": [(store) => {
    store.put(thing("uid-1", "9007199254740992"));
    return store.put(thing("uid-1", "9007199254740993"));
  }, ["MODIFIED 9007199254740993"]],
  "a version that is no number": [(store) => store.put(thing("uid-1", "aGVsbG8")), ["MODIFIED aGVsbG8"]],
  "the same one again": [(store) => {
    store.put(thing("uid-1", "aGVsbG8"));
    return store.put(thing("uid-1", "aGVsbG8"));
  }, []],
  "a decimal one after it": [(store) => {
    store.put(thing("uid-1", "aGVsbG8"));
    return store.put(thing("uid-1", "3"));
  }, ["MODIFIED 3"]],
};

const stores = suite("runtime: the store");
for (const [what, [act, events]] of Object.entries(cases)) {
  stores(`${what} makes ${events.join(", ") || "nothing"}`, () => {
    const store = createStore<Thing>();
    store.put(thing("uid-1", "10"));
    assert.equal(act(store).map(({ type, object }) => `${type} ${object.metadata.resourceVersion}`), events);
  });
}
stores("a list is taken in piece by piece; what none of them names is gone at its end", () => {
  const store = createStore<Thing>();
  const named = (name: string, uid: string, version: string) => ({
    ...thing(uid, version),
    metadata: { ...thing(uid, version).metadata, name },
  });
  for (const name of ["a", "b", "c"]) store.put(named(name, `uid-${name}`, "10"));
  const text = ({ type, object }: { type: string; object: Thing }) => `${type} ${object.metadata.name}`;
  const listing = store.listing();
  assert.equal(listing.take([named("a", "uid-a", "10")]).map(text), []);
  assert.equal(listing.take([named("b", "uid-b", "11"), named("d", "uid-d", "12")]).map(text), ["MODIFIED b", "ADDED d"]);
  assert.equal(listing.end().map(text), ["DELETED c"]);
  assert.equal([...store.keys()], ["shop/a", "shop/b", "shop/d"]);
});

stores("an index finds the objects as they are now", () => {
  const store = createStore<Thing>({ indexes: { spec: ({ spec }) => [`${spec}`] } });
  const found = (value: string) => store.by("spec", value).map(({ metadata }) => metadata.resourceVersion);
  store.put(thing("uid-1", "10", 1));
  assert.equal([found("1"), found("2")], [["10"], []]);
  store.put(thing("uid-1", "11", 2));
  assert.equal([found("1"), found("2")], [[], ["11"]]);
  store.put(thing("uid-2", "12", 2)); // another object of that name
  assert.equal(found("2"), ["12"]);
  store.replace([]);
  assert.equal(found("2"), []);
  assert.throws(() => store.by("owner", "x"), /Cannot look into the index "owner": the store has "spec"/);
});
stores("who looks at the keys, and waits now and then, is not shown what has gone meanwhile", () => {
  const store = createStore<Thing>();
  const named = (name: string): Thing => ({
    ...thing(`uid-${name}`, "1"),
    metadata: { name, uid: `uid-${name}`, resourceVersion: "1" },
  });
  for (let index = 0; index < 40; index++) store.put(named(`${index}`));
  const found: string[] = [];
  for (const key of store.keys()) {
    found.push(key);
    for (let index = 1; index < 39; index++) store.remove(named(`${index}`)); // while it waits
  }
  assert.equal(found, ["0", "39"]);
});
stores.run();

const versions = suite("runtime: the order of versions");
const orders: [a: string, b: string, order: number][] = [
  ["9", "10", -1],
  ["10", "9", 1],
  ["10", "10", 0],
  ["18446744073709551616", "18446744073709551615", 1],
  ["9007199254740992", "9007199254740993", -1],
  ["1", "", 1],
  ["", "1", -1],
  ["", "", 0],
  // Nothing can be said but that they differ: what has come later counts as newer, either way round.
  ["abc", "7", 1],
  ["7", "abc", 1],
  ["007", "8", 1],
  ["8", "007", 1],
  ["-1", "1", 1],
  ["1.5", "2", 1],
  ["abc", "abc", 0],
];
for (const [a, b, order] of orders) {
  versions(`"${a}" against "${b}" is ${order}`, () => assert.is(Math.sign(compareVersions(a, b)), order));
}
versions.run();
