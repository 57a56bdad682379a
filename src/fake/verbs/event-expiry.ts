import { keyOf } from "../store/store.ts";
import type { World } from "../store/world.ts";
import { metaOf } from "../types/meta.ts";

/** How long an Event is kept after it was last written, in milliseconds: kube-apiserver's `--event-ttl` as it is unless told. */
const lifetime = 3_600_000;
const storage = "/events";

/**
 * Forgets Events, as the genuine server lets etcd do.
 *
 * @returns Does so with those whose time is over; to be called before each request.
 */
export function expireEvents({ store, clock }: World): () => void {
  const written = new Map<string, number>(); // by key, the oldest first
  store.observe((collection, event) => {
    if (collection === undefined) {
      // Another state has taken the place of all.
      written.clear();
      for (const key of store.collection(storage).keys()) written.set(key, clock.monotonic());
    } else if (collection === storage) {
      const { namespace, name } = metaOf(event!.object);
      const key = keyOf(namespace, name!);
      written.delete(key);
      if (event!.type !== "DELETED") written.set(key, clock.monotonic());
    }
  });
  return () => {
    for (const [key, at] of written) {
      if (clock.monotonic() - at < lifetime) return;
      store.remove(storage, key);
    }
  };
}
