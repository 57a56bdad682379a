import { suite } from "uvu";
import * as assert from "uvu/assert";
import { StatusError } from "../../src/errors.ts";
import { createTrouble } from "../../src/runtime/log/trouble.ts";

function createTold() {
  const said: string[] = [];
  const say = (level: string) => (message: string) => void said.push(`${level} ${message}`);
  const log = { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
  return { said, trouble: createTrouble(log, { what: "keep it", rights: "everything" }) };
}

const trouble = suite("trouble");

trouble("what an outage answers by turns is said once each, and again after it was over", () => {
  const { said, trouble } = createTold();
  const meet = () => ["no answer", "refused"].forEach((text) => trouble.met(new Error(text)));
  for (let round = 0; round < 100; round++) meet();
  const both = ["warn Cannot keep it, trying on: no answer", "warn Cannot keep it, trying on: refused"];
  assert.equal(said, both);
  trouble.over();
  trouble.over();
  meet();
  assert.equal(said, [...both, "info Can keep it again", ...both]);
});

trouble("texts that are never the same twice do not fill the log", () => {
  const { said, trouble } = createTold();
  for (let round = 0; round < 100; round++) trouble.met(new Error(`request ${round} was refused`));
  assert.is(said.length, 5);
});

trouble("a right that is missing is said once, whatever the objects are called for which it is; another one, too", () => {
  const { said, trouble } = createTold();
  const denied = (verb: string, name: string) =>
    new StatusError(`Cannot ${verb} leases "shop/${name}"`, {
      code: 403,
      reason: "Forbidden",
      message: `leases.coordination.k8s.io "${name}" is forbidden: User "bob" cannot ${verb} resource "leases" in API group "x"`,
    });
  for (const name of ["a", "b", "c"]) trouble.met(denied("get", name));
  assert.is(said.length, 1);
  assert.match(said[0]!, /^error Cannot keep it, trying on: Cannot get leases "shop\/a": .*: grant everything$/);
  trouble.met(denied("delete", "a"));
  assert.is(said.length, 2);
});
trouble.run();
