/**
 * The score by area as docs/fake.md shows it.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readRecording, recordingIds } from "./recording.ts";
import { readScenario } from "./scenario.ts";

/** How a genuine server of another version did. */
export interface Elsewhere {
  /** As in `v1.33.0`. */
  readonly server: string;
  readonly areas: Readonly<Record<string, Sum>>;
}

interface Sum {
  readonly exchanges: number;
  readonly equal: number;
}

/** The version without its last number. Pure. */
export const versionOf = (server: string): string => /^v?(\d+\.\d+)/.exec(server)![1]!;

const scores = fileURLToPath(new URL("./elsewhere.json", import.meta.url));
const readElsewhere = (): Elsewhere[] => JSON.parse(readFileSync(scores, "utf8")) as Elsewhere[];

/** Keeps how genuine servers of other versions did: `npm run elsewhere`. */
export const writeElsewhere = (all: readonly Elsewhere[]): void => writeFileSync(scores, `${JSON.stringify(all, null, 2)}\n`);

// Rounded down: only what is all equal is 100 %.
const percent = ({ exchanges, equal }: Sum) => equal === exchanges ? "100 %" : `${Math.floor(equal / exchanges * 1000) / 10} %`;
const total = (sums: readonly Sum[]): Sum =>
  sums.reduce((a, b) => ({ exchanges: a.exchanges + b.exchanges, equal: a.equal + b.equal }), { exchanges: 0, equal: 0 });

const page = fileURLToPath(new URL("../../docs/fake.md", import.meta.url));
const PLACE = /(<!-- score: [^\n]* -->\n)[^]*?(<!-- \/score -->)/;

/**
 * Scenarios and exchanges by area, and how many of them other versions answer alike. That each exchange is equal is what replay.test.ts demands: there is no other score, as long
 * as that is green.
 */
export function scoreTable(): string {
  const areas = new Map<string, { scenarios: number; exchanges: number }>();
  const all = { scenarios: 0, exchanges: 0 };
  for (const recording of recordingIds().map(readRecording)) {
    const { area } = readScenario(recording.scenario);
    const sum = areas.get(area) ?? { scenarios: 0, exchanges: 0 };
    areas.set(area, sum);
    for (const each of [sum, all]) {
      each.scenarios++;
      each.exchanges += recording.answers.length;
    }
  }
  const others = readElsewhere();
  const elsewhere = (area: string): string[] =>
    others.map(({ areas: sums }) => {
      const sum = area === "all" ? total(Object.values(sums)) : sums[area];
      return sum ? percent(sum) : "";
    });
  const row = ([area, { scenarios, exchanges }]: readonly [string, typeof all]) =>
    `| ${[area, scenarios, exchanges, "100 %", ...elsewhere(area)].join(" | ")} |`;
  const heads = ["area", "scenarios", "exchanges", "this", ...others.map(({ server }) => `a genuine ${versionOf(server)}`)];
  return [`| ${heads.join(" | ")} |`, `| ${heads.map(() => "---").join(" | ")} |`, ...[...areas].map(row), row(["all", all])]
    .join("\n");
}

/** The page as it is, and as it should be. */
export function pageWithScore(): { readonly is: string; readonly should: string } {
  const is = readFileSync(page, "utf8");
  if (!PLACE.test(is)) throw new Error("docs/fake.md has no place for the score: <!-- score: ... --> and <!-- /score -->");
  return { is, should: is.replace(PLACE, (_, begin: string, end: string) => `${begin}\n${scoreTable()}\n\n${end}`) };
}

/** Writes the score into the page. */
export const writePage = (): void => writeFileSync(page, pageWithScore().should);
