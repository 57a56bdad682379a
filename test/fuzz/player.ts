/**
 * Plays a sequence on a server and tells what it answered, comparable.
 *
 * @module
 */
import { Lines } from "../recordings/lines.ts";
import { normalise, type Normalised } from "../recordings/normalise.ts";
import { at } from "../recordings/pointer.ts";
import { isProgress, jsonOf, parsed } from "../recordings/reading.ts";
import type { Result } from "../recordings/runner.ts";
import type { Scenario, Step, Value } from "../recordings/scenario.ts";
import { type Answer, type Question, type Target, tokens } from "../recordings/target.ts";
import { group } from "./places.ts";
import type { FuzzRequest, Sequence } from "./sequence.ts";

const patience = 15_000;
const bearer = { authorization: `Bearer ${tokens.admin}` };

/** What the server has answered so far that later requests name. */
class Memory {
  readonly #known = new Map<string, string>();

  constructor(ns: string) {
    this.#known.set("ns", ns);
  }

  fill = (text: string): string => text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => this.#known.get(name) ?? "");

  learn(status: number, body: unknown): void {
    if (status >= 300) return;
    const note = (name: string, value: unknown) => {
      if (typeof value === "string" && value !== "") this.#known.set(name, value);
    };
    const several = at(body, "/items") ?? at(body, "/rows");
    const version = at(body, "/metadata/resourceVersion");
    if (several !== undefined) {
      note("listrv", version);
      note("token", at(body, "/metadata/continue"));
      return;
    }
    const before = this.#known.get("rv");
    if (before !== undefined && before !== version) note("oldrv", before);
    note("rv", version);
    note("uid", at(body, "/metadata/uid"));
  }
}

async function textOf(target: Target, answer: Answer): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  const read = (async () => {
    for await (const chunk of answer.body) text += decoder.decode(chunk, { stream: true });
    return true;
  })();
  if (!await target.within(read, patience)) throw new Error("the answer does not end");
  return text;
}

/** A request as it is sent. */
function questionOf({ method, path, headers, body }: FuzzRequest, memory: Memory): Question {
  const filled = Object.entries(headers).map(([name, value]) => [name, memory.fill(value)]);
  return {
    method,
    path: memory.fill(path),
    headers: { "user-agent": "fuzz", ...bearer, ...Object.fromEntries(filled) },
    body: body === undefined ? undefined : memory.fill(body),
  };
}

type Got = Omit<Result, "step" | "title">;

async function ask(target: Target, question: Question, watch: boolean): Promise<Got> {
  const answer = await target.within(target.exchange(question), patience);
  if (!answer) throw new Error("no answer");
  const { status, headers } = answer;
  const type = headers["content-type"] ?? "";
  if (!watch || status !== 200) return { status, headers, body: parsed(await textOf(target, answer), type) };
  const lines = new Lines(answer.body);
  await target.quiet();
  answer.abort();
  const events = lines.take(() => false).filter((line) => !isProgress(line)).map(jsonOf);
  return { status, headers, events };
}

/** Asks until it is so. @throws {Error} when it takes too long. */
export async function until(target: Target, question: Question, done: (got: Got) => boolean): Promise<void> {
  const { headers } = question;
  for (let tries = 0; !done(await ask(target, { ...question, headers: { ...bearer, ...headers } }, false)); tries++) {
    if (tries === 400) throw new Error(`Waited in vain for ${question.path}`);
    await target.within(new Promise(() => {}), 50);
  }
}

/** Makes namespaces and CRDs, and waits until these are served. */
export async function prepare(target: Target, namespaces: readonly string[], crds: readonly Value[]): Promise<void> {
  const send = (method: string, path: string, body?: Value): Promise<Got> =>
    ask(target, {
      method,
      path,
      headers: { ...bearer, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    }, false);
  const served = (path: string) =>
    until(target, { method: "GET", path, headers: {}, body: undefined }, ({ status }) => status === 200);
  for (const name of namespaces) {
    await send("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  for (const crd of crds) await send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd);
  for (const crd of crds) {
    const { group, names, versions } = (crd as unknown as CustomResourceDefinition).spec;
    for (const version of versions) if (version.served) await served(`/apis/${group}/${version.name}/${names.plural}`);
  }
}

interface CustomResourceDefinition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
}

/** What a server made of a sequence. */
export interface Run {
  /** The requests, as they were sent. */
  readonly sent: readonly Question[];
  /** The answers, one for each request. */
  readonly answers: readonly Normalised[];
}

/** Lists that a genuine server answers in an order of its own each time. */
const unordered = (path: string): readonly string[] =>
  path.includes(group) || path.includes("/customresourcedefinitions")
    ? ["/details/causes", "/headers/warning", "/message", ...path.endsWith(`/apis/${group}/v1`) ? ["/resources"] : []]
    : [];

const stepOf = ({ path }: FuzzRequest): Step => ({
  kind: "request",
  line: { method: "", path: "", query: {}, headers: {}, body: undefined, as: "admin" },
  keep: { pick: undefined, omit: [], unordered: unordered(path) },
  save: {},
});

const isStarting = ({ status, body }: Got): boolean =>
  status === 429 && String(at(body, "/message")).includes("storage is (re)initializing");

/** Plays a sequence. What brings no answer has a `failure`. */
export async function run(sequence: Sequence, target: Target, ns: string): Promise<Run> {
  const memory = new Memory(ns);
  const results: Result[] = [];
  const sent: Question[] = [];
  for (const [index, request] of sequence.requests.entries()) {
    const question = questionOf(request, memory);
    sent.push(question);
    let got: Got;
    try {
      got = await ask(target, question, request.watch);
      // What a CRD has just changed is not there at once.
      for (let tries = 0; isStarting(got) && tries < 40; tries++) {
        await target.within(new Promise(() => {}), 100);
        got = await ask(target, question, request.watch);
      }
    } catch (error) {
      got = { failure: error instanceof Error ? error.message : String(error) };
    }
    if (got.status !== undefined) memory.learn(got.status, got.body);
    results.push({ step: index, title: `${request.method} ${request.path}`, ...got });
  }
  const scenario: Scenario = {
    id: `fuzz/${sequence.seed}`,
    area: "fuzz",
    about: "",
    crds: [],
    steps: sequence.requests.map(stepOf),
    names: {},
    text: JSON.stringify(sequence.requests),
  };
  // Nothing is known of how long it took: all times of it are one.
  const played = { results, spans: [], started: target.started, ended: target.now() };
  return { sent, answers: normalise(scenario, played) };
}
