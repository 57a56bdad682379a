/**
 * Whether the random stories are worth anything: each guard of the protocol is taken out of a copy of the sources, and stories are told
 * on a bare server until one breaks an invariant; what of it is enough is looked for, too. Prints a table as it goes. Ends with 1 when one is not
 * missed that is no mere economy.
 *
 *   npx node test/soak/guards.ts [--seeds 10000] [--jobs 1] [--only NAME] [--size tiny]
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Guard, GUARDS } from "./guard-cuts.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "10000" },
    jobs: { type: "string", default: "1" },
    only: { type: "string" },
    size: { type: "string", default: "small" },
  },
});
const root = fileURLToPath(new URL("../../", import.meta.url));

/** A copy of the sources without a guard. */
function copyWithout({ cuts }: Guard): string {
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
  return copy;
}

/** Looks for a story that misses it. @returns Its row of the table, and whether there is one. */
function look(guard: Guard): { readonly row: string; readonly isMissed: boolean } {
  const copy = copyWithout(guard);
  try {
    const begun = performance.now();
    const flags = [
      "--size",
      values.size,
      "--bare",
      "--until-broken",
      "--jobs",
      values.jobs,
      ...guard.mood ? ["--mood", guard.mood] : [],
    ];
    const command = ["test/soak/simulate.ts", "--seeds", values.seeds, ...flags];
    const { stdout, stderr } = spawnSync(process.execPath, command, { cwd: copy, encoding: "utf8" });
    const seconds = Math.round((performance.now() - begun) / 1_000);
    const told = /^(\d+) seeds/m.exec(stdout)?.[1];
    if (told === undefined) throw new Error(`${guard.name}: ${stdout}${stderr}`);
    const seed = /^seed (\d+)\n +(\w+): (.*)/m.exec(stdout);
    const enough = /(\d+) of (\d+) acts are enough/.exec(stdout);
    const what = seed
      ? [seed[2], `${seed[1]}`, told, enough ? `${enough[1]} of ${enough[2]}` : "?"]
      : ["not found", "", told, ""];
    const row = `| ${[guard.name, guard.mood ?? "any", ...what].join(" | ")} |`;
    console.log(`${row} ${seconds} s ${seed?.[3]?.slice(0, 110) ?? ""}`);
    return { row, isMissed: seed !== null };
  } finally {
    rmSync(copy, { recursive: true });
  }
}

const found = GUARDS.filter(({ name }) => !values.only || name.includes(values.only)).map((guard) => ({ guard, ...look(guard) }));
console.log("\n| guard | mood | breaks | seed | stories told | acts that are enough |\n| --- | --- | --- | --- | --- | --- |");
for (const { row } of found) console.log(row);
process.exitCode = found.every(({ guard, isMissed }) => isMissed || guard.isEconomy) ? 0 : 1;
