/**
 * Genuine API servers for tests: etcd and kube-apiserver on loopback, without nodes. Up in about three seconds.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import process from "node:process";
import type { Guard } from "./guard.ts";

/** A folder with etcd and kube-apiserver. */
export interface Assets {
  readonly folder: string;
  /** What to call it in a test's name. */
  readonly name: string;
}

/** The folders that KUBEBUILDER_ASSETS names; each may hold another version. Empty where it is not set. */
export function genuineAssets(): Assets[] {
  const folders = (process.env["KUBEBUILDER_ASSETS"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const folder of folders) {
    const missing = ["etcd", "kube-apiserver"].find((name) => !existsSync(join(folder, name)));
    if (missing) throw new Error(`KUBEBUILDER_ASSETS names ${folder}, which has no ${missing}`);
  }
  return folders.map((folder) => ({ folder, name: basename(folder) }));
}

/** A control plane that runs. */
export interface ApiServer {
  readonly url: string;
  /** Of etcd's gateway of JSON over HTTP. */
  readonly etcdUrl: string;
  /** Contexts `admin` (the current one) and `alice`. */
  readonly kubeconfigPath: string;
  /** Of the user admin, in system:masters. */
  readonly token: string;
  /** Of the user alice, who may do nothing. */
  readonly aliceToken: string;
  readonly caPath: string;
  /** As in `v1.35.0`. */
  readonly version: string;
  /** Undefined while it does not run. */
  pid(name: "apiserver" | "etcd"): number | undefined;
  /** Ends a process as a crash does (SIGKILL). */
  kill(name: "apiserver" | "etcd"): Promise<void>;
  /** Starts what has been killed, with the data kept. */
  start(): Promise<void>;
  /** Makes etcd forget all versions but the newest. What the API server remembers stays until it is killed. */
  compact(): Promise<void>;
  /** Ends everything and removes the data. */
  stop(): Promise<void>;
}

/** How to start a control plane. */
export interface ApiServerOptions {
  /** The folder with the binaries. The controller manager runs where it is there, for deletion in the background. */
  readonly assets: string;
  /** Where the data goes. @default {a new folder in the system's own for temporary files} */
  readonly dir?: string;
  /** Further flags of kube-apiserver. @default {[]} */
  readonly flags?: readonly string[];
  /** Hears of each process that is started, and of its end. @default {Nobody does} */
  readonly guard?: Guard;
}

/** Starts a control plane and waits until it is ready. @throws {Error} with the end of the log when it is not. */
export async function startApiServer({ assets, dir, flags = [], guard }: ApiServerOptions): Promise<ApiServer> {
  const home = dir ?? mkdtempSync(join(tmpdir(), "apiserver-"));
  const certs = join(home, "certs");
  mkdirSync(certs, { recursive: true });
  const [port, etcdPort, peerPort] = await freePorts(3);
  const url = `https://127.0.0.1:${port}`;
  const at = { kubeconfigPath: join(home, "kubeconfig"), caPath: join(certs, "apiserver.crt") };
  const tokens = { token: "admin-token", aliceToken: "alice-token" };
  const key = join(home, "service-account.key");
  writeFileSync(key, newPrivateKey());
  writeFileSync(join(home, "tokens.csv"), `${tokens.token},admin,admin,"system:masters"\n${tokens.aliceToken},alice,alice,""\n`);
  writeFileSync(at.kubeconfigPath, kubeconfig(url, at.caPath, tokens));

  const etcd = `http://127.0.0.1:${etcdPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const commands = {
    etcd: ["etcd", `--data-dir=${join(home, "etcd")}`, `--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`]
      .concat([`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=default=${peer}`])
      // Tests kill processes, not machines.
      .concat("--unsafe-no-fsync"),
    apiserver: ["kube-apiserver", `--etcd-servers=${etcd}`, `--cert-dir=${certs}`, `--secure-port=${port}`]
      .concat(["--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none"])
      .concat(["--service-cluster-ip-range=10.0.0.0/24", "--service-account-issuer=https://kubernetes.default.svc"])
      .concat([`--service-account-key-file=${key}`, `--service-account-signing-key-file=${key}`])
      .concat([`--token-auth-file=${join(home, "tokens.csv")}`, "--authorization-mode=RBAC"])
      .concat(["--disable-admission-plugins=ServiceAccount", ...flags]),
    controllers: ["kube-controller-manager", `--kubeconfig=${at.kubeconfigPath}`, "--leader-elect=false", "--secure-port=0"]
      .concat("--controllers=garbage-collector-controller,namespace-controller,clusterrole-aggregation-controller"),
  };
  type Name = keyof typeof commands;
  const running = new Map<Name, Running>();

  const launch = (name: Name) => {
    if (running.get(name)?.ended === false) return;
    const [binary, ...args] = commands[name];
    running.set(name, run(join(assets, binary!), args, join(home, `${name}.log`), guard));
  };
  const end = async (name: Name, signal: "SIGKILL" | "SIGTERM") => {
    const process = running.get(name);
    running.delete(name);
    await process?.end(signal);
  };
  const stop = async () => {
    await Promise.all((["controllers", "apiserver"] as const).map((name) => end(name, "SIGKILL")));
    await end("etcd", "SIGKILL");
    rmSync(home, { recursive: true, force: true });
  };
  const start = async () => {
    launch("etcd");
    launch("apiserver");
    const version = await ready(
      (path) => get(url + path, at.caPath, tokens.token),
      () => running.get("apiserver")?.ended === false && running.get("etcd")?.ended === false,
    );
    if (existsSync(join(assets, "kube-controller-manager"))) launch("controllers");
    return version;
  };

  try {
    const version = await start();
    return {
      url,
      etcdUrl: etcd,
      ...at,
      ...tokens,
      version,
      pid: (name) => running.get(name)?.pid,
      kill: (name) => end(name, "SIGKILL"),
      start: async () => void await start(),
      compact: () => compactEtcd(etcd),
      stop,
    };
  } catch (error) {
    const log = join(home, "apiserver.log");
    const said = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n") : "";
    await stop();
    throw new Error(`The API server of ${assets} does not start: ${error instanceof Error ? error.message : error}\n${said}`);
  }
}

/** Through etcd's gateway of JSON over HTTP. @param url Of etcd. */
async function compactEtcd(url: string): Promise<void> {
  const ask = async (path: string, body: object) => {
    const answer = await fetch(url + path, { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`etcd does not compact: ${await answer.text()}`);
    return await answer.json() as { header: { revision: string } };
  };
  const { header } = await ask("/v3/kv/range", { key: btoa("none") });
  await ask("/v3/kv/compaction", { revision: header.revision, physical: true });
}

interface Running {
  readonly pid: number | undefined;
  readonly ended: boolean;
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
}

/** What still runs when this process ends goes with it. */
const children = new Set<ChildProcess>();
const endAll = () => {
  for (const child of children) child.kill("SIGKILL");
};
const terminated = () => process.exit(143);
process.on("exit", endAll);

function run(command: string, args: readonly string[], logPath: string, guard?: Guard): Running {
  const log = openSync(logPath, "a");
  const child = spawn(command, args, { stdio: ["ignore", log, log] });
  closeSync(log);
  if (children.size === 0) process.on("SIGTERM", terminated);
  children.add(child);
  const { pid } = child;
  if (pid !== undefined) guard?.watch(pid);
  let ended = false;
  const gone = new Promise<void>((resolve) => {
    const leave = () => {
      ended = true;
      children.delete(child);
      if (pid !== undefined) guard?.forget(pid);
      if (children.size === 0) process.off("SIGTERM", terminated);
      resolve();
    };
    child.on("error", leave);
    child.on("exit", leave);
  });
  return {
    get pid() {
      return ended ? undefined : pid;
    },
    get ended() {
      return ended;
    },
    async end(signal) {
      if (!ended) child.kill(signal);
      await gone;
    },
  };
}

/** Waits until `/readyz` says so. @returns The server's version. */
async function ready(ask: (path: string) => Promise<string>, alive: () => boolean): Promise<string> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    if (!alive()) throw new Error("kube-apiserver ended");
    const answer = await ask("/readyz").catch(() => "");
    if (answer === "ok") return JSON.parse(await ask("/version")).gitVersion;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("not ready after 60 s");
}

/** Asks for a path and reads the answer as text, whatever its status. */
function get(url: string, caPath: string, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const question = request(url, { ca: readFileSync(caPath), headers, agent: false, timeout: 5_000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => text += chunk).on("end", () => resolve(text)).on("error", reject);
    });
    question.on("timeout", () => question.destroy(new Error("no answer"))).on("error", reject).end();
  });
}

/** Ports of loopback that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () =>
    new Promise<Server>((resolve, reject) => {
      const server = createServer().on("error", reject);
      server.listen(0, "127.0.0.1", () => resolve(server));
    })));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

const newPrivateKey = (): string =>
  generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" }) as string;

function kubeconfig(server: string, caPath: string, tokens: { token: string; aliceToken: string }): string {
  const context = (name: string) => ({ name, context: { cluster: "local", user: name } });
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "local", cluster: { server, "certificate-authority": caPath } }],
    users: [{ name: "admin", user: { token: tokens.token } }, { name: "alice", user: { token: tokens.aliceToken } }],
    contexts: [context("admin"), context("alice")],
    "current-context": "admin",
  });
}
