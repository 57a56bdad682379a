/**
 * Plays a scenario on a server and tells what it answered, as it came.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { Lines } from "./lines.ts";
import { at } from "./pointer.ts";
import { isProgress, jsonOf, parsed } from "./reading.ts";
import type { RequestLine, Scenario, Step, Value } from "./scenario.ts";
import { type Answer, type Question, type Target, tokens } from "./target.ts";
import { titleOf } from "./title.ts";

/** What one step brought. */
export interface Result {
  /** From 0. */
  readonly step: number;
  /** The step in a few words, as it is written. */
  readonly title: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Parsed where it is JSON or YAML, else its text. */
  readonly body?: unknown;
  /** The events of a watch. */
  readonly events?: readonly unknown[];
  /** Whether the server has ended the watch. */
  readonly ended?: boolean;
  /** Why there is no answer. */
  readonly failure?: string;
}

/** What a scenario brought. */
export interface Played {
  readonly results: readonly Result[];
  /** The beginnings of the spans of time that the scenario tells apart, in milliseconds. The first is that of the scenario. */
  readonly spans: readonly number[];
  readonly started: number;
  readonly ended: number;
}

const patience = 15_000;

/** A text whose characters are bytes. */
const bytesOf = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

class Player {
  readonly #target: Target;
  readonly #names: Map<string, unknown>;
  readonly #watches = new Map<string, { readonly answer: Answer; readonly lines: Lines }>();

  constructor(target: Target, names: Readonly<Record<string, string>>) {
    this.#target = target;
    this.#names = new Map(Object.entries(names));
  }

  #fill(value: Value | undefined): Value | undefined {
    if (typeof value === "string") {
      const whole = /^\$\{([^}]*)\}$/.exec(value)?.[1];
      if (whole !== undefined) return this.#names.get(whole) as Value;
      return value.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => String(this.#names.get(name)));
    }
    if (Array.isArray(value)) return value.map((item) => this.#fill(item)!);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [String(this.#fill(key)), this.#fill(item)!]));
  }

