/**
 * Where in an expression a part stands, in the counting of the genuine compiler.
 *
 * @module
 */

/** A part of an expression, as the library parsed it. */
export interface Part {
  readonly op: string;
  readonly args: unknown;
  readonly pos: number;
  readonly start: number;
  readonly end: number;
  readonly input?: string;
  readonly checkedType?: { readonly name: string; readonly kind: string };
}

function partsOf(part: Part): readonly Part[] {
  const isPart = (value: unknown): value is Part => typeof value === "object" && value !== null && "op" in value;
  const flat = Array.isArray(part.args) ? (part.args as unknown[]).flat(2) : [part.args];
  return flat.filter(isPart);
}

/** A part and all inside of it, as written. Pure. */
export const allOf = (part: Part): readonly Part[] => [part, ...partsOf(part).flatMap(allOf)];

/** Skips what may stand between two parts. */
function skip(text: string, from: number): number {
  const found = /^(?:[\s)]|\/\/[^\n]*\n?)*/.exec(text.slice(from));
  return from + (found?.[0].length ?? 0);
}

/** The offset at which the genuine compiler sees a part: that of its operator, its dot or its parenthesis. Pure. */
export function offsetOf(part: Part): number {
  const text = part.input ?? "";
  const args = part.args as unknown[];
  switch (part.op) {
    case "id":
    case "value":
    case "list":
    case "map":
    case "!_":
    case "-_":
      return part.start;
    case "call":
      return text.indexOf("(", part.start);
    case "rcall": {
      const receiver = args[1] as Part;
      return text.indexOf("(", skip(text, receiver.end));
    }
    default:
      // A select, an index, or an operator: it follows its first operand.
      return skip(text, (args[0] as Part).end);
  }
}

/** An error text as the genuine compiler prints it. Pure. */
export function pointed(text: string, offset: number, message: string): string {
  const before = text.slice(0, offset).split("\n");
  const line = text.split("\n")[before.length - 1] ?? "";
  const column = before.at(-1)!.length;
  return `ERROR: <input>:${before.length}:${column + 1}: ${message}\n | ${line}\n | ${".".repeat(column)}^`;
}
