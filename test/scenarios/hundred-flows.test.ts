import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isOver, type RequestState, runDirector, runWorker, SAMPLE, startFlow } from "../../mod.ts";
import {
  conflict,
  cut,
  cutWatch,
  delayWatch,
  duplicateWatch,
  expired,
  type Fault,
  type FaultMatch,
  type FaultRequest,
  late,
  latency,
  loseAnswer,
  refuse,
  serverError,
  stale,
  timeout,
  tooManyRequests,
  unavailable,
} from "../../src/fake/mod.ts";
import { createScenario, historyOf, SIX } from "../support/scenario.ts";

/** A source of numbers that is the same in every run: Park and Miller, 1988. */
function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => (state = state * 48_271 % 2_147_483_647) % sides;
}

/** A fault of one write of one flow, or, for some flows, of a watch or a read that all flows share. */
function faultOf(flow: number, roll: (sides: number) => number): { match: FaultMatch; nth: number; fault: Fault } {
  const ms = 10 ** roll(5);
  const watch: FaultMatch = { verb: "watch" };
  const shared: (readonly [FaultMatch, Fault])[] = [
    [watch, cutWatch(roll(5))],
    [watch, expired()],
    [watch, expired({ inStream: true })],
    [watch, delayWatch(ms)],
    [watch, duplicateWatch()],
    [{ verb: "get" }, stale(1 + roll(3))],
  ];
  if (flow % 10 === 0) {
    const [match, fault] = shared[roll(shared.length)]!;
    return { match, nth: 1 + roll(3), fault };
  }
  const write = roll(6);
  const name = ({ name, body }: FaultRequest) => name ?? (body as RequestState).metadata.name;
  const isOfFlow = (request: FaultRequest) => name(request) === names[flow];
  const own: Fault[] = [
    cut(),
    loseAnswer(),
    late(ms),
    latency(ms),
    latency(ms, { applied: true }),
    serverError({ applied: roll(2) === 0 }),
    unavailable(),
    timeout({ applied: roll(2) === 0 }),
    tooManyRequests(1 + roll(3)),
    refuse({ code: 502, text: "<html>Bad Gateway</html>" }),
    ...write > 0 ? [conflict()] : [],
  ];
  return { match: { verb: ["create", "patch"], where: isOfFlow }, nth: 1 + write, fault: own[roll(own.length)]! };
}

/** The requests' names, in the order of the flows: they are made from the keys. */
const names: string[] = [];

const test = suite("scenario: a hundred flows");

test("with a fault each, end with six entries, each handler run once an attempt", async () => {
  const story = createScenario();
  const { clock, fake } = story;
  const ending = new AbortController();
  const options = () => ({ cluster: story.connect(), clock, signal: ending.signal });
  const ran: string[] = [];
  const handler = (job: { idempotencyKey: string; attempt: number }) =>
    Promise.resolve(void ran.push(`${job.idempotencyKey} ${job.attempt}`));
  const roll = createDice(20_260_101);
  const flows = Array.from({ length: 100 }, (_, flow) => flow);
  names.push(...await namesOf(flows));
  for (const flow of flows) fake.faults.add(faultOf(flow, roll));
  const running = [
    runDirector([SAMPLE], { ...options(), concurrency: 16 }),
    runWorker(SAMPLE, { JOB1: handler, JOB2: handler }, { ...options(), concurrency: 16 }),
  ];
  const started = Promise.all(flows.map((flow) => startFlow(SAMPLE, { key: `flow-${flow}` }, options())));
  let all: RequestState[] = [];
  const areOver = async () => ran.length >= 200 && (all = await story.requests()).length === 100 && all.every(isOver);
  await story.until(areOver, 600_000);
  await clock.advance(20_000); // what lands late
  assert.equal(await story.requests(), all);
  ending.abort();
  await story.end([...running, { finished: started.then(() => {}) }]);
  assert.equal(all.map(historyOf), Array(100).fill(SIX));
  assert.is(ran.length, 200);
  assert.is(new Set(ran).size, 200);
  assert.is(story.writes().length, 600);
  const hit = fake.requests.filter(({ fault }) => fault !== undefined).length;
  assert.ok(hit >= 90, `${hit} faults`);
});

test.run();

/** What `startFlow` makes of the keys, learned on another cluster. */
function namesOf(flows: readonly number[]): Promise<string[]> {
  const { clock, connect } = createScenario();
  const start = (flow: number) => startFlow(SAMPLE, { key: `flow-${flow}` }, { cluster: connect(), clock });
  return Promise.all(flows.map(async (flow) => (await start(flow)).request.metadata.name));
}
