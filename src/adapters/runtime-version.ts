/** The oldest versions that this library is tried on. */
const LEAST = { node: [22, 19], deno: [2, 5] } as const;

/**
 * What is wrong with the runtime, in one sentence. Pure.
 *
 * @param versions What `process.versions` says. Deno says a version of Node there, too, which is not asked.
 * @returns Undefined where nothing is.
 */
export function runtimeFault(versions: Readonly<Record<string, string | undefined>>): string | undefined {
  const runtime = versions["deno"] === undefined ? "node" : "deno";
  const version = versions[runtime] ?? "";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = LEAST[runtime];
  if (major > leastMajor || major === leastMajor && minor >= leastMinor) return undefined;
  const name = runtime === "node" ? "Node" : "Deno";
  return `crd-watcher needs ${name} ${leastMajor}.${leastMinor} or newer: this is ${name} ${version}`;
}
