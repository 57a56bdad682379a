/** Which client Deno gets, and that the log says why. */
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect } from "../../src/adapters/deno.ts";
import type { Log } from "../../src/ports.ts";
import { type Folder, kubeconfig, temporaryFolder } from "../support/files.ts";

const fallback = suite("the client that Deno gets");
let folder: Folder;
fallback.before.each(() => void (folder = temporaryFolder()));
fallback.after.each(() => folder.remove());

const lacks: [cluster: object, user: object, what: string][] = [
  [{ server: "https://10.0.0.1/k8s" }, {}, "a path in the server's URL (https://10.0.0.1/k8s)"],
  [{ server: "https://10.0.0.1", "insecure-skip-tls-verify": true }, {}, "insecure-skip-tls-verify"],
  [{ server: "https://10.0.0.1", "tls-server-name": "k8s" }, {}, "tls-server-name"],
  [{ server: "https://10.0.0.1", "proxy-url": "http://10.0.0.2" }, {}, "a proxy (proxy-url, HTTPS_PROXY)"],
  [{ server: "https://10.0.0.1" }, { as: "alice" }, "impersonation (as)"],
  [{ server: "https://10.0.0.1" }, { username: "u", password: "p" }, "a username and password"],
];
for (const [cluster, user, what] of lacks) {
  fallback(`is our own for ${what}`, async () => {
    const lines: string[] = [];
    const info = (message: string) => void lines.push(message);
    const log: Log = { debug() {}, info, warn() {}, error() {} };
    const path = folder.write("config", kubeconfig(cluster, user));
    await (await connect({ kubeconfig: path, log })).close();
    assert.equal(lines, [
      `Using the client of crd-watcher itself, because @cloudydeno/kubernetes-client@0.8.1 does not support ${what}, which the user "u" in ${path} asks for`,
    ]);
  });
}

const script = `
  import { connect } from "${new URL("../../src/adapters/deno.ts", import.meta.url)}";
  import { systemClock } from "${new URL("../../src/runtime/time/clock.ts", import.meta.url)}";
  const log = { debug() {}, info: (text) => console.log(text), warn() {}, error() {} };
  const clock = { ...systemClock, setTimer: (ms, callback) => systemClock.setTimer(ms / 20, callback) };
  await (await connect({ master: "http://127.0.0.1:9999", log, clock })).close();
  console.log("connected");
`;
function runWithJsr(url: string, flags: readonly string[] = ["-A"]): Promise<string> {
  const file = folder.write("script.ts", script);
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const env = { ...process.env, JSR_URL: url, DENO_DIR: folder.path, NO_COLOR: "1" };
  const child = spawn(process.execPath, ["run", "--no-prompt", "--config", config, ...flags, file], { env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => output += text);
  return new Promise((resolve) => {
    child.on("close", () => resolve(output));
    // Deno itself may wait on for the import; what counts is that connect() does not.
    child.stdout.on("data", (text: string) => /^connected$/m.test(text) && child.kill("SIGKILL"));
  });
}

fallback("is our own where JSR is refused", async () => {
  assert.match(
    await runWithJsr("http://127.0.0.1:3/"),
    /^Using the client of crd-watcher itself, because @cloudydeno\/kubernetes-client@0\.8\.1 could not be loaded: /m,
  );
});

fallback("is our own where JSR never answers", async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const output = await runWithJsr(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  assert.match(output, /^Using the client of crd-watcher itself, because JSR did not answer within 5 s$/m);
});

fallback("a missing permission is one sentence with the flag", async () => {
  const output = await runWithJsr("http://127.0.0.1:3/", ["--allow-read"]);
  assert.match(output, /SetupError: .*Deno was not granted env access to "\w+": run it with --allow-env, or with deno run -P/);
});

fallback.run();
