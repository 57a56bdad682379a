/**
 * Values as Go sees and prints them.
 *
 * @module
 */
import { isObject, type Json } from "./json.ts";
import { type GoNumber, isInteger, isNumber } from "./numeral.ts";
import { quote } from "./quote.ts";

/** The kind of Go value that a JSON value becomes. Pure. */
export function goKindName(value: Json | undefined): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return "slice";
  if (isNumber(value)) return isInteger(value) ? "int64" : "float64";
  return typeof value === "boolean" ? "bool" : typeof value === "string" ? "string" : "map";
}

/** A number as `%v` prints it: an int64 in full, a float64 as short as can be. Pure. */
export function goNumber(given: GoNumber): string {
  if (isInteger(given)) return String(given);
  const value = Number(given);
  if (Object.is(value, -0)) return "-0";
  const [digits, exponent] = value.toExponential().split("e") as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) {
    return power < 0 ? value.toFixed(Math.max(0, digits.replace(/^-?\d\.?/, "").length - power)) : String(value);
  }
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** A value as `%v` prints it: `map[a:1 b:[x y]]`. Pure. */
export function goPrint(value: Json | undefined): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goPrint).join(" ")}]`;
  if (isNumber(value)) return goNumber(value);
  if (!isObject(value)) return String(value);
  const members = Object.keys(value).sort().filter((key) => value[key] !== undefined);
  return `map[${members.map((key) => `${key}:${goPrint(value[key])}`).join(" ")}]`;
}

/** A value as `%s` prints it: what is no text says so. Pure. */
export const goText = (value: Json | undefined): string =>
  typeof value === "string" ? value : `%!s(${goKindName(value)}=${goPrint(value)})`;

/** The type of a value that was decoded from JSON, as `%T` prints it. Pure. */
export function goTypeName(value: Json | undefined): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  if (isObject(value)) return "map[string]interface {}";
  return isNumber(value) ? goKindName(value) : typeof value === "boolean" ? "bool" : "string";
}

/** A value as `%#v` prints it: in the syntax of Go. Pure. */
export function goSyntax(value: Json | undefined): string {
  if (value === null || value === undefined) return "interface {}(nil)";
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  if (isNumber(value)) return goNumber(value);
  if (!isObject(value)) return String(value);
  const members = Object.keys(value).sort().filter((key) => value[key] !== undefined);
  return `map[string]interface {}{${members.map((key) => `${quote(key)}:${goSyntax(value[key])}`).join(", ")}}`;
}
