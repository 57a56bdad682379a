import process from "node:process";
import { hasSucceeded, runWorker, systemClock } from "../mod.ts";
import type { FakeCluster } from "../src/fake/mod.ts";
import { silentLog } from "../src/runtime/log/log.ts";
import type { Arguments } from "./arguments.ts";
import { calledNow } from "./called-as.ts";
import { type ServedFake, startFakeServer } from "./cluster/fake-server.ts";
import { type Connection, withCluster } from "./connect.ts";
import { direct, FLOW_FAILED } from "./drive.ts";
import type { Implementations } from "./flow-module.ts";
import { nameOf } from "./identity.ts";
import type { Surroundings } from "./modes.ts";
import { write } from "./output.ts";
import { print } from "./print.ts";
import { flowPage } from "./render/flow-page.ts";
import { ansi, type Look, plain } from "./render/paint.ts";
import { ORDER } from "./story/flow.ts";
import { hireThread } from "./story/hire.ts";
import { LEASE, playStory } from "./story/story.ts";
import { storyHead, toldLine } from "./story/telling.ts";
import { createTerminal } from "./terminal.ts";
import { unlessEnded } from "./unless-ended.ts";

/** Shows one flow on a fake API server, director and worker in this process, over real HTTP: the story, unless a flow is given. */
export async function demonstrate(
  implementations: Implementations | undefined,
  given: Arguments,
  surroundings: Surroundings,
): Promise<number> {
  const { namespace } = given;
  const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  // In Deno a server that may not listen says so to nobody who waits.
  const served = await unlessEnded(startFakeServer({ objects: [{ object, origin: "--namespace" }] }), surroundings.signal);
  // What goes wrong in the story is told there.
  const log = implementations || given.logLevel ? surroundings.log : silentLog;
  try {
    return await withCluster(
      { ...given, master: served.server.url },
      { ...surroundings, log },
      (connection) =>
        implementations ? showFlow(implementations, given, connection, served) : showStory(given, connection, served),
    );
  } finally {
    await served.server.close();
  }
}

/** How the story is seen. */
const storyCommand = () => process.env["npm_lifecycle_event"] === "start" ? "npm run demo" : `${calledNow()} --mode demo`;

const writesTo = ({ requests }: FakeCluster): number =>
  requests.filter(({ method, resource }) => method !== "GET" && resource?.startsWith("requeststates.")).length;

/** Shows a flow as `--mode director` does. */
async function showFlow(
  implementations: Implementations,
  given: Arguments,
  connection: Connection,
  { fake, server }: ServedFake,
): Promise<number> {
  const { cluster, signal, log } = connection;
  const ended = new AbortController();
  const end = () => ended.abort();
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  const worker = runWorker(implementations, {
    ...{ cluster, namespace: given.namespace, log },
    identity: nameOf("worker"),
    signal: ended.signal,
  });
  try {
    const code = await direct(implementations, given, connection);
    print("");
    print(`${writesTo(fake)} writes to the fake API server ${server.url}`);
    print(`With a branch, a retry, an approval and a killed worker: ${storyCommand()}`);
    return code;
  } finally {
    end();
    await worker.finished;
  }
}

/** Tells a story, and shows what is left of it: the flow, with its verdict last. */
async function showStory(given: Arguments, connection: Connection, { fake, server }: ServedFake): Promise<number> {
  const { namespace } = given;
  const { cluster, signal, log } = connection;
  const { screen, colors } = createTerminal();
  // The same in a pipe, as far as that goes.
  const look = { width: screen?.columns ?? 80, paint: colors && !given.noColor ? ansi : plain } satisfies Omit<Look, "now">;
  const show = (line: string) => write("stdout", `${line}\n`);
  storyHead(server.url, look).forEach(show);
  const clock = systemClock;
  let began: number | undefined; // when the first thing happened
  const since = (now: number) => now - (began ??= now);
  try {
    const last = await playStory({
      ...{ fake, cluster, namespace, clock, log, signal },
      hire: (name) => {
        const { logLevel: level, logFormat: format } = given;
        return hireThread({ name, url: server.url, namespace, leaseDuration: LEASE, level, format });
      },
      tell: (told) => show(toldLine(since(clock.monotonic()), told, look)),
    });
    show("");
    show(
      `${
        fake.requests.writes({ resource: "requeststates" }).length
      } writes to one object brought it there, leases and events apart:`,
    );
    show("");
    flowPage(last, { flow: ORDER }, { ...look, now: clock.now() }, { advice: false }).forEach(show);
    return hasSucceeded(last) ? 0 : FLOW_FAILED;
  } catch (error) {
    if (signal.aborted) throw new Error("Ended before the story was over");
    throw error;
  }
}
