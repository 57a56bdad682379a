import type { JobPlan } from "./plan.ts";

/**
 * Identifies a graph: what jobs there are, which comes after which, which of them wait and which end the flow as failed. Not how
 * long or how often something is tried: that may change while flows are under way. The order in which the definition names its
 * members does not matter. Pure.
 */
export function graphDigest(start: string, plans: { readonly [job: string]: JobPlan }): string {
  const order = [start]; // breadth first, each job once
  for (const job of order) {
    for (const [, to] of edgesOf(plans[job]!)) if (!order.includes(to)) order.push(to);
  }
  // A job that is simply followed by the next in the order is its name alone: a sequence is the list of its jobs.
  return digestOf(order.map((job, index) => {
    const plan = plans[job]!;
    const edges = edgesOf(plan);
    const kind = plan.waits ? plan.waits.signal ? "signal" : "after" : plan.end;
    const [outcome, to] = edges[0] ?? ["", undefined];
    const plain = kind === undefined && edges.length <= 1 && outcome === "" && to === order[index + 1];
    return plain ? job : [job, edges, ...kind === undefined ? [] : [kind]];
  }));
}

/** Where a job leads, sorted by outcome; "" is `next`. */
export const edgesOf = (plan: JobPlan): readonly (readonly [outcome: string, to: string])[] => [
  ...plan.next === undefined ? [] : [["", plan.next] as const],
  ...Object.entries(plan.on).sort(([a], [b]) => a < b ? -1 : 1),
];

/** FNV-1a, 64 bits, of a value as JSON: short and stable; it tells definitions apart, it does not protect them. Pure. */
export function digestOf(value: unknown): string {
  return hashOf(JSON.stringify(value)).toString(16).padStart(16, "0");
}

/** A number from 0 up to, not including, 1: always the same for a text, and like drawn by lot among texts. Pure. */
export const lotOf = (text: string): number => {
  // The low bits of FNV-1a hardly depend on the first characters: two more rounds of mixing (as the finaliser of MurmurHash3).
  let mixed = hashOf(text);
  for (const factor of [0xff51afd7ed558ccdn, 0xc4ceb9fe1a85ec53n]) mixed = BigInt.asUintN(64, (mixed ^ mixed >> 33n) * factor);
  return Number((mixed ^ mixed >> 33n) >> 11n) / 2 ** 53;
};

function hashOf(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash;
}
