import { suite } from "uvu";
import * as assert from "uvu/assert";
import { differences } from "./compare.ts";
import { at, places } from "./pointer.ts";
import { parseScenario } from "./scenario.ts";

const scenarios = suite("scenarios");
const withSteps = (...steps: string[]) => ["about: A test.", "steps:", ...steps.map((step) => `  - { ${step} }`)].join("\n");

const faults: Readonly<Record<string, readonly [text: string, says: RegExp]>> = {
  "an unknown key": ["about: x\nstep: []", /unknown key "step"/],
  "no steps": ["about: x\nsteps: []", /has no "steps"/],
  "an unknown key of a step": [withSteps("request: GET /a, bodi: {}"), /step 1: request takes no "bodi"/],
  "no kind of step": [withSteps("requests: GET /a"), /step 1: is none of request, watch/],
  "a name that was not saved": [withSteps("request: GET /a", "request: 'GET /${one}'"), /step 2: \$\{one\} was not saved before/],
  "a name that is taken": [withSteps("request: GET /a, save: { ns: /a }"), /"ns" is a name of its own already/],
  "a watch that is not open": [withSteps("collect: w, events: 1"), /no watch "w" is open/],
  "a watch without an end": [withSteps("watch: w, get: /a", "collect: w, events: all"), /neither a count nor "end"/],
  "a method that there is not": [withSteps("request: FETCH /a"), /the method FETCH is not one of/],
  "a body that cannot be sent": [withSteps("request: GET /a, body: {}"), /GET takes no body/],
  "a pointer that is none": [withSteps("request: GET /a, pick: [kind]"), /"pick" is no list of JSON pointers/],
};
for (const [name, [text, says]] of Object.entries(faults)) {
  scenarios(`${name} is told`, () => void assert.throws(() => parseScenario("area/name", text), says));
}

scenarios("names are the scenario's own", () => {
  const { names, steps } = parseScenario("area/name", withSteps("request: 'PATCH ${custom}/things/a', body: {}"));
  assert.is(names.ns, "area-name");
  assert.is(names.custom, "/apis/name.area.example.com/v1/namespaces/area-name");
  const [step] = steps;
  assert.is(step?.kind === "request" && step.line.headers["content-type"], "application/merge-patch+json");
});

scenarios("pointers find items by a member", () => {
  const value = { items: [{ name: "a", metadata: { name: "x" } }, { name: "b", metadata: { name: "y" }, n: [1] }] };
  assert.is(at(value, "/items/name=b/n/0"), 1);
  assert.is(at(value, "/items/metadata.name=x/name"), "a");
  assert.is(at(value, "/items/name=c"), undefined);
  assert.is(places(value, "/items/*/name").length, 2);
});

scenarios("differences do not depend on the order of members", () => {
  assert.equal(differences({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }), []);
  assert.equal(differences({ a: [1, 2] }, { a: [1, 3] }), [{ path: "a[1]", recorded: 2, got: 3 }]);
  assert.equal(differences({}, { "x/y": null }), [{ path: '["x/y"]', recorded: undefined, got: null }]);
});

scenarios.run();
