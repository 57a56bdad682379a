import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createHealth } from "../../mod.ts";

const health = suite("health");
health("asks every check, each time anew, in the order in which they came", () => {
  const registry = createHealth();
  let synced = false;
  registry.check("informer-sync", () => synced ? undefined : "the first list is not there yet");
  registry.check("shutdown", () => undefined);
  assert.equal([...registry.read()], [["informer-sync", "the first list is not there yet"], ["shutdown", undefined]]);
  synced = true;
  assert.equal([...registry.read()], [["informer-sync", undefined], ["shutdown", undefined]]);
});

health("several checks of one name are one, which fails with the first that does", () => {
  const registry = createHealth();
  const same = () => "a";
  const takes = [registry.check("watch", () => undefined), registry.check("watch", same), registry.check("watch", same)];
  assert.equal([...registry.read()], [["watch", "a"]]);
  takes[1]!();
  takes[1]!();
  assert.equal([...registry.read()], [["watch", "a"]]);
  takes[2]!();
  assert.equal([...registry.read()], [["watch", undefined]]);
  takes[0]!();
  assert.equal([...registry.read()], []);
});
health.run();
