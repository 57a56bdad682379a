/**
 * Directors and workers as processes of their own on a genuine API server, for half an hour, at a low rate; both runtimes at once, each in a
 * namespace of its own. The first and the last minutes nobody does anything; in between kube-apiserver is killed now and then. What each
 * process holds is counted every minute; ends with 1 when any of it grows, a program ends, or a flow is not over.
 *
 *   KUBEBUILDER_ASSETS=... npm run soak -- processes [--minutes 30] [--runtimes node,deno] [--rate 0.5] [--idle 3] [--outages 3]
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isOver, REQUEST_STATES, type RequestState } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { createDice } from "../../src/testing/dice.ts";
import { startAgain } from "../chaos/blows.ts";
import { startGuard } from "../support/guard.ts";
import { gatherPeople, type People } from "../chaos/people.ts";
import { recordAll } from "../chaos/recorder.ts";
import { readSentences } from "../chaos/sentences.ts";
import { keep, type Victim } from "../chaos/victims.ts";
import { freePorts, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { runCommand, type Runtime } from "../support/programs.ts";
import type { Held } from "./measured.ts";
import { trade } from "./server-flows.ts";
import { type Figure, footOf, headOf, lineOf, type Sample, trendsOf } from "./thirds.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    runtimes: { type: "string", default: "node,deno" },
    rate: { type: "string", default: "0.5" },
    idle: { type: "string", default: "3" },
    outages: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
  },
});
const MINUTE = 60_000;
const [duration, idle] = [Number(values.minutes) * MINUTE, Number(values.idle) * MINUTE];
if (!(duration > 2 * idle)) throw new RangeError(`--minutes is ${values.minutes}, expected more than twice --idle`);
/** How often everything is counted, in milliseconds. */
const STEP = MINUTE;

const FIGURES: readonly Figure[] = [
  { name: "heap MB", share: 0.05, least: 1, digits: 1 },
  { name: "rss MB", share: 0.1, least: 10 },
  { name: "promises", share: 0.2, least: 100 },
  { name: "timers", share: 0.2, least: 6 },
  { name: "listeners", share: 0.2, least: 10 },
  { name: "fds", share: 0.1, least: 3 },
  { name: "sockets", share: 0.1, least: 3 },
  { name: "calls/min", share: 0.2, least: 20 },
];

/** A program whose process is looked into. */
interface Subject {
  readonly name: string;
  readonly victim: Victim;
  readonly file: string;
  readonly port: number;
  calls: number;
  at: number;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const [assets] = genuineAssets();
if (!assets) throw new Error("Set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl");
const runtimes = values.runtimes.split(",") as Runtime[];
const home = mkdtempSync(join(tmpdir(), "soak-"));
const dir = join(home, "server");
for (const [signal, number] of [["SIGINT", 2], ["SIGTERM", 15], ["SIGHUP", 1]] as const) {
  process.on(signal, () => process.exit(128 + number));
}
process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
const guard = startGuard();
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const server = await startApiServer({ assets: assets.folder, dir, guard });
const kubectl = (...args: string[]) => runCommand([`${assets.folder}/kubectl`, "--kubeconfig", server.kubeconfigPath, ...args]);
await kubectl("apply", "-f", `${root}crds`);
await kubectl("wait", "--for=condition=Established", "-f", `${root}crds`);
await runCommand(["npm", "run", "--silent", "build"]);

const PROGRAMS: Readonly<Record<Runtime, readonly [main: string, ...command: string[]]>> = {
  node: [`${root}dist/cli/main.js`, `${root}node_modules/.bin/node`, "--expose-gc"],
  deno: [`${root}cli/main.ts`, `${root}node_modules/.bin/deno`, "run", "-q", "-A", "--v8-flags=--expose-gc"],
};
const faults: string[] = [];
let missed = 0;

async function start(runtime: Runtime): Promise<Subject[]> {
  await kubectl("create", "namespace", runtime);
  const [main, ...command] = PROGRAMS[runtime];
  const ports = await freePorts(4);
  return (["director", "director", "worker", "worker"] as const).map((kind, index) => {
    const [name, port] = [`${runtime} ${kind} ${1 + index % 2}`, ports[index]!];
    const file = join(home, `${runtime}-${index}.json`);
    const own = kind === "director" ? ["--serve"] : ["--concurrency", "8"];
    const victim = keep({
      ...{ kind, guard, onDeath: (sentence: string) => faults.push(sentence), logPath: join(home, `${runtime}-${index}.log`) },
      env: { MEASURED_MAIN: main, MEASURED_FILE: file },
      command: [...command, `${root}test/soak/measured.ts`, "--mode", kind, ...own, "--kubeconfig", server.kubeconfigPath]
        .concat(["--namespace", runtime, "--flow", `${root}test/soak/server-flows.ts`])
        .concat(["--metrics-bind-address", `127.0.0.1:${port}`]),
    });
    return { name, victim, file, port, calls: 0, at: Date.now() };
  });
}

/** Resident megabytes, file descriptors and sockets; undefined where the system does not tell. */
function seenFrom(pid: number): readonly (number | undefined)[] {
  try {
    const rss = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
    const targets = readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return ""; // closed meanwhile
      }
    });
    return [rss, targets.length, targets.filter((target) => target.startsWith("socket:")).length];
  } catch {
    return [undefined, undefined, undefined];
  }
}

