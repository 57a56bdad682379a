import { request } from "node:http";
import type { Cluster, KubernetesObject, Resource } from "../../mod.ts";

/** One change, as it was told of. */
export interface Recorded<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: T;
  /** When it was heard of, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A record of changes. */
export interface Recorder<T> {
  readonly changes: readonly Recorded<T>[];
  /** How often the watch had to be opened. */
  readonly opened: number;
  readonly finished: Promise<void>;
}

/** Whom a recorder tells, and until when. */
export interface RecorderOptions<T> {
  readonly onChange?: (change: Recorded<T>) => void;
  readonly signal: AbortSignal;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Records every change of a custom resource from etcd itself, where they are kept as JSON: kube-apiserver forgets what was before its
 * start, and it is killed here. It knows nothing of flows, and misses nothing.
 *
 * @param prefix Of the keys, as in `/registry/GROUP/PLURAL/`.
 */
export function recordAll<T extends KubernetesObject>(
  etcd: string,
  prefix: string,
  { onChange = () => {}, signal }: RecorderOptions<T>,
): Recorder<T> {
  const changes: Recorded<T>[] = [];
  const standing = new Map<string, T>();
  let opened = 0;
  let revision = 1; // the next one

  function take({ type = "PUT", kv: { key, value, mod_revision: version } }: EtcdEvent): void {
    const before = standing.get(key);
    if (type === "PUT") {
      const object = JSON.parse(Buffer.from(value!, "base64").toString()) as T;
      (object.metadata as { resourceVersion?: string }).resourceVersion = version;
      standing.set(key, object);
      note(before ? "MODIFIED" : "ADDED", object);
    } else if (before) {
      standing.delete(key);
      note("DELETED", before);
    }
    revision = Number(version) + 1;
  }
  function note(type: Recorded<T>["type"], object: T): void {
    const change = { type, object, at: Date.now() };
    changes.push(change);
    onChange(change);
  }
  async function run(): Promise<void> {
    const [key, range_end] = [prefix, prefix.slice(0, -1) + "0"].map((text) => btoa(text)); // "0" comes after "/"
    for (; !signal.aborted; await pause(50)) {
      await watchEtcd(etcd, { key, range_end, start_revision: revision }, (events) => {
        opened += events ? 0 : 1;
        events?.forEach(take);
      }, signal);
    }
  }
  return {
    changes,
    get opened() {
      return opened;
    },
    finished: run(),
  };
}

interface EtcdEvent {
  readonly type?: "PUT" | "DELETE";
  readonly kv: { readonly key: string; readonly value?: string; readonly mod_revision: string };
}

/** Follows etcd until the connection ends. @param take The events of one answer; nothing when it has begun. */
function watchEtcd(
  etcd: string,
  what: object,
  take: (events?: readonly EtcdEvent[]) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => resolve();
    const question = request(`${etcd}/v3/watch`, { method: "POST", agent: false, signal }, (answer) => {
      let rest = "";
      answer.setEncoding("utf8").on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop()!;
        for (const line of lines) {
          const { result } = JSON.parse(line) as {
            result?: { created?: boolean; compact_revision?: string; events?: readonly EtcdEvent[] };
          };
          if (result?.compact_revision) return reject(new Error("etcd has forgotten what was not recorded yet"));
          if (result?.created) take();
          if (result?.events) take(result.events);
        }
      }).on("close", end).on("error", end);
    });
    question.on("error", end).end(JSON.stringify({ create_request: what }));
  });
}

/** Records changes of a kind as the API server tells of them. While that is away some are missed. */
export function record<T extends KubernetesObject>(
  cluster: Cluster,
  resource: Resource,
  namespace: string,
  { onChange = () => {}, signal }: RecorderOptions<T>,
): Recorder<T> {
  const changes: Recorded<T>[] = [];
  let opened = 0;
  const note = (type: Recorded<T>["type"], object: T) => {
    const change = { type, object, at: Date.now() };
    changes.push(change);
    onChange(change);
  };
  async function run(): Promise<void> {
    for (; !signal.aborted; await pause(100)) {
      try {
        const { items, resourceVersion } = await cluster.list<T>(resource, { namespace, signal });
        for (const item of items) note("MODIFIED", item);
        opened++;
        for await (const event of await cluster.watch<T>(resource, { namespace, resourceVersion, timeoutSeconds: 300, signal })) {
          if (event.type !== "BOOKMARK") note(event.type, event.object);
        }
      } catch {
        // It is killed again and again: what was missed is missed.
      }
    }
  }
  return {
    changes,
    get opened() {
      return opened;
    },
    finished: run(),
  };
}
