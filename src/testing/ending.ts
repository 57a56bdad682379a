import { thrownText } from "../errors.ts";
import { flowNameOf, isOver, nameOf } from "../request-state.ts";
import { leaksOf } from "./crew.ts";
import type { FaultBook } from "./faults.ts";
import { standingText } from "./prospect.ts";
import { setRealTimer } from "./real-time.ts";
import { OWNERS, type Scene } from "./scene.ts";
import type { Flow } from "../flow/plan.ts";

/** What is looked at when a test ends. */
export interface EndingOptions {
  readonly scene: Scene;
  readonly book: FaultBook<Flow>;
  readonly mustFinish: boolean;
}

/** How long handlers may take to heed their signal, in milliseconds of real time. */
const HEED = 100;

/** How long programs may take to end, in milliseconds of virtual time: a worker gives its jobs back after 20 s. */
const END = 120_000;

/** Ends the programs. @returns What is left behind, each as the object of a sentence. */
export async function endScene({ scene, book, mustFinish }: EndingOptions): Promise<string[]> {
  const { witness, clock, driver, stage, crew, client, timers, fake } = scene;
  const left: string[] = driver.open.map(({ what }) => `a wait that was not awaited (until ${what})`);
  driver.abandon();
  if (mustFinish) {
    for (const request of witness.present().filter((request) => !isOver(request))) {
      left.push(`flow "${flowNameOf(request)}" (${nameOf(request)}): ${standingText(request, clock.now())}`);
    }
  }
  if (!driver.hasFailed) {
    left.push(
      ...stage.cues.map(({ kind, job }) =>
        `${kind === "fail" ? "failNext" : "crashWorkerIn"}(${JSON.stringify(job)}), which has not come`
      ),
    );
    left.push(...[...stage.strays].map((text) => `a result that is not all taken: ${text}`));
    left.push(...book.unused().map((name) => `faults.${name}, which has hit nothing`));
  }
  const failure = crew.failure;
  scene.end();
  crew.end();
  const names = () => crew.alive.map(({ name }) => name).join(", ");
  await driver.reach({
    what: "the programs have ended",
    reached: () => crew.alive.length === 0,
    prospect: () => ({ kind: "soon" }),
    standing: () => `${names()} are still there`,
    limit: END,
  }).catch((error: Error) => left.push(error.message));
  for (let waited = 0; stage.running.size > 0 && waited < HEED; waited += 5) {
    await new Promise<void>((resolve) => setRealTimer(5, resolve));
  }
  for (const { job, attempt, request } of stage.running) {
    left.push(`the handler of job ${job} (attempt ${attempt}) of ${request}, which does not heed its signal`);
  }
  const ended = failure ?? crew.failure;
  if (ended) left.push(ended.message);
  left.push(...crew.leaks(), ...leaksOf({ name: OWNERS.client, machine: client }, timers));
  left.push(...timers.pending(OWNERS.test).map((ms) => `a timer of ${OWNERS.test}, due in ${ms / 1_000} s`));
  witness.end();
  try {
    fake.close();
  } catch (error) {
    left.push(thrownText(error).replace(/^A fault /, "a fault that "));
  }
  return left;
}
