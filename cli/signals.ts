import { constants } from "node:os";
import process from "node:process";
import { exit } from "./exit.ts";
import { isDetached, watchLaunchers } from "./launcher.ts";

/** Told by a terminal, a person, a supervisor: end, and bring what was begun to a safe end. */
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A wish to end. */
export interface EndingOptions {
  /** Called with the first wish, and whose it is: the name of a signal, or a clause. */
  readonly end: (why: string) => void;
}

/**
 * Hears when this process shall end: SIGINT, SIGTERM, SIGHUP, or the end of the launcher (`npx`) that has started it. The
 * second signal ends it at once, and so does SIGQUIT.
 *
 * A program started with `nohup` goes on after SIGHUP.
 */
export async function hearEnding({ end }: EndingOptions): Promise<void> {
  let asked = Infinity;
  for (const name of ENDING) {
    if (name === "SIGHUP" && isDetached()) process.on(name, () => {});
    else {
      process.on(name, () => {
        if (performance.now() - asked > (isBelowTsx() ? RELAYED_WITHIN : 0)) exitAtOnce(name);
        asked = Math.min(asked, performance.now());
        end(name);
      });
    }
  }
  process.on("SIGQUIT", () => exitAtOnce("SIGQUIT"));
  await watchLaunchers((launcher) => end(`${launcher}, which has started this program, has ended`));
}

/** tsx passes a signal on to its child unless it hears within 30 ms that a terminal has sent it to both. */
const RELAYED_WITHIN = 500;

const isBelowTsx = (): boolean => process.execArgv.some((argument) => /[/\\]tsx[/\\]dist[/\\]preflight\./.test(argument));

const exitAtOnce = (name: NodeJS.Signals): never => exit(128 + constants.signals[name]);
