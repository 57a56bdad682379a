/** What the name of an object may hold at the most, with room for the random part. */
const LONGEST = 240;

/**
 * An identity that no other start of any process has, and that may name an object (RFC 1123): a given name is its beginning,
 * eight random digits are always added. Two processes that were given one name must not take each other for themselves.
 *
 * @param name As in `worker-1`; what an object's name cannot hold becomes `-`.
 */
export function uniqueIdentity(name: string): string {
  const valid = name.toLowerCase().replaceAll(/[^a-z0-9.]+/g, "-").replaceAll(/\.+/g, ".").slice(0, LONGEST);
  const trimmed = valid.replaceAll(/^[-.]+|[-.]+$/g, "").replaceAll(/-?\.-?/g, ".");
  return [trimmed, crypto.randomUUID().slice(0, 8)].filter((part) => part !== "").join("-");
}
