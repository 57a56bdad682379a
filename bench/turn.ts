/**
 * One contender's turn: started, left idle, loaded, asked for single flows, ended; and what it used meanwhile.
 *
 * @module
 */
import type { Arguments } from "./arguments.ts";
import type { Contender } from "./contenders.ts";
import { createLoad, type Load } from "./load.ts";
import { median, percentile } from "./statistics.ts";
import { type Counts, countsBetween, readCounts } from "./metrics.ts";
import { type Measured, treeOf, type Usage, usageOf } from "./processes.ts";
import type { Point } from "./points.ts";
import { monotonicMicros, type Phase } from "./profile.ts";
import type { Server } from "./server.ts";
import { readSpread } from "./spread.ts";

/** What was measured, by names that the table knows. */
export type Figures = Record<string, number>;

/** So many flows are told apart as cold: code is still being compiled. */
export const COLD = 600;

/** How long processes are left alone before their idle memory and their start-up are read. Milliseconds. */
const SETTLE = 2_000;

interface Snapshot {
  readonly at: number;
  /** The same moment, as profiles tell it. */
  readonly micros: number;
  /** By label, summed over processes of the same one. */
  readonly clients: ReadonlyMap<string, Usage>;
  readonly client: Usage;
  readonly server: Usage;
}

/** Lets a contender do its flows. */
export async function takeTurn(
  contender: Contender,
  server: Server,
  options: Pick<Arguments, "flows" | "singles"> & Pick<Point, "inFlight" | "workers"> & {
    readonly onPhase?: (phase: Phase) => void;
  },
): Promise<Figures> {
  const { flows, inFlight, singles, onPhase } = options;
  const figures: Figures = {};
  const load = await createLoad(server.endpoint, contender.namespace);
  const begun = monotonicMicros();
  let stopLooking = () => {};
  const processes = contender.start(server.kubeconfigPath);
  const failed = Promise.race(processes.map(({ failed }) => failed));
  failed.catch(() => {});
  const within = <T>(work: Promise<T>): Promise<T> => Promise.race([work, failed]);
  const labels = [...new Set(processes.map(({ label }) => label))];
  const members = (label: string) => processes.filter((process) => process.label === label).flatMap(({ pid }) => treeOf(pid));
  const take = (): Snapshot => {
    const clients = new Map(labels.map((label) => [label, usageOf(members(label))]));
    return {
      at: performance.now(),
      micros: monotonicMicros(),
      clients,
      client: sumOf([...clients.values()]),
      server: usageOf(server.pids()),
    };
  };
  try {
    if (contender.speaks) await within(Promise.race([Promise.all(processes.map(spoken)), silent(contender)]));
    if (contender.serves) await within(load.run(1, 1));
    await within(pause(SETTLE));
    const idle = take();
    for (const [label, { rss }] of idle.clients) figures[`idle MB ${label}`] = rss;
    figures["idle MB"] = idle.client.rss;
    figures["start-up CPU"] = idle.client.cpu;

    const before = await readCounts(server.wire);
    const memory = watchMemory(labels, members);
    stopLooking = memory.stop;
    const waits: number[] = [];
    load.onStarted = (waited) => void waits.push(waited);
    let cold: Snapshot | undefined;
    const start = take();
    const onEnd = (over: number) => void (over === COLD && flows > COLD && (cold = take()));
    const crowd = options.workers > 1 ? pause(1_000).then(() => readCounts(server.wire)) : undefined;
    const took = await within(
      contender.serves ? load.run(flows, inFlight, onEnd) : writeFlows(processes[0]!, load, flows, onEnd),
    );
    const end = take();
    const counts = countsBetween(before, await readCounts(server.wire));
    stopLooking();
    load.onStarted = undefined;

    const speed = (from: Snapshot, to: Snapshot, count: number) => count / (to.at - from.at) * 1_000;
    figures["flows/s"] = speed(start, end, flows);
    figures["p50 ms"] = percentile(took, 50);
    figures["p99 ms"] = percentile(took, 99);
    figures["wait p50 ms"] = percentile(waits, 50);
    figures["wait p99 ms"] = percentile(waits, 99);
    cpuInto(figures, "", start, end, flows);
    figures["CPU with start-up"] = end.client.cpu / flows;
    onPhase?.({ name: "start-up", from: begun, to: idle.micros, flows: 1 });
    if (cold) onPhase?.({ name: "cold", from: start.micros, to: cold.micros, flows: COLD });
    const warm = cold ? { from: cold.micros, flows: flows - COLD } : { from: start.micros, flows };
    onPhase?.({ name: "warm", ...warm, to: end.micros });
    if (cold) {
      figures["flows/s cold"] = speed(start, cold, COLD);
      figures["flows/s warm"] = speed(cold, end, flows - COLD);
      cpuInto(figures, " cold", start, cold, COLD);
      cpuInto(figures, " warm", cold, end, flows - COLD);
    }
    trafficInto(figures, counts, flows);
    if (crowd) {
      lossInto(figures, before, await crowd, counts);
      const { spread, twice } = await readSpread(server.wire, contender.namespace);
      figures["spread"] = spread;
      figures["done twice"] = twice;
    }
    figures["bytes read"] = (end.client.read - start.client.read) / flows;
    figures["bytes written"] = (end.client.written - start.client.written) / flows;
    for (const [label, sizes] of memory.sizes) figures[`load MB ${label}`] = median(sizes);
    for (const [label, { peak }] of end.clients) figures[`peak MB ${label}`] = peak;
    const total = memory.sizes.get(labels[0]!)!.map((_, index) =>
      labels.reduce((sum, label) => sum + memory.sizes.get(label)![index]!, 0)
    );
    figures["load MB"] = median(total);
    const third = Math.ceil(total.length / 3);
    figures["load MB first third"] = median(total.slice(0, third));
    figures["load MB last third"] = median(total.slice(-third));
    figures["peak MB"] = end.client.peak;

    if (singles > 0) {
      await within(pause(1_000));
      const each: number[] = [];
      for (let index = 0; index < singles; index++) {
        const [ms] = await within(contender.serves ? load.run(1, 1) : writeFlows(processes[0]!, load, 1));
        each.push(ms!);
        await within(pause(20));
      }
      figures["single ms"] = median(each);
    }
    return figures;
  } finally {
    stopLooking();
    await Promise.all(processes.map((process) => process.end()));
    load.close();
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** How long a contender may take until it is ready, in milliseconds. */
const LONGEST_START = 180_000;

function silent({ name }: Contender): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`"${name}" is not ready after ${LONGEST_START / 1_000} s`)), LONGEST_START).unref();
  });
}

