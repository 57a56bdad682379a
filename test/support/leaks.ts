import process from "node:process";

/** What Node names that no test opens: its own, the loader's, and what ends by itself. */
const tolerated = /^(TTYWrap|PipeWrap|Immediate|TickObject|FSReq\w*|FileHandleCloseReq|CloseReq|MessagePort|Worker)$/;

/** What holds the process now: names of Node's resources. Deno does not name all of its own. */
export function holding(): string[] {
  const names = process.getActiveResourcesInfo().filter((name) => !tolerated.test(name));
  // MSW's sockets never connect and hold nothing; Node goes on naming them after they were destroyed.
  for (let dead = destroyedSockets(); dead > 0 && names.includes("TCPSocketWrap"); dead--) {
    names.splice(names.indexOf("TCPSocketWrap"), 1);
  }
  return names;
}

function destroyedSockets(): number {
  const { _getActiveHandles } = process as { _getActiveHandles?: () => { destroyed?: boolean }[] };
  return _getActiveHandles?.().filter(({ destroyed }) => destroyed).length ?? 0;
}

/**
 * What a test file has left behind.
 *
 * @param before What `holding` said before the file.
 * @param grace How long closing sockets may take, in milliseconds.
 */
export async function leaksSince(before: readonly string[], grace = 500): Promise<string[]> {
  for (let waited = 0;; waited += 20) {
    const rest = holding();
    for (const name of before) {
      const at = rest.indexOf(name);
      if (at >= 0) rest.splice(at, 1);
    }
    if (rest.length === 0 || waited >= grace) return rest;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
