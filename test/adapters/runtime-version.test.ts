import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runtimeFault } from "../../src/adapters/runtime-version.ts";

const version = suite("runtime version");
version("one that is too old is told what is needed", () => {
  assert.is(runtimeFault({ node: "20.20.2" }), "crd-watcher needs Node 22.19 or newer: this is Node 20.20.2");
  assert.is(runtimeFault({ node: "22.18.0" }), "crd-watcher needs Node 22.19 or newer: this is Node 22.18.0");
  assert.is(runtimeFault({ node: "26.3.0", deno: "2.4.9" }), "crd-watcher needs Deno 2.5 or newer: this is Deno 2.4.9");
});

version("newer ones are fine, this one, too", () => {
  for (const versions of [{ node: "22.19.0" }, { node: "23.0.0" }, { node: "20.0.0", deno: "2.5.0" }, { deno: "3.0.0" }]) {
    assert.is(runtimeFault(versions), undefined);
  }
  assert.is(runtimeFault(process.versions), undefined);
});
version.run();
