/**
 * Where we stand: our director and worker, a peer, and a minimal writer on one genuine API server, in turns.
 * `npx tsx bench/flows.ts --help` says how; bench/README.md says what the figures mean.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { loadavg } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Arguments, readArguments, USAGE } from "./arguments.ts";
import { type Contender, ours, peer, writer } from "./contenders.ts";
import { recordFlow } from "./recording.ts";
import { type Server, startServer } from "./server.ts";
import { type Phase, renderProfiles } from "./profile.ts";
import { measureStart } from "./start.ts";
import { median } from "./statistics.ts";
import { renderTable } from "./table.ts";
import { type Figures, takeTurn } from "./turn.ts";

const given = readArguments(process.argv.slice(2));
if (given === "help") console.log(USAGE);
else await measure(given);
process.exit(0); // nothing that a contender has left behind holds us

async function measure(given: Arguments): Promise<void> {
  if (given.program === "dist") {
    execFileSync("npm", ["run", "--silent", "build"], { cwd: fileURLToPath(new URL("../", import.meta.url)), stdio: "inherit" });
  }
  const server = await startServer(["ours", "peer", "writer", "recorded"]);
  try {
    const contenders = await contendersOf(given, server);
    for (const { namespace, name } of contenders) if (name !== "writer") await server.seed(namespace, given.finished);
    const rounds = new Map<string, Figures[]>(contenders.map(({ name }) => [name, []]));
    for (let round = 0; round < given.rounds; round++) {
      const order = contenders.map((_, index) => contenders[(index + round) % contenders.length]!);
      for (const contender of order) {
        say(`round ${round + 1} of ${given.rounds}: ${contender.name} (load average ${loadavg()[0]!.toFixed(1)})`);
        const starts: Figures[] = [];
        for (let start = 0; start < given.starts; start++) starts.push(await measureStart(contender, server.endpoint));
        const phases: Phase[] = [];
        const figures = {
          ...mediansOf(starts),
          ...await takeTurn(contender, server, { ...given, onPhase: (phase) => phases.push(phase) }),
        };
        if (given.profile !== undefined && contender.name === "ours") say(renderProfiles(given.profile, phases));
        rounds.get(contender.name)!.push(figures);
        say(`  ${figures["flows/s"]!.toFixed(1)} flows/s, ${figures["CPU"]!.toFixed(2)} ms of client CPU a flow`);
        if (given.finished === 0 && round + 1 < given.rounds) await server.clear(contender.namespace);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    }
    if (given.json) console.log(JSON.stringify({ version: server.version, given, rounds: Object.fromEntries(rounds) }, null, 2));
    else console.log(`${headline(given, server)}\n\n${renderTable(rounds)}`);
  } finally {
    await server.stop();
  }
}

async function contendersOf(given: Arguments, server: Server): Promise<readonly Contender[]> {
  const contenders: Contender[] = [ours(given)];
  if (Object.keys(given.peer).length > 0) contenders.push(peer(given.peer));
  if (given.writer) {
    const recorded = ours({ ...given, workers: 1, profile: undefined }, "recorded");
    const recording = await recordFlow(server.endpoint, recorded.namespace, recorded.start);
    const sizes = recording.steps.map(({ method, texts }) => `${method} ${texts.join("").length}`);
    say(`the writer sends after the create: ${sizes.join(", ")} bytes`);
    contenders.push(writer(server.endpoint, recording));
  }
  return contenders;
}

function mediansOf(figures: readonly Figures[]): Figures {
  const names = Object.keys(figures[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(figures.map((one) => one[name]!))]));
}

/** Progress goes to stderr, the table to stdout. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function headline({ flows, inFlight, concurrency, workers, finished, rounds, runtime, program }: Arguments, { version }: Server) {
  return `Kubernetes ${version}, ${flows} flows a round, ${inFlight} in flight, ${workers} worker(s) of ${concurrency}, ` +
    `${finished} finished ones lying around; ours on ${runtime} from ${program}; median of ${rounds} rounds (least-most), ` +
    "ratios within each round";
}
