/**
 * Objects of a production cluster, as kubectl shows them.
 *
 * @module
 */
import { parseYaml } from "../adapters/config/yaml.ts";
import { thrownText } from "../errors.ts";
import { API_VERSION, KIND, momentOf, type RequestState } from "../request-state.ts";

/** An object, or a text of YAML or JSON, of which the first document counts. A `List` stands for its items. */
export type GivenObject = object | string;

interface Thing {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly items?: readonly Thing[];
}

/** Reads what a test is given. @throws {TypeError} When a text is no YAML, or something is no object. */
export async function readObjects(given: readonly GivenObject[]): Promise<object[]> {
  const read = await Promise.all(given.map((each, index) => typeof each === "string" ? parsed(each, index) : each));
  return read.flatMap((each, index) => {
    const { items, kind } = (each ?? {}) as Thing;
    if (typeof kind !== "string") throw wrong(index, "has no kind, expected an object of Kubernetes");
    return kind.endsWith("List") && Array.isArray(items) ? [...items] : [each as object];
  });
}

async function parsed(text: string, index: number): Promise<unknown> {
  try {
    return await parseYaml(text);
  } catch (error) {
    throw wrong(index, `is no YAML: ${thrownText(error).split("\n")[0]}`);
  }
}

const wrong = (index: number, what: string) => new TypeError(`Cannot set up the test: objects[${index}] ${what}`);

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
