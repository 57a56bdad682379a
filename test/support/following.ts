/** A reflector on the fake cluster, and what it shows: for tests of the runtime. */
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import type { KubernetesObject, Metrics, Reader } from "../../src/ports.ts";
import { type Reflector, type ReflectorOptions, runReflector } from "../../src/runtime/reflector/reflector.ts";
import { createScenario, type Scenario } from "./scenario.ts";

/** Config maps: a built-in kind, whose list items lack what a watch shows. */
export const CONFIG_MAPS = { group: "", version: "v1", plural: "configmaps" };
const PATH = "/api/v1/namespaces/default/configmaps";

/** A config map as it is here. */
export interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** An answer to a watch that no API server gives. A list is sent piece by piece, and stays open. */
export type Answer = { readonly code?: number; readonly body: string | readonly string[]; readonly retryAfter?: string };

/** A request of the reflector. */
export interface Asked {
  readonly verb: "list" | "watch";
  readonly query: URLSearchParams;
  /** Milliseconds since the beginning. */
  readonly at: number;
}

/** A reflector that runs, with the cluster behind it. */
export interface Following extends Scenario {
  readonly reflector: Reflector<ConfigMap>;
  /** `ADDED a@6`, in order. */
  readonly events: string[];
  /** `warn: Cannot follow ...`, in order. Without debug. */
  readonly lines: string[];
  /** `restarts ended`, `relists expired`, `malformed`, `handler_errors`, in order. */
  readonly counted: string[];
  /** What gauges read now. */
  readonly gauges: ReadonlyMap<string, () => number | undefined>;
  /** The versions that the store was known to have reached. */
  readonly progress: string[];
  /** Listeners on the reflector's signal now. */
  readonly listeners: () => number;
  /** Writes a config map; makes it where there is none. @returns Its version. */
  readonly write: (name: string, value: string) => Promise<string>;
  readonly remove: (name: string) => Promise<void>;
  /** What the reflector has asked for. */
  readonly asked: (verb: "list" | "watch") => readonly Asked[];
  /** The store as `a@6=value`, by name. */
  readonly cached: () => string[];
  /** A fresh list, in the same form. */
  readonly present: () => Promise<string[]>;
  /** Lets time pass until the store is what the server has. @returns How long it took, in milliseconds. */
  readonly untilSame: (limit?: number) => Promise<number>;
  /** Aborts the signal. */
  readonly abort: () => void;
  /** Ends it; time does not pass. @throws {Error} When something is left behind. */
  readonly stop: () => Promise<void>;
}

/** What is different from a good server and an ordinary reflector. */
export interface FollowOptions extends Partial<Omit<ReflectorOptions<ConfigMap>, "onEvent">> {
  /** Done before the reflector is started. */
  readonly before?: (story: Scenario & Pick<Following, "write">) => unknown;
  readonly onEvent?: ReflectorOptions<ConfigMap>["onEvent"];
  /** Answers these to the first watches, one after the other; undefined lets the server answer. */
  readonly answers?: (Answer | undefined)[] | ((nth: number) => Answer | undefined);
  /** Looks at each request before the server does. */
  readonly intercept?: (request: Request) => Promise<Response | undefined> | Response | undefined;
  /** While this is pending the server stands still: it answers nothing, and its open watches show nothing. */
  readonly frozen?: () => Promise<void> | undefined;
}

/**
 * Starts a reflector of the config maps of a fake cluster, and lets it come to rest.
 *
 * @param given May need to abort it.
 */
