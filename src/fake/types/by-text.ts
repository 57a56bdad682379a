import { encode, type JsonObject } from "./json.ts";

/**
 * What is made of a value is made once for all that have its text: every test has a cluster of its own, and most of them the same CRDs.
 *
 * @param kept How many are kept: those that were asked for last.
 * @param make Pure. It is given the text, too.
 */
export function byText<V>(kept: number, make: (value: JsonObject, text: string) => V): (value: JsonObject) => V {
  const made = new Map<string, V>();
  return (value) => {
    const text = encode(value);
    const found = made.get(text) ?? make(value, text);
    made.delete(text); // the newest are kept
    made.set(text, found);
    if (made.size > kept) made.delete(made.keys().next().value!);
    return found;
  };
}
