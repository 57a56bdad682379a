/** Kubeconfigs, good and bad: kubectl and the library come to the same verdict about each, on a genuine server. */
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect } from "../../src/adapters/node.ts";
import { type ApiServer, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { createClientCertificates } from "../support/client-certificate.ts";
import { type Folder, temporaryFolder } from "../support/files.ts";
import { type Attempt, ATTEMPTS, type Place } from "../support/kubeconfigs.ts";
import { startCommand } from "../support/programs.ts";
import { type Proxy, startHttpProxy } from "../support/proxy.ts";
import { skip } from "../support/skip.ts";

const assets = genuineAssets().find(({ folder }) => existsSync(join(folder, "kubectl")));
const PROXIES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"];
const REFUSED = "refused";

if (!assets) skip("kubeconfigs as kubectl takes them", "KUBEBUILDER_ASSETS names no folder with a kubectl");
else {
  const kubeconfigs = suite(`kubeconfigs as kubectl takes them, with ${assets.name}`);
  const kubectl = join(assets.folder, "kubectl");
  const users = createClientCertificates();
  const [jane, john] = [users.issue("jane", ["system:masters"]), users.issue("john")];
  let home: Folder;
  let server: ApiServer;
  let proxy: Proxy;
  const said = new Map<string, Promise<string>>();

  /** Each in a folder of its own. */
  const prepare = (name: string): Attempt & { readonly path: string } => {
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
      proxy: proxy.url,
      write(file, content) {
        const path = home.write(join(folder, file), content);
        chmodSync(path, 0o755);
        return path;
      },
    };
    const attempt = ATTEMPTS[name]!(place);
    return { ...attempt, path: home.write(join(folder, "config"), attempt.config) };
  };

  const kubectlSays = async (name: string): Promise<string> => {
    const { path, context, master, env } = prepare(name);
    const options = [["--kubeconfig", path], context ? ["--context", context] : [], master ? ["--server", master] : []].flat();
    const none = Object.fromEntries(PROXIES.map((name) => [name, ""]));
    const command = startCommand([kubectl, ...options, "auth", "whoami", "-o", "json"], { ...none, GOMAXPROCS: "1", ...env });
    const code = await command.exited;
    return code === 0 ? JSON.stringify(sorted(JSON.parse(command.output).status.userInfo)) : REFUSED;
  };

  const weSay = async (name: string): Promise<string> => {
    const { path: kubeconfig, context, master, env = {} } = prepare(name);
    const before = PROXIES.map((name) => [name, process.env[name]] as const);
    for (const name of PROXIES) delete process.env[name];
    Object.assign(process.env, env);
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
      assert.match(message, /^\S[^\n]+$/, "one sentence");
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