/** Calls that a program has sent to the API server so far, by its own metrics. */
async function callsOf(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(STEP / 2) })).text();
  const lines = text.split("\n").filter((line) => line.startsWith("rest_client_requests_total"));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** On a machine that stands still a program may not answer: then it is not counted this time. */
async function count(subject: Subject, passed: string): Promise<Sample | undefined> {
  try {
    return await look(subject, passed);
  } catch {
    missed++;
    return undefined;
  }
}

async function look(subject: Subject, passed: string): Promise<Sample> {
  const [rss, fds, sockets] = seenFrom(subject.victim.pid);
  const { heap, timers, listeners, promises } = JSON.parse(readFileSync(subject.file, "utf8")) as Held;
  const calls = await callsOf(subject.port);
  const rate = (calls - subject.calls) / (Date.now() - subject.at) * MINUTE;
  Object.assign(subject, { calls, at: Date.now() });
  return { at: passed, values: [heap, rss, promises, timers, listeners, fds, sockets, rate] };
}

/** Until each has counted itself once. */
async function settle(subjects: readonly Subject[]): Promise<void> {
  const deadline = Date.now() + 2 * MINUTE;
  while (!subjects.every(({ file }) => existsSync(file))) {
    if (Date.now() > deadline) throw new Error(`Not all programs have begun: ${faults.join("; ") || `look into ${home}`}`);
    await pause(200);
  }
}

const subjects = (await Promise.all(runtimes.map(start))).flat();
await settle(subjects);
const begun = Date.now();
const cluster = await connect({ kubeconfig: server.kubeconfigPath });
const ending = new AbortController();
const { signal } = ending;
const people = new Map<string, People>();
for (const namespace of runtimes) {
  const dice = createDice(`${values.seed} ${namespace}`);
  people.set(
    namespace,
    gatherPeople({ cluster, namespace, identity: "client", signal, dice, flows: trade.flows, prefix: "soak" }),
  );
}
const standing = new Map<string, boolean>();
const requests = recordAll<RequestState>(server.etcdUrl, `/registry/${REQUEST_STATES.group}/${REQUEST_STATES.plural}/`, {
  signal,
  onChange({ type, object }) {
    standing.set(object.metadata.uid!, type === "DELETED" || isOver(object));
    people.get(object.metadata.namespace!)!.see(object);
  },
});
const shown = (sample: Sample | undefined, at: string) => sample ? lineOf(FIGURES, { ...sample, at }) : `${at} not seen`;
const minutesPassed = () => `${((Date.now() - begun) / MINUTE).toFixed(1)} min`;
const all = () => Promise.all(subjects.map((subject) => count(subject, minutesPassed())));

