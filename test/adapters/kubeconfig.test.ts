/** Where credentials are found, and the sentence for each way in which they are not. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
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

sources("are taken in order", async () => {
  folder.write("account/token", "t");
  folder.write("account/ca.crt", "CA");
  const pod = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
  assert.is((await find({}, pod)).cluster.server, "https://[fd00::1]:443");
  assert.is((await find({}, pod)).user.tokenFile, join(folder.path, "account", "token"));
  folder.write("home/.kube/config", kubeconfig({ server: "https://home" }));
  assert.is((await find({}, pod)).cluster.server, "https://home");
  const named = { ...pod, KUBECONFIG: folder.write("named", kubeconfig({ server: "https://named" })) };
  assert.is((await find({}, named)).cluster.server, "https://named");
  const given = folder.write("given", kubeconfig({ server: "https://given" }, { token: "t" }));
  assert.is((await find({ kubeconfig: given }, named)).cluster.server, "https://given");
  const both = await find({ kubeconfig: given, master: server }, named);
  assert.equal([both.cluster.server, both.user.token], [server, "t"]);
  assert.equal(await find({ master: server }, named), { source: "master", cluster: { server }, user: {} });
});

sources("of $KUBECONFIG are merged: the first one that has an entry wins, files that are missing are passed over", async () => {
  const first = folder.write("a/config", { contexts: [{ name: "x", context: { cluster: "c", user: "u" } }] });
  const second = folder.write("b/config", kubeconfig({ server, "certificate-authority": "ca.crt" }, { tokenFile: "token" }));
  folder.write("b/ca.crt", "CA");
  folder.write("b/token", "t");
  const found = await find({}, { KUBECONFIG: [join(folder.path, "none"), first, second].join(":") });
  assert.is(found.cluster["certificate-authority"], join(folder.path, "b", "ca.crt"));
  assert.is(found.user.tokenFile, join(folder.path, "b", "token"));
});

sources("with a context that is asked for", async () => {
  const config = { ...kubeconfig({ server }), contexts: [{ name: "x" }, { name: "y", context: { cluster: "c" } }] };
  assert.equal((await find({ kubeconfig: folder.write("config", config), context: "y" })).user, {});
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
    () => file(kubeconfig({ server: "10.0.0.1:6443/path" })),
    'The F/config: server of cluster "c" is not an http:// or https:// URL: 10.0.0.1:6443/path',
  ],
  ["no server", () => file(kubeconfig({})), 'The F/config: server of cluster "c" is not an http:// or https:// URL: undefined'],
  ["no URL as master", () => ({ master: "localhost:8080" }), "The master is not an http:// or https:// URL: localhost:8080"],
  [
    "no CA file",
    () => file(kubeconfig({ server, "certificate-authority": "ca.crt" })),
    "The certificate authority named in F/config does not exist: F/ca.crt",
  ],
  [
    "no certificate file",
    () => file(kubeconfig({ server }, { "client-certificate": "/no.crt", "client-key": "/no.key" })),
    "The client certificate named in F/config does not exist: /no.crt",
  ],
  [
    "no key file",
    () => file(kubeconfig({ server }, { "client-certificate-data": "x", "client-key": "/no.key" })),
    "The client key named in F/config does not exist: /no.key",
  ],
  [
    "a certificate without its key",
    () => file(kubeconfig({ server }, { "client-certificate": "/no.crt" })),
    "F/config: the client-certificate has no client-key: name it, or give its data",
  ],
  [
    "a key without its certificate",
    () => file(kubeconfig({ server }, { "client-key-data": "x" })),
    "F/config: the client-key has no client-certificate: name it, or give its data",
  ],
  [
    "a token and a username",
    () => file(kubeconfig({ server }, { token: "t", username: "u" })),
    "F/config: a token and a username exclude each other: remove one",
  ],
  [
    "groups without a user to act as",
    () => file(kubeconfig({ server }, { "as-groups": ["g"] })),
    "F/config: as-uid, as-groups and as-user-extra need a user to act as: name it with as",
  ],
  [
    "no verification and an authority",
    () => file(kubeconfig({ server, "insecure-skip-tls-verify": true, "certificate-authority-data": "x" })),
    "F/config: insecure-skip-tls-verify and a certificate-authority exclude each other: remove one",
  ],
  [
    "a proxy that is none",
    () => file(kubeconfig({ server, "proxy-url": "ftp://me:secret@proxy" })),
    "F/config: proxy-url is not the URL of a proxy (http, https or socks5): ftp://me:***@proxy",
  ],
  [
    "two clusters of one name, even where another one is used",
    () => file({ ...kubeconfig({ server }), clusters: ["c", "d", "d"].map((name) => ({ name, cluster: { server } })) }),
    'F/config has two clusters that are called "d": remove or rename one',
  ],
  [
    "a token that is a number",
    () => file(kubeconfig({ server }, { token: 123456 })),
    'F/config: token of user "u" is a number, expected a text: put it in quotes',
  ],
  ...([
    [{}, "exec has no command"],
    [{ command: "x" }, "exec has no apiVersion: use client.authentication.k8s.io/v1"],
    [
      { command: "x", apiVersion: "client.authentication.k8s.io/v1alpha1" },
      'exec has apiVersion "client.authentication.k8s.io/v1alpha1", known are client.authentication.k8s.io/v1 and client.authentication.k8s.io/v1beta1',
    ],
    [
      { command: "x", apiVersion: "client.authentication.k8s.io/v1" },
      "exec has no interactiveMode: use Never, IfAvailable or Always",
    ],
    [
      { command: "x", apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "Maybe" },
      'exec has interactiveMode "Maybe": use Never, IfAvailable or Always',
    ],
  ] as const).map(([exec, fault]): (typeof faults)[number] => [
    `a plugin of which ${fault}`,
    () => file(kubeconfig({ server }, { exec })),
    `F/config: ${fault}`,
  ]),
];
const file = (content: unknown): ConnectOptions => ({ kubeconfig: folder.write("config", content) });
for (const [what, write, message] of faults) {
  sources(`fault: ${what}`, async () => {
    try {
      await find(write());
    } catch (error) {
      assert.is((error as Error).name, "SetupError");
      return assert.is((error as Error).message.replaceAll(folder.path, "F"), message);
    }
    assert.unreachable("no error");
  });
}

sources("with a server that has no scheme, as kubectl takes it", async () => {
  const serverOf = async (cluster: object) => (await find(file(kubeconfig(cluster)))).cluster.server;
  assert.is(await serverOf({ server: "127.0.0.1:6443" }), "http://127.0.0.1:6443");
  assert.is(await serverOf({ server: "localhost:6443", "insecure-skip-tls-verify": true }), "https://localhost:6443");
  assert.is(await serverOf({ server: "kube.example", "certificate-authority-data": "eA==" }), "https://kube.example");
});

sources("in YAML: the first document, of a key given twice the last, and nothing at all", async () => {
  const text = `clusters: [{name: c, cluster: {server: "http://a", server: "http://b"}}]
contexts: [{name: x, context: {cluster: c}}]
current-context: x
`;
  assert.is((await find(file(`${text}---\ncurrent-context: y\n`))).cluster.server, "http://b");
  assert.match(await find(file("")).catch((error) => error.message), /has no current-context/);
});

sources("with a proxy: that of the kubeconfig, then that of the environment", async () => {
  const env = { HTTPS_PROXY: "http://env:3128" };
  const given = file(kubeconfig({ server, "proxy-url": "socks5://named:1080" }));
  assert.is((await find(given, env)).cluster["proxy-url"], "socks5://named:1080");
  assert.is((await find(file(kubeconfig({ server })), env)).cluster["proxy-url"], "http://env:3128");
  assert.is((await find({ master: "https://127.0.0.1:6443" }, env)).cluster["proxy-url"], undefined);
  const wrong = await find({ master: server }, { https_proxy: "not a url" }).catch((error) => error.message);
  assert.is(wrong, "https_proxy is not the URL of a proxy (http, https or socks5): not a url");
});

sources.run();
