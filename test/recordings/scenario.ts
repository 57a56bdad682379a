/**
 * Scenarios: files of steps that are taken on an API server, genuine or fake. README.md shows how they are written.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** A value as it stands in a scenario: JSON, with `${name}` in its texts. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

/** A request, as a scenario writes it. */
export interface RequestLine {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** A list is sent as several headers of that name. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** An object or list is sent as JSON, a text as it is: in UTF-8, or each character as a byte. */
  readonly body: Value | undefined;
  readonly bytes?: boolean;
  /** Whose token is sent. `anonymous` sends none. */
  readonly as: "admin" | "alice" | "anonymous" | "stranger";
}

/** What is kept of an answer. */
export interface Keeping {
  /** Only these parts of the body; all of it where it is undefined. */
  readonly pick: readonly string[] | undefined;
  /** All but these parts. */
  readonly omit: readonly string[];
  /** Lists whose order the server does not promise. */
  readonly unordered: readonly string[];
}

/** One step. */
export type Step =
  | {
    readonly kind: "request";
    readonly line: RequestLine;
    readonly keep: Keeping;
    readonly save: Readonly<Record<string, string>>;
  }
  | { readonly kind: "watch"; readonly name: string; readonly line: RequestLine }
  | {
    readonly kind: "collect";
    readonly name: string;
    readonly events: number | "end";
    readonly save: Readonly<Record<string, string>>;
  }
  | { readonly kind: "close"; readonly name: string }
  | { readonly kind: "wait"; readonly line: RequestLine; readonly until: Condition }
  | { readonly kind: "established"; readonly crd: string }
  | { readonly kind: "tick" };

/** When a wait is over: all that is given must hold. */
export interface Condition {
  readonly status: number | undefined;
  readonly pointer: string | undefined;
  /** What is there. Without it: something is. */
  readonly equals: Value | undefined;
}

/** A scenario that has been read. */
export interface Scenario {
  /** `area/name`. */
  readonly id: string;
  readonly area: string;
  readonly about: string;
  /** CRDs that are there from the start, as they are written. */
  readonly crds: readonly Value[];
  readonly steps: readonly Step[];
  /** Names that can be used: `ns`, `group`, `core`, `custom`, ... */
  readonly names: Readonly<Record<string, string>>;
  /** The file. */
  readonly text: string;
}

const folder = new URL("scenarios/", import.meta.url);
const crdFolder = new URL("crds/", import.meta.url);
const project = new URL("../../", import.meta.url);

/** The ids of all scenarios. */
export const scenarioIds = (): string[] =>
  readdirSync(fileURLToPath(folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".yaml")).map((path) => path.slice(0, -5).replaceAll("\\", "/")).sort();

const read = new Map<string, Scenario>();

/** Reads a scenario of that id, once. @throws {SyntaxError} when it is wrong; the message says where. */
export function readScenario(id: string): Scenario {
  const scenario = read.get(id) ?? parseScenario(id, readFileSync(new URL(`${id}.yaml`, folder), "utf8"));
  read.set(id, scenario);
  return scenario;
}

type Members = { [key: string]: Value };
const isMembers = (value: unknown): value is Members => typeof value === "object" && value !== null && !Array.isArray(value);

/** A CRD of crds/, or `request-state`, the project's own. */
function namedCrd(name: string): Value {
  const url = name === "request-state" ? new URL("crds/request-state.yaml", project) : new URL(`${name}.yaml`, crdFolder);
  return parse(readFileSync(url, "utf8"));
}

/** The CRD under the scenario's own group. */
function owned(crd: Value, group: string): Value {
  const own = structuredClone(crd) as { metadata: { name: string }; spec: { group: string; names: { plural: string } } };
  own.spec.group = group;
  own.metadata.name = `${own.spec.names.plural}.${group}`;
  return own as unknown as Value;
}

const stepMembers: Readonly<Record<string, readonly string[]>> = {
  request: ["query", "headers", "type", "accept", "body", "bytes", "as", "save", "pick", "omit", "unordered"],
  watch: ["get", "query", "headers", "accept", "as"],
  collect: ["events", "save"],
  close: [],
  wait: ["query", "headers", "type", "accept", "body", "as", "until"],
  established: [],
  tick: [],
};
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const users = ["admin", "alice", "anonymous", "stranger"];

