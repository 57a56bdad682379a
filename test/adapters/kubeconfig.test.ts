/** Where credentials are found, and the sentence for each way in which they are not. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect } from "../../src/adapters/node.ts";
import { type ConnectOptions, findCredentials } from "../../src/adapters/sources/kubeconfig.ts";
import type { Cluster } from "../../src/ports.ts";
import { type Folder, kubeconfig, temporaryFolder } from "../support/files.ts";

const server = "https://10.0.0.1:6443";
const V1 = "client.authentication.k8s.io/v1";
let folder: Folder;

/** As on a machine that has nothing but what the test has written. */
const find = (options: ConnectOptions = {}, env: Record<string, string> = {}) =>
  findCredentials(options, { env, home: () => join(folder.path, "home"), serviceAccount: join(folder.path, "account") });
const file = (content: unknown): ConnectOptions => ({ kubeconfig: folder.write("config", content) });

const createLog = () => {
  const lines: string[] = [];
  const warn = (message: string) => void lines.push(message.replaceAll(folder.path, "F"));
  return { lines, log: { debug() {}, info() {}, warn, error: warn } };
};

const sources = suite("sources of credentials");
sources.before.each(() => void (folder = temporaryFolder()));
sources.after.each(() => folder.remove());

sources("are taken in order", async () => {
  folder.write("account/token", "t");
  folder.write("account/ca.crt", "CA");
  const pod = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
  assert.equal(await find({}, pod), {
    clusterText: "cluster of this pod",
    userText: "service account of this pod",
    server: "https://[fd00::1]:443",
    cluster: { "certificate-authority": join(folder.path, "account", "ca.crt") },
    user: { tokenFile: join(folder.path, "account", "token") },
    files: [],
  });
  folder.write("home/.kube/config", kubeconfig({ server: "https://home" }));
  assert.is((await find({}, pod)).server, "https://home");
  const named = { ...pod, KUBECONFIG: folder.write("named", kubeconfig({ server: "https://named" })) };
  assert.is((await find({}, named)).server, "https://named");
  const given = folder.write("given", kubeconfig({ server: "https://given", "tls-server-name": "g" }, { token: "t" }));
  assert.is((await find({ kubeconfig: given }, named)).server, "https://given");
  const both = await find({ kubeconfig: given, master: server }, named);
  assert.equal([both.server, both.user.token, both.cluster["tls-server-name"]], [server, "t", undefined]);
  const alone = await find({ master: server }, named);
  assert.equal([alone.userText, alone.server, alone.user], ["anonymous user", server, {}]);
});

