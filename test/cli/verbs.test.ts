/**
 * Each verb on the fake, as the program runs it: its words are parsed, its connection, terminal and clock are those of a test.
 *
 * @module
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse, parseAllDocuments } from "yaml";
import {
  cancelFlow,
  type Cluster,
  defineFlow,
  type Flow,
  type FlowRun,
  forkFlow,
  type Handlers,
  isOver,
  type ListOptions,
  type ObjectList,
  type RequestState,
  type Resource,
  retryFlow,
  runWorker,
  SAMPLE,
  startFlow,
  suspendFlow,
} from "../../mod.ts";
import { refuse, until } from "../../src/fake/mod.ts";
import { createOrders, messageOf, order, type Orders } from "../support/orders.ts";
import { REQUESTS } from "../support/scenario.ts";
import { beginVerb, passWords, runWords, screenOf, shownBy } from "../support/verbs.ts";

const MODULE = "test/support/flows/order.ts";
const input = { amount: 12 };
const start = (story: Orders, key: string, more = {}) => startFlow(order, { key, input, ...more }, story.options);
const names = (out: string) => out.trim().split("\n").map((line) => line.replace(/.*\//, ""));
const complaint = (story: Orders, words: string) => messageOf(runWords(story, words));
/** What is said of one flow to which it could not be done. */
async function refusal(story: Orders, words: string): Promise<string> {
  const { code, notes } = await runWords(story, words);
  assert.is(code, 1);
  return notes.trim();
}

/** Orders up to where each waits for its approval. */
async function approvals(story: Orders, ...keys: string[]) {
  const end = story.work();
  const runs = await Promise.all(keys.map((key) => start(story, key, { labels: { tenant: key.slice(0, 1) } })));
  await story.until(async () => (await story.requests()).every(({ spec }) => spec.job === "approve"));
  return { end, runs };
}

const starting = suite("verb: start");
starting("a flow of a module, by its key once, with labels and input", async () => {
  const story = createOrders();
  const words = `start order --flow ${MODULE} --key order-42 --input {"amount":12} -l tenant=a,tier=free`;
  const first = await runWords(story, words);
  assert.match(first.out, /^order-42 \(default\/[0-9a-f-]{36}\) is started, flow order\n$/);
  const again = await runWords(story, words);
  assert.is(again.out, first.out.replace("is started", "was started before"));
  const [request, ...others] = await story.requests();
  assert.equal(others, []);
  const { tenant, tier } = request!.metadata.labels!;
  assert.equal([request!.spec.input, tenant, tier], [input, "a", "free"]);
  assert.match(
    await complaint(story, words.replace("12", "13")),
    /^Cannot start flow "order" with key "order-42": .*another input/,
  );
});

starting("from a file, from stdin; what is no JSON is refused", async () => {
  const story = createOrders();
  await runWords(story, `start order --flow ${MODULE} --input @-`, { input: '{"amount": 7}' });
  assert.equal((await story.requests()).map(({ spec }) => spec.input), [{ amount: 7 }]);
  assert.is(
    await complaint(story, `start order --flow ${MODULE} --input {amount:12}`),
    'Flag --input is no JSON, as in {"amount":12} or "a text" with its quotes: "{amount:12}"',
  );
  assert.is(
    await complaint(story, `start order --flow ${MODULE} --input @none.json`),
    "Cannot read the file of --input: none.json does not exist",
  );
  assert.is(
    await complaint(story, `start order --flow ${MODULE} --input @test`),
    "Cannot read the file of --input: test is a folder",
  );
});

starting("a flow that is not known: says what there is, and what may be meant", async () => {
  const story = createOrders();
  assert.is(await complaint(story, "start odrer"), 'Unknown flow "odrer": without --flow MODULE there is only sample');
  assert.is(await complaint(story, `start odrer --flow ${MODULE}`), 'Unknown flow "odrer": did you mean order?');
  assert.match((await runWords(story, "start")).out, /is started, flow sample\n$/);
});

starting("--dry-run writes nothing, --wait waits, the exit code tells how it ended", async () => {
  const story = createOrders();
  const end = story.work();
  const words = `start order --flow ${MODULE} --input {"amount":12}`;
  const dry = await runWords(story, `${words} --dry-run -o yaml`);
  assert.equal([parse(dry.out).spec.job, await story.requests()], ["charge", []]);
  const scene = beginVerb(story, `${words} --wait`);
  await shownBy(scene);
  await story.until(async () => (await story.requests())[0]?.spec.job === "approve");
  await runWords(story, "signal @latest approve no");
  const { code, out } = await story.pass(scene.finished);
  assert.is(code, 3);
  assert.match(out, /\(order\) failed after \S+: The flow has ended with job refund\n$/);
  await end();
});

starting("--wait says what it waits for where nothing happens, once for each thing", async () => {
  const story = createOrders();
  const scene = beginVerb(story, `start order --flow ${MODULE} --key order-42 --input {"amount":12} --wait`, {
    program: "npx crd-watcher",
  });
  await shownBy(scene);
  const watching = () => story.fake.requests.lines().some((line) => line.startsWith("watch requeststates"));
  await until(watching, { what: "it waits", limit: 15_000 });
  const said = (what: string) => until(() => scene.notes.includes(what), { what: `it says ${what}`, limit: 15_000 });
  await story.clock.advance(6_000);
  await said("end it"); // it reads a module first, which takes real time
  await story.clock.advance(60_000);
  assert.is(
    scene.notes.replace(/for \d+s/, "for 5s"),
    "order-42 (order) running for 5s: job charge waits for a worker: none is there\nWHAT YOU CAN DO\n" +
      `  npx crd-watcher --mode worker --flow ${MODULE}  # a worker for flow order\n` +
      `  npx crd-watcher cancel order-42${" ".repeat(33)}  # end it\n`,
  );
  const end = story.work();
  await story.until(async () => (await story.requests())[0]?.spec.job === "approve");
  await story.clock.advance(6_000);
  await said("order-42 approve");
  assert.match(
    scene.notes,
    /waits for signal yes\|no, 23h left\nWHAT YOU CAN DO\n {2}npx crd-watcher signal order-42 approve yes\n/,
  );
  assert.is(scene.notes.match(/WHAT YOU CAN DO/g)!.length, 2);
  await runWords(story, "signal order-42 approve yes");
  assert.match((await story.pass(scene.finished)).out, /order-42 \(order\) succeeded after/);
  await end();
});
starting.run();