/** Reads a scenario. Pure, but for the CRDs that it names. @throws {SyntaxError} when it is wrong; the message says where. */
export function parseScenario(id: string, text: string): Scenario {
  const fail = (why: string, index?: number): never => {
    throw new SyntaxError(`Scenario ${id}${index === undefined ? "" : `, step ${index + 1}`}: ${why}`);
  };
  const [area, name] = id.split("/");
  if (!area || !name || !/^[a-z0-9-]+$/.test(name)) fail("the id is not area/name");
  const file: unknown = parse(text);
  if (!isMembers(file)) return fail("is no mapping");
  for (const key of Object.keys(file)) if (!["about", "crds", "steps"].includes(key)) fail(`has an unknown key "${key}"`);
  if (typeof file.about !== "string") return fail(`has no "about"`);
  if (!Array.isArray(file.steps) || file.steps.length === 0) return fail(`has no "steps"`);
  const ns = `${area}-${name}`;
  const group = `${name}.${area}.example.com`;
  const names = {
    ns,
    group,
    core: `/api/v1/namespaces/${ns}`,
    custom: `/apis/${group}/v1/namespaces/${ns}`,
    crds: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    leases: `/apis/coordination.k8s.io/v1/namespaces/${ns}/leases`,
  };
  const known = new Set(Object.keys(names));
  const open = new Set<string>();

  const check = (value: Value | undefined, index: number): void => {
    if (typeof value === "string") {
      for (const [, used] of value.matchAll(/\$\{([^}]*)\}/g)) {
        if (!known.has(used!)) fail(`\${${used}} was not saved before`, index);
      }
    } else if (Array.isArray(value)) value.forEach((item) => check(item, index));
    else if (isMembers(value)) Object.values(value).forEach((item) => check(item, index));
  };
  const texts = (value: Value | undefined, key: string, index: number): Record<string, string> => {
    if (value === undefined) return {};
    if (!isMembers(value)) return fail(`"${key}" is no mapping`, index);
    return Object.fromEntries(
      Object.entries(value).map(([member, text]) => {
        if (typeof text === "object") fail(`"${key}.${member}" is no text`, index);
        return [member, String(text)];
      }),
    );
  };
  const headersOf = (value: Value | undefined, index: number): Record<string, string | readonly string[]> => {
    const several = isMembers(value) ? Object.entries(value).filter(([, each]) => Array.isArray(each)) : [];
    const single = isMembers(value)
      ? Object.fromEntries(Object.entries(value).filter(([, each]) => !Array.isArray(each)))
      : value;
    return {
      ...texts(single, "headers", index),
      ...Object.fromEntries(several.map(([name, all]) => [name, (all as readonly Value[]).map(String)])),
    };
  };
  const list = (value: Value | undefined, key: string, index: number): readonly string[] => {
    if (value === undefined) return [];
    if (!Array.isArray(value) || value.some((item) => typeof item !== "string" || !item.startsWith("/"))) {
      return fail(`"${key}" is no list of JSON pointers`, index);
    }
    return value as readonly string[];
  };
  const lineOf = (written: Value | undefined, step: Members, index: number): RequestLine => {
    if (typeof written !== "string") return fail("has no request", index);
    const [, method, path] = /^(\S+) (\/\S*|\$\{\S*)$/.exec(written) ?? fail(`"${written}" is not "METHOD /path"`, index)!;
    if (!methods.includes(method!)) fail(`the method ${method} is not one of ${methods.join(", ")}`, index);
    const headers = headersOf(step.headers, index);
    const patch = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    if (step.type !== undefined) headers["content-type"] = String(step.type);
    else if (step.body !== undefined) headers["content-type"] ??= patch;
    if (step.accept !== undefined) headers.accept = String(step.accept);
    if (step.as !== undefined && !users.includes(String(step.as))) fail(`"as" is not one of ${users.join(", ")}`, index);
    const query = texts(step.query, "query", index);
    for (const value of [path!, query, headers as Value, step.body]) check(value, index);
    if (step.body !== undefined && (method === "GET" || method === "HEAD")) fail(`${method} takes no body`, index);
    if (step.bytes !== undefined && (step.bytes !== true || typeof step.body !== "string")) {
      fail(`"bytes" is true, and beside a text, or not there`, index);
    }
    return {
      method: method!,
      path: path!,
      query,
      headers,
      body: step.body,
      ...step.bytes === true && { bytes: true },
      as: (step.as ?? "admin") as RequestLine["as"],
    };
  };
  const opened = (value: Value | undefined, index: number): string => {
    if (typeof value !== "string" || !open.has(value)) return fail(`no watch "${String(value)}" is open`, index);
    return value;
  };

  const steps = file.steps.map((step: Value, index: number): Step => {
    if (!isMembers(step)) return fail("is no mapping", index);
    const kind = Object.keys(stepMembers).find((key) => key in step) ??
      fail(`is none of ${Object.keys(stepMembers).join(", ")}`, index);
    for (const key of Object.keys(step)) {
      if (key !== kind && !stepMembers[kind]!.includes(key)) fail(`${kind} takes no "${key}"`, index);
    }
    const save = texts(step.save, "save", index);
    const saved = <T extends Step>(made: T): T => {
      for (const key of Object.keys(save)) {
        if (Object.hasOwn(names, key)) fail(`"${key}" is a name of its own already`, index);
        known.add(key);
      }
      return made;
    };
    switch (kind) {
      case "request": {
        const pick = step.pick === undefined ? undefined : list(step.pick, "pick", index);
        const keep = { pick, omit: list(step.omit, "omit", index), unordered: list(step.unordered, "unordered", index) };
        return saved({ kind, line: lineOf(step.request, step, index), keep, save });
      }
      case "watch":
        if (typeof step.watch !== "string" || open.has(step.watch)) return fail("a watch needs a name of its own", index);
        open.add(step.watch);
        return { kind, name: step.watch, line: lineOf(`GET ${String(step.get)}`, step, index) };
      case "collect": {
        const { events } = step;
        if (events !== "end" && !(Number.isInteger(events) && events as number >= 0)) {
          return fail(`"events" is neither a count nor "end"`, index);
        }
        return saved({ kind, name: opened(step.collect, index), events: events as number | "end", save });
      }
      case "close": {
        const closed = opened(step.close, index);
        open.delete(closed);
        return { kind, name: closed };
      }
      case "wait": {
        if (!isMembers(step.until)) return fail(`has no "until"`, index);
        const { status, pointer, equals, ...rest } = step.until;
        if (Object.keys(rest).length > 0) fail(`"until" takes no "${Object.keys(rest)[0]}"`, index);
        check(equals, index);
        const until = { status: status as number | undefined, pointer: pointer as string | undefined, equals };
        return { kind, line: lineOf(step.wait, step, index), until };
      }
      case "established":
        check(step.established, index);
        return { kind, crd: String(step.established) };
      default:
        return { kind: "tick" };
    }
  });
  const crds = (Array.isArray(file.crds) ? file.crds as Value[] : []).map((crd) =>
    owned(typeof crd === "string" ? namedCrd(crd) : crd, group)
  );
  return { id, area: area!, about: file.about, crds, steps, names, text };
}
