/**
 * `'%s is %d'.format([...])`.
 *
 * @module
 */

function decimal(value: unknown): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

/** A value as `%s` and `string()` print it. Pure. */
export function printed(value: unknown): string {
  if (value === null) return "null";
  if (value instanceof Date) return value.toISOString().replace(/\.?0+Z$/, "Z");
  if (Array.isArray(value)) return `[${value.map(printed).join(", ")}]`;
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Map) {
    return `{${[...value].map(([key, member]) => `${printed(key)}: ${printed(member)}`).sort().join(", ")}}`;
  }
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    return printed(new Map(Object.entries(value)));
  }
  return typeof value === "number" ? decimal(value) : String(value);
}

function whole(verb: string, value: unknown): string {
  const radix = verb === "b" ? 2 : verb === "o" ? 8 : verb === "d" ? 10 : 16;
  if (verb === "b" && typeof value === "boolean") return value ? "1" : "0";
  if (radix === 16 && (typeof value === "string" || value instanceof Uint8Array)) {
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  if (verb === "d" && typeof value === "number") return decimal(value);
  const number = typeof value === "object" && value !== null ? value.valueOf() : value;
  if (typeof number !== "bigint") throw new RangeError(`error during formatting: %${verb} is not for ${typeof value}`);
  return number.toString(radix);
}

function fraction(verb: string, precision: number, value: unknown): string {
  const number = Number(value);
  if (!Number.isFinite(number)) return decimal(number);
  if (verb === "f") return number.toFixed(precision);
  return number.toExponential(precision).replace(/e([+-])(\d)$/, "e$10$2");
}

/** Fills the places of a text. Pure. @throws {RangeError} Where places and values do not fit. */
export function format(text: string, values: readonly unknown[]): string {
  let next = 0;
  return text.replace(/%(?:\.(\d+))?(.?)/gs, (_, precision: string | undefined, verb: string) => {
    if (verb === "%") return "%";
    if (next >= values.length) throw new RangeError(`index ${next} out of range`);
    const value = values[next++];
    if (verb === "s") return printed(value);
    if ("bdox".includes(verb) && verb !== "") return whole(verb, value);
    if (verb === "X") return whole("x", value).toUpperCase();
    if (verb === "f" || verb === "e") return fraction(verb, Number(precision ?? 6), value);
    throw new RangeError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  });
}