sources("of a pod without a certificate authority are said to be so", async () => {
  folder.write("account/token", "t");
  const { log, lines } = createLog();
  const found = await find({ log }, { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" });
  assert.equal(found.cluster, {});
  assert.equal(lines, [
    "The pod's service account has no F/account/ca.crt: the server must be trusted by the system's authorities",
  ]);
});

sources("of $KUBECONFIG are merged: the first one that has an entry wins, files that are missing are passed over", async () => {
  const first = folder.write("a/config", { contexts: [{ name: "x", context: { cluster: "c", user: "u" } }] });
  const empty = folder.write("empty", "");
  const second = folder.write("b/config", kubeconfig({ server, "certificate-authority": "ca.crt" }, { tokenFile: "token" }));
  const third = folder.write("c/config", kubeconfig({ server: "https://third" }, { token: "third" }));
  const found = await find({}, { KUBECONFIG: [join(folder.path, "none"), "", first, empty, second, first, third].join(":") });
  assert.is(found.server, server);
  assert.is(found.cluster["certificate-authority"], join(folder.path, "b", "ca.crt"));
  assert.is(found.user.tokenFile, join(folder.path, "b", "token"));
});

sources("with a context that is asked for", async () => {
  const config = { ...kubeconfig({ server }), contexts: [{ name: "x" }, { name: "y", context: { cluster: "c" } }] };
  assert.equal((await find({ ...file(config), context: "y" })).user, {});
  assert.is((await find({ ...file(kubeconfig({ server })), context: "" })).server, server);
});

sources("without any credentials for TLS are said to be so", async () => {
  const { log, lines } = createLog();
  for (const url of [server, "http://10.0.0.1"]) await find({ ...file(kubeconfig({ server: url }, { as: "jane" })), log });
  assert.equal(lines, [`The user "u" in F/config has no credentials, ${server} is asked as anonymous`]);
});

sources("kept back from a server without TLS, as by kubectl; whom to act as is not", async () => {
  const { log, lines } = createLog();
  const user = { token: "t", as: "jane", "as-groups": ["g"] };
  const config = file(kubeconfig({ server: "http://10.0.0.1" }, user));
  assert.equal((await find({ ...config, log })).user, { as: "jane", "as-groups": ["g"] });
  assert.equal(lines, [
    'The credentials of the user "u" in F/config are kept back, http://10.0.0.1 is asked as anonymous: its connections are not encrypted',
  ]);
  assert.equal((await find({ ...config, master: server })).user, user);
});

const urls: [text: string, url: string][] = [
  ["127.0.0.1:6443", "http://127.0.0.1:6443"],
  ["kube", "http://kube"],
  ["localhost:8080/", "http://localhost:8080"],
  ["HTTPS://Kube:443/a/b//?c=d#e", "https://kube/a/b"],
  ["https://[fd00::1]:6443//", "https://[fd00::1]:6443"],
];
for (const [text, url] of urls) {
  sources(`at the server ${text}`, async () => {
    assert.is((await find(file(kubeconfig({ server: text }, { token: "t" })))).server, url);
    if (/^http/i.test(text)) assert.is((await find({ master: text })).server, url);
  });
}

sources("through a proxy: that of the kubeconfig goes before that of the environment, and is never passed by", async () => {
  const env = { HTTPS_PROXY: "http://env:3128", NO_PROXY: "127.0.0.0/8" };
  const local = { server: "https://127.0.0.1", "proxy-url": "socks5://file:1080" };
  assert.is((await find(file(kubeconfig(local, { token: "t" })), env)).proxy, "socks5://file:1080");
  assert.is((await find(file(kubeconfig({ ...local, "proxy-url": "" }, { token: "t" })), env)).proxy, undefined);
  assert.is((await find({ master: server }, env)).proxy, "http://env:3128");
});

const data = (text: string) => Buffer.from(text).toString("base64");
const exec = { apiVersion: V1, command: "x", interactiveMode: "Never" };
const faults: [what: string, write: () => ConnectOptions, message: string][] = [
  [
    "nothing at all",
    () => ({}),
    "No kubeconfig: $KUBECONFIG is not set, F/home/.kube/config does not exist, and this is no pod; name one with --kubeconfig, or a server with --master",
  ],
  [
    "no such file",
    () => ({ kubeconfig: "/no/such" }),
    "The kubeconfig does not exist: /no/such; name another, or start first what writes it",
  ],
  ["a folder", () => ({ kubeconfig: folder.path }), "The kubeconfig is a folder: F"],
  [
    "no YAML",
    () => file("a: [b"),
    "The kubeconfig F/config is not YAML: unexpected end of the stream within a flow collection (1:6)",
  ],
  ["a text", () => file("just a text"), "F/config is not a kubeconfig: it is a text"],
  ["a list", () => file([]), "F/config is not a kubeconfig: it is a list"],
  [
    "another kind",
    () => file({ apiVersion: "v1", kind: "Pod" }),
    'F/config is not a kubeconfig: it is a "Pod" of apiVersion "v1", expected a "Config" of "v1"',
  ],
  ["no list of clusters", () => file({ clusters: {} }), "F/config: clusters is an object, expected a list"],
  [
    "empty",
    () => file("# nothing"),
    "F/config has no contexts: name another kubeconfig",
  ],
  [
    "no current-context",
    () => file({ ...kubeconfig({ server }), "current-context": "" }),
    'F/config has no current-context: set one with kubectl config use-context, or name one of "x"',
  ],
  ["no such context", () => ({ ...file(kubeconfig({ server })), context: "y" }), 'F/config has no context "y", only "x"'],
  [
    "no such cluster",
    () => file({ ...kubeconfig({ server }), clusters: [] }),
    'The context "x" in F/config names the cluster "c", which is not there',
  ],
  [
    "no cluster",
    () => file({ ...kubeconfig({ server }), contexts: [{ name: "x" }] }),
    'The context "x" in F/config names no cluster: name one of "c"',
  ],
  [
    "no such user",
    () => file({ ...kubeconfig({ server }), users: null }),
    'The context "x" in F/config names the user "u", which is not there',
  ],
  ...[
    "10.0.0.1:6443/path",
    "https://",
    "ftp://10.0.0.1",
    "https://10.0.0.1:port",
    " https://10.0.0.1",
    "https:///10.0.0.1",
    "https://10.1",
    "https://012.0.0.1",
    "https://167772161",
  ].map((
    url,
  ): [string, () => ConnectOptions, string] => [
    `the server ${url}`,
    () => file(kubeconfig({ server: url })),
    `The server of the cluster "c" in F/config is not an http:// or https:// URL: ${url}`,
  ]),
  [
    "a server with a password",
    () => file(kubeconfig({ server: "https://me:secret@10.0.0.1" })),
    'The server of the cluster "c" in F/config holds a user name: give it as username and password of the user (https://me:***@10.0.0.1)',
  ],
  ["no server", () => file(kubeconfig({})), 'The cluster "c" in F/config has no server: name it'],
  ["no URL as master", () => ({ master: "ftp://x" }), "The master is not an http:// or https:// URL: ftp://x"],
  [
    "no scheme of the master",
    () => ({ master: "localhost:8080" }),
    "The master is not an http:// or https:// URL: localhost:8080",
  ],
  [
    "a certificate without its key",
    () => file(kubeconfig({ server }, { "client-certificate": "/no.crt", token: "t" })),
    'The user "u" in F/config has a client-certificate without its client-key: name it, or give its data',
  ],
  [
    "a key without its certificate, and nothing else",
    () => file(kubeconfig({ server }, { "client-key-data": data("x") })),
    'The user "u" in F/config has a client-key without its client-certificate: name it, or give its data',
  ],
  [
    "a certificate twice",
    () => file(kubeconfig({ server }, { "client-certificate": "a", "client-certificate-data": data("x"), "client-key": "b" })),
    'The user "u" in F/config has client-certificate and client-certificate-data: they exclude each other, remove one',
  ],
  [
    "a token and a username",
    () => file(kubeconfig({ server }, { token: "t", username: "u" })),
    'The user "u" in F/config has a token and a username: they exclude each other, remove one',
  ],
  [
    "a token file and a username",
    () => file(kubeconfig({ server }, { tokenFile: "t", username: "u" })),
    'The user "u" in F/config has a token and a username: they exclude each other, remove one',
  ],
  [
    "a token of two lines",
    () => file(kubeconfig({ server }, { token: "secret\nsecret" })),
    'The user "u" in F/config has a token that has more than one line',
  ],
  [
    "a token with a space",
    () => file(kubeconfig({ server }, { token: " secret" })),
    'The user "u" in F/config has a token that has a space or another character that no token has',
  ],
  [
    "a server of two lines",
    () => file(kubeconfig({ server: "https://a\nb" })),
    String.raw`The server of the cluster "c" in F/config is not an http:// or https:// URL: https://a\nb`,
  ],
  [
    "a user to act as with white space around it",
    () => file(kubeconfig({ server }, { token: "t", as: "joe", "as-groups": ["g", "h "] })),
    'The user "u" in F/config has "h " to act as: HTTP/1.1 carries no white space around it, remove that',
  ],
  [
    "groups without a user to act as",
    () => file(kubeconfig({ server }, { "as-groups": ["g"] })),
    'The user "u" in F/config has as-uid, as-groups or as-user-extra without a user to act as: name it with as',
  ],
  [
    "no verification and an authority",
    () => file(kubeconfig({ server, "insecure-skip-tls-verify": true, "certificate-authority": "x" })),
    'The cluster "c" in F/config has insecure-skip-tls-verify and a certificate-authority: they exclude each other, remove one',
  ],
  [
    "an authority twice",
    () => file(kubeconfig({ server, "certificate-authority": "x", "certificate-authority-data": data("x") })),
    'The cluster "c" in F/config has certificate-authority and certificate-authority-data: they exclude each other, remove one',
  ],
  ...["ftp://me:secret@proxy", "me:secret@proxy:80", "socks5h://me:secret@proxy"].map((
    url,
  ): [string, () => ConnectOptions, string] => [
    `the proxy-url ${url}`,
    () => file(kubeconfig({ server, "proxy-url": url })),
    `The cluster "c" in F/config has a proxy-url that is not the URL of a proxy (http, https or socks5): ${
      url.replace("secret", "***")
    }`,
  ]),
  [
    "two clusters of one name, even where another one is used",
    () => file({ ...kubeconfig({ server }), clusters: ["c", "d", "d"].map((name) => ({ name, cluster: { server } })) }),
    'F/config has two clusters of the name "d": remove or rename one',
  ],
  [
    "two users without a name",
    () => file({ ...kubeconfig({ server }), users: [{ name: "u" }, { user: {} }, { user: {} }] }),
    'F/config has two users of the name "": remove or rename one',
  ],
  [
    "a token that is a number, even of another user",
    () => file("users: [{name: z, user: {token: 123456}}]"),
    'F/config: users["z"].user.token is a number, expected a text: put it in quotes',
  ],
  [
    "a name that is a boolean to YAML",
    () => file("users: [{name: y}]"),
    "F/config: users[0].name is a boolean, expected a text: put it in quotes",
  ],
  [
    "a boolean that is a text",
    () => file(kubeconfig({ server, "insecure-skip-tls-verify": "true" })),
    'F/config: clusters["c"].cluster.insecure-skip-tls-verify is a text, expected true or false',
  ],
  [
    "groups that are no list",
    () => file(kubeconfig({ server }, { as: "a", "as-groups": "g" })),
    'F/config: users["u"].user.as-groups is a text, expected a list',
  ],
  [
    "an authority that is not base64",
    () => file(kubeconfig({ server, "certificate-authority-data": "-----BEGIN CERTIFICATE-----" })),
    'F/config: clusters["c"].cluster.certificate-authority-data is not base64',
  ],
  [
    "exec and auth-provider",
    () => file(kubeconfig({ server }, { exec, "auth-provider": { name: "oidc" } })),
    'The user "u" in F/config has exec and auth-provider: they exclude each other, remove one',
  ],
  [
    "an auth-provider that nobody knows",
    () => file(kubeconfig({ server }, { "auth-provider": { name: "nope" } })),
    'The user "u" in F/config has the auth-provider "nope", which is not known: use a credential plugin (exec)',
  ],
  [
    "an auth-provider without its config",
    () => file(kubeconfig({ server }, { "auth-provider": { name: "gcp" } })),
    'The user "u" in F/config has the auth-provider "gcp" without its config: log in again, or use a credential plugin (exec)',
  ],
  ...([
    [{ command: "" }, "an exec without a command: name the program"],
    [{ apiVersion: null }, `an exec without an apiVersion: use ${V1}`],
    [{ apiVersion: `${V1}alpha1` }, `an exec of the apiVersion "${V1}alpha1": use ${V1} or ${V1}beta1`],
    [{ env: [{ value: "x" }] }, "an exec with a variable that has no name: name it, or remove it from env"],
    [{ interactiveMode: "" }, "an exec without an interactiveMode: use Never or IfAvailable or Always"],
    [{ interactiveMode: "never" }, 'an exec of the interactiveMode "never": use Never or IfAvailable or Always'],
  ] as const).map(([part, fault]): [string, () => ConnectOptions, string] => [
    fault,
    () => file(kubeconfig({ server }, { exec: { ...exec, ...part } })),
    `The user "u" in F/config has ${fault}`,
  ]),
];
for (const [what, write, message] of faults) {
  sources(`fault: ${what}`, async () => {
    const error = await find(write()).then(() => assert.unreachable("no error"), (error) => error);
    assert.is(error.name, "SetupError");
    assert.is(error.message.replaceAll(folder.path, "F"), message);
  });
}

sources("take a key without its certificate where there are other credentials, and old plugins without a mode", async () => {
  await find(file(kubeconfig({ server }, { "client-key": "/no.key", token: "t" })));
  await find(file(kubeconfig({ server }, { exec: { command: "x", apiVersion: `${V1}beta1` } })));
});
sources.run();

/** What is found out only when the files are read, and is a fault of the setup all the same. */
const atConnect = suite("files that credentials name");
atConnect.before.each(() => void (folder = temporaryFolder()));
atConnect.after.each(() => folder.remove());
const files: [what: string, cluster: object, user: object, message: string][] = [
  [
    "no authority",
    { server, "certificate-authority": "ca.crt" },
    { token: "t" },
    'The certificate authority of the cluster "c" in F/config does not exist: F/ca.crt',
  ],
  [
    "no authority, by plain HTTP",
    { server: "http://10.0.0.1", "certificate-authority": "ca.crt" },
    { token: "t" },
    'The certificate authority of the cluster "c" in F/config does not exist: F/ca.crt',
  ],
  [
    "an authority that is none",
    { server, "certificate-authority-data": data("hello") },
    { token: "t" },
    'The certificate authority of the cluster "c" in F/config holds no certificate in PEM',
  ],
  [
    "no certificate",
    { server },
    { "client-certificate": "/no.crt", "client-key": "/no.key" },
    'The client certificate of the user "u" in F/config does not exist: /no.crt',
  ],
  [
    "a certificate that is none",
    { server },
    { "client-certificate-data": data("hello"), "client-key-data": data("secret") },
    'The client certificate of the user "u" in F/config cannot be used: it is no certificate in PEM',
  ],
  ["no token", { server }, { tokenFile: "token" }, 'The token file of the user "u" in F/config does not exist: F/token'],
];
for (const [what, cluster, user, message] of files) {
  atConnect(`fault: ${what}`, async () => {
    const error = await connect(file(kubeconfig(cluster, user))).then(() => assert.unreachable("no error"), (error) => error);
    assert.is(error.name, "SetupError");
    assert.is(error.message.replaceAll(folder.path, "F"), message);
  });
}

atConnect("that are empty count as none: an authority", async () => {
  const cluster: Cluster = await connect(
    file(kubeconfig({ server, "certificate-authority": folder.write("ca.crt", "") }, { token: "t" })),
  );
  await cluster.close();
});
atConnect.run();