  #question(line: RequestLine): Question {
    const query = Object.entries(this.#fill(line.query) as Record<string, string>)
      .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join("&");
    const path = String(this.#fill(line.path));
    const body = this.#fill(line.body);
    const headers = { ...this.#fill(line.headers as Value) as Record<string, string | readonly string[]> };
    if (line.as !== "anonymous") headers.authorization = `Bearer ${tokens[line.as]}`;
    headers["user-agent"] ??= "scenario";
    return {
      method: line.method,
      path: query === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${query}`,
      headers,
      body: body === undefined ? undefined : typeof body !== "string" ? JSON.stringify(body) : line.bytes ? bytesOf(body) : body,
    };
  }

  async #text(answer: Answer): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    const read = (async () => {
      for await (const chunk of answer.body) text += decoder.decode(chunk, { stream: true });
      return true;
    })();
    if (!await this.#target.within(read, patience)) throw new Error("the answer does not end");
    return text;
  }

  /** Sends a request, again while the storage of a young CRD is not ready. */
  async #send(line: RequestLine): Promise<{ readonly answer: Answer; readonly text: string | undefined }> {
    for (let tries = 0;; tries++) {
      const answer = await this.#target.within(this.#target.exchange(this.#question(line)), patience);
      if (!answer) throw new Error("no answer");
      if (answer.status !== 429) return { answer, text: undefined };
      const text = await this.#text(answer);
      if (!text.includes("storage is (re)initializing") || tries === 100) return { answer, text };
      await this.#pause();
    }
  }

  async #ask(line: RequestLine): Promise<Pick<Result, "status" | "headers" | "body">> {
    const { answer, text } = await this.#send(line);
    const { status, headers } = answer;
    return { status, headers, body: parsed(text ?? await this.#text(answer), headers["content-type"] ?? "") };
  }

  #pause = async (): Promise<void> => void await this.#target.within(new Promise(() => {}), 50);

  async #poll(line: RequestLine, done: (result: Pick<Result, "status" | "body">) => boolean): Promise<void> {
    let last: unknown;
    for (let tries = 0; tries < 400; tries++) {
      const result = await this.#ask(line);
      if (done(result)) return;
      last = result.body;
      await this.#pause();
    }
    throw new Error(`waited in vain for ${line.method} ${line.path}; last: ${JSON.stringify(last)}`);
  }

  /** Waits until a CRD is established and served in every version. */
  async established(crd: string): Promise<void> {
    const get = (path: string): RequestLine => ({ method: "GET", path, query: {}, headers: {}, body: undefined, as: "admin" });
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd}`;
    await this.#poll(get(path), ({ body }) => at(body, "/status/conditions/type=Established/status") === "True");
    const { body } = await this.#ask(get(path));
    const { group, names, versions } = (body as { spec: { group: string; names: { plural: string }; versions: Version[] } }).spec;
    for (const { name, served } of versions) {
      if (!served) continue;
      const base = `/apis/${group}/${name}`;
      await this.#poll(get(base), ({ body }) => at(body, `/resources/name=${names.plural}`) !== undefined);
      await this.#poll(get(`${base}/${names.plural}`), ({ status }) => status === 200);
    }
  }

  async prepare({ crds, names }: Scenario): Promise<void> {
    const post = async (path: string, body: Value) => {
      const { status, body: answer } = await this.#ask({ method: "POST", path, query: {}, headers: json, body, as: "admin" });
      if (status !== 201) throw new Error(`the scenario cannot be prepared: ${JSON.stringify(answer)}`);
    };
    await post("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: names.ns! } });
    for (const crd of crds) {
      await post(names.crds!, crd);
      await this.established((crd as { metadata: { name: string } }).metadata.name);
    }
  }

  #saveAll(save: Readonly<Record<string, string>>, from: unknown): void {
    for (const [name, pointer] of Object.entries(save)) {
      const value = at(from, pointer);
      if (value === undefined) throw new Error(`nothing at ${pointer} to save as ${name}`);
      this.#names.set(name, value);
    }
  }

  /** Takes a step. @returns What it brought; nothing for a step that only waits. */
  async take(step: Step): Promise<Omit<Result, "step" | "title"> | undefined> {
    switch (step.kind) {
      case "request": {
        const result = await this.#ask(step.line);
        try {
          this.#saveAll(step.save, result.body);
        } catch (error) {
          return { ...result, failure: (error as Error).message };
        }
        return result;
      }
      case "watch": {
        const { answer, text } = await this.#send(step.line);
        const type = answer.headers["content-type"] ?? "";
        const { status, headers } = answer;
        if (status !== 200) return { status, headers, body: parsed(text ?? await this.#text(answer), type) };
        this.#watches.set(step.name, { answer, lines: new Lines(answer.body) });
        return { status, headers };
      }
      case "collect":
      case "close": {
        const watch = this.#watches.get(step.name);
        if (!watch) return { failure: `the watch ${step.name} is not open` };
        const wanted = step.kind === "close" ? 0 : step.events;
        const enough = (lines: readonly string[]) =>
          wanted !== "end" && wanted !== 0 && lines.filter((line) => !isProgress(line)).length >= wanted;
        if (wanted === 0) await this.#target.quiet();
        else if (!await this.#target.within(watch.lines.until(enough), patience)) {
          const events = watch.lines.take(() => false).map(jsonOf);
          return { events, ended: false, failure: "not all events came" };
        }
        const events = watch.lines.take(enough).filter((line) => !isProgress(line)).map(jsonOf);
        const ended = watch.lines.ended;
        if (step.kind === "close") {
          this.#watches.delete(step.name);
          watch.answer.abort();
          return events.length === 0 ? undefined : { events, ended };
        }
        this.#saveAll(step.save, events);
        return { events, ended: wanted === "end" || wanted === 0 ? ended : undefined };
      }
      case "wait": {
        const { status, pointer, equals } = step.until;
        await this.#poll(step.line, (result) => {
          if (status !== undefined && result.status !== status) return false;
          if (pointer === undefined) return true;
          const found = at(result.body, pointer);
          return equals === undefined ? found !== undefined : isDeepStrictEqual(found, this.#fill(equals));
        });
        return undefined;
      }
      case "established":
        return void await this.established(String(this.#fill(step.crd)));
      case "tick":
        return undefined;
    }
  }

  end(): void {
    for (const { answer } of this.#watches.values()) answer.abort();
  }
}

interface Version {
  readonly name: string;
  readonly served: boolean;
}

const json = { "content-type": "application/json" };

/** Plays a scenario. What cannot be played on is a failure of its step. */
export async function play(scenario: Scenario, target: Target): Promise<Played> {
  const player = new Player(target, scenario.names);
  const results: Result[] = [];
  const spans: number[] = [];
  try {
    await player.prepare(scenario);
    spans.push(await target.tick());
    for (const [index, step] of scenario.steps.entries()) {
      if (step.kind === "tick") spans.push(await target.tick());
      let result: Omit<Result, "step" | "title"> | undefined;
      try {
        result = await player.take(step);
      } catch (error) {
        result = { failure: error instanceof Error ? error.message : String(error) };
      }
      if (result) results.push({ step: index, title: titleOf(step), ...result });
    }
  } finally {
    player.end();
  }
  return { results, spans, started: target.started, ended: target.now() };
}
