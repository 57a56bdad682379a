/**
 * What whoever writes a field may be called.
 *
 * @module
 */
import { byteLength } from "./bytes.ts";
import type { FieldError } from "./field-error.ts";
import { quote, unprintable } from "./quote.ts";

/** What is wrong with the name of a field manager. Pure. @param field Where it stands. */
export function managerErrors(manager: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (byteLength(manager) > 128) errors.push({ field, reason: "TooLong", text: "Too long: may not be more than 128 bytes" });
  let position = 0;
  for (const char of manager) {
    const index = position;
    position += byteLength(char);
    if (unprintable(char) === undefined) continue;
    const point = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    const text = `Invalid value: ${quote(manager)}: invalid character U+${point} (at position ${index})`;
    errors.push({ field, reason: "Invalid", text });
  }
  return errors;
}
