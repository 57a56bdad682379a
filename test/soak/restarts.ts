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
import { silentLog } from "../../src/runtime/log/log.ts";
import { runReflector } from "../../src/runtime/reflector/reflector.ts";
import { CONFIG_MAPS } from "../support/following.ts";
import { runtime } from "../support/gates.ts";
import { createHoldings } from "./holdings.ts";

const { values } = parseArgs({ options: { watches: { type: "string", default: "10000" } } });
const total = Number(values.watches);
const { connect } = runtime === "deno" ? await import("../../src/adapters/deno.ts") : await import("../../src/adapters/node.ts");
const file = fileURLToPath(new URL("odd-server.ts", import.meta.url));
const server = spawn(process.execPath, runtime === "deno" ? ["run", "-A", file] : ["--import", "tsx", file], {
  stdio: ["ignore", "pipe", "inherit"],
});
process.on("exit", () => server.kill("SIGKILL"));
const url = await new Promise<string>((resolve, reject) => {
  server.stdout.once("data", (line) => resolve(String(line).trim()));
  server.once("exit", () => reject(new Error("The server has ended")));
});

const cluster = await connect({ master: url });
const { clock, signal, abort, count, faults } = createHoldings({ haste: 200 });
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
  signal,
  onEvent: () => void events++,
});
await reflector.synced;

const started = performance.now();
const used = process.cpuUsage();
for (let step = 1; step <= 10; step++) {
  while (watches < total * step / 10) await new Promise((resolve) => setTimeout(resolve, 20));
  count(`watches ${watches}  events ${events}`);
}
const cpu = process.cpuUsage(used);
const spent = (cpu.user + cpu.system) / 1_000;
console.log(
  `${runtime}: ${Math.round(performance.now() - started)} ms, ${spent.toFixed(0)} ms of CPU: ` +
    `${(spent / watches).toFixed(2)} ms a watch of ten events`,
);
abort();
await reflector.finished;
await cluster.close();
server.kill();
console.log(faults().join("; ") || "flat");
process.exit(faults().length > 0 ? 1 : 0);
