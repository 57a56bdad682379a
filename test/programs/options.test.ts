/** What directors, workers, the calls of a client and the runtime are told that cannot be meant is said at once. */
import { suite } from "uvu";
import {
  attemptOf,
  attemptsOf,
  cancelFlow,
  checkFlows,
  checkSetup,
  createConsoleLog,
  decide,
  defineFlow,
  flowNameOf,
  flowPages,
  forkFlow,
  getFlow,
  graphText,
  hasSucceeded,
  implementFlow,
  isOver,
  listFlows,
  resultOf,
  resumeFlow,
  retryFlow,
  runDirector,
  runWorker,
  signalFlow,
  startFlow,
  statusOf,
  systemClock,
  waitOf,
  watchFlows,
  whatItWaitsFor,
} from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { createFetchCluster } from "../../src/adapters/fetch.ts";
import { createFakeCluster } from "../../src/fake/mod.ts";
import {
  createBackoff,
  createEventRecorder,
  createStore,
  createWorkQueue,
  runController,
  runElection,
  runReflector,
  withFinalizer,
} from "../../src/runtime/mod.ts";
import { silentLog } from "../../src/runtime/log/log.ts";
import { requestStateCrd } from "../../src/request-state-crd.ts";
import { odd, type Row, sayWhatIsWrong } from "../support/said.ts";

const fake = createFakeCluster({ crds: [requestStateCrd] });
const cluster = createFetchCluster(fake.fetch);
const flow = defineFlow("order", ["charge", "ship"]);
const nothing = async () => {};
const orders = implementFlow(flow, { charge: nothing, ship: nothing });
const ended = AbortSignal.abort();

const programs = suite("programs: options that cannot be meant");
const director = (options: unknown) => () => runDirector(flow, odd(options)).finished;
const worker = (options: unknown) => () => runWorker(orders, odd(options)).finished;
const start = (wanted: unknown, options: object = {}) => () => startFlow(flow, odd(wanted), odd({ cluster, ...options }));
const list = (selection: unknown) => () => listFlows(odd(selection), { cluster });
const no = { director: "Cannot run a director:", worker: "Cannot run a worker:", start: 'Cannot start flow "order":' };