const listing = suite("verb: list");
listing("in a pipe, whole; on a screen what fits, and a count", async () => {
  const story = createOrders();
  const { end, runs } = await approvals(story, "a-1", "b-2");
  await end();
  const { out, notes, code } = await runWords(story, "list");
  const lines = out.split("\n");
  assert.is(lines[0]!.replaceAll(/ +/g, " "), "KEY OR NAME FLOW STATUS JOB FOR AGE WAITS FOR, OR WHY");
  assert.match(lines[1]!, /^a-1 +order +waiting +approve +\d+s +\d+s +signal yes\|no, 23h left$/);
  assert.equal([lines.length, notes, code], [4, "", 0]);
  const screen = await runWords(story, "list -l tenant=b", { columns: 80 });
  assert.is(screen.notes, "1 flow, the newest last: 1 waiting\n");
  const wide = await runWords(story, "list -o wide --no-headers -A", { columns: 80 });
  assert.match(wide.out, new RegExp(`^default +${runs[0]!.name} +a-1 +order .*tenant=a`));
});

listing("a selector that the server does not understand", async () => {
  const story = createOrders();
  for (const verb of ["list", "get", "cancel", "watch"]) {
    assert.is(
      await complaint(story, `${verb} -l a==b==c`),
      "Flag --selector is \"a==b==c\": found '==', expected: ',' or 'end of string', as in tenant=a,tier!=free",
    );
  }
});

listing("what is no request is left out", async () => {
  const story = createOrders();
  await start(story, "order-1");
  const items = [null, 5, {}, { metadata: null }, { metadata: { name: "a" } }, { metadata: { name: "b", resourceVersion: "1" } }];
  const connect = () => {
    const cluster = story.connect();
    return {
      ...cluster,
      list: (async (resource: Resource, options: ListOptions) => {
        const { items: own, resourceVersion } = await cluster.list(resource, { ...options, onPage: undefined });
        const page = { resourceVersion, items: resource.plural === "requeststates" ? [...items, ...own] : own } as ObjectList<
          RequestState
        >;
        if (options.onPage) options.onPage(page);
        return options.onPage ? { resourceVersion, items: [] } : page;
      }) as Cluster["list"],
    };
  };
  for (const words of ["list", "get --all", "cancel --all --dry-run"]) {
    const { code, out } = await runWords({ clock: story.clock, connect }, words);
    assert.is(code, 0, words);
    assert.match(out, /order-1/, words);
  }
});

listing("by status, age, flow, labels and namespace; where there is nothing it says so", async () => {
  const story = createOrders();
  await start(story, "order-1");
  await story.clock.advance(3_600_000);
  const run = await start(story, "order-2");
  await startFlow(SAMPLE, {}, story.options);
  await cancelFlow(run, story.options);
  const listed = async (flags: string) => names((await runWords(story, `list --no-headers ${flags}`)).out).length;
  assert.equal([await listed("--status running"), await listed("--older 30m"), await listed("--since 30m")], [3, 1, 2]);
  assert.is(await listed("--flow-name order"), 2);
  const nothing = await runWords(story, "list -n shop --status parked,failed --flow-name order");
  assert.equal([nothing.out, nothing.notes], ["", 'No flows in namespace "shop" of flow "order", parked or failed\n']);
});

listing("as objects: names, a List of JSON, YAML that kubectl can read", async () => {
  const story = createOrders();
  const runs = [await start(story, "order-1"), await start(story, "order-2")];
  assert.equal(names((await runWords(story, "list -o name")).out).sort(), runs.map(({ name }) => name).sort());
  for (const format of ["json", "yaml"]) {
    const list = parse((await runWords(story, `list -o ${format}`)).out);
    assert.equal([list.kind, list.apiVersion, list.items.length], ["List", "v1", 2]);
    assert.equal(list.items[0].metadata.annotations, { "crd-watcher/key": "order-1" });
    const none = parse((await runWords(story, `list -o ${format} -n shop`)).out);
    assert.equal([none.kind, none.items], ["List", []]);
  }
  assert.is(JSON.parse((await runWords(story, "list -o json")).out).items[1].kind, "RequestState");
});

listing("more than a page is shown as it comes, each flow once; sorted where that is asked for", async () => {
  const story = createOrders();
  const put = async (name: string) =>
    await story.send("POST", REQUESTS, {
      apiVersion: "com.redhat.ecosystem.sample/v1",
      kind: "RequestState",
      metadata: { name },
      spec: { "request-uid": name, job: "JOB1", state: "REQUESTED" },
    });
  for (let n = 1_100; n > 0; n--) {
    await put(`f-${String(n).padStart(4, "0")}`);
    if (n % 100 === 0) await story.clock.advance(1_000);
  }
  const scene = await runWords(story, "list --no-headers", { columns: 80 });
  const shown = scene.out.trim().split("\n").map((line) => line.split(" ")[0]);
  assert.equal([shown.length, shown[0], shown.at(-1)], [1_100, "f-0001", "f-1100"]);
  assert.is(scene.notes, "1,100 flows, by namespace and name: 1,100 running\n");
  const sorted = await runWords(story, "list --no-headers --sort age", { columns: 80 });
  assert.match(sorted.out, /^f-1100 /);
  assert.is(sorted.notes, "1,100 flows, the newest last: 1,100 running\n");
  // `list | head -1`: it stops reading the server, too.
  const lists = () => story.fake.requests.lines().filter((line) => line.startsWith("list requeststates")).length;
  const before = lists();
  const head = await runWords(story, "list", { closesAfter: 1 });
  assert.equal([head.code, head.notes], [0, ""]);
  assert.ok(lists() - before < 3);
});
listing("the newest is the last, of those that were started within one second, too", async () => {
  const story = createOrders();
  const keys = ["e", "b", "d", "a", "c"];
  for (const key of keys) {
    await start(story, key);
    await story.clock.advance(10);
  }
  const { out } = await runWords(story, "list --no-headers");
  assert.equal(out.trim().split("\n").map((line) => line.split(" ")[0]), keys);
});
listing.run();