/** Resolves with the first line that a process prints. */
function spoken(process: Measured): Promise<unknown> {
  return new Promise((resolve) => process.onLine = resolve);
}

async function writeFlows(writer: Measured, load: Load, count: number, onEnd?: (over: number) => void): Promise<number[]> {
  const over = load.follow(count, onEnd);
  const took = new Promise<number[]>((resolve) => writer.onLine = (line) => resolve(JSON.parse(line)));
  writer.write(String(count));
  await over;
  return await took;
}

function sumOf(usages: readonly Usage[]): Usage {
  const sum = { cpu: 0, rss: 0, peak: 0, read: 0, written: 0 };
  for (const usage of usages) for (const name of Object.keys(sum) as (keyof Usage)[]) sum[name] += usage[name];
  return sum;
}

function cpuInto(figures: Figures, when: string, from: Snapshot, to: Snapshot, count: number): void {
  for (const [label, { cpu }] of to.clients) figures[`CPU ${label}${when}`] = (cpu - from.clients.get(label)!.cpu) / count;
  figures[`CPU${when}`] = (to.client.cpu - from.client.cpu) / count;
  figures[`server CPU${when}`] = (to.server.cpu - from.server.cpu) / count;
}

const sum = (requests: Readonly<Record<string, number>>, ...verbs: string[]) =>
  verbs.reduce((total, verb) => total + (requests[verb] ?? 0), 0);

function trafficInto(figures: Figures, { requests, conflicts, bodies, events }: Counts, flows: number): void {
  figures["writes"] = sum(requests, "POST", "PATCH", "PUT", "APPLY") / flows;
  figures["conflicts"] = conflicts / flows;
  figures["reads"] = sum(requests, "GET", "LIST") / flows;
  figures["body bytes"] = bodies / flows;
  figures["event bytes"] = events / flows;
}

/** The share of the updates that came too late: in the first second, and afterwards. */
function lossInto(figures: Figures, before: Counts, second: Counts, whole: Counts): void {
  const first = countsBetween(before, second);
  const updates = (counts: Counts) => sum(counts.requests, "PATCH", "PUT");
  figures["lost % first second"] = first.conflicts / updates(first) * 100;
  figures["lost % after"] = (whole.conflicts - first.conflicts) / (updates(whole) - updates(first)) * 100;
}

/** Reads the memory of each label four times a second. */
function watchMemory(labels: readonly string[], members: (label: string) => number[]) {
  const pids = new Map(labels.map((label) => [label, members(label)]));
  const sizes = new Map<string, number[]>(labels.map((label) => [label, []]));
  const look = () => labels.forEach((label) => sizes.get(label)!.push(usageOf(pids.get(label)!).rss));
  look();
  const timer = setInterval(look, 250);
  return { sizes, stop: () => clearInterval(timer) };
}