const SIGNALS: readonly Row[] = [director, worker].map((run): Row => [
  run({ cluster, signal: new AbortController() }),
  /^TypeError: Cannot run a (director|worker): signal is an object, expected an AbortSignal; did you mean "controller.signal"\?$/,
]);
sayWhatIsWrong(programs, [
  [director(undefined), `TypeError: ${no.director} options.cluster is undefined, expected what connect() gives`],
  [director({ cluster: {} }), `TypeError: ${no.director} options.cluster is an object, expected what connect() gives`],
  [director({ cluster: "https://x" }), `TypeError: ${no.director} options.cluster is "https://x", expected what connect() gives`],
  [
    director({ cluster: Promise.resolve(cluster) }),
    `TypeError: ${no.director} options.cluster is a promise, expected what it resolves to: await connect()`,
  ],
  [
    director({ cluster, signal: ended, namspace: "shop" }),
    /^TypeError: Cannot run a director: it has a member "namspace", expected cluster, namespace, .*; did you mean "namespace"\?$/,
  ],
  [director({ cluster, namespace: "" }), `TypeError: ${no.director} namespace is "", expected one such as "default"`],
  [
    director({ cluster, concurrency: "8" }),
    `RangeError: ${no.director} concurrency is "8", expected a whole number from 1 to 100000`,
  ],
  [director({ cluster, cancelGrace: NaN }), `RangeError: ${no.director} cancelGrace is NaN, expected milliseconds from 0`],
  [director({ cluster, legacyTimeout: "1h" }), `RangeError: ${no.director} legacyTimeout is "1h", expected milliseconds from 0`],
  [director({ cluster, leaderElect: "no" }), `TypeError: ${no.director} leaderElect is "no", expected true, false or an object`],
  [
    director({ cluster, leaderElect: { leaseduration: 15_000 } }),
    `TypeError: ${no.director} leaderElect has a member "leaseduration", expected leaseDuration, renewDeadline, retryPeriod, name; ` +
    'did you mean "leaseDuration"?',
  ],
  [
    director({ cluster, request: "order-1" }),
    `TypeError: ${no.director} request is "order-1", expected a request, as run.request is`,
  ],
  [director({ cluster, onChange: {} }), `TypeError: ${no.director} onChange is an object, expected a function`],
  [
    director({ cluster, log: console.log }),
    `TypeError: ${no.director} log is the function log, expected a log, with debug, info, warn and error`,
  ],
  [
    director({ cluster, metrics: {} }),
    `TypeError: ${no.director} metrics is an object, expected metrics, with counter, histogram and gauge`,
  ],
  [director({ cluster, health: {} }), `TypeError: ${no.director} health is an object, expected what createHealth() gives`],
  [
    director({ cluster, clock: Date }),
    `TypeError: ${no.director} clock is the function Date, expected a clock, as createVirtualClock() makes it`,
  ],
  [
    worker({ cluster, concurency: 8 }),
    /^TypeError: Cannot run a worker: it has a member "concurency", expected .*; did you mean "concurrency"\?$/,
  ],
  [worker({ cluster, identity: 7 }), `TypeError: ${no.worker} identity is 7, expected a text`],
  [worker({ cluster, grace: -1 }), `RangeError: ${no.worker} grace is -1, expected milliseconds from 0`],
  [
    worker({ cluster, leaseDuration: 1_500 }),
    `RangeError: ${no.worker} leaseDuration is 1500, expected whole seconds in milliseconds, from 1000 to 600000`,
  ],
  [worker({ cluster, use: nothing }), `TypeError: ${no.worker} use is the function nothing, expected a list of functions`],
  ...SIGNALS,
  [
    start({ inptu: 1 }),
    `TypeError: ${no.start} what it is started with has a member "inptu", expected key, input, labels, annotations, notBefore; ` +
    'did you mean "input"?',
  ],
  [
    start([]),
    `TypeError: ${no.start} what it is started with is [], expected an object with key, input, labels, annotations, notBefore`,
  ],
  [
    start({ labels: { tenant: 7 } }),
    `TypeError: ${no.start} what it is started with.labels is an object, expected texts by name`,
  ],
  [start({}, { sginal: ended }), /^TypeError: Cannot start flow "order": it has a member "sginal", .*; did you mean "signal"\?$/],
  [
    () => getFlow("a", odd({ cluster, flow: orders })),
    'TypeError: Cannot get a flow: flow is an object, expected what defineFlow gives; did you mean "implementation.flow"?',
  ],
  [
    () => getFlow("a", odd({ cluster, flow: "order" })),
    'TypeError: Cannot get a flow: flow is "order", expected what defineFlow gives',
  ],
  ...[cancelFlow, resumeFlow, retryFlow].map((call): Row => [
    () => call("a", odd({ cluster, namespaces: "shop" })),
    /^TypeError: Cannot (cancel|resume|retry) a flow: it has a member "namespaces", .*; did you mean "namespace"\?$/,
  ]),
  [
    () => signalFlow("a", "b", "c", undefined, odd({ cluster, by: 7 })),
    "TypeError: Cannot signal a flow: by is 7, expected a text",
  ],
  [
    () => forkFlow("a", odd({ form: "ship" }), { cluster }),
    /^TypeError: Cannot fork a flow: what it is forked with has a member "form", .*; did you mean "from"\?$/,
  ],
  [
    list({ sttaus: "failed" }),
    /^TypeError: Cannot list flows: the selection has a member "sttaus", .*; did you mean "status"\?$/,
  ],
  [
    list({ flow: orders }),
    /^TypeError: .* the selection.flow is an object, expected what defineFlow gives, or a name; did you mean "implementation.flow"\?$/,
  ],
  [list(undefined), /^TypeError: Cannot list flows: the selection is undefined, expected an object with flow, status, /],
  [
    () => flowPages(odd(null), { cluster }).next(),
    /^TypeError: Cannot list flows: the selection is null, expected an object with /,
  ],
  [
    () => watchFlows(odd("order"), { cluster })[Symbol.asyncIterator]().next(),
    /^TypeError: Cannot watch flows: the selection is "order", /,
  ],
  [list({ allNamespaces: "yes" }), 'TypeError: Cannot list flows: the selection.allNamespaces is "yes", expected true or false'],
  [() => checkFlows([flow], odd({ namepsace: "a" }), { cluster }), /the selection has a member "namepsace"/],
  [
    () => flowPages({}, { cluster, limit: 0 }).next(),
    "RangeError: Cannot list flows: limit is 0, expected a whole number from 1",
  ],
  [() => watchFlows(odd({ labels: "a=b" }), { cluster })[Symbol.asyncIterator]().next(), /the selection has a member "labels"/],
  [
    () => checkSetup(cluster, odd({ namespace: "default", writes: ["update"] })),
    'TypeError: Cannot check the setup: writes is ["update"], expected a list of "create" and "patch"',
  ],
  [
    () => checkSetup(cluster, odd({ namespace: "default", lease: "live" })),
    /it has a member "lease", .*; did you mean "leases"\?$/,
  ],
  [
    () => implementFlow(flow, orders.handlers, odd({ used: [] })),
    'TypeError: Cannot implement flow "order": it has a member "used", expected use; did you mean "use"?',
  ],
  [
    () => createConsoleLog(odd("warning")),
    'TypeError: Cannot make a log: least is "warning", expected "debug", "info", "warn" or "error"',
  ],
]);

