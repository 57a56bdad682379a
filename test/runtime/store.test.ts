import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { KubernetesObject } from "../../mod.ts";
import { createStore } from "../../src/runtime/store.ts";

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
  "a list without it": [(store) => store.replace([]), ["DELETED 10"]],
  "a list with it": [(store) => store.replace([thing("uid-1", "10")]), []],
  "a list with an older version": [(store) => store.replace([thing("uid-1", "8")]), ["DELETED 10", "ADDED 8"]],
  "a list with other content at the same version": [(store) => store.replace([thing("uid-1", "10", 7)]), [
    "DELETED 10",
    "ADDED 10",
  ]],
};

const stores = suite("runtime: the store");
for (const [what, [act, events]] of Object.entries(cases)) {
  stores(`${what} makes ${events.join(", ") || "nothing"}`, () => {
    const store = createStore<Thing>();
    store.put(thing("uid-1", "10"));
    assert.equal(act(store).map(({ type, object }) => `${type} ${object.metadata.resourceVersion}`), events);
  });
}
stores.run();
