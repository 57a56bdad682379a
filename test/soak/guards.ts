/**
 * Whether the random stories are worth anything: each guard of the protocol is taken out of a copy of the sources, and seeds are told until
 * one breaks an invariant. Ends with 1 when none does for some guard.
 *
 *   npx tsx test/soak/guards.ts [--seeds 10000] [--jobs 2] [--only NAME]
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** A guard, and the places in the sources that keep it. */
interface Guard {
  readonly name: string;
  readonly cuts: readonly { readonly file: string; readonly find: string; readonly put: string }[];
}

const guards: readonly Guard[] = [
  {
    name: "a write is refused where another one came first",
    cuts: [{
      file: "src/flow/write.ts",
      find: '  { op: "replace", path: "/metadata/resourceVersion", value: metadata.resourceVersion },\n',
      put: '  { op: "replace", path: "/metadata/name", value: metadata.name },\n',
    }],
  },
  {
    name: "a result is fenced by the id and the attempt of its claim",
    cuts: [{
      file: "src/flow/report.ts",
      find: "claim?.id === claimId && claim.job === job &&\n    claim.attempt === attemptOf(request);",
      put: "claim?.job === job;",
    }],
  },
  {
    name: "a new attempt has a number of its own",
    cuts: [{ file: "src/flow/requesting.ts", find: "attemptOf(of) + 1", put: "attemptOf(of)" }],
  },
  {
    name: "after a refusal the request is read and decided on anew",
    cuts: [{
      file: "src/programs/commit.ts",
      find: "      if (later.metadata.resourceVersion !== request.metadata.resourceVersion) return later;\n",
      put:
        "      if (isConflict(error)) {\n        (write.operations[1] as { value: unknown }).value = later.metadata.resourceVersion;\n        continue;\n      }\n" +
        "      if (later.metadata.resourceVersion !== request.metadata.resourceVersion) return later;\n",
    }],
  },
  {
    name: "a write without an answer is looked for before it is taken for somebody else's",
    cuts: [
      {
        file: "src/programs/commit.ts",
        find: "if (later.metadata.resourceVersion !== request.metadata.resourceVersion) return later;",
        put:
          "if (later.metadata.resourceVersion !== request.metadata.resourceVersion) return Object.assign(later, { wasRead: true });",
      },
      {
        file: "src/programs/commit.ts",
        find: "if (write.isIn(later)) {",
        put: 'if (!("wasRead" in later) && write.isIn(later)) {',
      },
    ],
  },
  {
    name: "before a worker is called lost its lease is read once more",
    cuts: [{
      file: "src/runtime/liveness.ts",
      find:
        "    const lease = await readOne(name);\n    note(lease);\n    observer.see(lease);\n    if (lapseOf(observer.of(name)!) + GRACE > clock.monotonic()) return;\n",
      put: "",
    }],
  },
  {
    name: "after an outage all leases have their whole time again",
    cuts: [
      {
        file: "src/runtime/liveness.ts",
        find: "if (contact && elapsedSince(clock, contact) > CONTACT) observer.restart();",
        put: "",
      },
      {
        file: "src/runtime/liveness.ts",
        find: "    doubt() {\n      observer.restart();\n      lost.clear();\n",
        put: "    doubt() {\n",
      },
    ],
  },
  {
    name: "a verdict holds for what was held then",
    cuts: [{ file: "src/runtime/liveness.ts", find: "verdict.held.has(holding) && ", put: "" }],
  },
  {
    name: "a claim that is decided on anew has an id of its own",
    cuts: [{ file: "src/programs/claiming.ts", find: "      id = `${mine}", put: "      id ||= `${mine}" }],
  },
  {
    name: "nothing is claimed while the flow is suspended",
    cuts: [{ file: "src/flow/claim.ts", find: ' || desiredState !== "Running"', put: "" }],
  },
  {
    name: "a job that failed rests before it is tried again",
    cuts: [{ file: "src/flow/failing.ts", find: 'return now < due ? waitFor("retry", due) : write', put: "return write" }],
  },
  {
    name: "what is written without an answer is sent once more as it was",
    cuts: [{
      file: "src/programs/commit.ts",
      find: "else if (options.again?.() === false) return later;",
      put: "else return later;",
    }],
  },
];

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "10000" }, jobs: { type: "string", default: "2" }, only: { type: "string" } },
});
const root = fileURLToPath(new URL("../../", import.meta.url));
let missed = 0;
for (const { name, cuts } of guards.filter(({ name }) => !values.only || name.includes(values.only))) {
  const copy = mkdtempSync(join(tmpdir(), "guards-"));
  for (const what of ["src", "test", "crds", "mod.ts", "package.json", "tsconfig.json"]) {
    cpSync(join(root, what), join(copy, what), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  for (const { file, find, put } of cuts) {
    const source = readFileSync(join(copy, file), "utf8");
    if (source.split(find).length !== 2) throw new Error(`${file} has not one place that reads: ${find}`);
    writeFileSync(join(copy, file), source.replace(find, () => put));
  }
  const begun = performance.now();
  const command = [
    "--import",
    "tsx",
    "test/soak/simulate.ts",
    "--seeds",
    values.seeds,
    "--jobs",
    values.jobs,
    "--until-broken",
    "--no-shrink",
  ];
  const { stdout } = spawnSync(process.execPath, command, { cwd: copy, encoding: "utf8" });
  const seed = /^seed (\d+)\n +(.*)/m.exec(stdout);
  const told = /^(\d+) seeds/m.exec(stdout)?.[1];
  console.log(
    `${name}: ${seed ? `seed ${seed[1]}, ${seed[2]!.slice(0, 110)}` : "NOT FOUND"} (${told} seeds, ${
      Math.round((performance.now() - begun) / 1_000)
    } s)`,
  );
  if (!seed) missed++;
  rmSync(copy, { recursive: true });
}
console.log(missed === 0 ? "each guard is missed" : `${missed} guards are not missed`);
process.exit(missed === 0 ? 0 : 1);
