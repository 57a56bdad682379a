/**
 * Formats by name: `format.dns1123Label().validate(self.name)`.
 *
 * @module
 */
import { hasFormat } from "../../schema/formats.ts";
import { labelFaults, labelName, labelValueFaults, qualifiedNameFaults, subdomainName } from "../../types/names.ts";
import type { Declaration } from "../language/declaration.ts";
import { LibraryValue, Maybe } from "../language/value.ts";
import { urlFault } from "./url.ts";

/** A format. */
export class NamedFormat extends LibraryValue {
  readonly typeName = "kubernetes.NamedFormat";
  readonly name: string;
  /** How long the pattern is that its cost is counted by. */
  readonly patternSize: number;
  /** What is wrong with a text. */
  readonly faults: (text: string) => readonly string[];

  constructor(name: string, patternSize: number, faults: (text: string) => readonly string[]) {
    super();
    this.name = name;
    this.patternSize = patternSize;
    this.faults = faults;
  }

  override equals(other: LibraryValue): boolean {
    return other instanceof NamedFormat && other.name === this.name;
  }
}

const byName = (format: string, fault: string) => (text: string) => hasFormat(format, text) ? [] : [fault];
const masked = (text: string) => text.length > 1 && text.endsWith("-") ? `${text.slice(0, -2)}a` : text;

const formats: readonly (readonly [name: string, shown: string, patternSize: number, (text: string) => readonly string[]])[] = [
  ["dns1123Label", "DNS1123Label", 30, labelName],
  ["dns1123Subdomain", "DNS1123Subdomain", 60, subdomainName],
  ["dns1035Label", "DNS1035Label", 30, labelFaults],
  ["qualifiedName", "QualifiedName", 60, qualifiedNameFaults],
  ["dns1123LabelPrefix", "DNS1123LabelPrefix", 30, (text) => labelName(text, true)],
  ["dns1123SubdomainPrefix", "DNS1123SubdomainPrefix", 60, (text) => subdomainName(text, true)],
  ["dns1035LabelPrefix", "DNS1035LabelPrefix", 30, (text) => labelFaults(masked(text))],
  ["labelValue", "LabelValue", 40, labelValueFaults],
  ["uri", "URI", 1103, (text) => {
    const fault = urlFault(text);
    return fault === undefined ? [] : [fault];
  }],
  ["uuid", "uuid", 89, byName("uuid", "does not match the UUID format")],
  ["byte", "byte", 84, byName("byte", "invalid base64")],
  ["date", "date", 128, byName("date", "invalid date")],
  ["datetime", "datetime", 128, byName("datetime", "invalid datetime")],
];
const known: ReadonlyMap<string, NamedFormat> = new Map(
  formats.map(([name, shown, size, faults]) => [name, new NamedFormat(shown, size, (text) => faults(text))]),
);

/** Functions of formats. */
export const namedFormats: readonly Declaration[] = [
  ["format-validate", "Format.validate(string): optional<list<string>>", (format: NamedFormat, text: string) => {
    const faults = format.faults(text);
    return faults.length === 0 ? Maybe.none : Maybe.of(faults);
  }],
  ["format-named", "format::named(string): optional<Format>", (name: string) => {
    const format = known.get(name);
    return format ? Maybe.of(format) : Maybe.none;
  }],
  ...[...known].map(([name, format]): Declaration => [`format.${name}`, `format::${name}(): Format`, () => format]),
];