async function takeAway(times: number): Promise<void> {
  for (let nth = 1; nth <= times; nth++) {
    await pause((duration - 2 * idle) / (times + 1));
    await server.kill("apiserver");
    await pause(2_000);
    await startAgain(server);
  }
}

/** Who is judged by the sum of what they hold: two directors, as either leads after an outage, else each process by itself. */
const judged = new Map<string, { readonly members: readonly number[]; readonly samples: Sample[] }>();
for (const [index, { name }] of subjects.entries()) {
  const together = name.replace(/ director \d/, " directors");
  judged.set(together, { members: [...judged.get(together)?.members ?? [], index], samples: [] });
}
const sumOf = (samples: readonly Sample[]): Sample => ({
  at: samples[0]!.at,
  values: FIGURES.map((_, figure) =>
    samples.reduce<number | undefined>((sum, { values }) => {
      const value = values[figure];
      return sum === undefined || value === undefined ? undefined : sum + value;
    }, 0)
  ),
});
/** Those of all members of a group; undefined where one was missed. */
const together = (members: readonly number[], seen: readonly (Sample | undefined)[]): Sample | undefined => {
  const samples = members.map((member) => seen[member]).filter((sample) => sample !== undefined);
  return samples.length === members.length ? sumOf(samples) : undefined;
};

const rows: string[] = [];
try {
  await pause(idle / 2);
  await all();
  await pause(idle / 2);
  const before = await all();
  console.log(`logs in ${home}`);
  console.log(
    [headOf("idle", FIGURES), ...subjects.flatMap(({ name }, index) => [name, shown(before[index], "")])].join("\n"),
  );

  const until = Date.now() + duration - 2 * idle;
  const outages = takeAway(Number(values.outages)).catch((error) =>
    faults.push(`The API server did not come back: ${error.message}`)
  );
  const starting = [...people.values()].map((each) => each.start(until - MINUTE / 2, Number(values.rate)));
  for (let next = Date.now() + STEP, nth = 1; next < until; next += STEP, nth++) {
    await pause(next - Date.now());
    const seen = await all();
    for (const { members, samples } of judged.values()) {
      samples.push(...[together(members, seen)].filter((sample) => sample !== undefined));
    }
    if (nth % 5 === 0) {
      console.log(
        `${minutesPassed()}: ${standing.size} flows, ${[...standing.values()].filter((over) => !over).length} under way`,
      );
    }
  }
  await Promise.all([Promise.all(starting), outages]);
  await pause(idle * 3 / 4);
  await all();
  await pause(idle / 4);
  const after = await all();

  console.log(headOf("load", FIGURES));
  for (const [name, { members, samples }] of judged) {
    const trends = trendsOf(FIGURES, samples.slice(Math.ceil(samples.length / 10))); // what is compiled and cached comes first
    rows.push(name, ...footOf(FIGURES, trends), shown(together(members, after), "idle"));
    faults.push(...trends.filter(({ isFlat }) => !isFlat).map((trend) => `${name}: ${trend.name} grows under load`));
  }
  console.log(rows.join("\n"));
  const begunFlows = [...people.values()].reduce((sum, each) => sum + each.begun, 0);
  const unfinished = [...standing.values()].filter((over) => !over).length;
  if (unfinished > 0 || standing.size !== begunFlows) {
    faults.push(`${begunFlows} flows were started, ${standing.size} seen, ${unfinished} are not over`);
  }
  console.log(
    `${begunFlows} flows, ${requests.changes.length} versions, ${values.outages} outages of the API server, ${missed} counts missed`,
  );
} finally {
  ending.abort();
  await Promise.all(subjects.map(({ victim }) => victim.end()));
  await requests.finished;
  await cluster.close?.();
  await server.stop();
}
faults.push(...readSentences(subjects.map(({ victim }) => victim.logPath)).crashes);
console.log(faults.join("\n") || "flat");
process.exit(faults.length > 0 ? 1 : 0);
