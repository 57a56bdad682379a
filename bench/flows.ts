/**
 * Where we stand: our director and worker, a program by hand, a peer, and a minimal writer on one genuine API server, in turns.
 * `npm run bench -- --help` says how; bench/README.md says what the figures mean.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { loadavg } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Arguments, readArguments, USAGE } from "./arguments.ts";
import { buildByHand, byHand, type Contender, ours, peer, writer } from "./contenders.ts";
import { flowsAt, planPoints, planTurns, type Point } from "./points.ts";
import { createProgress } from "./progress.ts";
import { recordFlow } from "./recording.ts";
import { renderReport, type Result } from "./report.ts";
import { type Server, startServer } from "./server.ts";
import { type Phase, renderProfiles } from "./profile.ts";
import { measureStart } from "./start.ts";
import type { Recording } from "./step.ts";
import { renderTable } from "./table.ts";
import { takeTurns } from "./rounds.ts";
import { type Figures, takeTurn } from "./turn.ts";
import { median } from "./statistics.ts";

/** All requests are in one namespace: those that lie around are the same for everybody. */
const NAMESPACE = "bench";
const RECORDED = "recorded";

const progress = createProgress(process.stderr);
let failed = false;
try {
  const given = readArguments(process.argv.slice(2));
  if (given === "help") console.log(USAGE);
  else failed = !await measure(given);
} catch (error) {
  progress.say(error instanceof Error ? error.message : String(error));
  failed = true;
}
process.exit(failed ? 1 : 0); // nothing that a contender has left behind holds us

/** @returns Whether ours has come to its end at every point. */
async function measure(given: Arguments): Promise<boolean> {
  if (given.program === "dist") {
    execFileSync("npm", ["run", "--silent", "build"], { cwd: fileURLToPath(new URL("../", import.meta.url)), stdio: "inherit" });
  }
  if (given.byHand) buildByHand();
  const points = planPoints(given.axes, given.cross);
  const servers = new Map<number, Server>();
  try {
    for (const { finished } of points) {
      if (!servers.has(finished)) servers.set(finished, await startSeeded(finished));
    }
    const serverOf = ({ finished }: Point) => servers.get(finished)!;
    const recording = given.writer ? await record(given, serverOf(points[0]!)) : undefined;
    const flowsOf = (point: Point) => given.table ? flowsAt(point, given.flows) : given.flows;
    const contendersAt = (point: Point) => contendersOf(given, serverOf(point), point, recording);
    const turns = planTurns(points, contendersAt(points[0]!).map(({ name }) => name), given.rounds);
    progress.begin(turns.length);
    const measured = await takeTurns(turns, {
      take(name, point) {
        const contender = contendersAt(point).find((contender) => contender.name === name)!;
        return takeWhole(given, serverOf(point), contender, { ...point, flows: flowsOf(point) });
      },
      clear: (point) => serverOf(point).clear(NAMESPACE),
      progress,
    });
    progress.end();
    const results = [...measured].map(([point, figures]): Result => ({ point, flows: flowsOf(point), ...figures }))
      .sort((a, b) => points.indexOf(a.point) - points.indexOf(b.point));
    const { version } = serverOf(points[0]!);
    if (given.json) console.log(JSON.stringify(told(given, version, results), null, 2));
    else if (given.table) console.log(`${headline(given, version)}\n\n${renderReport(results)}`);
    else console.log(`${headline(given, version)}\n\n${renderTable(results[0]!.rounds)}`);
    return results.every(({ failures }) => !failures.some(({ contender }) => contender === "ours"));
  } finally {
    for (const server of servers.values()) await server.stop();
  }
}

/** A server with so many finished requests; one for each number of them, so that turns with and without change places. */
async function startSeeded(finished: number): Promise<Server> {
  const server = await startServer([NAMESPACE, RECORDED]);
  const begun = performance.now();
  try {
    if (finished > 0) await server.seed(NAMESPACE, finished);
  } catch (error) {
    await server.stop();
    throw error;
  }
  if (finished > 0) progress.say(`${finished} finished requests in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  return server;
}

async function takeWhole(
  given: Arguments,
  server: Server,
  contender: Contender,
  point: Point & { flows: number },
): Promise<Figures> {
  const starts: Figures[] = [];
  for (let start = 0; start < given.starts; start++) starts.push(await measureStart(contender, server.endpoint));
  const phases: Phase[] = [];
  const options = { ...point, singles: given.singles, onPhase: (phase: Phase) => void phases.push(phase) };
  const figures = { ...mediansOf(starts), ...await takeTurn(contender, server, options) };
  if (given.profile !== undefined && contender.name === "ours") progress.say(renderProfiles(given.profile, phases));
  return figures;
}

/** What the writer sends. */
async function record(given: Arguments, server: Server): Promise<Recording> {
  const { start } = ours({ ...given, profile: undefined }, RECORDED, 1);
  const recording = await recordFlow(server.endpoint, RECORDED, start);
  const sizes = recording.steps.map(({ method, texts }) => `${method} ${texts.join("").length}`);
  progress.say(`the writer sends after the create: ${sizes.join(", ")} bytes`);
  return recording;
}

function contendersOf(
  given: Arguments,
  server: Server,
  { inFlight, workers }: Point,
  recording?: Recording,
): readonly Contender[] {
  return [
    ours(given, NAMESPACE, workers),
    ...given.byHand ? [byHand(NAMESPACE, workers)] : [],
    ...Object.keys(given.peer).length > 0 ? [peer(given.peer, NAMESPACE, workers)] : [],
    ...recording ? [writer(server.endpoint, recording, NAMESPACE, inFlight)] : [],
  ];
}

function mediansOf(figures: readonly Figures[]): Figures {
  const names = Object.keys(figures[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(figures.map((one) => one[name]!))]));
}

/** Of one load as ever; of several a list. */
function told(given: Arguments, version: string, results: readonly Result[]): object {
  const list = results.map(({ rounds, ...rest }) => ({ ...rest, rounds: Object.fromEntries(rounds) }));
  return given.table ? { version, given, results: list } : { version, given, ...list[0] };
}

function headline({ axes, flows, concurrency, rounds, runtime, program, table }: Arguments, version: string): string {
  const load = table
    ? `up to ${flows} flows a turn`
    : `${flows} flows a round, ${axes.inFlight} in flight, ${axes.workers} worker(s), ${axes.finished} finished ones lying around`;
  return `Kubernetes ${version}, ${load}, workers of ${concurrency}; ours on ${runtime} from ${program};\n` +
    `median of ${rounds} round(s) (least-most), ratios within each round; load average ${loadavg()[0]!.toFixed(1)}`;
}
