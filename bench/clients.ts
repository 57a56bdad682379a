/**
 * What a request and an event of a watch cost our client, beside others that do the least: CPU of the client alone, on a
 * genuine API server, in turns. `npx tsx bench/clients.ts [ROUNDS]`; with JSR_URL set, the Deno client from there, too.
 *
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ClientName, Order, Usage } from "./client.ts";
import { startServer } from "./server.ts";
import { median } from "./statistics.ts";
import { requestsPath } from "./wire.ts";

/** Flows of six writes and as many events: while the engine warms up, and after. */
const COLD = 100;
const WARM = 200;
/** Events that somebody else causes. */
const EVENTS = 1_000;

const CONTENDERS: readonly (readonly [runtime: "node" | "deno", client: ClientName])[] = [
  ["node", "ours"],
  ["node", "https"],
  ["node", "undici"],
  ["deno", "ours"],
  ["deno", "https"],
  ["deno", "fetch"],
  ...process.env["JSR_URL"] ? [["deno", "JSR"] as const] : [],
];
const COLUMNS = [
  "start ms",
  "start CPU ms",
  "MB idle",
  "CPU ms / 1,000 events",
  "CPU ms / flow, cold",
  "CPU ms / flow, warm",
  "MB after",
] as const;
type Figures = Record<typeof COLUMNS[number], number>;

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const server = await startServer(["clients"]);
const all = new Map<string, Figures[]>();
try {
  for (let round = 0; round < Number(process.argv[2] ?? 3); round++) {
    for (const [runtime, client] of CONTENDERS) {
      const figures = await measure(runtime, client);
      const name = `${runtime} ${client}`;
      all.set(name, [...all.get(name) ?? [], figures]);
      process.stderr.write(`${name}: ${COLUMNS.map((column) => `${column} ${figures[column].toFixed(1)}`).join(", ")}\n`);
      await server.clear("clients");
    }
  }
  console.log(`| client | ${COLUMNS.join(" | ")} |\n|${" --- |".repeat(COLUMNS.length + 1)}`);
  for (const [name, rounds] of all) {
    const cells = COLUMNS.map((column) => median(rounds.map((one) => one[column])).toFixed(column.includes("flow") ? 2 : 0));
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
} finally {
  await server.stop();
}
process.exit(0);

async function measure(runtime: "node" | "deno", client: ClientName): Promise<Figures> {
  const order: Order = { client, endpoint: server.endpoint, kubeconfigPath: server.kubeconfigPath, namespace: "clients" };
  const script = [path("client.ts"), JSON.stringify(order)];
  const command = runtime === "node" ? [path("../node_modules/.bin/node")] : [path("../node_modules/.bin/deno"), "run", "-A"];
  const began = performance.now();
  const child = spawn(command[0]!, [...command.slice(1), ...script], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Usage> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${runtime} ${client} has ended`);
    return JSON.parse(value);
  };
  const ask = (flows: number) => {
    child.stdin.write(`${flows}\n`);
    return next();
  };
  const ready = await next();
  const start = performance.now() - began;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const idle = await ask(0);
  await causeEvents();
  let watched = await ask(0);
  for (let tries = 0; watched.events < EVENTS && tries < 300; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    watched = await ask(0);
  }
  const cold = await ask(COLD);
  const warm = await ask(WARM);
  child.stdin.end();
  await new Promise((resolve) => child.on("exit", resolve));
  if (watched.events < EVENTS) throw new Error(`${runtime} ${client} has seen ${watched.events} of ${EVENTS} events`);
  return {
    "start ms": start,
    "start CPU ms": ready.cpu,
    "MB idle": idle.rss,
    "CPU ms / 1,000 events": (watched.cpu - idle.cpu) / watched.events * 1_000,
    "CPU ms / flow, cold": (cold.cpu - watched.cpu) / COLD,
    "CPU ms / flow, warm": (warm.cpu - cold.cpu) / WARM,
    "MB after": warm.rss,
  };
}

/** Has events pass by, one request after the other being created and labelled. */
async function causeEvents(): Promise<void> {
  const at = requestsPath("clients");
  let left = EVENTS / 10;
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (left-- > 0) {
      const name = crypto.randomUUID();
      const spec = { "request-uid": name, job: "JOB1", state: "REQUESTED" };
      const body = JSON.stringify({
        apiVersion: "com.redhat.ecosystem.sample/v1",
        kind: "RequestState",
        metadata: { name },
        spec,
      });
      await server.wire.send({ method: "POST", path: at, body });
      for (let count = 1; count < 10; count++) {
        const labels = JSON.stringify({ metadata: { labels: { count: `${count}` } } });
        await server.wire.send({
          method: "PATCH",
          path: `${at}/${name}`,
          body: labels,
          contentType: "application/merge-patch+json",
        });
      }
    }
  }));
}
