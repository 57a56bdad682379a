/**
 * What ten thousand restarts of a watch leave behind: heap, sockets, timers, listeners of one reflector over the runtime's
 * own adapter. Ends with 1 when any of it grows.
 *
 *   node --expose-gc --import tsx test/soak/restarts.ts [--watches 10000]
 *   deno run -A --v8-flags=--expose-gc test/soak/restarts.ts [--watches 10000]
 *
 * Time runs two hundred times as fast for the reflector, which connects once a second at the most.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Clock } from "../../src/ports.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { runReflector } from "../../src/runtime/reflector.ts";
import { CONFIG_MAPS, countedSignal } from "../support/following.ts";
import { runtime } from "../support/gates.ts";

const HASTE = 200;
const { values } = parseArgs({ options: { watches: { type: "string", default: "10000" } } });
const total = Number(values.watches);
const { connect } = runtime === "deno" ? await import("../../src/adapters/deno.ts") : await import("../../src/adapters/node.ts");
const gc = (globalThis as { gc?: () => void }).gc;
if (!gc) throw new Error("Start it with --expose-gc, or --v8-flags=--expose-gc");

const timers = new Set<unknown>();
const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now() * HASTE,
  setTimer(ms, callback) {
    const timer = setTimeout(() => {
      timers.delete(timer);
      callback();
    }, Math.min(ms / HASTE, 2 ** 31 - 1));
    timers.add(timer);
    return () => {
      timers.delete(timer);
      clearTimeout(timer);
    };
  },
};

const file = fileURLToPath(new URL("odd-server.ts", import.meta.url));
const server = spawn(process.execPath, runtime === "deno" ? ["run", "-A", file] : ["--import", "tsx", file], {
  stdio: ["ignore", "pipe", "inherit"],
});
process.on("exit", () => server.kill("SIGKILL"));
const url = await new Promise<string>((resolve, reject) => {
  server.stdout.once("data", (line) => resolve(String(line).trim()));
  server.once("exit", () => reject(new Error("The server has ended")));
});

/** What is held now. */
interface Held {
  readonly watches: number;
  readonly events: number;
  /** Megabytes, after a collection. */
  readonly heap: number;
  readonly resident: number;
  readonly sockets: number;
  readonly timers: number;
  readonly listeners: number;
}

const cluster = await connect({ master: url });
const ending = countedSignal();
let watches = 0;
let events = 0;
const reflector = runReflector({
  cluster: {
    get: cluster.get,
    list: cluster.list,
    watch(...args) {
      watches++;
      return cluster.watch(...args);
    },
  },
  resource: CONFIG_MAPS,
  namespace: "default",
  clock,
  log: silentLog,
  signal: ending.signal,
  onEvent: () => void events++,
});
await reflector.synced;

function held(): Held {
  gc!();
  gc!();
  const { heapUsed, rss } = process.memoryUsage();
  const sockets = process.getActiveResourcesInfo().filter((name) => /tcp/i.test(name)).length;
  const listeners = ending.listeners();
  return { watches, events, heap: heapUsed / 2 ** 20, resident: rss / 2 ** 20, sockets, timers: timers.size, listeners };
}

const row = (what: Held) =>
  Object.entries(what).map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toFixed(1)}`).join("  ");
const measured: Held[] = [];
const started = performance.now();
const used = process.cpuUsage();
for (let step = 1; step <= 10; step++) {
  while (watches < total * step / 10) await new Promise((resolve) => setTimeout(resolve, 20));
  measured.push(held());
  console.log(row(measured.at(-1)!));
}
const cpu = process.cpuUsage(used);
const spent = (cpu.user + cpu.system) / 1_000;
console.log(
  `${runtime}: ${Math.round(performance.now() - started)} ms, ${spent.toFixed(0)} ms of CPU: ` +
    `${(spent / watches).toFixed(2)} ms a watch of ten events`,
);
ending.abort();
await reflector.finished;
await cluster.close();
server.kill();

const most = (name: keyof Held, from: number, to: number) => Math.max(...measured.slice(from, to).map((each) => each[name]));
const faults = (["sockets", "timers", "listeners"] as const)
  .filter((name) => most(name, 5, 10) > most(name, 0, 5) + 1)
  .map((name) => `the number of ${name} grows`);
const growth = most("heap", 7, 10) - most("heap", 2, 5);
if (growth > 2) faults.push(`the heap grows by ${growth.toFixed(1)} MB`);
if (timers.size > 0) faults.push(`${timers.size} timers are left behind`);
console.log(faults.join("; ") || "flat");
process.exit(faults.length > 0 ? 1 : 0);
