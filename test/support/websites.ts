import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { createVirtualClock, type Log, type VirtualClock } from "../../mod.ts";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import { createFakeCluster, type FakeCluster, until } from "../../src/fake/mod.ts";
import type { Cluster, KubernetesObject, Resource } from "../../src/ports.ts";
import type { Condition } from "../../src/ports.ts";
import { type Controller, type ControllerOptions, runController } from "../../src/runtime/controller/controller.ts";

export const WEBSITES: Resource = { group: "example.com", version: "v1", plural: "websites" };
export const CONFIG_MAPS: Resource = { group: "", version: "v1", plural: "configmaps" };

/** The kind of the example. */
export interface Website extends KubernetesObject {
  readonly spec: { readonly title: string };
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] };
}
export interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

const crd: object = parse(await readFile(new URL("../../examples/website-crd.yaml", import.meta.url), "utf8"));

/** A story of websites and their controllers: no socket, no real time. */
export interface Story {
  readonly fake: FakeCluster;
  readonly clock: VirtualClock;
  /** Some other client's connection. */
  readonly cluster: Cluster;
  /** What was logged, as `level message`. */
  readonly logged: string[];
  readonly log: Log;
  /** Creates a website, as somebody else. */
  create(name: string, title?: string): Promise<Website>;
  /** Changes it, as somebody else. */
  retitle(name: string, title: string): Promise<Website>;
  get(name: string): Promise<Website>;
  configMaps(): Promise<ConfigMap[]>;
  /** Runs a controller with a connection of its own, until `end`. */
  run(options: Partial<ControllerOptions<Website>> & Pick<ControllerOptions<Website>, "reconcile">): Controller<Website>;
  /** Lets time pass until something holds. */
  until(condition: () => unknown, limit?: number): Promise<void>;
  /** Ends all controllers. Nothing may be left behind. */
  end(): Promise<void>;
  readonly signal: AbortSignal;
}

/** Begins a story. */
export function createStory(): Story {
  const clock = createVirtualClock();
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "web" } };
  const fake = createFakeCluster({ crds: [crd], objects: [namespace], clock });
  const cluster = createFetchCluster(fake.fetch, { clock });
  const ending = new AbortController();
  const running: Controller<Website>[] = [];
  const logged: string[] = [];
  const say = (level: keyof Log) => (message: string) => void logged.push(`${level} ${message}`);
  const log: Log = { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
  const key = (name: string) => ({ namespace: "web", name });
  return {
    fake,
    clock,
    cluster,
    logged,
    log,
    signal: ending.signal,
    create: (name, title = name) =>
      cluster.create<Website>(WEBSITES, {
        ...{ apiVersion: "example.com/v1", kind: "Website", metadata: { name, namespace: "web" } },
        ...{ spec: { title } },
      }),
    retitle: (name, title) => cluster.patch<Website>(WEBSITES, key(name), [{ op: "replace", path: "/spec/title", value: title }]),
    get: (name) => cluster.get<Website>(WEBSITES, key(name)),
    configMaps: async () =>
      [...(await cluster.list<ConfigMap>(CONFIG_MAPS, { namespace: "web" })).items]
        .filter(({ metadata }) => metadata.name !== "kube-root-ca.crt"),
    run(options) {
      const connection = createFetchCluster(fake.fetch, { clock });
      const controller = runController<Website>({
        ...{ cluster: connection, resource: WEBSITES, namespace: "web", clock, log, signal: ending.signal },
        backoff: { random: () => 1 },
        ...options,
      });
      running.push(controller);
      return controller;
    },
    until: async (condition, limit) => void await until(condition, { clock, limit }),
    async end() {
      let over = false;
      ending.abort();
      const all = Promise.all(running.map(({ finished }) => finished)).finally(() => over = true);
      all.catch(() => {}); // it is awaited below
      await until(() => over, { clock });
      await all;
      fake.close();
      if (clock.pending > 0) throw new Error(`${clock.pending} timers are left behind`);
    },
  };
}
