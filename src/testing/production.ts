/**
 * Objects of a production cluster, as kubectl shows them.
 *
 * @module
 */
import { parseAllDocuments } from "yaml";
import { API_VERSION, KIND, momentOf, type RequestState } from "../request-state.ts";

/** An object, or a text of YAML or JSON with one or several. A `List` stands for its items. */
export type GivenObject = object | string;

interface Thing {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly items?: readonly Thing[];
}

/** Reads what a test is given. @throws {TypeError} When a text is no YAML, or something is no object. */
export function readObjects(given: readonly GivenObject[]): object[] {
  return given.flatMap((each, index) => typeof each === "string" ? parsed(each, index) : [each]).flatMap((each, index) => {
    const { items, kind } = (each ?? {}) as Thing;
    if (typeof kind !== "string") {
      throw new TypeError(`Cannot set up the test: objects[${index}] has no kind, expected an object of Kubernetes`);
    }
    return kind.endsWith("List") && Array.isArray(items) ? [...items] : [each];
  });
}

function parsed(text: string, index: number): object[] {
  // YAML 1.1, as kubectl reads it; times stay texts.
  const documents = parseAllDocuments(text, {
    version: "1.1",
    customTags: (tags) => tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:timestamp"),
  });
  if (!Array.isArray(documents)) return [];
  for (const { errors: [error] } of documents) {
    if (error) throw new TypeError(`Cannot set up the test: objects[${index}] is no YAML: ${error.message.split("\n")[0]}`);
  }
  return documents.map((document) => document.toJS() as object).filter((each) => each !== null);
}

/** Those of them that are flows. */
export const requestsIn = (objects: readonly object[]): RequestState[] =>
  (objects as readonly RequestState[]).filter(({ apiVersion, kind }) => apiVersion === API_VERSION && kind === KIND);

/** The latest moment that flows tell of, in milliseconds since the Unix epoch: a test goes on from there. */
export function latestMoment(requests: readonly RequestState[]): number | undefined {
  const moments = requests.flatMap(({ metadata, status }) => [
    metadata.creationTimestamp,
    status?.completionTime,
    ...(status?.history ?? []).map(({ timestamp }) => timestamp),
  ]).map((text) => momentOf(text ?? "")).filter((moment) => !Number.isNaN(moment));
  return moments.length > 0 ? Math.max(...moments) : undefined;
}
