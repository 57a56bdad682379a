/**
 * In which form the client wants the answer.
 *
 * @module
 */
import { Refusal } from "../types/status.ts";

/** The form of an answer. */
export interface Output {
  readonly format: "json" | "yaml";
  /** A Table or metadata only, instead of the object. */
  readonly as?: "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList";
  /** Version of `meta.k8s.io` for the above. */
  readonly metaVersion?: string;
  readonly pretty: boolean;
  /** Whether an aggregated discovery document was asked for. */
  readonly discovery?: string;
}

interface Clause {
  /** Before the slash. */
  readonly type: string;
  readonly subtype: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

function clauseOf(text: string): Clause | undefined {
  const [name, ...rest] = text.trim().split(";");
  const parts = name!.split("/").map((part) => part.trim());
  const [type, subtype] = parts.length === 1 && parts[0] === "*" ? ["*", "*"] : parts;
  if (subtype === undefined || subtype === "" || parts.length > 2) return undefined;
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const part of rest) {
    const [key, value, ...more] = part.split("=").map((each) => each.trim());
    if (value === undefined || value === "" || more.length > 0) continue;
    if (key === "q") quality = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value) ? Number(value) : 0;
    else parameters.set(key!, value);
  }
  return { type: type!, subtype, parameters, quality };
}

/** Whether one goes before another. It is no order, and the server sorts by it all the same. */
const precedes = (a: Clause, b: Clause): boolean =>
  a.quality > b.quality || (a.type !== "*" && b.type === "*") || (a.subtype !== "*" && b.subtype === "*");

const read = new Map<string, readonly Clause[]>();
const kept = 100;

/** Reads an Accept header, best first, as `goautoneg` does. Pure. */
export function parseAccept(header: string): readonly Clause[] {
  let clauses = read.get(header);
  if (!clauses) {
    if (read.size >= kept) read.clear();
    read.set(header, clauses = readAccept(header));
  }
  return clauses;
}

function readAccept(header: string): readonly Clause[] {
  const clauses = header.split(",").map(clauseOf).filter((clause) => clause !== undefined);
  // An insertion sort, because that is what Go does with a few.
  for (let end = 1; end < clauses.length; end++) {
    for (let at = end; at > 0 && precedes(clauses[at]!, clauses[at - 1]!); at--) {
      [clauses[at - 1], clauses[at]] = [clauses[at]!, clauses[at - 1]!];
    }
  }
  return clauses;
}

/** Whether a clause means a type. Pure. */
export const accepts = ({ type, subtype }: Clause, media: string): boolean =>
  type === "*" ? subtype === "*" : media === `${type}/${subtype}` || (subtype === "*" && media.startsWith(`${type}/`));

/** Whether the answer shall have line breaks: by parameter, else for a person at a terminal or browser. Pure. */
export function wantsPretty(query: URLSearchParams, userAgent: string): boolean {
  const given = query.get("pretty");
  if (given !== null) return given !== "0" && given.toLowerCase() !== "false";
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(userAgent);
}

/** 406 as said by the part of the server that serializes objects. */
export const notAcceptable = (): Refusal =>
  new Refusal(
    406,
    "NotAcceptable",
    `only the following media types are accepted: application/json, application/yaml, ${protobuf}`,
    { form: "lines" },
  );

const protobuf = "application/vnd.kubernetes.protobuf";

/**
 * The router of the built-in groups looks before their handlers do: at the types alone. Pure.
 *
 * @param place What there is: objects, which can be watched as well, or the version of the server.
 * @throws {Refusal} 406, printed as a refusal is
 */
