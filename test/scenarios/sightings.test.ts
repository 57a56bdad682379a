import { test } from "uvu";
import * as assert from "uvu/assert";
import type { RequestState } from "../../mod.ts";
import { createSightings } from "../../src/programs/sightings.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";

/** A request whose first job was started at a moment, in milliseconds of the clock. */
function started(resourceVersion: string, at: number): RequestState {
  const entry = (seq: number, state: "REQUESTED" | "STARTED", ms: number) => (
    { seq, job: "JOB1", state, attempt: 1, by: "worker-1", timestamp: new Date(ms).toISOString() }
  );
  return {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name: "a", namespace: "default", uid: "u", resourceVersion },
    spec: { "request-uid": "a", job: "JOB1", state: "STARTED", attempt: 1 },
    status: { history: [entry(1, "REQUESTED", 0), entry(2, "STARTED", at)] },
  };
}

test("how long a request stands where it is begins anew where it was left meanwhile, and nobody has seen that", async () => {
  const clock = createVirtualClock();
  const sightings = createSightings(clock);
  const first = started("7", clock.now());
  sightings.see({ type: "ADDED", object: first }, true);
  const since = clock.now();
  await clock.advance(4_000);
  const same = { ...first, metadata: { ...first.metadata, resourceVersion: "8" } };
  sightings.see({ type: "MODIFIED", object: same, previous: first }, true);
  assert.is(sightings.of(same, clock.now()).since, since, "it is where it was");
  // The storage was put back to before that, and the job was started once more: all that is seen is a newer version.
  const again = started("1000000012", clock.now());
  assert.is(sightings.of(again, clock.now()).since, undefined, "what is read is where nobody has seen it");
  sightings.see({ type: "MODIFIED", object: again, previous: same }, true);
  assert.is(sightings.of(again, clock.now()).since, clock.now());
});
test.run();
