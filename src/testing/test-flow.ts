import type { Flow } from "../flow/plan.ts";
import type { RequestOf } from "../flow/flow-result.ts";
import type { PartialImplementation } from "../programs/implementations.ts";
import { cancelFlow, resumeFlow, suspendFlow } from "../programs/client/desire.ts";
import { getFlow, listFlows } from "../programs/client/find.ts";
import { forkFlow, retryFlow } from "../programs/client/fork.ts";
import type { ClientOptions } from "../programs/client/options.ts";
import type { FlowRun } from "../programs/client/run.ts";
import { signalFlow } from "../programs/client/signal.ts";
import { startFlow } from "../programs/client/start.ts";
import type { FlowTarget } from "../programs/client/target.ts";
import { checkOptions, checkValue, type Expectation, FUNCTION, SPAN, TEXT, TRUTH } from "../options.ts";
import { isOver, type RequestState } from "../request-state.ts";
import type { VirtualClock } from "../runtime/time/clock.ts";
import { spanText } from "./driver.ts";
import { endScene } from "./ending.ts";
import { createTestFaults } from "./faults.ts";
import type { CrashOptions, FlowTest, TestedFlow, TestFlowOptions } from "./flow-test.ts";
import { checkTestOptions, CRASH } from "./options.ts";
import { OWNERS, setScene } from "./scene.ts";
import { createView, type Named } from "./view.ts";

/** 30 days, in milliseconds. */
const LIMIT = 2_592_000_000;

/**
 * Sets up a whole flow in a test: fake cluster, director, worker and a virtual clock. It needs no permission, no socket and no file, and
 * works in any test runner.
 *
 * **Guarantees**: no wait hangs: it fails, in one sentence, when nothing is left that could move the flow. The world stands still
 * between two calls. With the same seed retries rest equally long in every run.
 *
 * **Assumptions**: a handler that is at work in real time (a fetch, a `setTimeout`) is waited for, up to `realTime`; then the test's time
 * is skipped over it.
 *
 * @param implementation What is tested, as `implementFlow` gives it, or a flow with some of its handlers.
 * @throws {TypeError} When a mock is of no job, an object is none, handlers do not fit their flow, or an option is unknown or none that can be.
 * @throws {RangeError} When a number among the options is none that can be.
 *
 * @example A first test
 * ```ts
 * import { defineFlow, implementFlow } from "crd-watcher";
 * import { testFlow } from "crd-watcher/testing";
 *
 * const order = implementFlow(
 *   defineFlow("order", {
 *     start: "charge",
 *     jobs: { charge: { on: { paid: "ship", declined: "notify" } }, ship: { next: "notify" }, notify: {} },
 *   }),
 *   { charge: async () => ({ outcome: "paid" }), ship: async () => {}, notify: async () => {} },
 * );
 *
 * const t = await testFlow(order, { mocks: { charge: async () => ({ outcome: "declined" }) } }); // or: await using t = ...
 * const run = await t.start({ input: { amount: 12 } });
 * await t.untilOver(run);
 * console.log(t.path(run)); // ["charge", "notify"]
 * await t.close();
 * ```
 *
 * @example A day passes, a worker dies, somebody approves
 * ```ts
 * import { defineFlow, implementFlow } from "crd-watcher";
 * import { testFlow } from "crd-watcher/testing";
 *
 * const order = implementFlow(
 *   defineFlow("order", {
 *     start: "approve",
 *     jobs: { approve: { waitFor: "signal", on: { yes: "ship", timedOut: "refund" }, timeout: 86_400_000 }, ship: {}, refund: { end: "failed" } },
 *   }),
 *   { ship: async () => {}, refund: async () => {} },
 * );
 *
 * const t = await testFlow(order);
 * const [late, good] = [await t.start(), await t.start()];
 * t.crashWorkerIn("ship");
 * await t.signal(good, "approve", "yes");
 * console.log((await t.untilOver(good)).status, t.request(good).spec.attempt); // succeeded 2
 * console.log((await t.untilOver(late)).reason); // Refund
 * await t.close();
 * ```
 */
