/**
 * Makes what two servers answered comparable: what differs by nature gets a name of its own, by order of appearance.
 *
 * - uids become `uid-1`, ...; names that the server made `prefix-generated-1`
 * - times become `time-N`, N being the span of time (between two `tick` steps) that they lie in
 * - resourceVersions become `rv-N`, ranked by those that objects carry; one of a list, a bookmark or a message is ranked
 *   with the latest object's that is not later, because others write to a genuine server too
 * - addresses that the server gives to services become `cluster-ip-1`, ..., their ports of nodes `node-port-1`, ...
 * - the types of objects in validation rules lose the number that each compilation gives them: `selfType`
 * - the entries of managedFields, which are ordered by their times first, are ordered by the names of these
 *
 * @module
 */
import { at, places } from "./pointer.ts";
import type { Played, Result } from "./runner.ts";
import type { Keeping, Scenario } from "./scenario.ts";

/** What a step brought, comparable. */
export interface Normalised {
  readonly step: number;
  readonly title: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
  readonly events?: readonly unknown[];
  readonly ended?: boolean;
  readonly failure?: string;
}

const uid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const time = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(?:Z|[+-]\d\d:\d\d)/g;
const address = /^\d+\.\d+\.\d+\.\d+$/;
const age = /^(\d+[smhdy])+$/;
/** Where texts name a resourceVersion. The first group stays. */
const versions = [
  /(resource version: )(\d+)/g,
  /(current: )(\d+)/g,
  /(too old resource version: \S+ \()(\d+)/g,
  /(ResourceVersion in (?:the precondition|record) \()(\d+)/g,
  /(ResourceVersion in (?:precondition|object meta): )(\d+)/g,
  /(resourceVersion\\*"\s*:\s*\\*")(\d+)/g,
];
const generatedName = /[bcdfghjklmnpqrstvwxz2456789]{5}$/;
const keptHeaders = ["content-type", "retry-after", "cache-control", "vary", "location", "allow", "www-authenticate"];

type Members = Record<string, unknown>;
const isMembers = (value: unknown): value is Members => typeof value === "object" && value !== null && !Array.isArray(value);

const entryOrder = ["operation", "time", "manager", "apiVersion", "subresource"];
const entryKey = (entry: unknown): string =>
  JSON.stringify(entryOrder.map((member) => isMembers(entry) ? entry[member] ?? "" : ""));
/** The order of managers in which the server would have it, were all times of a span the same. */
const byEntry = (a: unknown, b: unknown): number => entryKey(a) < entryKey(b) ? -1 : entryKey(a) > entryKey(b) ? 1 : 0;

/** Calls back for every text and every mapping, members by name, so that their order does not matter. */
function walk(value: unknown, text: (text: string) => void, members: (members: Members) => void): void {
  if (typeof value === "string") text(value);
  else if (Array.isArray(value)) value.forEach((item) => walk(item, text, members));
  else if (isMembers(value)) {
    members(value);
    for (const key of Object.keys(value).sort()) walk(value[key], text, members);
  }
}

/** JSON with members by name and without what differs by nature: what lists without an order are sorted by. */
const sortKey = (value: unknown): string =>
  JSON.stringify(value, (key, item: unknown) => {
    if (key === "resourceVersion") return undefined;
    return isMembers(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => a < b ? -1 : 1)) : item;
  }).replaceAll(uid, "uid").replaceAll(time, "time");

function sortUnordered(body: unknown, pointers: readonly string[]): void {
  for (const pointer of pointers) {
    if (pointer === "/message" && isMembers(body)) sortLines(body);
    for (const { container, key } of places(body, pointer)) {
      const list = container[key];
      if (!Array.isArray(list)) continue;
      list.sort((a, b) => sortKey(a) < sortKey(b) ? -1 : 1);
      if (pointer === "/details/causes" && isMembers(body)) sortMessage(body, list as Members[]);
    }
  }
}

/** A message repeats the causes, in their order. */
function sortMessage(body: Members, causes: readonly Members[]): void {
  const [, before, list] = /^(.*?is invalid: )\[(.*)\]$/s.exec(String(body.message)) ?? [];
  if (list === undefined) return;
  const pieces = [...new Set(causes.map(({ field, message }) => `${field}: ${message}`))];
  if (pieces.every((piece) => list.includes(piece)) && pieces.join(", ").length === list.length) {
    body.message = `${before}[${pieces.sort().join(", ")}]`;
  }
}

/** What is wrong with an applied object is told a line each, in any order. */
function sortLines(body: Members): void {
  const [head, ...lines] = String(body.message).split("\n  ");
  if (head?.endsWith("errors:")) body.message = [head, ...lines.sort()].join("\n  ");
}

function kept(body: unknown, keep: Keeping): unknown {
  let found = structuredClone(body);
  if (keep.pick) found = Object.fromEntries(keep.pick.map((pointer) => [pointer, at(found, pointer) ?? "(nothing)"]));
  for (const pointer of keep.omit) {
    for (const { container, key } of places(found, pointer).reverse()) {
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else delete container[key];
    }
  }
  sortUnordered(found, keep.unordered);
  return found;
}

/** Headers arrive a character a byte; what these are in UTF-8 is easier to read. */
const fromBytes = (text: string) => new TextDecoder().decode(Uint8Array.from(text, (char) => char.charCodeAt(0)));

function headersOf(headers: Readonly<Record<string, string>>, keep: Keeping): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const name of keptHeaders) if (headers[name] !== undefined) found[name] = headers[name];
  if (headers.warning !== undefined) found.warning = fromBytes(headers.warning).split(/, (?=\d{3} - ")/);
  if (Array.isArray(found.warning) && keep.unordered.includes("/headers/warning")) found.warning.sort();
  if (headers.etag !== undefined) found.etag = "etag";
  return found;
}

/** The names that replace what differs by nature. */
class Names {
  readonly #scenario: Scenario;
  readonly #played: Played;
  readonly #uids = new Map<string, string>();
  readonly #generated = new Map<string, string>();
  readonly #addresses = new Map<string, string>();
  readonly #ports = new Map<number, string>();
  readonly #anchors = new Set<number>();
  readonly #prefixes: readonly string[];
  #ranks: number[] = [];

  constructor(scenario: Scenario, played: Played) {
    this.#scenario = scenario;
    this.#played = played;
    const prefixes = [...scenario.text.matchAll(/generateName: ['"]?([\w.-]+)/g)].map(([, prefix]) => prefix!.slice(0, 58));
    this.#prefixes = [...new Set(prefixes)];
  }

  #isLiteral = (text: string) => this.#scenario.text.includes(text);

  /** Takes note of what is there. */
  learn(value: unknown): void {
    walk(value, (text) => {
      for (const [found] of text.matchAll(uid)) {
        if (!this.#uids.has(found) && !this.#isLiteral(found)) this.#uids.set(found, `uid-${this.#uids.size + 1}`);
      }
      for (const prefix of this.#prefixes) {
        const at = text.indexOf(prefix);
        const name = at === -1 ? "" : text.slice(at, at + prefix.length + 5);
        if (!generatedName.test(name) || this.#generated.has(name) || this.#isLiteral(name)) continue;
        this.#generated.set(name, `${prefix}generated-${this.#generated.size + 1}`);
      }
    }, (members) => {
      const { metadata, clusterIP } = members;
      for (const port of [members.nodePort, members.healthCheckNodePort]) {
        if (typeof port !== "number" || port === 0 || this.#isLiteral(String(port)) || this.#ports.has(port)) continue;
        this.#ports.set(port, `node-port-${this.#ports.size + 1}`);
      }
      if (
        typeof clusterIP === "string" && address.test(clusterIP) && !this.#isLiteral(clusterIP) && !this.#addresses.has(clusterIP)
      ) {
        this.#addresses.set(clusterIP, `cluster-ip-${this.#addresses.size + 1}`);
      }
      if (!isMembers(metadata) || typeof metadata.name !== "string") return;
      const { resourceVersion } = metadata;
      if (typeof resourceVersion === "string" && /^[1-9]\d*$/.test(resourceVersion)) this.#anchors.add(Number(resourceVersion));
    });
    this.#ranks = [...this.#anchors].sort((a, b) => a - b);
  }

  #rank(text: string): string {
    const version = Number(text);
    // What no server has come to, or has left behind long ago, is the scenario's own.
    if (version <= 1 || version >= 1_000_000) return text;
    return `rv-${this.#ranks.filter((anchor) => anchor <= version).length}`;
  }

  #time(found: string, fraction: string | undefined): string {
    const { started, ended, spans } = this.#played;
    const ms = Date.parse(found);
    if (this.#isLiteral(found) || ms < started || ms > ended + 1000) return found;
    return `time-${spans.filter((span) => span <= ms).length}${fraction === undefined ? "" : `.${"0".repeat(fraction.length)}`}`;
  }

  #text(text: string): string {
    let found = text.replaceAll(uid, (each) => this.#uids.get(each) ?? each)
      .replaceAll(time, (each, fraction: string | undefined) => this.#time(each, fraction))
      .replaceAll(/\?hash=[0-9A-F]{128}/g, "?hash=HASH").replaceAll(/\bselfType\d+/g, "selfType");
    for (const pattern of versions) {
      found = found.replaceAll(pattern, (_, before: string, version: string) => before + this.#rank(version));
    }
    for (const [ip, label] of this.#addresses) found = found.replaceAll(new RegExp(`\\b${ip}\\b`, "g"), label);
    for (const [name, label] of this.#generated) found = found.replaceAll(name, label);
    return found;
  }

  #token(token: string): string {
    try {
      const { rv, ...rest } = JSON.parse(atob(token.replaceAll("-", "+").replaceAll("_", "/"))) as { rv: number };
      return `continue ${JSON.stringify({ ...rest, rv: rv < 0 ? rv : this.#rank(String(rv)) })}`;
    } catch {
      return token;
    }
  }

  /** The value with the names in place. */
  replace(value: unknown, key?: string, parent?: string): unknown {
    if (Array.isArray(value)) {
      return value.map((item) => key === "cells" && typeof item === "string" && age.test(item) ? "age" : this.replace(item));
    }
    if (isMembers(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([member, item]) => {
          const named = this.replace(item, member, key);
          return [this.#text(member), member === "managedFields" && Array.isArray(named) ? named.sort(byEntry) : named];
        }),
      );
    }
    if (typeof value === "number" && (key === "nodePort" || key === "healthCheckNodePort")) {
      return this.#ports.get(value) ?? value;
    }
    if (typeof value !== "string") return value;
    if (key === "resourceVersion" && /^\d+$/.test(value)) return this.#rank(value);
    if (key === "continue" && parent === "metadata" && value !== "") return this.#token(value);
    return this.#text(value);
  }
}

/** Makes what a scenario brought comparable. Pure. */
export function normalise(scenario: Scenario, played: Played): Normalised[] {
  const names = new Names(scenario, played);
  const results = played.results.map((result: Result): Normalised => {
    const step = scenario.steps[result.step]!;
    const { body, headers, ...rest } = structuredClone(result);
    const keep = step.kind === "request" ? step.keep : { pick: undefined, omit: [], unordered: [] };
    return {
      ...rest,
      ...(headers === undefined ? {} : { headers: headersOf(headers, keep) }),
      ...(body === undefined ? {} : { body: kept(body, keep) }),
    };
  });
  for (const { body, events } of results) {
    names.learn(body);
    names.learn(events);
  }
  return results.map((result) => {
    const { body, events, headers, failure } = result;
    const found: { -readonly [K in keyof Normalised]: Normalised[K] } = { ...result };
    if (headers !== undefined) found.headers = names.replace(headers) as NonNullable<Normalised["headers"]>;
    if (body !== undefined) found.body = names.replace(body);
    if (events !== undefined) found.events = names.replace(events) as unknown[];
    if (failure !== undefined) found.failure = names.replace(failure) as string;
    return JSON.parse(JSON.stringify(found)) as Normalised;
  });
}
