/** The fuzz on the fake alone: whatever is sent, it is answered, and with no 500 but those that a genuine server gives. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fakeTarget } from "../recordings/imitation.ts";
import { at } from "../recordings/pointer.ts";
import { fuzzCrds } from "./crds.ts";
import { contrast } from "./contrast.ts";
import { knownDifferences } from "./known.ts";
import { prepare, type Run, run } from "./player.ts";
import { sequenceOf } from "./sequence.ts";

const test = suite("fake: sequences of odd requests");
const crds = fuzzCrds();
const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

/** What goes wrong inside is said so; the plain errors of a genuine server have no reason. */
const isOwnFault = (body: unknown): boolean =>
  String(at(body, "/message")).startsWith("Internal error occurred: ") &&
  !String(at(body, "/message")).includes("Object 'apiVersion' is missing");

test("every known difference stands in docs/fuzz.md", () => {
  const page = readFileSync(new URL("../../docs/fuzz.md", import.meta.url), "utf8");
  const rows = page.split("\n## ")[0]!.split("\n").filter((line) => /^\| [A-Z]/.test(line)).map((line) =>
    line.split("|")[1]!.trim()
  );
  assert.equal(rows.slice(1), knownDifferences.map(({ name }) => name));
});

test("a seed makes the same sequence each time", () => {
  assert.equal(sequenceOf(7), sequenceOf(7));
  assert.not.equal(sequenceOf(7), sequenceOf(8));
});

test("a sequence ends where collectors go on in their own time: options in the body of a deletion are the only ones", () => {
  const compared = (path: string, body: string) => {
    const answer = { step: 0, title: "", status: 200 };
    const sent = [{ method: "DELETE", path, headers: {}, body }, { method: "GET", path: "/a", headers: {}, body: undefined }];
    const played: Run = { sent, answers: [answer, answer] };
    return contrast(1, played, played).compared;
  };
  assert.is(compared("/a?dryRun=All", '{"propagationPolicy":"Orphan"}'), 1);
  assert.is(compared("/a?dryRun=All&propagationPolicy=Orphan", ""), 2);
  assert.is(compared("/a", '{"propagationPolicy":"Orphan","dryRun":["All"]}'), 2);
  assert.is(compared("/a", "propagationPolicy: Orphan"), 1);
});

test(`all requests of ${seeds.length} sequences are answered, and none with a fault of the fake's own`, async () => {
  const wrong: string[] = [];
  let answered = 0;
  for (const seed of seeds) {
    const fake = fakeTarget();
    try {
      await prepare(fake, [`fuzz-${seed}`], crds);
      const { answers } = await run(sequenceOf(seed), fake, `fuzz-${seed}`);
      for (const { step, title, status, body, failure } of answers) {
        answered++;
        if (failure !== undefined || (status === 500 && isOwnFault(body))) {
          wrong.push(`seed ${seed}, request ${step}, ${title}: ${failure ?? String(at(body, "/message"))}`);
        }
      }
    } finally {
      fake.close();
    }
  }
  assert.equal(wrong, []);
  assert.ok(answered > 400);
});
test.run();