export function testFlow<F extends Flow>(
  implementation: TestedFlow<F>,
  options?: TestFlowOptions<NoInfer<F>>,
): Promise<FlowTest<F>>;
/**
 * The same for several flows, or several versions of one.
 *
 * @param implementations The first is the one that `start` starts unless told otherwise.
 */
export function testFlow<const All extends readonly [TestedFlow, ...TestedFlow[]]>(
  implementations: All,
  options?: TestFlowOptions<All[number]["flow"]>,
): Promise<FlowTest<All[number]["flow"], All[0]["flow"]>>;
/** As the first: where nothing fits, the compiler tells of the last one, and one flow is what is mostly meant. */
export function testFlow<F extends Flow>(
  implementation: TestedFlow<F>,
  options?: TestFlowOptions<NoInfer<F>>,
): Promise<FlowTest<F>>;
export async function testFlow(
  given: TestedFlow | readonly TestedFlow[],
  options: TestFlowOptions = {},
): Promise<FlowTest> {
  const implementations = (Array.isArray(given) ? given : [given]) as readonly PartialImplementation[];
  check(implementations, options);
  const { limit = LIMIT, attempts = 200, mustFinish = false } = options;
  const scene = await setScene(implementations, options);
  const { fake, client, clock, timers, crew, stage, driver, flows, namespace, witness, around } = scene;
  const view = createView({ witness, namespace, flows, around, limit, attempts });
  const book = createTestFaults<Flow>({
    ...{ fake, crew, flows },
    setTimer: (ms, callback) => void timers.of(OWNERS.faults).setTimer(ms, callback),
    onChange: driver.changed,
  });
  const own: ClientOptions = {
    cluster: client.cluster,
    clock: client.clock,
    namespace,
    identity: "test",
    log: scene.log.of("test"),
  };
  const isComputing = () => client.calls === 0 && timers.next(OWNERS.client) === undefined;
  const call = async (what: string, ask: () => Promise<FlowRun>) => runIn(await driver.ask(`it is ${what}`, ask, isComputing));

  const untilOver = async (run: Named) => {
    await driver.reach(view.goal(run, "is over", isOver));
    return view.result(run);
  };
  const until = async (run: Named, where: string | ((request: RequestState) => boolean)) => {
    checkValue("Cannot wait", "where", where, WHERE);
    const [what, holds] = typeof where === "string"
      ? [`comes to ${where}`, view.isAt(run, where)]
      : [`shows what is waited for (${String(where).slice(0, 80)})`, decided(where)];
    await driver.reach(view.goal(run, what, holds));
    return view.request(run);
  };
  const advance = async (ms: number) => {
    checkValue("Cannot let time pass", "ms", ms, SPAN);
    const moment = clock.now() + ms;
    await driver.reach({
      what: `${spanText(ms)} have passed`,
      reached: () => clock.now() >= moment,
      atRest: true,
      prospect: () => ({ kind: "at", moment }),
      standing: () => "time does not pass",
    });
  };

  /** A run whose end can be awaited, and whose versions can be gone through: time passes meanwhile. */
  const runIn = (run: FlowRun): FlowRun => {
    let finished: Promise<RequestOf<Flow>> | undefined;
    const { name, namespace, flow, request, options } = run;
    return {
      ...{ name, namespace, flow, request, options },
      get finished() {
        return finished ??= untilOver(run).then(() => view.request(run));
      },
      [Symbol.asyncIterator]: () => view.versions(run, driver.reach),
    };
  };
  const start = (first?: Flow | object, second?: object) => {
    const isFlow = first !== undefined && "plans" in first;
    const [flow, wanted] = isFlow ? [first as Flow, second ?? {}] : [flows[0]!, first ?? {}];
    return call("started", () => startFlow(flow, wanted, own));
  };
  const get = (target: FlowTarget, known?: Flow) => {
    const isKey = typeof target === "object" && "key" in target;
    const named = typeof target === "object" && "metadata" in target ? view.name(target) : target;
    const flow = known ?? (isKey ? flows[0] : witness.newest(view.name(named as Named)) && view.flow(named as Named));
    return call("found", () => getFlow(named, { ...own, ...flow && { flow } }));
  };

  const { now, monotonic, setTimer } = timers.of(OWNERS.test);
  const testClock: VirtualClock = {
    ...{ now, monotonic, setTimer, advance, leap: advance, settle: () => advance(0) },
    get pending() {
      return timers.pending(OWNERS.test).length;
    },
    get due() {
      const begun = clock.now();
      return timers.pending(OWNERS.test).map((ms) => begun + ms);
    },
  };
  let closing: Promise<void> | undefined;
  const close = async () => {
    const left = await endScene({ scene, book, mustFinish });
    if (left.length > 0) throw new Error(`The test has left behind: ${left.join("; ")}`);
  };
  const test = {
    start,
    get,
    list: async (selection: object = {}) =>
      (await driver.ask("flows are listed", () => listFlows(selection, own), isComputing)).map((run) => runIn(run)),
    ...{ untilOver, until, advance },
    path: view.path,
    history: view.history,
    result: view.result,
    request: view.request,
    signal: (run: FlowRun, job: string, outcome?: string, data?: never, options?: object) =>
      call("signalled", () => signalFlow(run, job, outcome, data, options)),
    cancel: (run: FlowRun) => call("cancelled", () => cancelFlow(run)),
    suspend: (run: FlowRun) => call("suspended", () => suspendFlow(run)),
    resume: (run: FlowRun) => call("resumed", () => resumeFlow(run)),
    retry: (run: FlowRun) => call("retried", () => retryFlow(run)),
    fork: (run: FlowRun, wanted = {}) => call("forked", () => forkFlow(run, wanted)),
    failNext: (job: string, error: unknown = new Error(`job ${job} fails as the test wants it`)) =>
      stage.cue({ kind: "fail", job: known(job), error }),
    crashWorkerIn(job: string, options: CrashOptions = {}) {
      checkOptions("Cannot crash a worker", options, CRASH);
      stage.cue({ kind: "crash", job: known(job), at: options.at ?? "begin" });
    },
    restartDirector() {
      for (const program of crew.alive) if (program.kind === "director") crew.crash(program);
    },
    faults: book.faults,
    fake,
    cluster: client.cluster,
    clock: testClock,
    log: scene.log,
    close: () => closing ??= close(),
    [Symbol.asyncDispose]: () => closing ??= close(),
  };
  return test as unknown as FlowTest;

  function known(job: string): string {
    if (flows.some(({ plans }) => plans[job] && !plans[job].waits)) return job;
    const jobs = flows.flatMap(({ jobs, plans }) => jobs.filter((each) => !plans[each]!.waits));
    throw new TypeError(`Cannot have job "${job}" fail: it is none that workers do (${jobs.join(", ")})`);
  }
}

const WHERE: Expectation = {
  expected: 'a job, a state of a job, as in "ship/STARTED", or a function',
  fits: (value) => TEXT.fits(value) || FUNCTION.fits(value),
};

/** What says yes or no: a promise would always say yes. */
const decided = (holds: (request: RequestState) => boolean) => (request: RequestState): boolean => {
  const said: unknown = holds(request);
  if (said instanceof Promise) checkValue("Cannot wait", "what the function gives", said, TRUTH);
  return Boolean(said);
};

function check(implementations: readonly PartialImplementation[], options: TestFlowOptions): void {
  const wrong = implementations.findIndex((each) => !each?.flow?.plans || !each.handlers);
  if (implementations.length === 0 || wrong >= 0) {
    const which = implementations.length === 0
      ? "it is given no flow"
      : `item ${wrong} is not what implementFlow gives, nor { flow, handlers }`;
    throw new TypeError(`Cannot set up the test: ${which}`);
  }
  checkTestOptions(options);
}
