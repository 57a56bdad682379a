/** Where credentials are found, and the sentence for each way in which they are not. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect } from "../../src/adapters/node.ts";
import { type ConnectOptions, findCredentials } from "../../src/adapters/kubeconfig.ts";
import { type Folder, kubeconfig, temporaryFolder } from "../support/files.ts";

const server = "https://10.0.0.1:6443";
let folder: Folder;

/** As on a machine that has nothing but what the test has written. */
const find = (options: ConnectOptions = {}, env: Record<string, string> = {}) =>
  findCredentials(options, { env, home: () => join(folder.path, "home"), serviceAccount: join(folder.path, "account") });

const sources = suite("sources of credentials");
sources.before.each(() => void (folder = temporaryFolder()));
sources.after.each(() => folder.remove());

sources("are taken in order", () => {
  folder.write("account/token", "t");
  folder.write("account/ca.crt", "CA");
  const pod = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
  assert.is(find({}, pod).cluster.server, "https://[fd00::1]:443");
  assert.is(find({}, pod).user.tokenFile, join(folder.path, "account", "token"));
  folder.write("home/.kube/config", kubeconfig({ server: "https://home" }));
  assert.is(find({}, pod).cluster.server, "https://home");
  const named = { ...pod, KUBECONFIG: folder.write("named", kubeconfig({ server: "https://named" })) };
  assert.is(find({}, named).cluster.server, "https://named");
  const given = folder.write("given", kubeconfig({ server: "https://given" }, { token: "t" }));
  assert.is(find({ kubeconfig: given }, named).cluster.server, "https://given");
  const both = find({ kubeconfig: given, master: server }, named);
  assert.equal([both.cluster.server, both.user.token], [server, "t"]);
  assert.equal(find({ master: server }, named), { source: "master", cluster: { server }, user: {} });
});

sources("of $KUBECONFIG are merged: the first one that has an entry wins, files that are missing are passed over", () => {
  const first = folder.write("a/config", { contexts: [{ name: "x", context: { cluster: "c", user: "u" } }] });
  const second = folder.write("b/config", kubeconfig({ server, "certificate-authority": "ca.crt" }, { tokenFile: "token" }));
  folder.write("b/ca.crt", "CA");
  folder.write("b/token", "t");
  const found = find({}, { KUBECONFIG: [join(folder.path, "none"), first, second].join(":") });
  assert.is(found.cluster["certificate-authority"], join(folder.path, "b", "ca.crt"));
  assert.is(found.user.tokenFile, join(folder.path, "b", "token"));
});

sources("with a context that is asked for", () => {
  const config = { ...kubeconfig({ server }), contexts: [{ name: "x" }, { name: "y", context: { cluster: "c" } }] };
  assert.equal(find({ kubeconfig: folder.write("config", config), context: "y" }).user, {});
});

const faults: [what: string, write: () => ConnectOptions, message: string][] = [
  [
    "nothing at all",
    () => ({}),
    "No kubeconfig: $KUBECONFIG is not set, F/home/.kube/config does not exist, and this is no pod; name one with --kubeconfig, or a server with --master",
  ],
  ["no such file", () => ({ kubeconfig: "/no/such" }), "The kubeconfig does not exist: /no/such"],
  ["a folder", () => ({ kubeconfig: folder.path }), "The kubeconfig is a folder: F"],
  [
    "no YAML",
    () => file("a: [b"),
    "The kubeconfig F/config is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 6:",
  ],
  ["something else", () => file("just a text"), "F/config is not a kubeconfig: it has no lists of contexts, clusters and users"],
  [
    "no current-context",
    () => file({ ...kubeconfig({ server }), "current-context": "" }),
    "F/config has no current-context: set one with kubectl config use-context, or name one",
  ],
  ["no such context", () => ({ ...file(kubeconfig({ server })), context: "y" }), 'F/config has no context "y", only "x"'],
  [
    "no such cluster",
    () => file({ ...kubeconfig({ server }), clusters: [] }),
    'F/config: context "x" names the cluster "c", which is not there',
  ],
  [
    "no such user",
    () => file({ ...kubeconfig({ server }), users: null }),
    'F/config: context "x" names the user "u", which is not there',
  ],
  [
    "no URL",
    () => file(kubeconfig({ server: "10.0.0.1:6443" })),
    'The F/config: server of cluster "c" is not an http:// or https:// URL: 10.0.0.1:6443',
  ],
  ["no server", () => file(kubeconfig({})), 'The F/config: server of cluster "c" is not an http:// or https:// URL: undefined'],
  ["no URL as master", () => ({ master: "localhost:8080" }), "The master is not an http:// or https:// URL: localhost:8080"],
  [
    "no CA file",
    () => file(kubeconfig({ server, "certificate-authority": "ca.crt" })),
    "The certificate authority named in F/config does not exist: F/ca.crt",
  ],
  [
    "no certificate",
    () => file(kubeconfig({ server }, { "client-certificate": "/no.crt" })),
    "The client certificate named in F/config does not exist: /no.crt",
  ],
  [
    "no key",
    () => file(kubeconfig({ server }, { "client-key": "/no.key" })),
    "The client key named in F/config does not exist: /no.key",
  ],
  [
    "no token file",
    () => file(kubeconfig({ server }, { tokenFile: "token" })),
    "The token file named in F/config does not exist: F/token",
  ],
  [
    "groups of another user",
    () => file(kubeconfig({ server }, { as: "a", "as-groups": ["g"] })),
    "F/config: as-groups is not supported, use a user of its own",
  ],
];
const file = (content: unknown): ConnectOptions => ({ kubeconfig: folder.write("config", content) });
for (const [what, write, message] of faults) {
  sources(`fault: ${what}`, () => {
    try {
      find(write());
    } catch (error) {
      assert.is((error as Error).name, "SetupError");
      return assert.is((error as Error).message.replaceAll(folder.path, "F"), message);
    }
    assert.unreachable("no error");
  });
}

const plugins: [what: string, exec: object, message: string][] = [
  [
    "is not there",
    { command: "no-such-plugin", installHint: "Install it from example.com\nor not" },
    'The credential plugin "no-such-plugin" of F/config was not found: Install it from example.com',
  ],
  [
    "fails",
    { command: "/bin/sh", args: ["-c", "echo first >&2; echo you are not logged in >&2; exit 3"] },
    'The credential plugin "/bin/sh" of F/config failed: you are not logged in',
  ],
  [
    "says nothing",
    { command: "/bin/sh", args: ["-c", "exit 3"] },
    'The credential plugin "/bin/sh" of F/config failed: it said nothing',
  ],
];
for (const [what, exec, message] of plugins) {
  sources(`fault: a plugin that ${what}`, async () => {
    const path = folder.write("config", kubeconfig({ server }, { exec }));
    const error = await connect({ kubeconfig: path }).then(() => assert.unreachable("connected"), (error) => error);
    assert.is(error.name, "SetupError");
    assert.is(error.message.replaceAll(folder.path, "F"), message);
  });
}

sources("fault: a plugin that hangs", async () => {
  const exec = { command: "/bin/sh", args: ["-c", "exec sleep 1"] };
  const path = folder.write("config", kubeconfig({ server }, { exec }));
  const error = await connect({ kubeconfig: path, requestTimeout: 50 }).then(() => assert.unreachable(), (error) => error);
  assert.match(error.message, /^The credentials of .* did not come within 0\.05 s$/);
  // The plugin itself cannot be ended from here.
  await new Promise((resolve) => setTimeout(resolve, 1100));
});

sources.run();
