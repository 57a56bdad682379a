/**
 * Sends the same sequences of odd requests to a genuine server and to the fake, and prints what they answer differently, by kind:
 * `npm run fuzz -- --seeds 100 --from 1 [--kind TEXT] [--all] [--customs]`. KUBEBUILDER_ASSETS names the binaries. `--seeds 1 --from N --all` replays one;
 * with `--customs` they are about custom resources whose schemas are random.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { fakeTarget } from "../recordings/imitation.ts";
import { genuineTarget } from "../recordings/genuine.ts";
import { printed } from "../recordings/compare.ts";
import type { Target } from "../recordings/target.ts";
import { genuineAssets, startApiServer } from "../support/apiserver.ts";
import { type Contrast, contrast } from "./contrast.ts";
import { fuzzCrds } from "./crds.ts";
import { runCustom } from "./custom-player.ts";
import { customSequenceOf } from "./customs.ts";
import { knownDifference } from "./known.ts";
import { prepare, type Run, run } from "./player.ts";
import { sequenceOf } from "./sequence.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "50" },
    from: { type: "string", default: "1" },
    kind: { type: "string", default: "" },
    all: { type: "boolean", default: false },
    customs: { type: "boolean", default: false },
  },
});
const [assets] = genuineAssets();
if (!assets) {
  console.error("KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver: setup-envtest fetches one");
  process.exit(2);
}
const from = Number(values.from);
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => from + index);
const unhandled: string[] = [];
process.on("unhandledRejection", (error) => unhandled.push(String(error instanceof Error ? error.stack : error)));

const crds = fuzzCrds();
const server = await startApiServer({ assets: assets.folder });
const genuine = genuineTarget(server);
const contrasts: Contrast[] = [];
const refused = new Map<string, number>();
let compared = 0;
let broken = 0;

const play = (seed: number, target: Target): Promise<Run> =>
  values.customs ? runCustom(customSequenceOf(seed), target, `fuzz-${seed}`) : run(sequenceOf(seed), target, `fuzz-${seed}`);

async function onFake(seed: number): Promise<Run> {
  const fake: Target & { close(): void } = fakeTarget();
  try {
    if (!values.customs) await prepare(fake, [`fuzz-${seed}`], crds);
    return await play(seed, fake);
  } finally {
    fake.close();
  }
}

async function one(seed: number): Promise<void> {
  if (!values.customs) await prepare(genuine, [`fuzz-${seed}`], []);
  const real = await play(seed, genuine);
  const got = await onFake(seed);
  const outcome = contrast(seed, real, got);
  compared += outcome.compared;
  if (outcome.broken) broken++;
  contrasts.push(...outcome.contrasts);
  for (const text of outcome.refused) refused.set(text, (refused.get(text) ?? 0) + 1);
  if (!values.all) return;
  for (const [index, { method, path, headers, body }] of real.sent.entries()) {
    const { authorization: _, ...shown } = headers;
    console.log(`\n${seed}.${index} ${method} ${path}\n  ${JSON.stringify(shown)}\n  ${body}`);
    console.log(`  genuine: ${JSON.stringify(real.answers[index]).slice(0, 2000)}`);
    console.log(`  fake:    ${JSON.stringify(got.answers[index]).slice(0, 2000)}`);
  }
}

function show(kind: string, members: readonly Contrast[]): void {
  const size = ({ question }: Contrast) => question.path.length + (question.body?.length ?? 0);
  const [smallest] = members.toSorted((a, b) => size(a) - size(b));
  const { seed, step, question, differences } = smallest!;
  const { authorization: _, ...headers } = question.headers;
  console.log(
    `\n${members.length} x ${kind}\n  seed ${seed}, request ${step}: ${question.method} ${question.path} ${
      JSON.stringify(headers)
    }`,
  );
  if (question.body !== undefined) {
    console.log(`  ${question.body.length > 600 ? `${question.body.slice(0, 600)}...` : question.body}`);
  }
  for (const each of differences.slice(0, 4)) console.log(`  ${printed(each).replaceAll("\n", "\n  ")}`);
}

try {
  if (!values.customs) await prepare(genuine, [], crds);
  const waiting = seeds.values();
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (const seed of waiting) await one(seed);
  }));
} finally {
  genuine.close();
  await server.stop();
}
const kinds = new Map<string, Contrast[]>();
const known = new Map<string, number>();
for (const each of contrasts) {
  const name = knownDifference(each);
  if (name !== undefined) known.set(name, (known.get(name) ?? 0) + 1);
  else if (each.kind.includes(values.kind)) kinds.set(each.kind, [...kinds.get(each.kind) ?? [], each]);
}
for (const [kind, members] of [...kinds].sort(([, a], [, b]) => b.length - a.length)) show(kind, members);
console.log(`\nKnown: ${JSON.stringify(Object.fromEntries(known), null, 1)}`);
console.log(`Refused with 501: ${JSON.stringify(Object.fromEntries(refused), null, 1)}`);
console.log(
  `${seeds.length} seeds, ${compared} requests compared, ${contrasts.length} answered differently (${kinds.size} kinds without a name), ` +
    `${broken} sequences end where the genuine server breaks the connection, ${unhandled.length} unhandled rejections`,
);
for (const each of unhandled) console.log(each);
process.exit(kinds.size === 0 && unhandled.length === 0 ? 0 : 1);