programs("one object may be given to all of them, and an option of others means nothing", async () => {
  const all = { cluster, namespace: "default", signal: ended, concurrency: 2, grace: 5, leaderElect: false, log: silentLog };
  await runDirector(flow, all).finished;
  await runWorker(orders, all).finished;
  await listFlows({}, { ...all, signal: undefined });
});

programs.run();

const readers = suite("pure readers: what is no request, and no flow");
const request = { spec: { flow: "order", job: "charge", state: "REQUESTED" } };
const missing = (action: string, what = "undefined") =>
  `TypeError: ${action}: request is ${what}, expected a RequestState, as run.request is`;
sayWhatIsWrong(readers, [
  [() => statusOf(odd(undefined), 0), missing("Cannot tell where a flow stands")],
  [() => statusOf(odd(null), 0), missing("Cannot tell where a flow stands", "null")],
  [
    () => statusOf(odd({ name: "a", request }), 0),
    `${missing("Cannot tell where a flow stands", "an object")}; did you mean "run.request"?`,
  ],
  [() => waitOf(odd(undefined), 0), missing("Cannot tell where a flow stands")],
  [() => whatItWaitsFor(odd(null), 0), missing("Cannot tell where a flow stands", "null")],
  [() => isOver(odd(undefined)), missing("Cannot tell whether a flow is over")],
  [() => hasSucceeded(odd("a")), missing("Cannot tell whether a flow is over", '"a"')],
  [() => attemptOf(odd(undefined)), missing("Cannot tell the attempt of a flow")],
  [() => attemptsOf(odd(null)), missing("Cannot tell the attempts of a flow", "null")],
  [() => flowNameOf(odd(undefined)), missing("Cannot tell the name of a flow")],
  [() => resultOf(odd(undefined)), missing("Cannot tell the result of a flow")],
  [() => decide(flow, odd(undefined), { now: 0 }), missing("Cannot decide about a request")],
  [
    () => decide(odd(undefined), odd(request), { now: 0 }),
    "TypeError: Cannot decide about a request: flows is undefined, expected what defineFlow gives",
  ],
  [
    () => decide(flow, odd(request), odd(undefined)),
    "RangeError: Cannot decide about a request: circumstances.now is undefined, expected a number",
  ],
  [
    () => graphText(odd(undefined), "dot"),
    "TypeError: Cannot draw a flow: flow is undefined, expected what defineFlow gives",
  ],
  [
    () => graphText(odd(orders), "dot"),
    'TypeError: Cannot draw a flow: flow is an object, expected what defineFlow gives; did you mean "implementation.flow"?',
  ],
  [
    () => graphText(flow, odd("mermeid")),
    'TypeError: Cannot draw a flow: format is "mermeid", expected "mermaid" or "dot"; did you mean "mermaid"?',
  ],
]);
readers.run();

const runtime = suite("runtime: options that cannot be meant");
const resource = { group: "", version: "v1", plural: "configmaps" };
const reconcile = nothing;
const controller = (options: object) => () =>
  runController(odd({ cluster, resource, reconcile, signal: ended, ...options })).finished;
