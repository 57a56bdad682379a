import { readdir, readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { attemptOf, hasSucceeded, isOver, type RequestState, runDirector, runWorker, SAMPLE } from "../../mod.ts";
import { faultOf } from "../../src/flow/ownership.ts";
import { follows } from "../../src/flow/steps.ts";
import { entriesOf } from "../../src/request-state.ts";
import { createScenario, REQUESTS, type Scenario, SIX } from "../support/scenario.ts";

const folder = new URL("../../fixtures/flows/sample/", import.meta.url);
const nothing = { JOB1: async () => {}, JOB2: async () => {} };

/** What the reference's processes wrote while they were recorded, in order: the inputs of the golden cases `reference-N-...`. */
const recorded: RequestState[] = [];
for (const name of (await readdir(folder)).sort()) {
  const step = /^reference-(\d).*\.input\.yaml$/.exec(name)?.[1];
  if (step) {
    recorded[Number(step) - 1] = (parse(await readFile(new URL(name, folder), "utf8")) as { request: RequestState }).request;
  }
}

const traces = suite("the Go reference: its recorded objects");

traces("replay: nothing in them breaks the rules, and each follows from the one before", () => {
  assert.is(recorded.length, 6);
  recorded.forEach((request, index) => {
    assert.is(faultOf(SAMPLE, request), undefined);
    assert.is(attemptOf(request), 1);
    const before = recorded[index - 1];
    if (before) assert.ok(follows(SAMPLE, before.spec, request.spec), `step ${index + 1}`);
  });
});

/** The reference's way to write: the whole object, in place of what stands there. */
async function replace(story: Scenario, request: RequestState): Promise<void> {
  const path = `${REQUESTS}/${request.metadata.name}`;
  const { metadata } = await (await story.send("GET", path)).json() as RequestState;
  assert.is((await story.send("PUT", path, { ...request, metadata })).status, 200);
}

recorded.forEach((request, index) => {
  const { job, state } = request.spec;
  const isStarted = state === "STARTED";
  traces(
    `${job} ${state} ${isStarted ? "is left to whoever started it, and goes on after that" : "goes on to the end"}`,
    async () => {
      const story = createScenario();
      const { uid: _, resourceVersion: __, ...metadata } = { ...request.metadata, namespace: "default" };
      assert.is((await story.send("POST", REQUESTS, { ...request, metadata })).status, 201);
      const ending = new AbortController();
      const options = () => ({ cluster: story.connect(), clock: story.clock, signal: ending.signal });
      const running = [runDirector([SAMPLE], options()), runWorker(SAMPLE, nothing, options())];
      if (isStarted) {
        await story.clock.advance(600_000);
        assert.equal(story.writes(), [`create ${metadata.name}`]);
        await replace(story, recorded[index + 1]!);
      }
      let found: RequestState | undefined;
      await story.until(() => (story.requests().then(([first]) => found = first), found !== undefined && isOver(found)));
      ending.abort();
      await story.end(running);
      assert.ok(hasSucceeded(found!));
      assert.equal(entriesOf(found!).map((entry) => `${entry.job} ${entry.state}`), SIX);
    },
  );
});
traces.run();
