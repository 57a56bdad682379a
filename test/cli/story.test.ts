import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plain } from "../../cli/render/paint.ts";
import { widthOf } from "../../cli/render/width.ts";
import { implementOrder } from "../../cli/story/flow.ts";
import { type Hired, LEASE, playStory } from "../../cli/story/story.ts";
import { storyHead, type Told, toldLine } from "../../cli/story/telling.ts";
import { resultOf, runWorker } from "../../mod.ts";
import { silentLog } from "../../src/runtime/log/log.ts";
import { createMachine, type Machine } from "../../src/testing/machine.ts";
import { createScenario, type Scenario } from "../support/scenario.ts";

/** Begins the story in virtual time, each worker on a machine of its own. */
function begin(scene: Scenario, signal = new AbortController().signal) {
  const { fake, clock } = scene;
  const told: (Told & { readonly at: number })[] = [];
  const machines: Machine[] = [];
  const began = clock.monotonic();
  const hire = async (name: string): Promise<Hired> => {
    const machine = createMachine(fake.fetch, clock);
    machines.push(machine);
    const ending = new AbortController();
    const { identity, finished } = runWorker(implementOrder(machine.clock), {
      ...{ cluster: machine.cluster, clock: machine.clock, identity: name, leaseDuration: LEASE, log: silentLog },
      signal: ending.signal,
    });
    return {
      identity,
      failed: new Promise(() => {}),
      kill: async () => machine.kill(),
      async end() {
        ending.abort();
        await finished;
      },
    };
  };
  const playing = playStory({
    ...{ fake, clock, signal, hire, cluster: scene.connect(), namespace: "default", log: silentLog },
    tell: (each) => void told.push({ ...each, at: clock.monotonic() - began }),
  });
  return { playing, told, machines };
}

const story = suite("the story of the demonstration");

/** Plays it once to its end. @returns How long that took, in milliseconds. */
async function play(): Promise<number> {
  const scene = createScenario();
  const { playing, told, machines } = begin(scene);
  await scene.end([{ finished: playing.then(() => {}) }]);
  const last = await playing;
  // Whom a job falls to is up to chance: after who has claimed it they are called the first and the second.
  const unlucky = told.find(({ text }) => text.startsWith("claims ship"))!.who;
  const lucky = unlucky === "worker-a" ? "worker-b" : "worker-a";
  const anybody = /^(charge|claims charge)/;
  const lines = told.map(({ who, text }) =>
    `${anybody.test(text) ? "WORKER" : who} ${text}`.replaceAll(unlucky, "UNLUCKY").replaceAll(lucky, "LUCKY")
  );
  assert.equal(lines, [
    "customer orders something; job charge comes first",
    "WORKER claims charge, and begins",
    "WORKER charge fails: the bank does not answer",
    "director asks for charge again, after a short rest",
    "WORKER claims charge, attempt 2, and begins",
    'WORKER charge ends with "paid": on to approve ("declined": notify)',
    "director approve is up to a person: no worker is busy with it",
    'maria says "yes" to approve',
    'director approve ends with "yes": on to ship ("no": refund)',
    "director asks for ship: whoever is free may claim it",
    "UNLUCKY claims ship, and begins",
    "UNLUCKY is killed in the middle of ship, and tells nobody",
    "director sees that UNLUCKY has not renewed its lease; it has 5 s more",
    "director takes ship from UNLUCKY: others may claim it, attempt 2",
    "LUCKY claims ship, attempt 2, and begins",
    "LUCKY ship is done",
    "director asks for notify: whoever is free may claim it",
    "LUCKY claims notify, and begins",
    "LUCKY notify is done, and so is the order",
  ]);
  assert.equal(resultOf(last).path, ["charge", "approve", "ship", "notify"]);
  assert.is(resultOf(last).status, "succeeded");
  assert.equal(machines.map(({ runs }) => runs).sort(), [false, true]);
  for (const each of told) assert.ok(widthOf(toldLine(each.at, each, { paint: plain })) <= 80, each.text);
  return told.at(-1)!.at;
}

story("a branch, a retry, an approval, and a worker that is killed and whose job another one does, in 20 seconds", async () => {
  // How long a job rests, and whose turn it is first, is up to chance: one play in fifty takes some seconds more.
  const took: number[] = [];
  while (took.length < 3 && !(took.at(-1)! < 20_000)) took.push(await play());
  assert.ok(took.at(-1)! < 20_000, `it took ${took.join(", ")} ms`);
});

story("a line is cut where the screen is narrower, never wrapped", () => {
  const told = { who: "worker-a", text: "x".repeat(200) };
  assert.is(toldLine(1_234, { who: "maria", text: 'says "yes"' }, { width: 80, paint: plain }), '  1.2 s  maria     says "yes"');
  for (const width of [40, 80]) {
    assert.is(widthOf(toldLine(1_234, told, { width, paint: plain })), width);
    assert.ok(storyHead("http://127.0.0.1:65535", { width }).every((line) => widthOf(line) <= width));
  }
});

for (const moment of ["orders something", "claims charge", "up to a person", "is killed", "takes ship"]) {
  story(`it can be ended at any time, and leaves nothing behind: ${moment}`, async () => {
    const scene = createScenario();
    const ending = new AbortController();
    const { playing, told, machines } = begin(scene, ending.signal);
    playing.catch(() => {}); // it is looked at below
    await scene.until(() => told.some(({ text }) => text.includes(moment)));
    ending.abort();
    let error: unknown;
    await scene.end([{ finished: playing.then(() => {}, (thrown) => void (error = thrown)) }]);
    assert.is(error, ending.signal.reason);
    assert.ok(machines.every(({ runs }) => !runs));
  });
}

story("a worker that fails ends it, and the rest with it", async () => {
  const scene = createScenario();
  const playing = playStory({
    ...{ fake: scene.fake, clock: scene.clock, cluster: scene.connect(), namespace: "default", log: silentLog },
    signal: new AbortController().signal,
    hire: (name) =>
      Promise.resolve({
        identity: name,
        failed: Promise.reject(new Error(`${name} has failed`)),
        kill: async () => {},
        end: async () => {},
      }),
    tell: () => {},
  });
  let message = "";
  await scene.end([{ finished: playing.then(() => {}, (error: Error) => void (message = error.message)) }]);
  assert.is(message, "worker-a has failed");
});
story.run();
