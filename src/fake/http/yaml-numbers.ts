/**
 * Numbers as the server's YAML library reads them. It makes JSON of what it has read, so that `1.0` is `1`, and `0x10` is `16`.
 *
 * @module
 */
import type { ScalarTag, Tags } from "yaml";
import { type GoNumber, type Numeral, readNumber } from "../types/numeral.ts";

const based = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+))$/;
const decimal = /^[-+]?(?:0|[1-9]\d*)$/;
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

const largest = 2n ** 64n - 1n;

/** A whole number; nothing where it is none of 64 bits. */
function wholeOf(text: string): bigint | undefined {
  const [, sign = "", hex, binary, octal] = based.exec(text) ?? [];
  let size: bigint;
  if (hex !== undefined) size = BigInt(`0x${hex}`);
  else if (binary !== undefined) size = BigInt(`0b${binary}`);
  else if (octal !== undefined) size = BigInt(`0o${octal}`);
  else if (decimal.test(text)) size = BigInt(text.replace(/^[-+]/, ""));
  else return undefined;
  const value = (sign || text[0]) === "-" ? -size : size;
  // Beyond 63 bits it may only be positive, and without a sign.
  const least = -(2n ** 63n);
  return value < least || value > (/^[-+]/.test(text) ? -least - 1n : largest) ? undefined : value;
}

/** Reads a scalar that may be a number. Pure. @returns The text where it is none. */
export function readYamlNumber(text: string): GoNumber | Numeral | string {
  const plain = text.replaceAll("_", "");
  const whole = wholeOf(plain);
  if (whole !== undefined) return readNumber(String(whole));
  if (!float.test(plain)) return text;
  const value = Number(plain);
  return Number.isFinite(value) ? readNumber(Object.is(value, -0) ? "-0" : String(value)) : text;
}

const tag = "tag:yaml.org,2002";
const int: ScalarTag = { tag: `${tag}:int`, default: true, test: /^[-+]?\.?\d/, resolve: readYamlNumber };
/** Only where it is said. */
const explicit: ScalarTag = { tag: `${tag}:float`, default: false, resolve: readYamlNumber };

/** The tags of YAML 1.1 with the server's numbers, and without dates: those stay texts. Pure. */
export const serverTags = (tags: Tags): Tags => [
  int,
  ...tags.filter((each) =>
    typeof each === "string" ||
    (each.tag !== `${tag}:timestamp` && each.tag !== `${tag}:int` && (each.tag !== `${tag}:float` || isNaNTag(each as ScalarTag)))
  ),
  explicit,
];

/** Of the library's own floats, those that no digits write. */
const isNaNTag = ({ test }: ScalarTag): boolean => test?.test(".nan") ?? false;
