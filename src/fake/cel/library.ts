/**
 * Which functions Kubernetes gives to rules, and which of them are known here.
 *
 * @module
 */

/** A function for the library: its signature, and what it does. */
// deno-lint-ignore no-explicit-any -- the signature says the types of the arguments
export type FunctionEntry = readonly [signature: string, handler: (...args: any[]) => unknown];

/** Whether two values are equal to a rule. */
export type Sameness = (a: unknown, b: unknown) => boolean;

/** Functions whose own version in the library does not answer as Kubernetes does: they are called by another name. */
export const replaced: ReadonlySet<string> = new Set(
  ["indexOf", "lastIndexOf", "substring", "lowerAscii", "upperAscii", "matches"],
);

/** Macros, and how many arguments each takes. With others, a name is only a name. */
export const macroArguments: Readonly<Record<string, readonly number[]>> = {
  has: [1],
  all: [2, 3],
  exists: [2, 3],
  exists_one: [2, 3],
  existsOne: [3],
  map: [2, 3],
  filter: [2],
  transformList: [3, 4],
  transformMap: [3, 4],
  transformMapEntry: [3, 4],
  optMap: [2],
  optFlatMap: [2],
  sortBy: [2],
};

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Functions that are called on their own. */
export const calls: ReadonlySet<string> = words(
  `has size string int uint double bool bytes timestamp duration dyn type matches url isURL quantity isQuantity ip isIP cidr
  isCIDR`,
);

/** Functions that are called on a value. */
export const methods: ReadonlySet<string> = words(
  `all exists exists_one existsOne map filter transformList transformMap optMap optFlatMap size contains startsWith endsWith
  matches getDate getDayOfMonth getDayOfWeek getDayOfYear getFullYear getHours getMilliseconds getMinutes getMonth getSeconds
  charAt indexOf lastIndexOf lowerAscii upperAscii replace split join substring trim format quote find findAll isSorted sum min
  max slice flatten distinct reverse sort range first last equivalent intersects hasValue value or orValue of none
  ofNonZeroValue getScheme getHost getHostname getPort getEscapedPath getQuery compareTo isGreaterThan isLessThan add sub sign
  isInteger asInteger asApproximateFloat isCanonical family isLoopback isUnspecified isLinkLocalMulticast isLinkLocalUnicast
  isGlobalUnicast containsIP containsCIDR ip masked prefixLength`,
);

/** Functions that Kubernetes has and that are not known here. */
export const unknown: ReadonlySet<string> = words(
  `sortBy transformMapEntry unwrap unwrapOpt semver isSemver major minor patch named validate dns1123Label dns1123Subdomain
  dns1035Label qualifiedName dns1123LabelPrefix dns1123SubdomainPrefix dns1035LabelPrefix labelValue uri uuid byte date
  datetime`,
);
