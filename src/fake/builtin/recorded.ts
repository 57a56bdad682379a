/**
 * What was recorded of the built-in kinds.
 *
 * @module
 */
import type { Subresource } from "../types/resource.ts";
import { kinds } from "./data/kinds.ts";

/** One kind in one version: what a genuine server says of it, and how it was seen to handle it. */
export interface Row {
  readonly group?: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly cluster?: boolean;
  /** All, unless told. */
  readonly verbs?: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly Subresource[];
  readonly hash?: string;
  /** The Go type. */
  readonly type: string;
  /** Name, type, format, priority, and the place of the description in `texts`. */
  readonly columns?: readonly (readonly [string, string, string, number, number])[];
  /** Whether generations are counted. */
  readonly counted?: boolean;
  /** Members of metadata whose change makes another generation, too. */
  readonly countedMetadata?: string;
  readonly createOnUpdate?: boolean;
  /** Whether PUT needs a resourceVersion. */
  readonly strictUpdate?: boolean;
  readonly returnsDeleted?: boolean;
  /** Whether a deletion orphans dependents unless told otherwise. */
  readonly orphans?: boolean;
  /** Whether finalizers without a domain are accepted. */
  readonly bareFinalizers?: boolean;
  /** What names must be, where it is not a subdomain. */
  readonly names?: string;
  /** Members of metadata that are taken through `/status`. */
  readonly statusMetadata?: string;
  /** How the metadata of a new state is checked, where it is not the usual. */
  readonly checks?: string;
  /** How it is checked where it comes through `/status`, where that is not the usual. */
  readonly statusChecks?: string;
  /** What an unknown field selector is answered; `%` stands for it. */
  readonly selectors?: string;
  /** Versions that the server reads and does not serve here. */
  readonly otherVersions?: readonly string[];
}

interface Recorded {
  readonly texts: readonly string[];
  readonly rows: readonly Row[];
}

let recorded: Recorded | undefined;
const all = (): Recorded => recorded ??= JSON.parse(kinds) as Recorded;

/** All kinds, in the order of discovery. */
export const rows = (): readonly Row[] => all().rows;

/** Descriptions of columns. */
export const textAt = (place: number): string => all().texts[place]!;
