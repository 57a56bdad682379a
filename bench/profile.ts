/**
 * Where the CPU of our programs goes: V8's profiles, told by package and by function, for each phase of a run.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** A part of a run. */
export interface Phase {
  readonly name: string;
  /** Microseconds of the machine's monotonic clock, which profiles tell, too. */
  readonly from: number;
  readonly to: number;
  readonly flows: number;
}

/** The monotonic clock, in microseconds. */
export const monotonicMicros = (): number => Number(process.hrtime.bigint() / 1_000n);

interface Profile {
  readonly startTime: number;
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Sampled while nothing was computed. */
const IDLE = new Set(["(idle)", "(root)"]);

/** Reads the profiles of a folder and renders, for packages and for functions, milliseconds a flow in each phase. */
export function renderProfiles(folder: string, phases: readonly Phase[]): string {
  const packages = new Map<string, number[]>();
  const functions = new Map<string, number[]>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"))) {
    const profile = JSON.parse(readFileSync(join(folder, file), "utf8")) as Profile;
    const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
    let at = profile.startTime;
    profile.samples.forEach((id, index) => {
      const took = profile.timeDeltas[index + 1] ?? 0;
      at += profile.timeDeltas[index]!;
      const phase = phases.findIndex(({ from, to }) => at >= from && at < to);
      const { functionName, url, lineNumber } = frames.get(id)!;
      if (phase < 0 || IDLE.has(functionName)) return;
      const ms = took / 1_000 / phases[phase]!.flows;
      add(packages, packageOf(url, functionName), phase, ms);
      add(functions, `${functionName || "(anonymous)"}  ${placeOf(url, lineNumber)}`, phase, ms);
    });
  }
  const titles = phases.map(({ name }) => name);
  return [
    "ms a flow by package, director and worker together",
    render(packages, titles, 30),
    "",
    "ms a flow by function",
    render(functions, titles, 60),
  ].join("\n");

  function add(sums: Map<string, number[]>, name: string, phase: number, ms: number): void {
    const sum = sums.get(name) ?? phases.map(() => 0);
    sum[phase]! += ms;
    sums.set(name, sum);
  }
}

function render(sums: ReadonlyMap<string, readonly number[]>, titles: readonly string[], most: number): string {
  const last = titles.length - 1;
  const rows = [...sums].sort(([, a], [, b]) => b[last]! - a[last]!);
  const total = titles.map((_, phase) => rows.reduce((sum, [, ms]) => sum + ms[phase]!, 0));
  const line = (cells: readonly string[], name: string) => `${cells.map((cell) => cell.padStart(9)).join("")}  ${name}`.trimEnd();
  return [
    line(titles, ""),
    line(total.map((ms) => ms.toFixed(3)), "all"),
    ...rows.slice(0, most).map(([name, ms]) => line(ms.map((value) => value.toFixed(3)), name)),
  ].join("\n");
}

/** A package, a part of Node, a folder of ours. */
function packageOf(url: string, functionName: string): string {
  if (url === "") return functionName.startsWith("(") ? functionName : "V8's own functions";
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (name !== undefined) return name;
  if (url.startsWith("node:")) return url.split("/").slice(0, 2).join("/");
  return `ours: ${ownPath(url).split("/").slice(0, -1).join("/")}/`;
}

const ownPath = (url: string): string => url.replace(/^.*?\/(?=(dist\/)?(src|cli)\/|(dist\/)?mod\.)/, "").replace(/^dist\//, "");

function placeOf(url: string, line: number): string {
  if (url === "") return "";
  const place = url.startsWith("node:") ? url : /node_modules\/(.*)$/.exec(url)?.[1] ?? ownPath(url);
  return `${place}:${line + 1}`;
}
