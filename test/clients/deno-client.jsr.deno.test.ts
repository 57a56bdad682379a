/** `@cloudydeno/kubernetes-client` as its users call it, against the fake over HTTP. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, endWatch, expired, type FakeCluster, until } from "../../src/fake/mod.ts";
import { listen } from "../../src/fake/server.ts";
import { widget, widgetsPath } from "../fake/client.ts";
import { widgets } from "../fake/widgets.ts";
import { temporaryFolder } from "../support/files.ts";

/** The client, as far as it is used here; its own types are not there for everybody. */
interface Library {
  readonly KubeConfigRestClient: { readKubeConfig(path: string): Promise<RestClient> };
  readonly Reflector: new (
    lister: (options: ListOptions) => Promise<unknown>,
    watcher: (options: ListOptions) => Promise<unknown>,
  ) => Reflector;
  readonly WatchEventTransformer: new (
    object: (value: unknown) => unknown,
    status: (value: unknown) => unknown,
  ) => TransformStream<unknown, WatchEvent>;
}
interface RestClient {
  performRequest(request: {
    readonly method: string;
    readonly path: string;
    readonly querystring?: URLSearchParams;
    readonly bodyJson?: unknown;
    readonly contentType?: string;
    readonly expectStream?: boolean;
    readonly expectJson?: boolean;
    readonly abortSignal?: AbortSignal;
  }): Promise<unknown>;
  close(): void;
}
interface ListOptions {
  readonly resourceVersion?: string;
}
interface Widget {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly resourceVersion: string };
  readonly spec: { readonly size: number };
}
interface WatchEvent {
  readonly type: string;
  readonly object: Widget;
}
interface Reflector {
  run(): Promise<void>;
  stop(): void;
  getCached(namespace: string, name: string): Widget | undefined;
  isSynced(): boolean;
  observeAll(): AsyncIterableIterator<WatchEvent>;
}

const library = "@cloudydeno/kubernetes-client@0.8.1";
const test = suite("Deno client: against the fake");

async function onFake(story: (place: { fake: FakeCluster; client: RestClient; library: Library }) => Promise<void>) {
  const fake = createFakeCluster({ crds: [widgets] });
  const server = await listen(fake);
  const folder = temporaryFolder();
  const specifier = `jsr:${library}`;
  const loaded: Library = await import(specifier);
  const client = await loaded.KubeConfigRestClient.readKubeConfig(folder.write("kubeconfig", server.kubeconfig()));
  try {
    await story({ fake, client, library: loaded });
  } finally {
    client.close();
    fake.close();
    await server.close();
    folder.remove();
  }
}

test("RestClient: create, get, patch, list by page, delete", () =>
  onFake(async ({ client }) => {
    const json = { expectJson: true };
    for (const name of ["a", "b"]) {
      await client.performRequest({ method: "POST", path: widgetsPath, bodyJson: widget(name), ...json });
    }
    const contentType = "application/merge-patch+json";
    const bodyJson = { spec: { size: 2 } };
    await client.performRequest({ method: "PATCH", path: `${widgetsPath}/a`, contentType, bodyJson, ...json });
    const got = await client.performRequest({ method: "GET", path: `${widgetsPath}/a`, ...json }) as Widget;
    assert.is(got.spec.size, 2);
    const querystring = new URLSearchParams({ limit: "1" });
    const page = await client.performRequest({ method: "GET", path: widgetsPath, querystring, ...json }) as {
      metadata: { continue: string };
      items: Widget[];
    };
    assert.equal(page.items.map(({ metadata }) => metadata.name), ["a"]);
    querystring.set("continue", page.metadata.continue);
    const rest = await client.performRequest({ method: "GET", path: widgetsPath, querystring, ...json }) as typeof page;
    assert.equal([rest.items[0]!.metadata.name, rest.metadata.continue], ["b", ""]);
    await client.performRequest({ method: "DELETE", path: `${widgetsPath}/a`, ...json });
    const gone = await client.performRequest({ method: "GET", path: `${widgetsPath}/a`, ...json }).then(
      () => undefined,
      (error) => error,
    );
    assert.equal([gone?.httpCode, gone?.status.reason], [404, "NotFound"]);
  }));

test("Reflector: lists, watches, goes on after an end, lists again after 410", () =>
  onFake(async ({ fake, client, library }) => {
    const write = (method: string, path: string, bodyJson?: unknown) =>
      client.performRequest({ method, path, bodyJson, contentType: "application/json", expectJson: true });
    const query = (options: object) =>
      new URLSearchParams(
        Object.entries(options).filter(([, value]) => value !== undefined).map(([key, value]) => [key, `${value}`]),
      );
    await write("POST", widgetsPath, widget("a"));
    fake.faults.add({ match: { verb: "watch" }, fault: endWatch(1) });
    const { WatchEventTransformer } = library;
    const as = (value: unknown) => value;
    const reflector = new library.Reflector(
      (options) => client.performRequest({ method: "GET", path: widgetsPath, querystring: query(options), expectJson: true }),
      async (options) => {
        const request = { method: "GET", path: widgetsPath, querystring: query({ ...options, watch: true }) };
        const stream = await client.performRequest({ ...request, expectStream: true, expectJson: true });
        return (stream as ReadableStream<unknown>).pipeThrough(new WatchEventTransformer(as, as));
      },
    );
    const running = reflector.run();
    const seen: string[] = [];
    const observing = (async () => {
      for await (const { type, object } of reflector.observeAll()) seen.push(`${type} ${object.metadata?.name ?? ""}`.trim());
    })().catch(() => {});
    const watches = () => fake.requests.matching({ verb: "watch" }).length;
    await until(() => reflector.isSynced() && watches() === 1, { what: "it watches" });
    await write("POST", widgetsPath, widget("b"));
    await until(() => watches() === 2, { what: "it watches again" });
    fake.faults.add({ match: { verb: "watch" }, fault: expired({ inStream: true }) });
    fake.faults.add({ match: { verb: "watch" }, fault: endWatch(1) });
    fake.restore(fake.snapshot());
    await until(() => fake.requests.matching({ verb: "list" }).length === 2, { what: "it lists again" });
    await until(() => watches() === 4, { what: "it watches again" });
    await write("DELETE", `${widgetsPath}/b`);
    await until(() => seen.includes("DELETED b"), { what: "the deletion was seen" });
    assert.equal(seen, ["ADDED a", "SYNCED", "ADDED b", "DESYNCED", "SYNCED", "DELETED b"]);
    assert.is(reflector.getCached("default", "a")?.spec.size, 1);
    assert.is(reflector.getCached("default", "b"), undefined);
    assert.throws(() => reflector.stop()); // it always throws; it has stopped nevertheless
    fake.close();
    await Promise.all([running, observing]);
  }));

test.run();