export function checkRouted(accept: string | null, place: "object" | "watched" | "version"): void {
  if (!isSet(accept)) return;
  const known = place === "version" ? ["application/json"] : medias;
  const types = accept.split(",").map((text) => text.split(";")[0]!.trim());
  if (types.some((type) => type === "*/*" || known.includes(type))) return;
  const streams = place === "watched" ? `, application/json;stream=watch, ${protobuf};stream=watch` : "";
  const said = `406: Not Acceptable\n\nAvailable representations: ${known.join(", ")}${streams}`;
  throw new Refusal(406, "NotAcceptable", said, { details: {} });
}

const medias: readonly string[] = ["application/json", "application/yaml", protobuf];
const targets = ["Table", "PartialObjectMetadata", "PartialObjectMetadataList"] as const;

/** In which forms there is something: as an object, as its metadata, as a table. */
type Forms = "all" | "noTable" | "whole";

/** The form that a clause asks for in one of the types that there are; nothing where it cannot be. */
function formOf({ parameters }: Clause, media: string, forms: Forms): Partial<Output> | undefined {
  if (parameters.has("stream") && (parameters.get("stream") !== "watch" || media === "application/yaml")) return undefined;
  const lines = parameters.get("pretty") === "1" ? { pretty: true } : {};
  if (!["as", "g", "v"].some((name) => parameters.has(name))) return lines;
  if (forms === "whole") return undefined;
  const target = targets.find((each) => each === parameters.get("as"));
  const metaVersion = parameters.get("v") ?? "";
  if (!target || parameters.get("g") !== "meta.k8s.io" || !["v1", "v1beta1"].includes(metaVersion)) return undefined;
  return target === "Table" && forms === "noTable" ? undefined : { ...lines, as: target, metaVersion };
}

/** What the first clause chooses that can be had. Protobuf, which cannot be answered here, only where nothing else is taken. */
function chosen(
  accept: string,
  forms: Forms,
): { readonly media: string; readonly form: ReturnType<typeof formOf> } | undefined {
  let last: ReturnType<typeof chosen>;
  for (const clause of parseAccept(accept)) {
    for (const media of medias) {
      const form = accepts(clause, media) ? formOf(clause, media, forms) : undefined;
      if (form && media !== protobuf) return { media, form };
      if (form) last ??= { media, form };
    }
  }
  return last;
}

const isSet = (accept: string | null): accept is string => accept !== null && accept !== "";

/** How a refusal is printed: as is asked for, if that can be said of a Status; else as JSON. Pure. */
export function refusalForm(accept: string | null, pretty: boolean): Output {
  if (!isSet(accept)) return { format: "json", pretty };
  for (const clause of parseAccept(accept)) {
    if (["as", "g", "v"].some((name) => clause.parameters.has(name))) continue;
    const media = medias.find((each) => accepts(clause, each) && formOf(clause, each, "whole"));
    if (media) return { format: media === "application/yaml" ? "yaml" : "json", pretty, ...formOf(clause, media, "whole") };
  }
  return { format: "json", pretty: true };
}

/**
 * Chooses the form. Pure.
 *
 * @param options `forms`: those that there are.
 * @throws {Refusal} 406 when none fits, 501 when only protobuf would.
 */
export function negotiate(
  accept: string | null,
  options: {
    readonly custom: boolean;
    readonly watch: boolean;
    readonly pretty: boolean;
    readonly forms?: Forms;
  },
): Output {
  const { custom, watch, pretty, forms = "all" } = options;
  if (!isSet(accept)) return { format: "json", pretty };
  const found = chosen(accept, forms);
  if (!found) throw notAcceptable();
  const { media, form } = found;
  if (media === protobuf) {
    if (custom) throw notAcceptable();
    throw new Refusal(501, "NotImplemented", `the fake API server does not implement answers in ${protobuf}`, { details: {} });
  }
  if (media === "application/yaml" && watch) {
    const types = `application/json;stream=watch, ${protobuf};stream=watch`;
    throw new Refusal(406, "NotAcceptable", `only the following media types are accepted: ${types}`);
  }
  return { format: media === "application/yaml" ? "yaml" : "json", pretty, ...form };
}
