/**
 * Objects in files, as people write them for kubectl.
 *
 * @module
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Tags } from "yaml";
import { checkValue, type Expectation, TEXT } from "../options.ts";

/** What people write down of an object, and where it stands, for messages. */
export interface Manifest {
  readonly object: ManifestObject;
  /** As in `objects/shop.yaml, document 2`. */
  readonly origin: string;
}

/** An object that is one, whatever else it is. */
export interface ManifestObject {
  /** Its group and version, as in `apps/v1`. */
  readonly apiVersion: string;
  /** As in `Deployment`. */
  readonly kind: string;
  /** What it is called, and what else is said of it. */
  readonly metadata?: unknown;
  /** Whatever else it has. */
  readonly [member: string]: unknown;
}

const PATH: Expectation = { expected: "a path or a file: URL", fits: (value) => TEXT.fits(value) || value instanceof URL };

/** Files that kubectl takes from a folder, too. */
const NAMES = /\.(ya?ml|json)$/;

/** Whether it defines a resource. */
export const isCrd = ({ object }: Manifest): boolean => object.kind === "CustomResourceDefinition";
/** Whether it is a namespace. */
export const isNamespace = ({ object: { apiVersion, kind } }: Manifest): boolean => apiVersion === "v1" && kind === "Namespace";

const rank = (each: Manifest): number => isCrd(each) ? 0 : isNamespace(each) ? 1 : 2;

/** As they are to be created: CRDs come first, then namespaces, so that files need no order. Pure. */
export const inOrder = (manifests: readonly Manifest[]): Manifest[] => manifests.toSorted((a, b) => rank(a) - rank(b));

/**
 * Reads the objects of a file, or of the YAML and JSON files of a folder (`.yaml`, `.yml`, `.json`), for `crds` and `objects` of a fake
 * cluster: several documents in one, of lists their items. CRDs come first, then namespaces: files need no order.
 *
 * @param path A path, or a `file:` URL: `new URL("crds/", import.meta.url)` is beside the test.
 * @throws {Error} with one sentence, which names the file and the document.
 * @throws {TypeError} When the path is none.
 *
 * @example
 * ```ts
 * import { createFakeCluster } from "crd-watcher/fake";
 * import { readObjects } from "crd-watcher/fake/server";
 *
 * const fake = createFakeCluster({ crds: await readObjects("node_modules/crd-watcher/crds") });
 * fake.close();
 * ```
 */
export async function readObjects(path: string | URL): Promise<ManifestObject[]> {
  checkValue("Cannot read objects", "path", path, PATH);
  return inOrder(await readManifests(path instanceof URL ? fileURLToPath(path) : path)).map(({ object }) => object);
}

/**
 * Reads the objects of a file or of a folder, in the order of their names.
 *
 * @param flag Where the path was given, for messages.
 * @throws {Error} with one sentence, which names the file and the document.
 */
export async function readManifests(path: string, flag?: string): Promise<Manifest[]> {
  return (await readDocuments(path, flag)).flatMap(({ value, origin }) => objectsIn(value, origin));
}

/** Something that was written down, and where it stands, for messages. */
export interface Document {
  readonly value: unknown;
  /** As in `objects/shop.yaml, document 2`. */
  readonly origin: string;
}

/**
 * Reads what stands in a file or in the files of a folder, whatever it is.
 *
 * @param what What should stand there, for the message where nothing does.
 * @throws {Error} with one sentence.
 */
export async function readDocuments(path: string, flag?: string, what = "objects of Kubernetes"): Promise<Document[]> {
  const found: Document[] = [];
  for (const file of await filesAt(path, flag)) found.push(...await parseDocuments(await readText(file, flag), file));
  // As kubectl has it: an empty file is one that somebody forgot, or wrote elsewhere.
  if (found.length === 0) throw new Error(`Cannot use ${placed(path, flag)}: nothing stands in it, expected ${what}`);
  return found;
}

const placed = (path: string, flag?: string): string => flag === undefined ? path : `${path} (--${flag})`;

async function filesAt(path: string, flag?: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => NAMES.test(name)).sort();
    if (names.length > 0) return names.map((name) => join(path, name));
  } catch (error) {
    throw unreadable(path, flag, error);
  }
  throw new Error(`Cannot read ${placed(path, flag)}: no file in that folder ends with .yaml, .yml or .json`);
}

async function readText(path: string, flag?: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw unreadable(path, flag, error);
  }
}

function unreadable(path: string, flag: string | undefined, error: unknown): Error {
  const { code, message } = error as Error & { code?: string };
  const why = code === "ENOENT" ? "there is no such file or folder" : code === "EACCES" ? "this user may not read it" : message;
  return new Error(`Cannot read ${placed(path, flag)}: ${why}`, { cause: error });
}

/** Dates stay texts, as for kubectl. */
const withoutDates = (tags: Tags) => tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:timestamp");

/** Whole numbers as JavaScript has them; those beyond 2^53 with all their digits. */
const exact = (_key: unknown, value: unknown) =>
  typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;

/** The objects in a text. @throws {Error} with one sentence. */
export async function parseManifests(text: string, file: string): Promise<Manifest[]> {
  return (await parseDocuments(text, file)).flatMap(({ value, origin }) => objectsIn(value, origin));
}

async function parseDocuments(text: string, file: string): Promise<Document[]> {
  const { parseAllDocuments } = await import("yaml"); // it takes longer to load than a small test
  const documents = parseAllDocuments(text, {
    version: "1.1",
    merge: true,
    customTags: withoutDates,
    prettyErrors: true,
    intAsBigInt: true,
  });
  return documents.flatMap((document, index) => {
    const origin = documents.length === 1 ? file : `${file}, document ${index + 1}`;
    const [fault] = document.errors;
    if (fault) throw new Error(`Cannot read ${origin}: ${fault.message.split("\n")[0]!.replace(/:$/, "")}`);
    try {
      const value: unknown = document.toJS({ reviver: exact });
      return value === null || value === undefined ? [] : [{ value, origin }];
    } catch (error) {
      throw new Error(`Cannot read ${origin}: ${(error as Error).message}`, { cause: error });
    }
  });
}

/** An object, or the items of a list of objects, as `kubectl get -o yaml` prints one. */
function objectsIn(value: unknown, origin: string): Manifest[] {
  const { apiVersion, kind, items } = (typeof value === "object" ? value ?? {} : {}) as Partial<Record<string, unknown>>;
  if (typeof apiVersion !== "string" || typeof kind !== "string" || apiVersion === "" || kind === "") {
    throw new Error(`Cannot use ${origin}: it is no object of Kubernetes, which has an apiVersion and a kind`);
  }
  if (!kind.endsWith("List") || !Array.isArray(items)) return [{ object: value as ManifestObject, origin }];
  return items.flatMap((item, index) => objectsIn(item, `${origin}, item ${index + 1}`));
}