const getting = suite("verb: get");
getting("by name, by key, by both ends of its name, as kubectl prints it, and the newest", async () => {
  const story = createOrders();
  const run = await start(story, "Order 42!");
  await story.clock.advance(1_000);
  const other = await start(story, "order-43");
  const { name } = run;
  const found = async (...words: string[]) => names((await runWords(story, ["get", "-o", "name", ...words])).out);
  const called = [name, `default/${name}`, "Order 42!", `${name.slice(0, 5)}…${name.slice(-4)}`, `${name.slice(0, 8)}...`];
  for (const word of [...called, `requeststate.com.redhat.ecosystem.sample/${name}`, `rqs/${name}`]) {
    assert.equal(await found(word), [name], word);
  }
  assert.equal(await found("@latest"), [other.name]);
  assert.equal(await found("Order 42!", "--flow-name", "order"), [name]);
  assert.equal(await found("-A", name, "order-43"), [name, other.name]);
  // However many keys: all flows are read once.
  const before = story.fake.requests.lines().length;
  assert.equal(await found("Order 42!", "order-43", `${name.slice(0, 5)}…`), [name, other.name]);
  assert.is(story.fake.requests.lines().slice(before).filter((line) => /^list/.test(line)).length, 1);
  // None where the module says which flow it is likely to be of.
  const lists = () => story.fake.requests.lines().filter((line) => /^list requeststates/.test(line)).length;
  const known = lists();
  assert.equal(await found("Order 42!", "--flow", MODULE), [name]);
  assert.is(lists(), known);
});

getting("what was retried is found by what a list shows of it", async () => {
  const story = createOrders();
  const run = await start(story, "order-42");
  await cancelFlow(run, story.options);
  const end = story.work();
  await story.pass(run.finished);
  await end();
  const again = await retryFlow(run);
  await runWords(story, `retry order-42 --from ship --flow ${MODULE}`);
  const { out } = await runWords(story, "list --no-headers");
  assert.match(out, /^order-42,retry-1 /m);
  assert.match(out, /^order-42,from-ship /m);
  const found = await runWords(story, "get -o name order-42,retry-1");
  assert.equal([found.code, names(found.out)], [0, [again.name]]);
  const page = await runWords(story, "get order-42,from-ship");
  assert.match(page.out, new RegExp(`^key +order-42,from-ship$\\n[\\s\\S]*^goes on from +${run.name}, with job ship$`, "m"));
});

getting("what was retried or forked without a key is called by the name of what it goes on from", async () => {
  const story = createOrders();
  const run = await startFlow(order, { input: { amount: 1 } }, story.options);
  await cancelFlow(run, story.options);
  const end = story.work();
  await story.pass(run.finished);
  await end();
  const keyOf = ({ request }: FlowRun) => request.metadata.annotations?.["crd-watcher/key"];
  const again = await retryFlow(run);
  const fork = await forkFlow(run, { from: "ship" });
  assert.equal([keyOf(again), keyOf(fork)], [`${run.name},retry-1`, `${run.name},from-ship`]);
  assert.is(keyOf(await forkFlow(run, { from: "ship", key: "mine" })), "mine", "who gives a key calls it so");
  const found = await runWords(story, `get -o name ${run.name},from-ship`);
  assert.equal(names(found.out), [fork.name]);
  // A fork without a key is another one each time.
  await forkFlow(run, { from: "ship" });
  assert.match(await complaint(story, `get ${run.name},from-ship`), /^2 flows in namespace "default" have the key /);
});

getting("what is not there, or is several, is said in one sentence", async () => {
  const story = createOrders();
  await start(story, "order-42");
  assert.is(
    await complaint(story, "get order-24"),
    'There is no flow "order-24" in namespace "default", by name or by key: did you mean "order-42"?',
  );
  assert.is(
    await complaint(story, "get @latest -n shop"),
    'There is no flow of that kind in namespace "shop", so there is no @latest',
  );
  assert.match(await complaint(story, "get"), /^Name what to get: names, or a selection such as --status/);
  assert.is(await complaint(story, "get a --status parked"), "Give names or a selection, not both: a and --status");
  await startFlow(SAMPLE, { key: "order-42" }, story.options);
  assert.match(
    await complaint(story, "get order-42"),
    /^2 flows in namespace "default" have the key "order-42": default\/\S+ \(flow (order|sample)\), /,
  );
  const { code, out, notes } = await runWords(story, "get @latest none -o name");
  assert.equal([code, names(out).length], [1, 1]);
  assert.match(notes, /^There is no flow "none" in namespace "default", by name or by key\n$/);
});

getting("shows what happened, who holds it, what can be done, and the verdict last", async () => {
  const story = createOrders();
  const { end } = await approvals(story, "order-42");
  const { out } = await runWords(story, `get order-42 --flow ${MODULE}`);
  assert.match(out, /^ *key +order-42$/m);
  assert.match(out, /COMPLETED .* paid +worker-/);
  assert.match(out, /^after approve +no: refund, timedOut: refund, yes: ship$/m);
  assert.match(out, /^ {2}crd-watcher signal order-42 approve yes$/m);
  const pasted = await runWords(story, "get order-42", { program: "npx tsx cli/main.ts" });
  assert.match(
    pasted.out,
    /^ {2}npx tsx cli\/main\.ts signal order-42 approve yes\n {2}.*no\n {2}npx tsx cli\/main\.ts cancel order-42 /m,
  );
  assert.match(out, /\nwaiting for \d+s: job approve waits for signal yes\|no, 23h left\n$/);
  await end();
});

getting("a key that somebody has written to another flow stands for that flow no more than before", async () => {
  const story = createOrders();
  await start(story, "order-1");
  const { name } = await start(story, "order-2");
  const forged = { metadata: { annotations: { "crd-watcher/key": "order-1" } } };
  await story.send("PATCH", `${REQUESTS}/${name}`, forged, "application/merge-patch+json");
  assert.match((await runWords(story, `get ${name}`)).out, new RegExp(`^ {2}crd-watcher cancel ${name} `, "m"));
  assert.equal(names((await runWords(story, "get order-2 -o name")).out), [name]);
  assert.is((await runWords(story, `cancel ${name}`)).out, `${name} is to be cancelled\n`);
});

