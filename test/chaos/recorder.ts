import type { Cluster, KubernetesObject, Resource } from "../../mod.ts";

/** One change, as the server has told of it. */
export interface Recorded<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: T;
  /** When it was heard of, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A record of all changes of a kind. */
export interface Recorder<T> {
  readonly changes: readonly Recorded<T>[];
  /** How often the watch had to be opened. */
  readonly opened: number;
  readonly finished: Promise<void>;
}

/**
 * Records every change of a kind, whatever becomes of the server meanwhile: a watch from the beginning, opened again from the last
 * change that was seen. It knows nothing of flows. Rejects where the server has forgotten what was not seen yet.
 */
export function record<T extends KubernetesObject>(
  cluster: Cluster,
  resource: Resource,
  namespace: string,
  { onChange = () => {}, signal }: { readonly onChange?: (change: Recorded<T>) => void; readonly signal: AbortSignal },
): Recorder<T> {
  const changes: Recorded<T>[] = [];
  let opened = 0;
  async function run(): Promise<void> {
    let version = "";
    while (!signal.aborted) {
      try {
        if (version === "") {
          const { items, resourceVersion } = await cluster.list<T>(resource, { namespace, signal });
          if (items.length > 0) {
            throw new Error(`There are ${items.length} ${resource.plural} already: record from the beginning`);
          }
          version = resourceVersion;
        }
        const events = await cluster.watch<T>(resource, { namespace, resourceVersion: version, timeoutSeconds: 300, signal });
        opened++;
        for await (const event of events) {
          if (event.type === "BOOKMARK") {
            version = event.resourceVersion;
            continue;
          }
          version = event.object.metadata.resourceVersion!;
          const change = { type: event.type, object: event.object, at: Date.now() };
          changes.push(change);
          onChange(change);
        }
      } catch (error) {
        if (signal.aborted) return;
        if ((error as { status?: { code?: number } }).status?.code === 410) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
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
