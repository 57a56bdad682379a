import { suite } from "uvu";
import * as assert from "uvu/assert";
import { uniqueIdentity } from "../../src/runtime/leases/identity.ts";

/** RFC 1123: what an object may be called. */
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const cases: Record<string, string> = {
  "worker": "worker",
  "worker-1": "worker-1",
  "Worker of Zoë": "worker-of-zo",
  "host.example.com": "host.example.com",
  "under_score": "under-score",
  "..dots..and.-dashes-.": "dots.and.dashes",
  "-a-": "a",
  "": "",
  "☃": "",
  [`${"x".repeat(300)}`]: "x".repeat(240),
  [`${"x".repeat(239)}.y`]: "x".repeat(239),
};
const identities = suite("runtime: identities");
for (const [name, expected] of Object.entries(cases)) {
  identities(`"${name.slice(0, 30)}" becomes "${expected.slice(0, 30)}" and eight digits, and names an object`, () => {
    const identity = uniqueIdentity(name);
    assert.match(identity, NAME);
    assert.ok(identity.length <= 253);
    assert.is(identity.slice(0, -8), expected === "" ? "" : `${expected}-`);
    assert.not(uniqueIdentity(name) === identity);
  });
}
identities.run();
