/** The fuzz on a genuine server and on the fake: the same answers, but for the differences that have names. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fakeTarget } from "../recordings/imitation.ts";
import { genuineTarget } from "../recordings/genuine.ts";
import { type ApiServer, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { contrast } from "./contrast.ts";
import { fuzzCrds } from "./crds.ts";
import { knownDifference } from "./known.ts";
import { prepare, run } from "./player.ts";
import { sequenceOf } from "./sequence.ts";

const [assets] = genuineAssets();
const test = suite(`sequences of odd requests, on ${assets!.name} and on the fake`);
const seeds = Array.from({ length: 25 }, (_, index) => index + 1);
let server: ApiServer;
let genuine: ReturnType<typeof genuineTarget>;

test.before(async () => {
  server = await startApiServer({ assets: assets!.folder });
  genuine = genuineTarget(server);
  await prepare(genuine, seeds.map((seed) => `fuzz-${seed}`), fuzzCrds());
});
test.after(async () => {
  genuine?.close();
  await server?.stop();
});

test("answer alike", async () => {
  const differ: string[] = [];
  let compared = 0;
  for (const seed of seeds) {
    const fake = fakeTarget();
    try {
      await prepare(fake, [`fuzz-${seed}`], fuzzCrds());
      const [real, got] = await Promise.all([genuine, fake].map((target) => run(sequenceOf(seed), target, `fuzz-${seed}`)));
      const outcome = contrast(seed, real!, got!);
      compared += outcome.compared;
      const nameless = outcome.contrasts.filter((each) => knownDifference(each) === undefined);
      differ.push(...nameless.map(({ step, kind }) => `seed ${seed}, request ${step}: ${kind}`));
    } finally {
      fake.close();
    }
  }
  assert.equal(differ, []);
  assert.ok(compared > 200);
});
test.run();
