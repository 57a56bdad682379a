import type { Resource } from "../../../src/ports.ts";
import { createRandom } from "../../../src/fake/store/random.ts";
import { Registry } from "../../../src/fake/store/registry.ts";
import { Store } from "../../../src/fake/store/store.ts";
import type { JsonObject } from "../../../src/fake/types/json.ts";
import type { ResourceType } from "../../../src/fake/types/resource.ts";
import { seed } from "../../../src/fake/verbs/seed.ts";
import { createVirtualClock } from "../../../src/runtime/time/clock.ts";
import { requestStateCrd } from "../../../src/request-state-crd.ts";

let registry: Registry | undefined;

/** The resources of a cluster that has this project's CRD; made once for all bare servers, which change nothing of them. */
function registered(): Registry {
  if (registry) return registry;
  const world = { store: new Store(1), registry: new Registry(), clock: createVirtualClock(), random: createRandom(1) };
  seed(world, [JSON.parse(JSON.stringify(requestStateCrd)) as JsonObject], []);
  return registry = world.registry;
}

/** Finds what a fake cluster knows about a resource. @throws {Error} When there is no such resource. */
export function typeOf({ group, version, plural }: Resource): ResourceType {
  const type = registered().find(group, version, plural);
  if (!type) throw new Error(`${plural} of ${group}/${version} are nothing that a bare server has`);
  return type;
}
