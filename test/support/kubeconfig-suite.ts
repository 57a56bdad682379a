import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ConnectOptions } from "../../src/adapters/sources/kubeconfig.ts";
import type { Cluster } from "../../src/ports.ts";
import { type ApiServer, genuineAssets, startApiServer } from "./apiserver.ts";
import { createClientCertificates } from "./client-certificate.ts";
import { type Folder, temporaryFolder } from "./files.ts";
import type { Attempt, Attempts, Place } from "./kubeconfigs/attempt.ts";
import { FILES } from "./kubeconfigs/files.ts";
import { PLUGINS } from "./kubeconfigs/plugins.ts";
import { SERVERS } from "./kubeconfigs/servers.ts";
import { SOURCES } from "./kubeconfigs/sources.ts";
import { USERS } from "./kubeconfigs/users.ts";
import { startCommand } from "./programs.ts";
import { type Proxy, startHttpProxy } from "./proxy.ts";
import { skip } from "./skip.ts";

const ATTEMPTS: Attempts = { ...USERS, ...PLUGINS, ...SERVERS, ...FILES, ...SOURCES };
/** What is as the machine has it in no attempt that does not say so. */
const VARIABLES = [
  "HTTPS_PROXY",
  "https_proxy",
  "HTTP_PROXY",
  "http_proxy",
  "NO_PROXY",
  "no_proxy",
  "ALL_PROXY",
  "KUBECONFIG",
  "HOME",
];
const REFUSED = "refused";
const assets = genuineAssets().find(({ folder }) => existsSync(join(folder, "kubectl")));

/**
 * Tries kubeconfigs, good and bad, on a genuine server: kubectl and a client come to the same user, or both to a refusal. That
 * is one sentence, which names the file or the server, and no secret.
 */
export function runKubeconfigSuite(client: string, connect: (options: ConnectOptions) => Promise<Cluster>): void {
  const what = `${client} takes kubeconfigs as kubectl does`;
  if (!assets) return skip(what, "KUBEBUILDER_ASSETS names no folder with a kubectl");
  const kubeconfigs = suite(`${what}, with ${assets.name}`);
  const kubectl = join(assets.folder, "kubectl");
  const users = createClientCertificates();
  const [jane, john] = [users.issue("jane", ["system:masters"]), users.issue("john")];
  const strangers = createClientCertificates().issue("jane");
  let home: Folder;
  let server: ApiServer;
  let proxy: Proxy;
  const said = new Map<string, Promise<string>>();

  /** Each in a folder of its own. */
  const prepare = (name: string): Attempt & { readonly path?: string } => {
    const { url, token, aliceToken, caPath } = server;
    const folder = String(Object.keys(ATTEMPTS).indexOf(name));
    const place: Place = {
      server: url,
      caPath,
      ca: readFileSync(caPath, "utf8"),
      token,
      aliceToken,
      jane,
      john,
      strangers,
      proxy: proxy.url,
      write(file, content) {
        const path = home.write(join(folder, file), content);
        chmodSync(path, 0o755);
        return path;
      },
    };
    const attempt = ATTEMPTS[name]!(place);
    return attempt.config === undefined ? attempt : { ...attempt, path: home.write(join(folder, "config"), attempt.config) };
  };

  const kubectlSays = async (name: string): Promise<string> => {
    const { path, context, master, env } = prepare(name);
    const options = [
      path ? ["--kubeconfig", path] : [],
      context ? ["--context", context] : [],
      master ? ["--server", master] : [],
    ].flat();
    const none = { ...Object.fromEntries(VARIABLES.map((name) => [name, ""])), HOME: home.path };
    const command = startCommand([kubectl, ...options, "auth", "whoami", "-o", "json"], { ...none, GOMAXPROCS: "1", ...env });
    const code = await command.exited;
    return code === 0 ? JSON.stringify(sorted(JSON.parse(command.output).status.userInfo)) : REFUSED;
  };

  const weSay = async (name: string): Promise<string> => {
    const { path: kubeconfig, context, master, env = {} } = prepare(name);
    const before = VARIABLES.map((name) => [name, process.env[name]] as const);
    for (const name of VARIABLES) delete process.env[name];
    Object.assign(process.env, { HOME: home.path, ...env });
    try {
      const cluster = await connect({ kubeconfig, context, master });
      try {
        const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", metadata: {} };
        const resource = { group: "authentication.k8s.io", version: "v1", plural: "selfsubjectreviews" };
        const { status } = await cluster.create(resource, review) as unknown as { status: { userInfo: object } };
        return JSON.stringify(sorted(status.userInfo));
      } finally {
        await cluster.close();
      }
    } catch (error) {
      const { message } = error as Error;
      assert.match(message, /^\S[^\n]+$/, `not one sentence: ${message}`);
      // Whom the server has known, it answers.
      const named = message.includes(home.path) ||
        /: \/(?:gone|tmp)(?:$|;)|User "|:\/\/|(?:getaddrinfo|connect) [A-Z_]+ \S/.test(message) ||
        Object.keys(env).some((name) => message.includes(name));
      assert.ok(named, `neither a file nor a server is named in ${message}`);
      for (const secret of [server.token, server.aliceToken, jane.key.slice(60, 90), "admin token", ":pw@"]) {
        assert.not(message.includes(secret), `a secret in ${message}`);
      }
      return REFUSED;
    } finally {
      for (const [name, value] of before) {
        delete process.env[name];
        if (value !== undefined) process.env[name] = value;
      }
    }
  };

  kubeconfigs.before(async () => {
    home = temporaryFolder();
    const authority = home.write("users.crt", users.ca);
    [server, proxy] = await Promise.all([
      startApiServer({ assets: assets.folder, flags: [`--client-ca-file=${authority}`] }),
      startHttpProxy(),
    ]);
    // A few at once, each asked for by its test.
    const names = Object.keys(ATTEMPTS);
    let done = Promise.resolve();
    for (let at = 0; at < names.length; at += 3) {
      const before = done;
      const some = names.slice(at, at + 3).map((name) => {
        const saying = before.then(() => kubectlSays(name));
        said.set(name, saying);
        return saying;
      });
      done = Promise.all(some).then(() => {});
      done.catch(() => {});
    }
  });
  kubeconfigs.after(async () => {
    await Promise.allSettled(said.values());
    await proxy?.stop();
    await server?.stop();
    home?.remove();
  });
  for (const name of Object.keys(ATTEMPTS)) {
    kubeconfigs(name, async () => {
      const theirs = await said.get(name)!;
      assert.is(await weSay(name), theirs);
    });
  }
  kubeconfigs.run();
}

/** Members in one order: Go keeps maps in none. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort().map(([name, member]) => [name, sorted(member)]));
}
