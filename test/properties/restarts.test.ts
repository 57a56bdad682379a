/**
 * A flow with a retry, a branch, a signal and a pause, and a program that dies at each of its requests to the server in turn, before it is
 * carried out or before its answer is read; another one takes its place. Nothing is lost, nothing is done twice.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineFlow, hasSucceeded, isOver, type Job, type RequestState, runDirector, runWorker, startFlow } from "../../mod.ts";
import { createMachine, type Machine } from "../../src/testing/machine.ts";
import { createScenario, REQUESTS } from "../support/scenario.ts";
import { createDice, withDice } from "../../src/testing/dice.ts";

const flow = defineFlow("order", {
  start: "charge",
  jobs: {
    charge: { on: { paid: "approve", declined: "notify" }, retry: { initial: 2_000 } },
    approve: { waitFor: "signal", on: { yes: "rest", no: "notify" } },
    rest: { after: 3_000, next: "notify" },
    notify: {},
  },
});

type Kind = "director" | "worker";

/** When a program dies: at which of its requests, before the server has it, or when it is done. */
interface Death {
  readonly kind: Kind;
  readonly at: number;
  readonly when: "before" | "after";
}

interface Told {
  readonly request: RequestState;
  /** The requests that the first one of the kind has made. */
  readonly made: number;
  /** The request at which it died, as `PATCH requeststates/r`. */
  readonly died: string | undefined;
  readonly begun: readonly string[];
}

/** Runs the flow to its end, and some time beyond. */
async function play(death: Death): Promise<Told> {
  const story = createScenario();
  const ending = new AbortController();
  const begun: string[] = [];
  let [made, died]: [number, string | undefined] = [0, undefined];
  const handle = async (name: string, { attempt, request }: Job) => {
    begun.push(`${name} ${attempt}`);
    if (name === "charge" && request.status?.failures?.failed === undefined) throw new Error("the bank is closed");
    return name === "charge" ? { outcome: "paid" as const, output: { receipt: null } } : undefined;
  };
  const start = (kind: Kind, dies: boolean): Promise<void> => {
    const send = async (request: Request) => {
      const isIt = dies && ++made === death.at;
      if (!isIt || !machine.runs) return await story.fake.fetch(request);
      died = `${request.method} ${new URL(request.url).pathname.split("/").slice(5).join("/")}`;
      if (death.when === "before") return await die(machine);
      await story.fake.fetch(request);
      return await die(machine);
    };
    const machine: Machine = createMachine(send, story.clock);
    const die = (machine: Machine) => {
      machine.kill();
      story.clock.setTimer(1_000, () => running.push(start(kind, false)));
      return new Promise<never>(() => {});
    };
    const options = { cluster: machine.cluster, clock: machine.clock, signal: ending.signal };
    const { finished } = kind === "director" ? runDirector([flow], options) : runWorker(flow, {
      charge: (job) => handle("charge", job as Job) as never,
      notify: (job) => handle("notify", job as Job) as never,
    }, options);
    return finished;
  };
  const running: Promise<void>[] = [];
  for (const kind of ["director", "worker"] as const) {
    const finished = start(kind, kind === death.kind);
    if (kind !== death.kind) running.push(finished);
    else finished.catch(() => {}); // it is killed
  }
  const { name } = await startFlow(flow, {}, { cluster: story.connect(), clock: story.clock });
  const find = async () => (await story.requests())[0]!;
  await story.until(async () => (await find()).spec.job === "approve", 120_000);
  const patch = { spec: { signals: { approve: { outcome: "yes", data: "well" } } } };
  await story.send("PATCH", `${REQUESTS}/${name}`, patch, "application/merge-patch+json");
  await story.until(async () => isOver(await find()), 120_000);
  const request = await find();
  await story.clock.advance(10_000);
  assert.equal(await find(), request, "nothing changes any more");
  ending.abort();
  let over = false;
  const all = Promise.all(running).then(() => over = true);
  all.catch(() => {}); // it is awaited below
  await story.until(() => over, 120_000);
  await all;
  return { request, made, died, begun };
}

/** The history without the attempts that a dead worker has cost. */
function stepsOf({ status }: RequestState): string[] {
  const steps: string[] = [];
  for (const { job, state, reason, outcome } of status!.history!) {
    if (reason === "WorkerLost" || reason === "Released") steps.splice(steps.lastIndexOf(`${job} STARTED`), 1);
    else steps.push([job, state, ...state === "STARTED" ? [] : [reason, outcome]].filter((part) => part !== undefined).join(" "));
  }
  return steps;
}

const STEPS = [
  "charge REQUESTED",
  "charge STARTED",
  "charge FAILED",
  "charge REQUESTED Retrying",
  "charge STARTED",
  "charge COMPLETED paid",
  "approve REQUESTED",
  "approve COMPLETED yes",
  "rest REQUESTED",
  "rest COMPLETED elapsed",
  "notify REQUESTED",
  "notify STARTED",
  "notify COMPLETED",
];

const restarts = suite("properties: a program that dies at each of its requests");
for (const kind of ["director", "worker"] as const) {
  for (const when of ["before", "after"] as const) {
    restarts(`${kind}, ${when} it is carried out: nothing is lost, nothing is done twice`, async () => {
      const died = new Set<string>();
      for (let at = 1;; at++) {
        const told = await withDice(createDice(1), () => play({ kind, at, when }));
        if (told.died === undefined) {
          assert.ok(at > 10, `it has made ${at - 1} requests only`);
          break;
        }
        died.add(told.died.replace(/requeststates\/.*/, "requeststates/NAME").replace(/leases\/.*/, "leases/NAME"));
        const where = `at request ${at}, ${told.died}`;
        const { request, begun } = told;
        const lost = request.status!.history!.filter(({ reason }) => reason === "WorkerLost").length;
        assert.equal(stepsOf(request), STEPS, where);
        assert.ok(hasSucceeded(request), where);
        assert.equal(request.status!.outputs, { charge: { receipt: null }, approve: "well" }, where);
        assert.is(new Set(begun).size, begun.length, `a handler was begun twice for one attempt ${where}`);
        assert.ok(lost <= (kind === "worker" ? 1 : 0), `${lost} attempts were lost ${where}`);
        assert.ok(begun.length >= 3 && begun.length <= 3 + lost, `${begun.join(", ")} ${where}`);
      }
      const expected = kind === "director"
        ? ["PATCH default/requeststates/NAME", "GET default/requeststates"]
        : ["PATCH default/requeststates/NAME", "GET default/requeststates", "POST default/leases"];
      for (const request of expected) assert.ok(died.has(request), `${request} of ${[...died]}`);
    });
  }
}
restarts.run();
