import process from "node:process";

/** Whether this program has ended the process itself. */
let isOurs = false;

/** Node's own, where the event loop has run empty before the end. */
const UNSETTLED = 13;

/** Ends the process. */
export function exit(code: number): never {
  isOurs = true;
  return process.exit(code);
}

/** Calls back where the code of others, as a handler, has ended the process: there is time for one sentence. */
export function onForeignExit(callback: (code: number) => void): void {
  // Before what waits is written for the last time.
  process.prependListener("exit", (code: number) => {
    if (!isOurs && code !== UNSETTLED) callback(code);
  });
}