getting("where events and leases may not be seen, the rest is shown", async () => {
  const story = createOrders();
  const { end } = await approvals(story, "order-1");
  const rule = (resource: string) => ({
    match: { resource },
    times: Infinity,
    fault: refuse({ code: 403, reason: "Forbidden", message: "no" }),
  });
  const faults = ["events", "leases"].map((resource) => story.fake.faults.add(rule(resource)));
  const { out, code } = await runWords(story, "get order-1");
  assert.is(code, 0);
  assert.match(out, /\nwaiting for /);
  assert.ok(faults[0]!.hits > 0);
  faults.forEach((fault) => fault.remove());
  await end();
});

getting("the reason of each failed attempt: from the object, else from events, else it is gone", async () => {
  const story = createOrders();
  const reasons = ["card: declined", "no (attempt 1), line", "bank away"];
  const end = story.work({ charge: () => Promise.reject(new RangeError(reasons.shift() ?? "late")) });
  await start(story, "order-1");
  await story.until(async () => (await story.requests())[0]?.status?.completionTime);
  await story.clock.advance(2_000);
  const lines = async () => {
    const { out } = await runWords(story, "get order-1");
    const page = out.split("EVENTS")[0]!.replaceAll(/\n {4}(?=\S)/g, " | ").split("\n");
    return page.filter((line) => / charge +\d /.test(line)).map((line) => line.replace(/^.* \| /, ""));
  };
  assert.equal(await lines(), ["card: declined", "no (attempt 1), line", "RangeError: bank away"]);
  const { items } = await (await story.send("GET", "/api/v1/namespaces/default/events")).json();
  for (const { metadata } of items) await story.send("DELETE", `/api/v1/namespaces/default/events/${metadata.name}`);
  const gone = "its reason is gone: the object keeps the newest one, events are kept for an hour";
  assert.equal(await lines(), [gone, gone, "RangeError: bank away"]);
  await end();
});

