/**
 * Plays scenarios on two genuine API servers and stores what both answered alike: `npm run record [PATTERN]`, PATTERN
 * being a regular expression for ids. KUBEBUILDER_ASSETS names the folder with the binaries; of several the first counts.
 * What differs between the two is no rule of the server's: it is reported and not stored, and the exit code is 1.
 */
import process from "node:process";
import { genuineAssets, startApiServer } from "../support/apiserver.ts";
import { differences } from "./compare.ts";
import { genuineTarget } from "./genuine.ts";
import { normalise, type Normalised } from "./normalise.ts";
import { digestOf, writeRecording } from "./recording.ts";
import { play } from "./runner.ts";
import { readScenario, type Scenario, scenarioIds } from "./scenario.ts";

const [assets] = genuineAssets();
if (!assets) {
  console.error("KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver: setup-envtest fetches one");
  process.exit(2);
}
const pattern = new RegExp(process.argv[2] ?? "");
const scenarios = scenarioIds().filter((id) => pattern.test(id)).map(readScenario);
if (scenarios.length === 0) {
  console.error(`No scenario matches ${pattern}`);
  process.exit(2);
}
const servers = [await startApiServer({ assets: assets.folder }), await startApiServer({ assets: assets.folder })];
const targets = servers.map(genuineTarget);
let stored = 0;

async function record(scenario: Scenario): Promise<void> {
  let runs: Normalised[][];
  try {
    runs = await Promise.all(targets.map(async (target) => normalise(scenario, await play(scenario, target))));
  } catch (error) {
    return console.log(`FAIL  ${scenario.id}\n    ${error instanceof Error ? error.message : error}`);
  }
  const [first, second] = runs as [Normalised[], Normalised[]];
  const faults = first.filter(({ failure }) => failure !== undefined).map(({ step, title, failure }) =>
    `step ${step + 1}, ${title}: ${failure}`
  );
  for (const { path, recorded, got } of differences(first, second)) {
    const step = first[Number(/^\[(\d+)\]/.exec(path)?.[1])]?.step;
    faults.push(`step ${(step ?? NaN) + 1}, ${path}: ${JSON.stringify(recorded)} once, ${JSON.stringify(got)} then`);
  }
  console.log([`${faults.length === 0 ? "ok  " : "FAIL"}  ${scenario.id}  ${first.length} exchanges`, ...faults].join("\n    "));
  if (faults.length > 0) return;
  writeRecording({ scenario: scenario.id, server: targets[0]!.version, digest: digestOf(scenario), answers: first });
  stored++;
}

// Scenarios know nothing of each other: some at a time.
const waiting = scenarios.values();
await Promise.all(Array.from({ length: 4 }, async () => {
  for (const scenario of waiting) await record(scenario);
}));
for (const target of targets) target.close();
await Promise.all(servers.map((server) => server.stop()));
console.log(`${stored} of ${scenarios.length} scenarios recorded from ${targets[0]!.version}`);
process.exit(stored === scenarios.length ? 0 : 1);
