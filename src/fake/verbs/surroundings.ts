/**
 * What there is around an object that is written.
 *
 * @module
 */
import { type Call, nowText } from "../store/world.ts";
import type { Surroundings } from "../types/resource.ts";

/** What rules of a type may see of the cluster. */
export const surroundingsOf = ({ world, requester }: Call): Surroundings => ({
  objects: (storage) => world.store.collection(storage).all().map(([, each]) => each),
  now: nowText(world),
  uuid: () => world.random.uuid(),
  user: requester,
});
