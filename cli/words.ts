import { nearest } from "../src/text.ts";
import type { Flag } from "./flag.ts";
import { FLAGS } from "./flags.ts";

/** The command line is wrong; the message says how, and what is right. */
export class UsageError extends Error {}

/** A value, and where it was given, for messages. */
export interface Given {
  readonly text: string;
  readonly by: string;
}

/** A command line in parts. */
export interface Words {
  /** What is no flag, in order: a verb and what comes after it. */
  readonly operands: readonly string[];
  /** By the name of the flag, as a switch or with its values; short ones are still letters. */
  readonly flags: readonly { readonly name: string; readonly raw: string; readonly text: string | undefined }[];
}

/** What each flag takes; absent for a switch. */
export const VALUES: Readonly<Record<string, string | undefined>> = {
  mode: "MODE",
  help: undefined,
  version: undefined,
  ...Object.fromEntries(
    Object.entries(FLAGS as Readonly<Record<string, Flag<unknown>>>).map(([name, { value }]) => [name, value]),
  ),
};

/** The letters that stand for flags; one may stand for several, of which a command has one. */
const LETTERS: ReadonlyMap<string, { readonly takes: boolean }> = new Map(
  [
    ["h", undefined] as const,
    ...Object.values(FLAGS as Readonly<Record<string, Flag<unknown>>>).map(({ short, value }) => [short, value] as const),
  ]
    .flatMap(([short, value]) => short === undefined ? [] : [[short, { takes: value !== undefined }]]),
);

/**
 * Takes a command line apart: `--name value`, `--name=value`, as Go has it `-name=value`, and letters: `-n shop`, `-nshop`, `-o=json`,
 * `-Aw`. After `--` there are no flags. Pure.
 *
 * @throws {UsageError} When a flag is unknown, or its value is missing.
 */
export function takeApart(words: readonly string[]): Words {
  const operands: string[] = [];
  const flags: { name: string; raw: string; text: string | undefined }[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") {
      operands.push(...words.slice(at + 1));
      break;
    }
    if (!/^-./.test(word) || /^-\d/.test(word)) {
      operands.push(word);
      continue;
    }
    const [, dashes = "", name = "", inline] = /^(--?)([^=]*)(?:=(.*))?$/s.exec(word)!;
    const isLong = Object.hasOwn(VALUES, name);
    const letters = dashes === "-" && (!isLong || name.length === 1) ? readLetters(word) : undefined;
    if (letters) {
      const last = letters.at(-1)!;
      if (last.takes && last.text === undefined) last.text = valueFor(`-${last.name}`, words[++at]);
      flags.push(...letters.map(({ name, text }) => ({ name, raw: `-${name}`, text })));
      continue;
    }
    if (!isLong) throw unknownFlag(dashes, name);
    const takes = VALUES[name];
    flags.push({
      name,
      raw: `--${name}`,
      text: takes && inline === undefined ? valueFor(`--${name}`, words[++at], takes) : inline,
    });
  }
  return { operands, flags };
}

/** A word of letters; undefined where one of them stands for nothing. */
function readLetters(word: string): { name: string; takes: boolean; text: string | undefined }[] | undefined {
  const letters: { name: string; takes: boolean; text: string | undefined }[] = [];
  for (let at = 1; at < word.length; at++) {
    const letter = LETTERS.get(word[at]!);
    if (!letter) return undefined;
    const rest = word.slice(at + 1);
    const inline = rest === "" ? undefined : rest.replace(/^=/, "");
    letters.push({ name: word[at]!, takes: letter.takes, text: letter.takes || rest.startsWith("=") ? inline : undefined });
    if (letter.takes || rest.startsWith("=")) break;
  }
  return letters;
}

function valueFor(flag: string, next: string | undefined, takes = "VALUE"): string {
  if (next === undefined || /^-(?!\d|$)/.test(next)) throw new UsageError(`Flag ${flag} needs a value: ${flag} ${takes}`);
  return next;
}

function unknownFlag(dashes: string, name: string): UsageError {
  const meant = nearest(name, Object.keys(VALUES));
  return new UsageError(
    `Unknown flag ${dashes}${name}: ${meant === undefined ? "see --help" : `did you mean --${meant}?`}`,
  );
}