const controls = 'Cannot run controller "configmaps":';
const following = { cluster, resource, clock: systemClock, log: silentLog, signal: ended, onEvent: () => {} };
const election = { cluster, namespace: "default", name: "a", identity: "b", signal: ended, lead: nothing };
const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
sayWhatIsWrong(runtime, [
  [controller({ concurency: 2 }), /^TypeError: .* it has a member "concurency", expected .*; did you mean "concurrency"\?$/],
  [controller({ reconcile: undefined }), `TypeError: ${controls} reconcile is undefined, expected a function`],
  [controller({ resync: "5m" }), `RangeError: ${controls} resync is "5m", expected milliseconds above 0`],
  [
    controller({ resource: { version: "v1", plural: "configmaps" } }),
    `TypeError: ${controls} resource is an object, expected a resource, as { group: "apps", version: "v1", plural: "deployments" }`,
  ],
  [
    controller({ owns: [{ resource, labelSelctor: "a" }] }),
    /^TypeError: .* owns has a member "labelSelctor", .*; did you mean "labelSelector"\?$/,
  ],
  [controller({ watches: [{ resource }] }), `TypeError: ${controls} watches.map is undefined, expected a function`],
  [
    controller({ backoff: { inital: 5 } }),
    /backoff has a member "inital", expected initial, max, factor, random; did you mean "initial"\?$/,
  ],
  [
    () => runReflector(odd({ ...following, pagesize: 5 })),
    /^TypeError: Cannot follow configmaps: it has a member "pagesize", .*"pageSize"\?$/,
  ],
  [
    () => runReflector(odd({ ...following, log: undefined })),
    /^TypeError: Cannot follow configmaps: log is undefined, expected a log/,
  ],
  [
    () => runElection(odd({ ...election, identity: undefined })),
    "TypeError: Cannot hold an election: identity is undefined, expected a text",
  ],
  [() => runElection(odd({ ...election, retryperiod: 5 })), /it has a member "retryperiod", .*; did you mean "retryPeriod"\?$/],
  [
    () => createEventRecorder(odd({ cluster, component: "a", logs: silentLog })),
    /it has a member "logs", .*; did you mean "log"\?$/,
  ],
  [() => createWorkQueue(odd({ clock: systemClock, backof: {} })), /it has a member "backof", .*; did you mean "backoff"\?$/],
  [() => createStore(odd(null)), "TypeError: Cannot make a store: it is null, expected an object with indexes"],
  [() => createStore(odd({ index: {} })), /it has a member "index", expected indexes$/],
  [
    () => createStore(odd({ indexes: { node: "spec.node" } })),
    "TypeError: Cannot make a store: indexes is an object, expected functions by name",
  ],
  [() => createBackoff({ factor: 0 }), "RangeError: Cannot make a backoff: backoff.factor is 0, expected a number from 1"],
  [
    () => withFinalizer(odd({ cluster, resource, object, finalizer: "a.b/c", apply: nothing, cleanUp: nothing })),
    /^TypeError: Cannot use a finalizer: it has a member "cleanUp", .*; did you mean "cleanup"\?$/,
  ],
]);
runtime.run();

const adapters = suite("adapters: options that cannot be meant");
sayWhatIsWrong(adapters, [
  [() => connect(odd("kubeconfig")), /^TypeError: Cannot connect: it is "kubeconfig", expected an object with /],
  [
    () => connect(odd({ kubeConfg: "a" })),
    /^TypeError: Cannot connect: it has a member "kubeConfg", .*; did you mean "kube[Cc]onfig"\?$/,
  ],
  [() => connect(odd({ kubeconfig: 5 })), "TypeError: Cannot connect: kubeconfig is 5, expected a text"],
  [
    () => createFetchCluster(fake.fetch, odd({ timeout: 5 })),
    /^TypeError: Cannot connect: it has a member "timeout", expected clock, requestTimeout, metrics, rateLimit, log/,
  ],
  [
    () => createFetchCluster(fake.fetch, { requestTimeout: 0 }),
    "RangeError: Cannot connect: requestTimeout is 0, expected a positive number of milliseconds",
  ],
  [
    () => createFetchCluster(fake.fetch, { rateLimit: odd({ qps: 5, brust: 1 }) }),
    'TypeError: Cannot connect: rateLimit has a member "brust", expected qps, burst; did you mean "burst"?',
  ],
]);
adapters.run();
