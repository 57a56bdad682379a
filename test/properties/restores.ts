import type { Dice } from "../../src/testing/dice.ts";
import type { People } from "./people.ts";
import type { Processes } from "./processes.ts";
import type { Setting } from "./setting.ts";

/** By how many versions an operator lets the storage go ahead, at least: as Kubernetes' documentation has it. */
const BUMP = 1_000_000_000;

/**
 * An operator makes a backup of the storage, and puts it back a while later. Either versions go on far ahead of all that there were
 * (`etcdutl snapshot restore --bump-revision --mark-compacted`), and nobody need do anything about programs; or they go back, too, and are
 * given out twice: then, and whenever a backup from before that is put back, all programs are ended before the API servers run again, and
 * started anew (docs/operations.md).
 */
export function addRestore(setting: Setting, processes: Processes, people: People, dice: Dice): void {
  const { server, size, timelines, now, say, after } = setting;
  const ms = dice.pick(size.losses);
  const bumps = dice.chance(0.6);
  const atWrite = dice.chance(0.5) ? dice.between(1, 4) : 0;
  const afterWrite = dice.chance(0.5);
  const outage = dice.chance(0.3);
  const make = () => ({ timeline: timelines.present, putBack: server.backUp() });
  let backup = make();
  let left = atWrite;
  say(`a backup is made${atWrite > 0 ? `, once more after write ${atWrite}` : ""}`);
  const restore = () => {
    endCount();
    say(
      `the storage is put back to the backup of timeline ${backup.timeline}, ${bumps ? "versions go far ahead" : "versions too"}`,
    );
    const startAll = timelines.repeats(backup, bumps) ? processes.replaceAll() : () => {};
    const leaps = timelines.begin(now(), backup, bumps);
    backup.putBack(leaps * BUMP);
    processes.forget();
    people.forget(dice);
    startAll(dice);
  };
  const endCount = onWrite(server, () => {
    if (--left === 0) backup = make();
  });
  after(ms, () => {
    if (outage) processes.outage(dice);
    if (!afterWrite) return restore();
    let isOver = false;
    const once = () => {
      if (isOver) return;
      isOver = true;
      stop();
      queueMicrotask(restore);
    };
    const stop = onWrite(server, once);
    after(WAIT, once);
  });
}

/** Calls back within each write of a request. @returns Ends that. */
function onWrite({ follow }: Setting["server"], tell: () => void): () => void {
  let isNews = false; // what is there already may be shown first
  const end = follow("requeststates.com.redhat.ecosystem.sample", () => isNews && tell());
  isNews = true;
  return end;
}

/** For a write it is waited for so long, in milliseconds. */
const WAIT = 1_500;