export async function follow(given: FollowOptions | ((abort: () => void) => FollowOptions) = {}): Promise<Following> {
  const ending = countedSignal();
  const options = typeof given === "function" ? given(ending.abort) : given;
  const { before, answers = [], intercept, frozen, ...rest } = options;
  const story = createScenario();
  const { fake, clock, send } = story;
  const begun = clock.now();
  const write = async (name: string, value: string) => {
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { value } };
    let answer = await send("PUT", `${PATH}/${name}`, body);
    if (answer.status === 404) answer = await send("POST", PATH, body);
    if (!answer.ok) throw new Error(await answer.text());
    return ((await answer.json()) as ConfigMap).metadata.resourceVersion!;
  };
  await before?.({ ...story, write });

  const requests: Asked[] = [];
  const asked = (verb: "list" | "watch") => requests.filter((request) => request.verb === verb);
  const fetch = async (request: Request): Promise<Response> => {
    const query = new URL(request.url).searchParams;
    const verb = query.get("watch") === "true" ? "watch" : "list";
    requests.push({ verb, query, at: clock.now() - begun });
    await frozen?.();
    const answered = await intercept?.(request);
    if (answered) return answered;
    const nth = asked(verb).length - 1;
    const answer = verb === "list" ? undefined : typeof answers === "function" ? answers(nth) : answers[nth];
    const response = answer ? canned(answer, request.signal) : await fake.fetch(request);
    if (!frozen || !response.body) return response;
    const body = response.body.pipeThrough(
      new TransformStream({
        async transform(chunk, controller) {
          await frozen();
          controller.enqueue(chunk);
        },
        flush: () => frozen(),
      }),
    );
    return new Response(body, response);
  };
  const reader: Reader = options.cluster ?? createFetchCluster(fetch, { clock });

  const events: string[] = [];
  const lines: string[] = [];
  const counted: string[] = [];
  const progress: string[] = [];
  const gauges = new Map<string, () => number | undefined>();
  const metrics: Metrics = {
    counter: ({ name }) => (labels = {}) => {
      counted.push(`${name.replace(/^crd_watcher_(watch_)?|_total$/g, "")} ${labels["reason"] ?? ""}`.trim());
    },
    histogram: () => () => {},
    gauge({ name }, _labels, read) {
      gauges.set(name, read);
      return () => void gauges.delete(name);
    },
  };
  const say = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const reflector = runReflector<ConfigMap>({
    resource: CONFIG_MAPS,
    namespace: "default",
    clock,
    log: { debug() {}, info: say("info"), warn: say("warn"), error: say("error") },
    signal: ending.signal,
    metrics,
    random: () => 0.5,
    onProgress: (version) => void progress.push(version),
    ...rest,
    cluster: reader,
    onEvent(event) {
      events.push(`${event.type} ${event.object.metadata.name}@${event.object.metadata.resourceVersion}`);
      return options.onEvent?.(event);
    },
  });

  await clock.settle();

  const text = ({ metadata, data }: ConfigMap) => `${metadata.name}@${metadata.resourceVersion}=${data?.["value"]}`;
  const cached = () => [...reflector.store.keys()].map((key) => text(reflector.store.get(key)!)).sort();
  const present = async () => ((await (await send("GET", PATH)).json()) as { items: ConfigMap[] }).items.map(text).sort();
  return {
    ...story,
    reflector,
    events,
    lines,
    counted,
    gauges,
    progress,
    listeners: ending.listeners,
    write,
    remove: async (name) => void await send("DELETE", `${PATH}/${name}`),
    asked,
    cached,
    present,
    async untilSame(limit) {
      const from = clock.monotonic();
      await story.until(async () => cached().join() === (await present()).join(), limit);
      return clock.monotonic() - from;
    },
    abort: ending.abort,
    async stop() {
      const before = requests.length;
      ending.abort();
      let over = false;
      void reflector.finished.then(() => over = true);
      await clock.settle();
      if (!over) throw new Error("The reflector has not ended although its signal was aborted");
      if (requests.length > before) throw new Error("The reflector has asked for more after its end");
      if (ending.listeners() > 0) throw new Error(`${ending.listeners()} listeners are left on the signal`);
      if (clock.pending > 0) throw new Error(`${clock.pending} timers are left behind`);
      if (gauges.size > 0) throw new Error("Gauges are left behind");
    },
  };
}

/** Five config maps, before the reflector is started. */
export const many: FollowOptions["before"] = async ({ write }) => {
  for (const name of ["a", "b", "c", "d", "e"]) await write(name, "1");
};

/** A signal that counts who listens. */
export function countedSignal(): { signal: AbortSignal; abort: () => void; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  const listening = new Set<unknown>();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listening.add(args[1]);
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listening.delete(args[1]);
    removeEventListener.apply(signal, args);
  };
  const abort = () => {
    controller.abort(new Error("enough"));
    listening.clear(); // all of them are `once`
  };
  return { signal, abort, listeners: () => listening.size };
}

function canned({ code = 200, body, retryAfter }: Answer, signal: AbortSignal): Response {
  const headers = { "content-type": "application/json", ...retryAfter !== undefined && { "retry-after": retryAfter } };
  if (typeof body === "string") return new Response(body, { status: code, headers });
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of body) controller.enqueue(new TextEncoder().encode(piece));
      signal.addEventListener("abort", () => controller.error(signal.reason), { once: true });
    },
  });
  return new Response(stream, { status: code, headers });
}
