/** A process that is there to stay begins when the server is there. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkSetup, isCrdWatcherError } from "../../mod.ts";
import { cut, type Fault, refuse, tooManyRequests, unavailable } from "../../src/fake/mod.ts";
import { createRecordedLog } from "../../src/testing/recorded-log.ts";
import { setUpInTime } from "../../cli/set-up.ts";
import { createOrders, messageOf } from "../support/orders.ts";

/** A set-up that meets a fault so often. */
function begin(fault: Fault, times: number) {
  const story = createOrders();
  const added = story.fake.faults.add({ match: { resource: "requeststates", verb: "list" }, times, fault });
  const [log, ending, { clock }] = [createRecordedLog(), new AbortController(), story];
  const cluster = story.connect();
  const { signal } = ending;
  const check = () => checkSetup(cluster, { namespace: "default", clock, signal });
  return { story, log, ending, added, finished: setUpInTime(check, { log, signal, clock }) };
}

const setUp = suite("beginning");

const passing: Readonly<Record<string, readonly [fault: Fault, told: RegExp]>> = {
  "no connection": [cut(), /make sure that the server runs there and can be reached$/],
  "500": [refuse({ code: 500, reason: "InternalError", message: "etcd" }), /etcd/],
  "503": [unavailable(), /Cannot list requeststates/],
  "429 without an end": [tooManyRequests(1), /too many requests/i],
  "401": [
    refuse({ code: 401, reason: "Unauthorized", message: "Unauthorized" }),
    /the server does not accept these credentials, renew the token or the certificate$/,
  ],
};
for (const [name, [fault, told]] of Object.entries(passing)) {
  setUp(`${name}: tried on, said once, and that it is over`, async () => {
    const { story, log, added, finished } = begin(fault, 25);
    await story.pass(finished, 600_000);
    assert.is(added.hits, 25);
    assert.equal(log.lines.map((line) => line.split(":")[0]), [
      "warn Cannot begin, trying on",
      "info The server answers as it should",
    ]);
    assert.match(log.lines[0]!, told);
  });
}

const lasting: Readonly<Record<string, Fault>> = {
  "403": refuse({ code: 403, reason: "Forbidden", message: "no" }),
  "404, the resource is not served": refuse({ code: 404, reason: "NotFound", message: "the server could not find it" }),
  "400, another edition of it": refuse({ code: 400, reason: "BadRequest", message: "field label not supported: spec.state" }),
};
for (const [name, fault] of Object.entries(lasting)) {
  setUp(`${name}: one sentence, at once`, async () => {
    const { story, log, added, finished } = begin(fault, Infinity);
    const error = await story.pass(finished.then(() => undefined, (error: unknown) => error));
    assert.ok(isCrdWatcherError(error));
    assert.equal([added.hits, log.lines], [1, []]);
  });
}

setUp("told to end while it waits, it ends", async () => {
  const { story, ending, finished } = begin(unavailable(), Infinity);
  const ended = messageOf(finished);
  await story.clock.advance(60_000);
  ending.abort(new Error("enough"));
  assert.is(await story.pass(ended), "enough");
  assert.is(story.clock.pending, 0);
});
setUp.run();
