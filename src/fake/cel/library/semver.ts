/**
 * Semantic versions, as expressions see them.
 *
 * @module
 */
import type { Declaration } from "../language/declaration.ts";
import { quote } from "../../types/quote.ts";
import { EvaluationError, LibraryValue } from "../language/value.ts";

const maxUint = 2n ** 64n - 1n;

/** A version. */
export class Semver extends LibraryValue {
  readonly typeName = "kubernetes.Semver";
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint];
  readonly pre: readonly (bigint | string)[];

  constructor(numbers: readonly [bigint, bigint, bigint], pre: readonly (bigint | string)[]) {
    super();
    this.numbers = numbers;
    this.pre = pre;
  }

  override equals(other: LibraryValue): boolean {
    return other instanceof Semver && order(this, other) === 0;
  }
}

function order(a: Semver, b: Semver): number {
  for (const at of [0, 1, 2]) {
    const [left, right] = [a.numbers[at]!, b.numbers[at]!];
    if (left !== right) return left < right ? -1 : 1;
  }
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length);
  for (let at = 0; at < Math.min(a.pre.length, b.pre.length); at++) {
    const [left, right] = [a.pre[at]!, b.pre[at]!];
    if (left === right) continue;
    if (typeof left !== typeof right) return typeof left === "bigint" ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return Math.sign(a.pre.length - b.pre.length);
}

const refuse = (why: string): never => {
  throw new EvaluationError(why);
};
const isDigits = (text: string) => /^[0-9]*$/.test(text);
const hasZeroes = (text: string) => text.length > 1 && text.startsWith("0");
const isWord = (text: string) => /^[0-9A-Za-z-]*$/.test(text);

function number(text: string, what: string): bigint {
  if (!isDigits(text)) return refuse(`Invalid character(s) found in ${what} number ${quote(text)}`);
  if (hasZeroes(text)) {
    return refuse(`${what[0]!.toUpperCase()}${what.slice(1)} number must not contain leading zeroes ${quote(text)}`);
  }
  if (text === "") return refuse('strconv.ParseUint: parsing "": invalid syntax');
  const value = BigInt(text);
  return value > maxUint ? refuse(`strconv.ParseUint: parsing ${quote(text)}: value out of range`) : value;
}

function prerelease(text: string): bigint | string {
  if (text === "") return refuse("Prerelease is empty");
  if (isDigits(text)) {
    if (hasZeroes(text)) return refuse(`Numeric PreRelease version must not contain leading zeroes ${quote(text)}`);
    return BigInt(text);
  }
  return isWord(text) ? text : refuse(`Invalid character(s) found in prerelease ${quote(text)}`);
}

function parse(text: string): Semver {
  if (text === "") return refuse("Version string empty");
  const first = text.indexOf(".");
  const second = text.indexOf(".", first + 1);
  if (first < 0 || second < 0) return refuse("No Major.Minor.Patch elements found");
  const major = number(text.slice(0, first), "major");
  const minor = number(text.slice(first + 1, second), "minor");
  let patch = text.slice(second + 1);
  const plus = patch.indexOf("+");
  const build = plus < 0 ? [] : patch.slice(plus + 1).split(".");
  if (plus >= 0) patch = patch.slice(0, plus);
  const dash = patch.indexOf("-");
  const pre = dash < 0 ? [] : patch.slice(dash + 1).split(".");
  if (dash >= 0) patch = patch.slice(0, dash);
  const patchNumber = number(patch, "patch");
  const parsed = pre.map(prerelease);
  for (const part of build) {
    if (part === "") refuse("Build meta data is empty");
    if (!isWord(part)) refuse(`Invalid character(s) found in build meta data ${quote(part)}`);
  }
  return new Semver([major, minor, patchNumber], parsed);
}

/** `v1.02` means 1.2.0. */
function normalized(text: string): string {
  const bare = text.replace(/^v/, "");
  const parts = bare.split(".");
  const three = parts.length > 3 ? [parts[0]!, parts[1]!, parts.slice(2).join(".")] : parts;
  const trimmed = three.map((part) => {
    if (part.length <= 1) return part;
    const rest = part.replace(/^0+/, "");
    return /^\d/.test(rest) ? rest : `0${rest}`;
  });
  if (trimmed.length < 3 && /[+-]/.test(trimmed.at(-1)!)) {
    return refuse("short version cannot contain PreRelease/Build meta data");
  }
  while (trimmed.length < 3) trimmed.push("0");
  return trimmed.join(".");
}

const read = (text: string, isLoose: boolean) => parse(isLoose ? normalized(text) : text);
function isVersion(text: string, isLoose: boolean): boolean {
  try {
    read(text, isLoose);
    return true;
  } catch (error) {
    if (error instanceof EvaluationError) return false;
    throw error;
  }
}

/** Functions of versions. */
export const semver: readonly Declaration[] = [
  ["string_to_semver", "semver(string): Semver", (text: string) => read(text, false)],
  ["string_bool_to_semver", "semver(string, bool): Semver", read],
  ["is_semver_string", "isSemver(string): bool", (text: string) => isVersion(text, false)],
  ["is_semver_string_bool", "isSemver(string, bool): bool", isVersion],
  ["semver_is_greater_than", "Semver.isGreaterThan(Semver): bool", (a: Semver, b: Semver) => order(a, b) > 0],
  ["semver_is_less_than", "Semver.isLessThan(Semver): bool", (a: Semver, b: Semver) => order(a, b) < 0],
  ["semver_compare_to", "Semver.compareTo(Semver): int", (a: Semver, b: Semver) => BigInt(order(a, b))],
  ["semver_major", "Semver.major(): int", ({ numbers }: Semver) => numbers[0]],
  ["semver_minor", "Semver.minor(): int", ({ numbers }: Semver) => numbers[1]],
  ["semver_patch", "Semver.patch(): int", ({ numbers }: Semver) => numbers[2]],
];
