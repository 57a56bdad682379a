import process from "node:process";

/** Whether this program has ended the process itself, or has said that somebody else has. */
let isKnown = false;

/** Node's own, where the event loop has run empty before the end. */
const UNSETTLED = 13;

/** Ends the process. */
export function exit(code: number): never {
  isKnown = true;
  return process.exit(code);
}

/** Calls back where the code of others, as a handler, has ended the process, and how: there is time for one sentence. */
export function onForeignExit(callback: (how: string) => void): void {
  const ended = (how: string) => {
    if (isKnown) return;
    isKnown = true;
    callback(how);
  };
  // Before what waits is written for the last time.
  process.prependListener("exit", (code: number) => {
    if (code !== UNSETTLED) ended(`process.exit(${code})`);
  });
  // Of this one the listeners of process do not hear.
  if ("Deno" in globalThis) globalThis.addEventListener("unload", () => ended("Deno.exit"));
}
