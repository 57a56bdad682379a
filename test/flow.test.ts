import { readdir, readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { FlowDefinitionError } from "../src/errors.ts";
import { claimJob, decide, reportJob, type Result } from "../src/flow.ts";
import { defineFlow, SAMPLE } from "../src/flow/definition.ts";
import { follows, TRANSITIONS } from "../src/flow/graph.ts";
import { writeOf } from "../src/flow/write.ts";
import { type RequestState, STATES } from "../src/request-state.ts";

/** One golden case, as it stands in `fixtures/flows/<flow>/<case>.input.yaml`. */
interface Case {
  readonly as: "director" | "claim" | "report";
  readonly by: string;
  readonly now: string;
  readonly claimId?: string;
  readonly result?: Result;
  readonly request: RequestState;
}

/** What the case's `.output.yaml` must equal. */
function outcomeOf({ as, by, now, claimId, result, request }: Case): unknown {
  const decision = as === "director" ? decide(SAMPLE, request) : undefined;
  const transition = as === "director"
    ? decision?.action === "write" ? decision.transition : undefined
    : as === "claim"
    ? claimJob(SAMPLE, request, { id: claimId!, holderIdentity: by })
    : reportJob(SAMPLE, request, claimId!, result!);
  if (!transition) return decision ?? { action: "nothing" };
  return { action: "write", operations: writeOf(request, transition, { by, now: Date.parse(now) }).operations };
}

const golden = suite("flow: golden cases");
const folder = new URL("../fixtures/flows/sample/", import.meta.url);
for (const file of (await readdir(folder)).sort()) {
  if (!file.endsWith(".input.yaml")) continue;
  golden(file.replace(".input.yaml", "").replaceAll("-", " "), async () => {
    const input = parse(await readFile(new URL(file, folder), "utf8")) as Case;
    const output = parse(await readFile(new URL(file.replace(".input.", ".output."), folder), "utf8")) as unknown;
    assert.equal(JSON.parse(JSON.stringify(outcomeOf(input))), output);
  });
}
golden.run();

const definitions = suite("flow: definitions");
definitions("all faults are listed", () => {
  try {
    defineFlow("Not good", ["a", "a", "b/c"]);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, FlowDefinitionError);
    assert.is((error as FlowDefinitionError).faults.length, 3);
    assert.match(
      (error as Error).message,
      /^Flow "Not good" is not valid: the name must be .*; job "a" stands there twice; job "b\/c" must be/,
    );
  }
});
definitions("no jobs is a fault", () => assert.throws(() => defineFlow("empty", []), /it has no jobs/));
definitions("the digest tells graphs apart", () => {
  assert.is(defineFlow("a", ["JOB1", "JOB2"]).digest, SAMPLE.digest);
  assert.is.not(defineFlow("sample", ["JOB2", "JOB1"]).digest, SAMPLE.digest);
});
definitions.run();

const transitions = suite("flow: transitions");
transitions("of all pairs of states, exactly the listed ones follow", () => {
  const legal = STATES.flatMap((from) =>
    STATES.filter((to) => follows(SAMPLE, { job: "JOB1", state: from }, { job: "JOB1", state: to })).map((to) => `${from} ${to}`)
  );
  const listed = TRANSITIONS.map(({ from, to }) => `${from} ${to}`).filter((pair) => pair !== "COMPLETED REQUESTED");
  assert.equal(legal.sort(), listed.sort());
  assert.ok(follows(SAMPLE, { job: "JOB1", state: "COMPLETED" }, { job: "JOB2", state: "REQUESTED" }));
  assert.not(follows(SAMPLE, { job: "JOB2", state: "COMPLETED" }, { job: "JOB1", state: "REQUESTED" }));
});
transitions.run();
