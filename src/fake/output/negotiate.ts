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
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** Reads an Accept header, best first. Pure. */
export function parseAccept(header: string): readonly Clause[] {
  const clauses = header.split(",").map((text) => {
    const [type, ...rest] = text.trim().split(";");
    const parameters = new Map(rest.map((part) => {
      const [name, value] = part.trim().split("=");
      return [name!, value ?? ""] as const;
    }));
    return { type: type!.trim(), parameters, quality: Number(parameters.get("q") ?? 1) };
  });
  return clauses.filter((clause) => clause.type !== "").sort((a, b) => b.quality - a.quality);
}

const isJson = (type: string) => ["application/json", "*/*", "application/*"].includes(type);
const isYaml = (type: string) => type === "application/yaml";

/** Whether the answer shall have line breaks: by parameter, else for a person at a terminal or browser. Pure. */
export function wantsPretty(query: URLSearchParams, userAgent: string): boolean {
  const given = query.get("pretty");
  if (given !== null) return given !== "0" && given.toLowerCase() !== "false";
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(userAgent);
}

/** 406 as said by the part of the server that serializes objects. */
export const notAcceptable = (
  types: string = "application/json, application/yaml, application/vnd.kubernetes.protobuf",
  form: "lines" | "yaml" = "lines",
): Refusal => new Refusal(406, "NotAcceptable", `only the following media types are accepted: ${types}`, { form });

const protobuf = "application/vnd.kubernetes.protobuf";

/** 406 as said by the router of the built-in groups. */
const notAcceptableByRouter = (watch: boolean): Refusal =>
  new Refusal(
    406,
    "NotAcceptable",
    `406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, ${protobuf}${
      watch ? `, application/json;stream=watch, ${protobuf};stream=watch` : ""
    }`,
    { details: {}, form: "lines" },
  );

const targets = ["Table", "PartialObjectMetadata", "PartialObjectMetadataList"] as const;

/** Chooses the form. Pure. @param options `table`: whether there is one. @throws {Refusal} 406 when none fits, 501 when only protobuf would. */
export function negotiate(
  accept: string | null,
  options: { readonly custom: boolean; readonly watch: boolean; readonly pretty: boolean; readonly table?: boolean },
): Output {
  const { pretty } = options;
  const clauses = parseAccept(accept ?? "");
  if (clauses.length === 0) return { format: "json", pretty };
  const routed = (type: string) => ["application/json", "*/*", protobuf].includes(type) || isYaml(type);
  if (!options.custom && !clauses.some(({ type }) => routed(type))) throw notAcceptableByRouter(options.watch);
  for (const { type, parameters } of clauses) {
    if (!isJson(type) && !isYaml(type)) continue;
    if (isYaml(type) && options.watch) continue;
    const format = isYaml(type) ? "yaml" : "json";
    const as = parameters.get("as");
    if (as === undefined) {
      if (parameters.has("stream") && !options.watch) continue;
      return { format, pretty };
    }
    const target = targets.find((each) => each === as);
    const metaVersion = parameters.get("v") ?? "";
    if (target === "Table" && options.table === false) continue;
    if (target && parameters.get("g") === "meta.k8s.io" && ["v1", "v1beta1"].includes(metaVersion)) {
      return { format, as: target, metaVersion, pretty };
    }
  }
  if (clauses.some((clause) => clause.type === protobuf) && !options.custom) {
    throw new Refusal(501, "NotImplemented", `the fake API server does not implement answers in ${protobuf}`, { details: {} });
  }
  if (options.watch && clauses.some((clause) => isYaml(clause.type))) {
    throw notAcceptable(`application/json;stream=watch, ${protobuf};stream=watch`, "yaml");
  }
  throw notAcceptable();
}
