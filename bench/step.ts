/**
 * One recorded write, ready to be sent again for another request.
 *
 * @module
 */

/** One write after the create. */
export interface Step {
  readonly method: "PATCH" | "PUT";
  readonly contentType: string;
  readonly accept: string;
  /** The body in pieces; between each two goes what {@linkcode SLOTS} says. */
  readonly texts: readonly string[];
  readonly slots: readonly Slot[];
}

/** What differs from request to request. */
export type Slot = "name" | "uid" | "resourceVersion" | "creationTimestamp";

/** A flow that can be sent again. */
export interface Recording {
  readonly steps: readonly Step[];
  /** The query of our worker's watch, without a version. */
  readonly watchQuery: string;
}

/** What a request has of its own, at one version. */
export type Identifiers = Readonly<Record<Slot, string>>;

/** A write as it was sent. */
export interface Write {
  readonly method: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly body: string;
}

/** Cuts a body at what is the recorded request's own. A version is short: only the whole string is taken for it. */
export function stepOf({ method, contentType = "", accept = "", body }: Write, of: Identifiers): Step {
  const found = new Map<string, Slot>([
    [of.name, "name"],
    [of.uid, "uid"],
    [JSON.stringify(of.resourceVersion), "resourceVersion"],
    [JSON.stringify(of.creationTimestamp), "creationTimestamp"],
  ]);
  const texts: string[] = [];
  const slots: Slot[] = [];
  const pattern = new RegExp([...found.keys()].join("|"), "g");
  let at = 0;
  for (const match of body.matchAll(pattern)) {
    texts.push(body.slice(at, match.index));
    slots.push(found.get(match[0])!);
    at = match.index + match[0].length;
  }
  return { method: method as Step["method"], contentType, accept, texts: [...texts, body.slice(at)], slots };
}

/** The body of a step for another request. */
export function bodyOf({ texts, slots }: Step, of: Identifiers): string {
  let body = texts[0]!;
  slots.forEach((slot, index) => {
    const quoted = slot === "resourceVersion" || slot === "creationTimestamp";
    body += (quoted ? `"${of[slot]}"` : of[slot]) + texts[index + 1]!;
  });
  return body;
}
