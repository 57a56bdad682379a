/** Directors, workers and controllers that were given no log. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runDirector, runWorker, SAMPLE } from "../../mod.ts";
import { refuse } from "../../src/fake/mod.ts";
import { runController } from "../../src/runtime/mod.ts";
import { createScenario } from "../support/scenario.ts";
import { createStory, WEBSITES } from "../support/websites.ts";

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
    const said = await heard(async () => {
      const running = what === "director"
        ? runDirector([SAMPLE], options)
        : runWorker(SAMPLE, { JOB1: async () => {}, JOB2: async () => {} }, options);
      await story.clock.advance(3_000);
      ending.abort();
      await story.end([running]);
    });
    assert.is(said.length, 1, said.join("\n"));
    assert.match(said[0]!, /^(warn |error) Cannot follow requeststates/);
  });
}

unheard("what a controller's reconcile throws is heard on the console, with the object", async () => {
  const story = createStory();
  await story.create("a");
  const said = await heard(async () => {
    const ending = new AbortController();
    const { cluster, clock } = story;
    const running = runController({
      ...{ cluster, clock, resource: WEBSITES, namespace: "web", signal: ending.signal },
      reconcile() {
        throw new Error("no title");
      },
    });
    await story.clock.advance(50);
    ending.abort();
    await running.finished;
    await story.end();
  });
  assert.is(said.length, 1, said.join("\n"));
  assert.match(said[0]!, /^error Cannot reconcile, trying again in \d+ ms: no title .*object=web\/a/);
});
unheard.run();

/** What is said on the console meanwhile, a line each. */
async function heard(act: () => Promise<void>): Promise<string[]> {
  const { warn, error } = console;
  const said: string[] = [];
  console.warn = console.error = (line: string) => void said.push(line);
  try {
    await act();
  } finally {
    Object.assign(console, { warn, error });
  }
  return said;
}
