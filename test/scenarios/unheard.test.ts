/** Directors and workers that were given no log. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runDirector, runWorker, SAMPLE } from "../../mod.ts";
import { refuse } from "../../src/fake/mod.ts";
import { createScenario } from "../support/scenario.ts";

const unheard = suite("scenario: without a log");

for (const what of ["director", "worker"] as const) {
  unheard(`what goes wrong in a ${what} is heard on the console`, async () => {
    const story = createScenario();
    story.fake.faults.add({
      match: { resource: "requeststates", verb: "list" },
      times: Infinity,
      fault: refuse({ code: 404, reason: "NotFound", message: "the server could not find the requested resource" }),
    });
    const ending = new AbortController();
    const options = { cluster: story.connect(), clock: story.clock, signal: ending.signal };
    const { warn, error } = console;
    const said: string[] = [];
    console.warn = console.error = (line: string) => void said.push(line);
    try {
      const running = what === "director"
        ? runDirector([SAMPLE], options)
        : runWorker(SAMPLE, { JOB1: async () => {}, JOB2: async () => {} }, options);
      await story.clock.advance(3_000);
      ending.abort();
      await story.end([running]);
    } finally {
      Object.assign(console, { warn, error });
    }
    assert.is(said.length, 1, said.join("\n"));
    assert.match(said[0]!, /^(warn |error) Cannot follow requeststates/);
  });
}
unheard.run();
