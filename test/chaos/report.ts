import type { Blow } from "./blows.ts";
import type { End, Takeover, Verdict } from "./judge.ts";

/** What a run has shown. */
export interface Shown {
  readonly runtime: string;
  readonly seconds: number;
  readonly blows: ReadonlyMap<Blow, number>;
  readonly outages: number;
  readonly people: ReadonlyMap<string, number>;
  readonly verdict: Verdict;
  /** When the last blow fell, and what it struck was there again. */
  readonly lastBlow: number;
  /** How long flows may take to end after it, in milliseconds. */
  readonly limit: number;
  /** Everything else that is wrong: as sentences. */
  readonly faults: readonly string[];
}

const ENDS: readonly End[] = ["succeeded", "failed", "cancelled", "not over"];
const AMID: Readonly<Record<Takeover["amid"], string>> = {
  neither: "in peace",
  election: "another leader",
  outage: "API server away",
};

const list = (counts: ReadonlyMap<string, number>): string => [...counts].map(([what, times]) => `${times} ${what}`).join(", ");
const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
const row = (name: string, cells: readonly (string | number)[]): string =>
  `  ${name.padEnd(17)}${cells.map((cell) => String(cell).padStart(11)).join("")}`;

/** How many processes were killed; those that were stopped live. */
export const killsIn = (blows: ReadonlyMap<Blow, number>): number =>
  [...blows].reduce((sum, [blow, times]) => sum + (blow.endsWith("killed") ? times : 0), 0);

/** The distribution of takeovers of one kind, as cells. */
function spread(takeovers: readonly Takeover[]): readonly (string | number)[] {
  const times = takeovers.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) => times.length === 0 ? "" : seconds(times[Math.ceil(share * (times.length - 1))]!);
  return [times.length, ...[0, 0.5, 0.9, 0.99, 1].map(at)];
}

/** One screen. Pure. */
export function reportLines(
  { runtime, seconds: took, blows, outages, people, verdict, lastBlow, limit, faults }: Shown,
): string[] {
  const struck = (how: string) =>
    new Map([...blows].filter(([blow]) => blow.endsWith(how)).map(([blow, n]) => [blow.split(" ")[0]!, n]));
  const { takeovers } = verdict;
  const broken = verdict.faulty.length + faults.length;
  return [
    `${runtime}, ${Math.round(took)} s`,
    `killed            ${killsIn(blows)}: ${list(struck("killed"))}`,
    `stopped           ${list(struck("stopped")) || "none"}`,
    `outages           ${outages} of the API server`,
    `people            ${list(people)}`,
    `judged            ${verdict.flows} flows, ${verdict.versions} versions`,
    "",
    row("flows", [...ENDS, "all"]),
    ...[...verdict.ends].sort(([a], [b]) => a < b ? -1 : 1).map(([flow, counts]) =>
      row(flow, [...ENDS.map((end) => counts.get(end) ?? 0), [...counts.values()].reduce((a, b) => a + b, 0)])
    ),
    "",
    row("takeovers, s", ["number", "least", "p50", "p90", "p99", "most"]),
    ...(Object.keys(AMID) as Takeover["amid"][]).map((amid) =>
      row(AMID[amid], spread(takeovers.filter((each) => each.amid === amid)))
    ),
    row("all", spread(takeovers)),
    "",
    `the last end      ${seconds(verdict.lastEnd - lastBlow)} s after the last blow, ${seconds(limit)} s at the most`,
    `violations        ${broken}`,
    ...faults.map((fault) => `  ${fault}`),
    ...verdict.faulty.flatMap(({ name, faults, history }) => [
      `  requeststates ${name}`,
      ...faults.map((fault) => `    ${fault}`),
      ...history.map((entry) => `      ${entry}`),
    ]),
  ];
}
