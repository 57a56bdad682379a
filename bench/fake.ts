/**
 * The fake API server beside a genuine one, and beside a handler that only reads and answers the same bytes.
 * `npm run bench:fake -- --help` says how; bench/README.md says what the figures mean.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { loadavg } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { genuineAssets } from "../test/support/apiserver.ts";
import { type Arguments, readArguments, USAGE } from "./fake/arguments.ts";
import {
  type Column,
  type Contender,
  createWorkshop,
  firstOf,
  type Runtime,
  startChild,
  startGenuine,
  type Workshop,
} from "./fake/contender.ts";
import { answersOf, drift, type Figures, prepare, takeTurn } from "./fake/measures.ts";
import { renderFake, type Rounds } from "./fake/table.ts";

const given = readArguments(process.argv.slice(2));
if (given === "help") console.log(USAGE);
else await measure(given);
process.exit(0); // nothing that a contender has left behind holds us

async function measure(given: Arguments): Promise<void> {
  if (given.program === "dist" && given.runtimes.includes("node")) {
    execFileSync("npm", ["run", "--silent", "build"], { cwd: fileURLToPath(new URL("../", import.meta.url)), stdio: "inherit" });
  }
  const workshop = await createWorkshop(given.program);
  try {
    for (const runtime of given.runtimes) {
      const rounds = await takeTurns(given, workshop, runtime);
      console.log(`${headline(given, runtime)}\n\n${renderFake(rounds)}\n`);
    }
  } finally {
    workshop.remove();
  }
}

/** All rounds on one runtime. */
async function takeTurns(given: Arguments, workshop: Workshop, runtime: Runtime): Promise<Rounds> {
  const contenders: Contender[] = [];
  const rounds: Record<Column, Figures[]> = { fake: [], genuine: [], empty: [] };
  const note = (column: Column, figures: Figures) => rounds[column].push(figures);
  try {
    contenders.push(await startChild(workshop, runtime, "fake"), await startChild(workshop, runtime, "empty"));
    if (genuineAssets().length > 0) contenders.push(await startGenuine());
    for (const contender of contenders) {
      say(`${runtime}: ${given.objects} objects on the ${contender.column} server`);
      // One entry for each, so that those of a round stay side by side.
      note(contender.column, {
        "start ms": contender.startMs,
        ...contender.column !== "empty" && await prepare(contender, given),
      });
    }
    const answers = await answersOf(contenders[0]!);
    say(`${runtime}: a turn that does not count`);
    for (const contender of contenders) await takeTurn(contender, { ...given, requests: Math.ceil(given.requests / 3) }, answers);
    for (let round = 0; round < given.rounds; round++) {
      for (const contender of contenders.map((_, index) => contenders[(index + round) % contenders.length]!)) {
        say(`${runtime}: round ${round + 1} of ${given.rounds}: ${contender.column} (load average ${loadavg()[0]!.toFixed(1)})`);
        note(contender.column, {
          ...await takeTurn(contender, given, answers),
          ...await startsOf(contender.column, workshop, runtime),
        });
      }
    }
    if (given.writes > 0) note("fake", await drift(contenders[0]!, given));
  } finally {
    for (const contender of contenders) await contender.stop();
  }
  return rounds;
}

/** What it takes to start one more. */
async function startsOf(column: Column, workshop: Workshop, runtime: Runtime): Promise<Figures> {
  if (column === "genuine") return {};
  const one = await startChild(workshop, runtime, column);
  await one.stop();
  return { "start ms": one.startMs, ...column === "fake" && await firstOf(workshop, runtime) };
}

/** Progress goes to stderr, the table to stdout. */
function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function headline({ rounds, requests, objects, watches, writes, program }: Arguments, runtime: Runtime): string {
  const source = runtime === "node" ? program : "source";
  return `On ${runtime} from ${source}: ${requests} requests of each kind a turn, ${objects} objects listed, ${watches} watches, ` +
    `${writes} writes.\nMedian and range of ${rounds} rounds; ratios within each round: the part of the empty handler's rate that the fake reaches.`;
}
