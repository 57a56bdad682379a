/** The hostile set on a genuine API server: what it keeps of it, what we show of that, and what kubectl shows of what we write. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { type Cluster, isStatus, REQUEST_STATES, type RequestState, runDirector, runWorker, systemClock } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { until } from "../../src/fake/mod.ts";
import { silentLog } from "../../src/runtime/log/log.ts";
import { EVENTS } from "../../src/runtime/objects/event.ts";
import { type ApiServer, type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { ALL, HARMFUL, INHERITED, LONG, MARKUP, ORDERS, requestsWith } from "../support/hostile-set.ts";
import { good, order } from "../support/orders.ts";
import { runCommand } from "../support/programs.ts";
import { type Place, runWords } from "../support/verbs.ts";

// The texts are ours to make harmless, whatever server they come from: the first one is enough, it takes half a minute.
for (const assets of genuineAssets().slice(0, 1)) tests(assets);

function tests({ folder, name }: Assets): void {
  const hostile = suite(`genuine API server ${name}: the hostile set`);
  const kubectl = (...args: string[]) => runCommand([join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);
  let server: ApiServer;
  let cluster: Cluster;
  let place: Place;
  hostile.before(async () => {
    server = await startApiServer({ assets: folder });
    await kubectl("apply", "-f", "crds");
    await kubectl("wait", "--for=condition=Established", "-f", "crds");
    place = { clock: systemClock, connect: () => connect({ kubeconfig: server.kubeconfigPath }) };
    cluster = await place.connect();
  });
  hostile.after(async () => {
    await cluster.close();
    await server.stop();
  });

  hostile("what it admits is harmless in our command, in kubectl's events, and means the same in YAML", async () => {
    const hostileTexts = [
      ALL,
      ORDERS["the same in one byte"]!,
      ORDERS["text that is turned"]!,
      ...INHERITED,
      MARKUP["Mermaid"]!,
      LONG["a name of 253"]!,
    ];
    let admitted = 0;
    for (const [index, text] of hostileTexts.entries()) {
      for (const request of requestsWith(text, index)) {
        try {
          await cluster.create(REQUEST_STATES, { ...request, metadata: { namespace: "default", ...request.metadata } });
          admitted++;
        } catch (error) {
          if (!isStatus(error)) throw error;
        }
      }
    }
    assert.ok(admitted > hostileTexts.length * 3, `${admitted} were admitted`);
    const ending = new AbortController();
    const options = { cluster, log: silentLog, signal: ending.signal };
    const running = [runDirector([order], options), runWorker(order, good, options)];
    const eventsOf = async () => (await cluster.list<RequestState & { message: string }>(EVENTS, { namespace: "default" })).items;
    await until(async () => (await eventsOf()).length > 5, { limit: 15_000, what: "events are told" });
    ending.abort();
    await Promise.all(running.map(({ finished }) => finished));
    for (const { message } of await eventsOf()) assert.not.match(message, HARMFUL);
    for (
      const words of [
        "list",
        "list -o wide",
        "list -o json",
        "list -o yaml",
        "get --all",
        "check --flow test/support/flows/order.ts",
      ]
    ) {
      const { out, notes } = await runWords(place, words);
      assert.not.match(out + notes, HARMFUL, words);
    }
    const theirs = JSON.parse(await kubectl("get", "rqs", "-o", "json"));
    const ours = parse((await runWords(place, "list -o yaml")).out, { version: "1.1" });
    assert.equal(ours.items.length, admitted);
    const texts = (items: RequestState[]) =>
      new Map(items.map((item) => [item.metadata.name, JSON.stringify(item.spec) + JSON.stringify(item.status)]));
    const [inOurs, inTheirs] = [texts(ours.items), texts(theirs.items)];
    assert.equal([...inOurs.keys()].sort(), [...inTheirs.keys()].sort());
    for (const [name, text] of inOurs) assert.is(text, inTheirs.get(name), name);
    // Go's reader of YAML is another one: what it makes of ours is what was there.
    const { out } = await runWords(place, "get evil-0-held -o yaml");
    const read = JSON.parse(
      await runCommand(
        [join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, "create", "--dry-run=client", "-f", "-", "-o", "json"],
        {},
        out,
      ),
    );
    assert.equal(
      read.status.outputs,
      theirs.items.find((item: RequestState) => item.metadata.name === "evil-0-held").status.outputs,
    );
    assert.equal(read.spec.input, theirs.items.find((item: RequestState) => item.metadata.name === "evil-0-held").spec.input);
    const events = await kubectl("get", "events", "-o", "custom-columns=M:.message");
    assert.not.match(events, HARMFUL);
  });
  hostile.run();
}
