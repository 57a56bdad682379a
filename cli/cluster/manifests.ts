import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments, type Tags } from "yaml";

/** What people write down of an object, and where it stands, for messages. */
export interface Manifest {
  readonly object: ManifestObject;
  /** As in `objects/shop.yaml, document 2`. */
  readonly origin: string;
}

/** An object that is one, whatever else it is. */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: unknown;
  readonly [member: string]: unknown;
}

/** Files that kubectl takes from a folder, too. */
const NAMES = /\.(ya?ml|json)$/;

/**
 * Reads the objects of a file, or of the YAML and JSON files of a folder in the order of their names; of lists, their items.
 *
 * @param flag Where the path was given, for messages.
 * @throws {Error} with one sentence, which names the file and the document.
 */
export async function readManifests(path: string, flag: string): Promise<Manifest[]> {
  return (await readDocuments(path, flag)).flatMap(({ value, origin }) => objectsIn(value, origin));
}

/** Something that was written down, and where it stands, for messages. */
export interface Document {
  readonly value: unknown;
  /** As in `objects/shop.yaml, document 2`. */
  readonly origin: string;
}

/** Reads what stands in a file or in the files of a folder, whatever it is. @throws {Error} with one sentence. */
export async function readDocuments(path: string, flag: string): Promise<Document[]> {
  const found: Document[] = [];
  for (const file of await filesAt(path, flag)) found.push(...parseDocuments(await readText(file, flag), file));
  return found;
}

async function filesAt(path: string, flag: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => NAMES.test(name)).sort();
    if (names.length > 0) return names.map((name) => join(path, name));
  } catch (error) {
    throw unreadable(path, flag, error);
  }
  throw new Error(`Cannot read ${path} (--${flag}): no file in that folder ends with .yaml, .yml or .json`);
}

async function readText(path: string, flag: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw unreadable(path, flag, error);
  }
}

function unreadable(path: string, flag: string, error: unknown): Error {
  const { code, message } = error as Error & { code?: string };
  const why = code === "ENOENT" ? "there is no such file or folder" : code === "EACCES" ? "this user may not read it" : message;
  return new Error(`Cannot read ${path} (--${flag}): ${why}`, { cause: error });
}

/** Dates stay texts, as for kubectl. */
const withoutDates = (tags: Tags) => tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:timestamp");

/** Whole numbers as JavaScript has them; those beyond 2^53 with all their digits. */
const exact = (_key: unknown, value: unknown) =>
  typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;

/** The objects in a text. Pure. @throws {Error} with one sentence. */
export function parseManifests(text: string, file: string): Manifest[] {
  return parseDocuments(text, file).flatMap(({ value, origin }) => objectsIn(value, origin));
}

function parseDocuments(text: string, file: string): Document[] {
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