getting("who is missing where nobody does its job, and what to do about it; list says it, too", async () => {
  const older = defineFlow("order", ["charge"]);
  const done = async () => {};
  const cases: readonly [flow: Flow, handlers: object, short: string, why: RegExp][] = [
    [order, {}, "none is there", /no worker is there$/],
    [SAMPLE, { JOB1: done }, "none does this flow", /the worker that is there does no job of that flow$/],
    [
      older,
      { charge: done },
      "none has this graph",
      /it is with digest \w+, the worker that is there knows that flow with digest \w+; its director has to know that graph, too$/,
    ],
    [order, { ship: done, notify: done }, "none does this job", /of that flow the worker that is there does ship, notify only$/],
  ];
  for (const [flow, handlers, short, why] of cases) {
    const story = createOrders();
    const ending = new AbortController();
    const options = { cluster: story.connect(), clock: story.clock, signal: ending.signal };
    const worker = Object.keys(handlers).length > 0 ? [runWorker<Flow>(flow, handlers as Handlers, options)] : [];
    await start(story, "order-1");
    await story.clock.advance(2_000);
    const { out } = await runWords(story, "get order-1");
    const prose = out.replaceAll(/\s+/g, " ");
    assert.match(prose, new RegExp(`it waits for a worker that does job charge of flow order: ${why.source.slice(0, -1)}`));
    assert.match(out, new RegExp(`job charge waits for a worker: ${short}\n$`));
    assert.match(out, /crd-watcher --mode worker --flow MODULE {2}# a worker for flow order/);
    assert.match((await runWords(story, "list --no-headers")).out, new RegExp(` a worker: ${short}\n$`));
    assert.match((await runWords(story, "list --no-headers -A")).out, new RegExp(` a worker: ${short}\n$`));
    ending.abort();
    await story.end(worker);
  }
});

getting("a worker that is silent is told of", async () => {
  const story = createOrders();
  const end = story.work({ charge: () => new Promise(() => {}) });
  const run = await start(story, "order-42");
  await story.until(async () => (await story.requests())[0]?.spec.state === "STARTED");
  assert.match((await runWords(story, "get order-42")).out, /^ {4}its worker is alive: it renewed its lease \ds ago$/m);
  void end; // it goes on, without renewing: its lease is deleted
  const holder = (await story.requests())[0]!.status!.claim!.holderIdentity;
  await story.send("DELETE", `/apis/coordination.k8s.io/v1/namespaces/default/leases/${holder}`);
  assert.match((await runWords(story, "get order-42")).out, /^ {4}its worker has no lease any more: /m);
  await cancelFlow(run, story.options);
  await story.until(async () => (await story.requests())[0]?.status?.completionTime);
  await end();
});

getting("as an object, as kubectl prints it: one by itself, several as a List", async () => {
  const story = createOrders();
  await start(story, "order-1");
  await start(story, "order-2");
  for (const format of ["json", "yaml"]) {
    const one = parse((await runWords(story, `get order-1 -o ${format}`)).out) as RequestState;
    assert.equal([one.kind, one.spec.input], ["RequestState", input]);
    assert.is(parse((await runWords(story, `get order-1 order-2 -o ${format}`)).out).items.length, 2);
    assert.is(parse((await runWords(story, `get --all -o ${format}`)).out).kind, "List");
  }
});
getting.run();

const changing = suite("verbs that change");
changing("one that is named: done at once, and again it was so already", async () => {
  const story = createOrders();
  await start(story, "order-1");
  const cases: readonly [string, string][] = [
    ["suspend order-1", "order-1 is suspended\n"],
    ["suspend order-1", "order-1 was suspended already\n"],
    ["resume order-1 --dry-run", "order-1 goes on (dry run: nothing was written)\n"],
    ["resume order-1", "order-1 goes on\n"],
    ["resume order-1", "order-1 was not suspended\n"],
    ["cancel order-1", "order-1 is to be cancelled\n"],
    ["cancel order-1", "order-1 was to be cancelled already\n"],
    ["delete order-1", "order-1 is deleted\n"],
  ];
  for (const [words, out] of cases) {
    assert.equal(await runWords(story, words, { columns: 80 }), { code: 0, out, notes: "" }, words);
  }
  assert.equal(await story.requests(), []);
});

changing("one that waits for its finalizers is not said to be gone", async () => {
  const story = createOrders();
  const run = await start(story, "order-1");
  const patch = { metadata: { finalizers: ["example.com/ledger", "example.com/mail"] } };
  assert.is((await story.send("PATCH", `${REQUESTS}/${run.name}`, patch, "application/merge-patch+json")).status, 200);
  for (let time = 1; time <= 2; time++) {
    assert.equal(await runWords(story, "delete order-1", { columns: 120 }), {
      code: 0,
      out: "order-1 is deleted once its finalizers are gone\n",
      notes: "",
    });
  }
  assert.match(
    (await runWords(story, "get order-1", { columns: 120 })).out,
    new RegExp("\ndeleted +\\S+ \\S+, .* ago, waits for example.com/ledger, example.com/mail\n"),
  );
});

changing("several: a count, a question on a terminal, a summary", async () => {
  const story = createOrders();
  for (const key of ["order-1", "order-2", "order-3"]) await start(story, key);
  const no = await runWords(story, "cancel --flow-name order", { columns: 80, answer: "n" });
  assert.is(no.code, 1);
  assert.match(no.notes, /^KEY OR NAME .*\n(order-\d .*\n){3}Cancel 3 flows \(3 running\)\? \[y\/N\] n\nNothing was done\n$/);
  assert.equal((await story.requests()).filter(({ spec }) => spec.desiredState), []);
  const yes = await runWords(story, "suspend order-1 order-2", { columns: 80, answer: "yes" });
  assert.equal([yes.code, yes.out.trim().split("\n").sort()], [0, ["order-1 is suspended", "order-2 is suspended"]]);
  // Those to which it can be done only; in a pipe nobody is asked.
  const piped = await runWords(story, "resume --all");
  assert.is(piped.out.trim().split("\n").length, 2);
  assert.is(piped.notes, "Resume 2 flows (2 waiting)\n2 flows done\n");
  const reads = () => story.fake.requests.matching({ verb: "get", resource: "requeststates" }).length;
  const before = reads();
  await runWords(story, "cancel --all --dry-run");
  assert.is(reads() - before, 3, "each is read once");
  const dry = await runWords(story, "delete --all --dry-run -o name");
  assert.equal([names(dry.out).length, (await story.requests()).length], [3, 3]);
  assert.match(dry.notes, /3 flows done, as a dry run\n$/);
  assert.is(
    (await runWords(story, "delete --status parked")).notes,
    'Nothing to delete: no flows in namespace "default", parked\n',
  );
});

changing("what did not work is told, and the exit code is 1", async () => {
  const story = createOrders();
  await start(story, "order-1");
  await cancelFlow((await start(story, "order-2")).name, story.options);
  const { code, out, notes } = await runWords(story, "suspend order-1 order-2 order-9 --yes");
  assert.equal([code, out], [1, "order-1 is suspended\n"]);
  const [count, ...sentences] = notes.trim().split("\n");
  assert.is(count, "Suspend 2 flows (2 running)");
  assert.match(
    sentences[0]!,
    /^There is no flow "order-9" in namespace "default", by name or by key: did you mean "order-\d"\?$/,
  );
  assert.match(
    sentences[1]!,
    /^Cannot suspend order-2 \(requeststates "default\/\S+"\): it was cancelled, which is not taken back; start a new flow$/,
  );
  assert.is(sentences[2], "1 flow done, 2 not");
});

changing("@latest and abbreviations are asked about", async () => {
  const story = createOrders();
  await start(story, "order-1");
  const { notes, code } = await runWords(story, "cancel @latest", { columns: 80, answer: "" });
  assert.match(notes, /Cancel 1 flow \(1 running\)\? \[y\/N\] \nNothing was done\n$/);
  assert.is(code, 1);
});

changing("a flow whose key is more than a word is called by it all the same, in quotes", async () => {
  const story = createOrders();
  const run = await start(story, "a b");
  const other = await start(story, "x\u001b[31m");
  assert.is((await runWords(story, ["suspend", "a b"])).out, '"a b" is suspended\n');
  assert.is((await runWords(story, ["suspend", other.name])).out, '"x\\u001b[31m" is suspended\n');
  await cancelFlow(run, story.options);
  const object = `requeststates "default/${run.name}"`;
  const end = story.work();
  await story.until(async () => (await story.requests()).some(isOver));
  await end();
  const { notes } = await runWords(story, ["suspend", "a b"]);
  assert.is(notes, `Cannot suspend "a b" (${object}): its flow is over (cancelled)\n`);
});

changing("a signal: to one, to several, with data, with its definition before its time", async () => {
  const story = createOrders();
  const { end } = await approvals(story, "a-1", "a-2", "b-3");
  const one = await runWords(story, ["signal", "a-1", "approve", "no", "--data", '{"why":"late"}']);
  assert.is(one.out, "a-1 has its signal for approve, no\n");
  assert.is((await passWords(story, "signal -l tenant=b approve yes --wait --yes")).code, 0);
  assert.match(
    await refusal(story, "signal a-2 approve yess"),
    /its outcome is "yess", expected one of yes, no; did you mean "yes"\?$/,
  );
  assert.match(
    await refusal(story, `signal a-2 aprove yes --flow ${MODULE}`),
    /there is no such job \(jobs that do: approve\); did you mean "approve"\?$/,
  );
  assert.is(await complaint(story, "signal a-2"), "It takes a job to signal: signal NAME... JOB [OUTCOME]");
  await runWords(story, "signal a-1 approve no"); // the same one again, where the flow has gone on
  const both = await runWords(story, "signal a-1 a-2 approve yes --yes");
  assert.equal([both.code, both.out], [1, "a-2 has its signal for approve, yes\n"]);
  await end();
});

changing("a retry: of what is parked; of what is over, by its definition", async () => {
  const story = createOrders();
  let isClosed = true;
  const end = story.work({
    ship: async () => {
      if (isClosed) throw new Error("the depot is closed");
    },
  });
  const run = await start(story, "order-1");
  const status = async () => (await runWords(story, "list --no-headers")).out;
  await story.until(async () => /approve/.test(await status()));
  await runWords(story, "signal order-1 approve yes");
  await story.until(async () => /parked/.test(await status()));
  assert.match((await runWords(story, "get order-1")).out, /\n {4}the depot is closed\n[\s\S]*crd-watcher retry order-1/);
  isClosed = false;
  assert.equal(await passWords(story, "retry --status parked --yes --wait"), {
    code: 0,
    out: `order-1 is tried again\norder-1 (order) succeeded after ${
      /after (\S+):/.exec((await runWords(story, "get order-1")).out)![1]
    }: charge, approve, ship, notify\n`,
    notes: "",
  });
  assert.match(
    await complaint(story, "retry order-1 --from ship"),
    /^Flag --from needs the definition: name its module, --flow MODULE$/,
  );
  const fork = await passWords(story, `retry order-1 --from ship --flow ${MODULE} --wait`);
  assert.is(fork.code, 0);
  assert.match(fork.out, /^order-1 goes on in [0-9a-f-]{36}\n/);
  assert.match(
    await refusal(story, `retry order-1 --from shp --flow ${MODULE}`),
    /has no such job \(jobs: .*\); did you mean "ship"\?$/,
  );
  await cancelFlow((await start(story, "order-2")).name, story.options);
  await story.until(async () => /order-2.*cancelled/.test(await status()));
  assert.match(
    await refusal(story, "retry order-2"),
    /its flow is over, a new one goes on .*; name the module that defines it, --flow MODULE$/,
  );
  void run;
  await runWords(story, `start order --key order-3 --flow ${MODULE} --input {"amount":1}`);
  await story.until(async () => /order-3.*waiting/.test(await status()));
  await runWords(story, "signal order-3 approve yes");
  await story.until(async () => /order-3.*succeeded/.test(await status()));
  assert.match(
    await refusal(story, "retry order-3"),
    /^Cannot retry order-3 \(requeststates "default\/\S+"\): its flow has succeeded; to do a part again in a new flow: --from JOB --flow MODULE$/,
  );
  await runWords(story, `start order --key order-4 --flow ${MODULE} --input {"amount":1}`);
  await story.until(async () => /order-4.*waiting/.test(await status()));
  await runWords(story, "signal order-4 approve no");
  await story.until(async () => /order-4.*failed/.test(await status()));
  assert.match((await runWords(story, "get order-4")).out, /crd-watcher retry order-4 --from JOB --flow MODULE/);
  assert.match(
    await refusal(story, `retry order-4 --flow ${MODULE}`),
    /^Cannot retry order-4 \(.*\): none of its jobs has failed for good; say from which job to go on: --from JOB --flow MODULE$/,
  );
  assert.match(
    await refusal(story, "cancel order-3"),
    /^Cannot cancel order-3 \(requeststates "default\/\S+"\): its flow is over/,
  );
  const { name } = (await story.requests()).find(({ metadata }) =>
    metadata.annotations?.["crd-watcher/key"] === "order-3"
  )!.metadata;
  assert.match(await refusal(story, `cancel ${name}`), /^Cannot cancel order-3 \(/);
  await end();
});
changing.run();

const byHand = suite("verb: retry, of what somebody has written by hand");
const over = (reason: string) => ({
  completionTime: "2026-01-01T00:00:00Z",
  conditions: [
    { type: "Finished", status: "True", reason, message: "m", lastTransitionTime: "2026-01-01T00:00:00Z" },
    { type: "Succeeded", status: "False", reason, message: "m", lastTransitionTime: "2026-01-01T00:00:00Z" },
  ],
});
/** What was written by hand, and what `retry` says of it: without a module, and with one of another flow. */
const BY_HAND: Readonly<Record<string, readonly [spec: object, without: RegExp, withModule: RegExp]>> = {
  "its flow is not named": [
    { job: "charge" },
    /: it does not name its flow \(spec.flow\), and the sample flow has no job "charge", which cannot be set later; start the flow anew$/,
    /: it does not name its flow \(spec.flow\), and the sample flow has no job "charge", which cannot be set later; start the flow anew$/,
  ],
  "its flow is not that of the module": [
    { flow: "refund", job: "pay" },
    /: its flow is over, a new one goes on from the job that failed; name the module that defines it, --flow MODULE$/,
    /: it is of flow "refund", the module "test\/support\/flows\/order.ts" has order; name the module that defines it$/,
  ],
};
for (const [what, [spec, without, withModule]] of Object.entries(BY_HAND)) {
  byHand(`it is over, and ${what}`, async () => {
    const story = createOrders();
    await story.send("POST", REQUESTS, {
      apiVersion: "com.redhat.ecosystem.sample/v1",
      kind: "RequestState",
      metadata: { name: "hand" },
      spec: { "request-uid": "hand", state: "FAILED", ...spec },
      status: over("Failed"),
    });
    assert.match(await refusal(story, "retry hand"), without);
    assert.match(await refusal(story, `retry hand --flow ${MODULE}`), withModule);
    assert.is((await story.requests()).length, 1);
  });
}

byHand("it is over, of the sample flow, which needs no module: a new one goes on", async () => {
  const story = createOrders();
  await story.send("POST", REQUESTS, {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name: "hand" },
    spec: { "request-uid": "hand", state: "FAILED", job: "JOB2" },
    status: over("Failed"),
  });
  assert.match((await runWords(story, "retry hand")).out, /^hand goes on in [0-9a-f-]{36}\n$/);
});
byHand.run();

const denials = suite("verbs: a right that is missing");
denials("for many flows: one sentence, and how many others", async () => {
  const story = createOrders();
  for (const key of ["a", "b", "c"]) await start(story, key);
  const message = 'requeststates "x" is forbidden: User "bob" cannot patch resource "requeststates" in API group ' +
    '"com.redhat.ecosystem.sample" in the namespace "default"';
  const fault = refuse({ code: 403, reason: "Forbidden", message });
  story.fake.faults.add({ match: { verb: "patch" }, times: Infinity, fault });
  const { code, out, notes } = await runWords(story, "suspend --all --yes");
  assert.equal([code, out], [1, ""]);
  const [, first, ...others] = notes.trim().split("\n");
  assert.match(
    first!,
    /^Cannot patch [abc] \(.*cannot patch resource .*: grant it to this user, docs\/operations.md lists all verbs/,
  );
  assert.equal(others, ["2 more for want of the same right", "0 flows done, 3 not"]);
});
denials("to wait for a flow that was started: that it was is said first, in each form of output", async () => {
  const story = createOrders();
  const message = 'requeststates is forbidden: User "bob" cannot watch resource "requeststates" in API group ' +
    '"com.redhat.ecosystem.sample" in the namespace "default"';
  const fault = refuse({ code: 403, reason: "Forbidden", message });
  story.fake.faults.add({ match: { verb: "watch" }, times: Infinity, fault });
  const words = `start order --flow ${MODULE} --key order-9 --input {"amount":1} --wait`;
  for (const more of ["", " -o json"]) {
    const scene = beginVerb(story, words + more);
    const said = scene.finished.then(() => "nothing", (error: Error) => error.message);
    // The module of its flow is read in real time.
    await until(() => scene.out + scene.notes, { what: "something is shown", limit: 15_000 });
    assert.match(await story.pass(said), /cannot watch resource .*: grant it to this user/);
    assert.match(scene.out + scene.notes, /^order-9 \(default\/\S+\) (is started|was started before)/);
  }
});
denials.run();

const narrow = suite("verbs: a long key at a terminal");
narrow("what is done is said in a line, the key shortened in its middle; in a pipe it is whole", async () => {
  const story = createOrders();
  const key = `order-${"x".repeat(187)}-of-42`;
  const at = { columns: 80 };
  const line = (text: string) => text.split("\n")[0]!;
  const words = `start order --flow ${MODULE} --key ${key} --input {"amount":12}`;
  const shown = [
    (await runWords(story, words, at)).out,
    (await runWords(story, `suspend ${key}`, at)).out,
    (await runWords(story, `resume ${key}`, at)).out,
    (await runWords(story, `cancel ${key}`, at)).out,
    (await runWords(story, "list", at)).out.split("\n")[1]!,
  ].map(line);
  for (const each of shown) {
    assert.ok(each.length <= 80, each);
    assert.match(each, /^order-x.*….*42 /);
  }
  assert.match(shown[3]!, / is cancelled$|cancelled/);
  const again = (await runWords(story, words, at)).out;
  assert.match(again, /^order-x+…x*-of-42 \(default\/[0-9a-f]{4}\.\.\.[0-9a-f]{4}\) was started before, flow order\n$/);
  assert.ok(again.length <= 81, again);
  const { notes } = await runWords(story, `suspend ${key}`, at);
  assert.match(notes, /^Cannot suspend order-x+…x*-of-42 \(requeststates "default\/\S+"\): /);
  const piped = await runWords(story, `cancel ${key}`);
  assert.ok(piped.out.startsWith(`${key} `), piped.out);
  assert.ok((await runWords(story, words)).out.startsWith(`${key} (`));
});
narrow.run();

const watching = suite("verb: watch");
watching("one flow, in a pipe: a line for each transition, the verdict last", async () => {
  const story = createOrders();
  const { end } = await approvals(story, "order-1");
  const scene = beginVerb(story, "watch order-1");
  await shownBy(scene);
  await story.until(() => /approve/.test(scene.out));
  await runWords(story, "signal order-1 approve yes");
  const { code, out } = await story.pass(scene.finished);
  assert.is(code, 0);
  const lines = out.trim().split("\n");
  assert.match(lines[0]!, /^2\S+Z {2}charge {8}REQUESTED {2}by client-1$/);
  assert.match(lines.at(-2)!, / notify {8}COMPLETED {2}\S+, by worker-/);
  assert.match(lines.at(-1)!, /^order-1 \(order\) succeeded after \S+: charge, approve, ship, notify$/);
  await end();
});

watching("one flow, on a screen: its page in place, whole at the end", async () => {
  const story = createOrders();
  const { end } = await approvals(story, "order-1");
  const scene = beginVerb(story, "get order-1 --watch", { columns: 80, rows: 60 });
  await shownBy(scene);
  await story.until(() => /signal order-1 approve yes/.test(scene.out));
  await runWords(story, "signal order-1 approve no");
  const { code, out } = await story.pass(scene.finished);
  assert.is(code, 3);
  const lines = screenOf(out);

  assert.is(lines.filter((line) => /KEY|^key/.test(line)).length, 1);
  assert.is(lines.filter((line) => line === "OUTPUTS").length, 1);
  assert.match(lines.at(-1)!, /^failed after \S+: The flow has ended with job refund$/);
  assert.is(story.clock.pending > 0, true); // director and worker still run
  await end();
});

watching("no longer than --timeout: the exit code is that of an error, and the flow goes on", async () => {
  const story = createOrders();
  const { end } = await approvals(story, "order-1", "order-2");
  const told = "order-1 is not over after 90s (--timeout): it goes on\n";
  for (const [words, columns] of [["--wait", undefined], ["--watch", undefined], ["--watch", 80]] as const) {
    const scene = beginVerb(story, `resume order-1 ${words} --timeout 90s`, { columns });
    // Time passes while what follows flows is loaded, too: how much is up to the machine.
    const { code, notes } = await story.pass(scene.finished, 600_000);
    assert.equal([code, notes.endsWith(told)], [1, true], `${words} ${notes}`);
  }
  const start = `start order --flow ${MODULE} --key order-1 --input {"amount":12} --wait --timeout 1s -o json`;
  const json = await story.pass(runWords(story, start));
  assert.equal([json.code, JSON.parse(json.out).spec.job, json.notes], [1, "approve", told.replace("90s", "1.0s")]);
  const both = await story.pass(runWords(story, "signal order-1 order-2 approve yes --yes --wait --timeout 1h"));
  assert.equal([both.code, both.notes.includes("--timeout")], [0, false]);
  assert.is(await complaint(story, "resume order-1 --timeout 1s"), "Flag --timeout goes with --wait or --watch");
  assert.is(await complaint(story, "resume order-1 --wait --watch"), "Give --wait or --watch, not both");
  await end();
});

watching("all flows, on a screen: which worker is missing", async () => {
  const story = createOrders();
  await start(story, "order-1");
  const ending = new AbortController();
  const scene = beginVerb(story, "watch", { signal: ending.signal, columns: 80 });
  await shownBy(scene);
  await story.until(() => /a worker: none is there/.test(scene.out));
  assert.match(screenOf(scene.out)[1]!, /^order-1 +order +running +charge +\d+s +\d+s +a worker: none is there$/);
  const end = story.work({});
  await story.until(() => /signal yes/.test(scene.out));
  ending.abort();
  await scene.finished.catch(() => {});
  await end();
});

watching("all flows: what is under way, in a pipe only news, on a screen a table", async () => {
  const story = createOrders();
  const { end } = await approvals(story, "a-1", "b-2");
  const ending = new AbortController();
  const pipe = beginVerb(story, "watch", { signal: ending.signal });
  const screen = beginVerb(story, "list -w", { signal: ending.signal, columns: 80 });
  await shownBy(screen);
  await story.until(() => /b-2/.test(screen.out));
  assert.is(pipe.out, "");
  await runWords(story, "signal a-1 approve yes");
  await story.until(() => /a-1.*succeeded/.test(screen.out));
  assert.match(screenOf(screen.out).at(-1)!, /^2 flows: 1 waiting, 1 succeeded$/);
  assert.match(pipe.out, /^2\S+Z {2}a-1 +approve {7}COMPLETED {2}\S+, yes, by director/);
  assert.match(pipe.out, /\na-1 \(order\) succeeded after \S+: charge, approve, ship, notify\n$/);
  await runWords(story, "delete b-2");
  await story.until(() => /was deleted/.test(pipe.out));
  assert.match(pipe.out, /\ndefault\/\S+ was deleted\n$/);
  ending.abort();
  assert.is((await story.pass(pipe.finished)).code, 0);
  assert.is((await story.pass(screen.finished)).code, 0);
  await end();
});

watching("as objects: a stream of them", async () => {
  const story = createOrders();
  const { end } = await approvals(story, "order-1");
  const scene = beginVerb(story, "watch order-1 -o yaml");
  await shownBy(scene);
  await runWords(story, "cancel order-1");
  const { code, out } = await story.pass(scene.finished);
  assert.is(code, 3);
  const documents = parseAllDocuments(out).map((document) => document.toJS() as RequestState);
  assert.is(documents.at(-1)!.spec.state, "CANCELLED");
  await end();
});
watching.run();

const others = suite("verbs: graph, check, completion");
others("graph: for Mermaid and for Graphviz", async () => {
  const story = createOrders();
  const { out } = await runWords(story, `graph --flow ${MODULE}`);
  assert.is(out.split("\n")[0], "flowchart TD");
  assert.match(out, /j1\(\["approve<br>\(a signal\)"\]\)/);
  assert.match(out, /j1 -->\|"yes"\| j2/);
  assert.match(
    (await runWords(story, `graph order --flow ${MODULE} -o dot`)).out,
    /^digraph "order" \{\n[\s\S]*j1 -> j2 \[label="yes"\];\n[\s\S]*\}\n$/,
  );
  assert.is(
    await complaint(story, "graph --flow test/support/flows/several.ts"),
    'Name the flow to graph: the module "test/support/flows/several.ts" has order, refund',
  );
});

others("check: what a module can drive, and what not", async () => {
  const story = createOrders();
  await start(story, "order-1");
  const good = await runWords(story, `check --flow ${MODULE}`);
  assert.equal([good.code, good.out], [0, '1 flow in flight in namespace "default" can be driven by this module, 0 cannot\n']);
  await startFlow(SAMPLE, {}, story.options);
  const bad = await runWords(story, "check --flow test/support/flows/several.ts");
  assert.is(bad.code, 1);
  assert.match(bad.out, /^order-1 +order +running +\S+ +its flow is "order" with digest \w+, this process knows \w+, \w+$/m);
  assert.match(
    bad.out,
    /\n0 flows in flight .* can be driven by this module, 1 cannot: deploy .* anew; 1 flow of other names was left out\n$/,
  );
  assert.is(names((await runWords(story, "check --flow test/support/flows/several.ts -o name")).out).length, 1);
  assert.is(await complaint(story, "check"), "Name the module to check: --flow MODULE");
});

others("completion: a script for a shell that is known", async () => {
  const story = createOrders();
  assert.match((await runWords(story, "completion bash")).out, /^# bash completion/);
  assert.is(await complaint(story, "completion zhs"), 'Unknown shell "zhs": did you mean zsh?');
  assert.is(await complaint(story, "completion"), "Name the shell: expected one of bash, zsh, fish");
});

others("get: the module that was named, by a flag or by the environment, stands in what can be copied", async () => {
  const story = createOrders();
  await start(story, "order-1");
  assert.match(
    (await runWords(story, `get order-1 --flow ${MODULE}`)).out,
    / --mode worker --flow test\/support\/flows\/order\.ts/,
  );
  assert.match((await runWords(story, "get order-1")).out, / --mode worker --flow MODULE/);
});

others("the hostile set reaches no terminal raw, in any verb", async () => {
  const story = createOrders();
  const nasty = "\x1b[2J\u202e\u009b31m\r\n\u2028\u0007";
  await start(story, nasty, { input: { [nasty]: nasty } });
  await suspendFlow((await start(story, "order-2")).name, story.options);
  const [request] = await story.requests();
  for (
    const words of [
      "list",
      "list -o wide",
      "get --all",
      "get --all -o json",
      "get --all -o yaml",
      "list -o json",
      "cancel --all",
      "delete --all",
    ]
  ) {
    const { out, notes } = await runWords(story, words, { columns: 80 });
    // deno-lint-ignore no-control-regex
    assert.not.match(out + notes, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]/, words);
  }
  void request;
});
others.run();
