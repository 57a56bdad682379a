/**
 * Kubeconfigs, good and bad, to be tried by kubectl and by the library.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { kubeconfig } from "./files.ts";

/** What the kubeconfigs are about. */
export interface Place {
  readonly server: string;
  readonly caPath: string;
  /** PEM. */
  readonly ca: string;
  /** Of the user admin. */
  readonly token: string;
  readonly aliceToken: string;
  /** Certificates of two users, in PEM. */
  readonly jane: { readonly cert: string; readonly key: string };
  readonly john: { readonly cert: string; readonly key: string };
  /** URL of a proxy that reaches loopback by any name. */
  readonly proxy: string;
  /** Writes a file beside the kubeconfig. @returns Its path. */
  write(name: string, content: string): string;
}

/** One of them. */
export interface Attempt {
  /** The content of the file; an object is written as JSON. */
  readonly config: string | object;
  readonly context?: string;
  readonly master?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** By name: what is tried. */
export type Attempts = Readonly<Record<string, (place: Place) => Attempt>>;

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const clusterOf = ({ server, caPath }: Place) => ({ server, "certificate-authority": caPath });
const V1 = "client.authentication.k8s.io/v1";

const withUser = (user: (place: Place) => object) => (place: Place): Attempt => ({
  config: kubeconfig(clusterOf(place), user(place)),
});
const withCluster = (cluster: (place: Place) => object | null) => (place: Place): Attempt => ({
  config: { ...kubeconfig({}, { token: place.token }), clusters: [{ name: "c", cluster: cluster(place) }] },
});
/** A whole kubeconfig in YAML, changed. */
const withText = (change: (text: string, place: Place) => string) => (place: Place): Attempt => {
  const text = [
    ...["apiVersion: v1", "kind: Config", "clusters:", "- name: c", "  cluster:", `    server: ${place.server}`],
    ...[`    certificate-authority: ${place.caPath}`, "users:", "- name: u", "  user:", `    token: ${place.token}`],
    ...["contexts:", "- name: x", "  context:", "    cluster: c", "    user: u", "current-context: x", ""],
  ].join("\n");
  return { config: change(text, place) };
};
const withTokenFile = (content: (token: string) => string, beside?: (place: Place) => string) =>
  withUser((place) => ({ tokenFile: place.write("token", content(place.token)), ...beside && { token: beside(place) } }));

const tokens: Attempts = {
  "a token": withUser(({ token }) => ({ token })),
  "no credentials": withUser(() => ({})),
  "a token file": withTokenFile((token) => `${token}\n`),
  "a token file goes before a token": withTokenFile((token) => token, () => "nope"),
  "a bad token file before a good token": withTokenFile(() => "nope", ({ token }) => token),
  "a token file that is missing": withUser(() => ({ tokenFile: "gone" })),
  "a token file that is missing, and a token": withUser(({ token }) => ({ tokenFile: "gone", token })),
  "a token file that is a folder": withUser(() => ({ tokenFile: "." })),
  "an empty token file": withTokenFile(() => ""),
  "an empty token file, and a token": withTokenFile(() => "", ({ token }) => token),
  "a token file with a line break only": withTokenFile(() => "\n"),
  "a token file of two lines": withTokenFile((token) => `${token}\n${token}\n`),
  "a token file of two lines, and a token": withTokenFile((token) => `${token}\n${token}\n`, ({ token }) => token),
  "a token file with a byte order mark": withTokenFile((token) => `\ufeff${token}\n`),
  "a token file with spaces around": withTokenFile((token) => ` \t${token}\u00a0\u0085\r\n`),
  "a token file with a space inside": withTokenFile((token) => token.replace("-", " ")),
  "a token file with a NUL": withTokenFile((token) => `${token}\0`),
  "a token with spaces": withUser(({ token }) => ({ token: ` ${token} ` })),
  "a token of two lines": withUser(({ token }) => ({ token: `${token}\nx` })),
  "a token that is null": withUser(() => ({ token: null })),
  "a token in another case": withUser(({ token }) => ({ Token: token })),
  "a member that nobody knows": withUser(({ token }) => ({ token, foo: 1 })),
  "a token and a username": withUser(({ token }) => ({ token, username: "a" })),
  "a token and a password": withUser(({ token }) => ({ token, password: "a" })),
  "a token file and a username": withUser((place) => ({ tokenFile: place.write("token", place.token), username: "a" })),
  "a username and a password": withUser(() => ({ username: "a", password: "b" })),
};

const certificates: Attempts = {
  "a certificate in files": withUser(({ jane, write }) => ({
    "client-certificate": write("crt", jane.cert),
    "client-key": write("key", jane.key),
  })),
  "a certificate as data": withUser(({ jane }) => ({
    "client-certificate-data": base64(jane.cert),
    "client-key-data": base64(jane.key),
  })),
  "a certificate in a file, its key as data": withUser(({ jane, write }) => ({
    "client-certificate": write("crt", `Subject: jane\n${jane.cert}`),
    "client-key-data": base64(jane.key),
  })),
  "a certificate and its key in one file": withUser(({ jane, write }) => {
    const path = write("pem", `${jane.key}${jane.cert}`);
    return { "client-certificate": path, "client-key": path };
  }),
  "a certificate and a token": withUser(({ jane, aliceToken }) => ({
    "client-certificate-data": base64(jane.cert),
    "client-key-data": base64(jane.key),
    token: aliceToken,
  })),
  "a certificate without its key": withUser(({ jane }) => ({ "client-certificate-data": base64(jane.cert) })),
  "a certificate without its key, and a token": withUser(({ jane, token }) => ({
    "client-certificate-data": base64(jane.cert),
    token,
  })),
  "a key without its certificate": withUser(({ jane }) => ({ "client-key-data": base64(jane.key) })),
  "a key without its certificate, and a token": withUser(({ token }) => ({ "client-key": "gone", token })),
  "a certificate and the key of another": withUser(({ jane, john }) => ({
    "client-certificate-data": base64(jane.cert),
    "client-key-data": base64(john.key),
  })),
  "a certificate file that is missing": withUser(({ jane, write }) => ({
    "client-certificate": "gone",
    "client-key": write("key", jane.key),
  })),
  "a certificate that is none": withUser(({ jane }) => ({
    "client-certificate-data": base64("hello"),
    "client-key-data": base64(jane.key),
  })),
  "a certificate that is not base64": withUser(({ jane }) => ({
    "client-certificate-data": jane.cert,
    "client-key-data": base64(jane.key),
  })),
  "a certificate in a file and as data": withUser(({ jane, write }) => ({
    "client-certificate": write("crt", jane.cert),
    "client-certificate-data": base64(jane.cert),
    "client-key-data": base64(jane.key),
  })),
  "a key in a file and as data": withUser(({ jane, write }) => ({
    "client-certificate-data": base64(jane.cert),
    "client-key": write("key", jane.key),
    "client-key-data": base64(jane.key),
  })),
};

const impersonation: Attempts = {
  "another user": withUser(({ token }) => ({ token, as: "alice" })),
  "another user in groups": withUser(({ token }) => ({ token, as: "jürgen", "as-groups": ["g1", "g2"] })),
  "another user with all there is": withUser(({ token }) => ({
    token,
    as: "joe",
    "as-uid": "77",
    "as-groups": ["g"],
    "as-user-extra": { "Scopes/x y": ["v,1", "w"], "50%": ["z"] },
  })),
  "groups without a user": withUser(({ token }) => ({ token, "as-groups": ["g"] })),
  "another user, without the right to": withUser(({ aliceToken }) => ({ token: aliceToken, as: "joe" })),
  "groups that are no list": withUser(({ token }) => ({ token, as: "joe", "as-groups": "g" })),
  "extra that is no list": withUser(({ token }) => ({ token, as: "joe", "as-user-extra": { a: "b" } })),
};

/** The entry of a plugin that prints this. */
const printing = (output: (place: Place) => string, more: object = {}) =>
  withUser((place) => ({
    exec: {
      apiVersion: V1,
      command: "/bin/cat",
      args: [place.write("answer", output(place))],
      interactiveMode: "Never",
      ...more,
    },
  }));
const answer = (status: object, more: object = {}) => JSON.stringify({ apiVersion: V1, kind: "ExecCredential", status, ...more });
const good = ({ token }: Place) => answer({ token });

const plugins: Attempts = {
  "a plugin": printing(good),
  "a plugin of v1beta1": printing(({ token }) => answer({ token }, { apiVersion: `${V1}beta1` }), { apiVersion: `${V1}beta1` }),
  "a plugin of v1beta1, without a mode": printing(({ token }) => answer({ token }, { apiVersion: `${V1}beta1` }), {
    apiVersion: `${V1}beta1`,
    interactiveMode: null,
  }),
  "a plugin that gives a certificate": printing(({ jane }) =>
    answer({ clientCertificateData: jane.cert, clientKeyData: jane.key })
  ),
  "a plugin that gives a certificate and a token": printing(({ jane, aliceToken }) =>
    answer({ clientCertificateData: jane.cert, clientKeyData: jane.key, token: aliceToken })
  ),
  "a plugin that prints YAML": printing(({ token }) => `apiVersion: ${V1}\nstatus:\n  token: ${token}\n`),
  "a plugin that prints a byte order mark": printing((place) => `\ufeff${good(place)}`),
  "a plugin that prints no kind": printing(({ token }) => answer({ token }, { kind: undefined })),
  "a plugin that prints no apiVersion": printing(({ token }) => answer({ token }, { apiVersion: undefined })),
  "a plugin that prints another version": printing(({ token }) => answer({ token }, { apiVersion: `${V1}beta1` })),
  "a plugin that prints another kind": printing(({ token }) => answer({ token }, { kind: "Foo" })),
  "a plugin that prints a Status": printing(() => '{"kind":"Status","apiVersion":"v1","status":"Failure"}'),
  ...Object.fromEntries(
    ["", "{}", "[]", '"x"', "null", "5", "<html>", "not json"].map((text) => [
      `a plugin that prints ${JSON.stringify(text)}`,
      printing(() => text),
    ]),
  ),
  "a plugin that prints two answers": printing((place) => good(place).repeat(2)),
  "a plugin that prints more behind its answer": printing((place) => `${good(place)}\nbye`),
  "a plugin that prints no status": printing(() => JSON.stringify({ apiVersion: V1, kind: "ExecCredential" })),
  "a plugin that prints an empty status": printing(() => answer({})),
  "a plugin that prints a token that is a number": printing(() => answer({ token: 5 })),
  "a plugin that prints a token of two lines": printing(({ token }) => answer({ token: `${token}\nx` })),
  "a plugin that prints a token with a space": printing(({ token }) => answer({ token: ` ${token}` })),
  "a plugin that prints a certificate without its key": printing(({ jane, token }) =>
    answer({ clientCertificateData: jane.cert, token })
  ),
  "a plugin that prints the key of another": printing(({ jane, john }) =>
    answer({ clientCertificateData: jane.cert, clientKeyData: john.key })
  ),
  "a plugin whose answer is over": printing(({ token }) => answer({ token, expirationTimestamp: "2020-01-01T00:00:00Z" })),
  ...Object.fromEntries(
    ["2100-01-01T00:00:00.5+02:00", "2100-01-01", "2100-01-01 00:00:00Z", "2100-02-31T00:00:00Z", ""].map((time) => [
      `a plugin whose answer ends at ${JSON.stringify(time)}`,
      printing(({ token }) => answer({ token, expirationTimestamp: time })),
    ]),
  ),
  "a plugin without an apiVersion": printing(good, { apiVersion: null }),
  "a plugin of v1alpha1": printing(good, { apiVersion: `${V1}alpha1` }),
  "a plugin without a mode": printing(good, { interactiveMode: null }),
  "a plugin of an unknown mode": printing(good, { interactiveMode: "never" }),
  "a plugin that asks if it can": printing(good, { interactiveMode: "IfAvailable" }),
  "a plugin that must ask": printing(good, { interactiveMode: "Always" }),
  "a plugin without a command": printing(good, { command: "" }),
  "a plugin that is not there": printing(good, { command: "no-such-plugin", installHint: "install it" }),
  "a plugin that cannot be run": printing(good, { command: "/tmp" }),
  "a plugin that fails": printing(good, { command: "/bin/sh", args: ["-c", "echo no >&2; exit 3"] }),
  "a plugin beside the kubeconfig": withUser((place) => {
    place.write("answer", good(place));
    place.write("plugin.sh", '#!/bin/sh\ncat "$(dirname "$0")/answer"\n');
    return { exec: { apiVersion: V1, command: "./plugin.sh", interactiveMode: "Never" } };
  }),
  "a plugin with variables": printing(good, {
    command: "/bin/sh",
    args: ["-c", 'printf \'{"apiVersion":"%s","status":{"token":"%s"}}\' "$V" "$T"'],
    env: [{ name: "V", value: V1 }, { name: "T", value: "admin-token" }, { name: "EMPTY" }],
  }),
  "a plugin with a variable without a name": printing(good, { env: [{ value: "x" }] }),
  "a plugin with an argument that is a number": printing(good, { args: [1] }),
  "a plugin beside a token": withUser(({ aliceToken }) => ({
    token: aliceToken,
    exec: { apiVersion: V1, command: "/bin/false", interactiveMode: "Never" },
  })),
  "a plugin beside a certificate": withUser(({ jane }) => ({
    "client-certificate-data": base64(jane.cert),
    "client-key-data": base64(jane.key),
    exec: { apiVersion: V1, command: "/bin/false", interactiveMode: "Never" },
  })),
  "a plugin beside an auth-provider": withUser(() => ({
    "auth-provider": { name: "oidc" },
    exec: { apiVersion: V1, command: "/bin/true", interactiveMode: "Never" },
  })),
  "an auth-provider that nobody knows": withUser(() => ({ "auth-provider": { name: "nope" } })),
};

const servers: Attempts = {
  "an authority as data": withCluster(({ server, ca }) => ({ server, "certificate-authority-data": base64(ca) })),
  "an authority as data, in lines": withCluster(({ server, ca }) => ({
    server,
    "certificate-authority-data": base64(ca).replace(/.{64}/g, "$&\n"),
  })),
  "an authority as data, in words": withCluster(({ server, ca }) => ({
    server,
    "certificate-authority-data": base64(ca).replace(/.{64}/g, "$& "),
  })),
  "an authority as data, without base64": withCluster(({ server, ca }) => ({ server, "certificate-authority-data": ca })),
  "an authority that is none": withCluster(({ server }) => ({ server, "certificate-authority-data": base64("hello") })),
  "an authority that is a key": withCluster(({ server, jane, write }) => ({
    server,
    "certificate-authority": write("ca", jane.key),
  })),
  "an authority among other things": withCluster(({ server, ca, jane, write }) => ({
    server,
    "certificate-authority": write("ca", `# mine\n${jane.key}\n${ca}`),
  })),
  "an authority in a file and as data": withCluster((place) => ({
    ...clusterOf(place),
    "certificate-authority-data": base64(place.ca),
  })),
  "an authority that is missing": withCluster(({ server }) => ({ server, "certificate-authority": "gone" })),
  "an authority that is empty": withCluster(({ server, write }) => ({ server, "certificate-authority": write("ca", "") })),
  "an authority of others": withCluster(({ server, jane, write }) => ({
    server,
    "certificate-authority": write("ca", jane.cert),
  })),
  "no authority": withCluster(({ server }) => ({ server })),
  "no verification": withCluster(({ server }) => ({ server, "insecure-skip-tls-verify": true })),
  "no verification, as a text": withCluster(({ server }) => ({ server, "insecure-skip-tls-verify": "true" })),
  "no verification, and an authority": withCluster((place) => ({ ...clusterOf(place), "insecure-skip-tls-verify": true })),
  "another name of the server": withCluster((place) => ({ ...clusterOf(place), "tls-server-name": "kubernetes.default.svc" })),
  "a wrong name of the server": withCluster((place) => ({ ...clusterOf(place), "tls-server-name": "other" })),
  "compression turned off": withCluster((place) => ({ ...clusterOf(place), "disable-compression": true })),
  "a server without a scheme": withCluster((place) => ({ ...clusterOf(place), server: place.server.slice(8) })),
  "a server without a scheme, with a path": withCluster((place) => ({
    ...clusterOf(place),
    server: `${place.server.slice(8)}/a`,
  })),
  "a server that is a word": withCluster(() => ({ server: "kube" })),
  "a server with a slash": withCluster((place) => ({ ...clusterOf(place), server: `${place.server}/` })),
  "a server with a path": withCluster((place) => ({ ...clusterOf(place), server: `${place.server}/a/b` })),
  "a server with a query": withCluster((place) => ({ ...clusterOf(place), server: `${place.server}/?a=b#c` })),
  "a server with a password": withCluster((place) => ({ ...clusterOf(place), server: place.server.replace("//", "//me:pw@") })),
  "a server in capitals": withCluster((place) => ({ ...clusterOf(place), server: place.server.toUpperCase() })),
  "a server with a space before it": withCluster((place) => ({ ...clusterOf(place), server: ` ${place.server}` })),
  "a server with a space behind it": withCluster((place) => ({ ...clusterOf(place), server: `${place.server} ` })),
  "a server by ftp": withCluster((place) => ({ ...clusterOf(place), server: place.server.replace("https", "ftp") })),
  "a server by http": withCluster((place) => ({ ...clusterOf(place), server: place.server.replace("https", "http") })),
  "a server with a port that is none": withCluster(() => ({ server: "https://127.0.0.1:port" })),
  "a server without slashes": withCluster((place) => ({ ...clusterOf(place), server: place.server.replace("//", "") })),
  "no server": withCluster(({ caPath }) => ({ "certificate-authority": caPath })),
  "no cluster": withCluster(() => null),
};

const named = (place: Place) => ({
  ...clusterOf(place),
  server: place.server.replace("127.0.0.1", "kube.invalid"),
  "tls-server-name": "kubernetes.default.svc",
});
const proxies: Attempts = {
  "a proxy": withCluster((place) => ({ ...named(place), "proxy-url": place.proxy })),
  "a proxy to loopback": withCluster((place) => ({ ...clusterOf(place), "proxy-url": place.proxy })),
  "a proxy that is not there": withCluster((place) => ({ ...clusterOf(place), "proxy-url": "http://127.0.0.1:1" })),
  "a proxy that is none": withCluster((place) => ({ ...clusterOf(place), "proxy-url": "not a url" })),
  "a proxy without a scheme": withCluster((place) => ({ ...clusterOf(place), "proxy-url": place.proxy.slice(7) })),
  "a proxy by ftp": withCluster((place) => ({ ...clusterOf(place), "proxy-url": "ftp://proxy" })),
  "a proxy by socks5h": withCluster((place) => ({ ...clusterOf(place), "proxy-url": "socks5h://127.0.0.1:1" })),
  "an empty proxy": withCluster((place) => ({ ...clusterOf(place), "proxy-url": "" })),
  "a proxy of the environment": (place) => ({ ...withCluster(named)(place), env: { HTTPS_PROXY: place.proxy } }),
  "a proxy of the environment, in small letters, without a scheme": (place) => ({
    ...withCluster(named)(place),
    env: { https_proxy: place.proxy.slice(7) },
  }),
  "a proxy of the environment for others": (place) => ({
    ...withCluster(named)(place),
    env: { HTTPS_PROXY: place.proxy, NO_PROXY: ".invalid" },
  }),
  "a proxy of the environment for plain HTTP": (place) => ({ ...withCluster(named)(place), env: { HTTP_PROXY: place.proxy } }),
  "a proxy of the environment that is not there, to loopback": (place) => ({
    ...withCluster(clusterOf)(place),
    env: { HTTPS_PROXY: "http://127.0.0.1:1" },
  }),
  "a proxy of the kubeconfig before that of the environment": (place) => ({
    ...withCluster((place) => ({ ...named(place), "proxy-url": place.proxy }))(place),
    env: { HTTPS_PROXY: "http://127.0.0.1:1", NO_PROXY: "*" },
  }),
};

const files: Attempts = {
  YAML: withText((text) => text),
  "YAML with CRLF": withText((text) => text.replaceAll("\n", "\r\n")),
  "YAML with a byte order mark": withText((text) => `\ufeff${text}`),
  "YAML with tabs": withText((text) => text.replaceAll("  ", "\t")),
  "a second document that is broken": withText((text) => `${text}---\na: [`),
  "a first document that is empty": withText((text) => `---\n---\n${text}`),
  "a mark before the document": withText((text) => `# c\n---\n${text}...\n`),
  "a token given twice": withText((text, { token }) =>
    text.replace("    token", `    token: nope\n    token`).concat(`# ${token}\n`)
  ),
  "a token given twice, the first one right": withText((text) => text.replace(/( {4}token.*\n)/, "$1    token: nope\n")),
  "an anchor": withText((text) =>
    text.replace("token: ", "token: &t ").replace("contexts:", "- name: v\n  user: {token: *t}\ncontexts:")
  ),
  "a merge key": withText((text, { token }) => text.replace(`token: ${token}`, `<<: {token: ${token}}`)),
  "yes for true": withText((text) => text.replace(/certificate-authority: .*/, "insecure-skip-tls-verify: yes")),
  "a name that is a boolean": withText((text) => text.replace("name: u", "name: n").replace("user: u", "user: n")),
  "a name that is a number": withText((text) => text.replace("name: u", "name: 12").replace("user: u", "user: 12")),
  "a name that is a date": withText((text) => text.replace("name: u", "name: 2026-01-01").replace("user: u", "user: 2026-01-01")),
  "a token that is a number": withText((text, { token }) => text.replace(token, "12345")),
  "a token that is a float": withText((text, { token }) => text.replace(token, "1e3")),
  "a token of another tag": withText((text, { token }) => text.replace(token, `!own ${token}`)),
  "a token of !!binary": withText((text, { token }) => text.replace(token, `!!binary ${base64(token)}`)),
  "a token in a folded scalar": withText((text) => text.replace("token: ", "token: >-\n      ")),
  "a token in a literal scalar": withText((text) => text.replace("token: ", "token: |\n      ")),
  ...Object.fromEntries(
    ["a: [b", "just text", "- a", "5", "", "# nothing", "null", "{}"].map((text) => [
      `the file ${JSON.stringify(text)}`,
      withText(() => text),
    ]),
  ),
  "no apiVersion and no kind": withText((text) => text.replace(/apiVersion.*\nkind.*\n/, "")),
  "apiVersion v2": withText((text) => text.replace("apiVersion: v1", "apiVersion: v2")),
  "an apiVersion that is a number": withText((text) => text.replace("apiVersion: v1", "apiVersion: 1")),
  "kind Pod": withText((text) => text.replace("kind: Config", "kind: Pod")),
  "two clusters of one name": withText((text) => text.replace("clusters:", "clusters:\n- {name: c, cluster: {server: a}}")),
  "two users of one name, unused": withText((text) => text.replace("users:", "users:\n- {name: z}\n- {name: z}")),
  "two users without a name": withText((text) => text.replace("users:", "users:\n- {user: {token: a}}\n- {user: {token: b}}")),
  "two contexts of one name": withText((text) => text.replace("contexts:", "contexts:\n- {name: x, context: {cluster: c}}")),
  "two extensions of one name": withText((text) =>
    `${text}extensions: [{name: a, extension: {b: 1}}, {name: a, extension: {b: 1}}]\n`
  ),
  "an entry that is null": withText((text) => text.replace("users:", "users:\n- null")),
  "an entry that is a text": withText((text) => text.replace("users:", "users:\n- foo")),
  "a list that is null": withText((text) => text.replace("users:", "users:\nothers:")),
  "a list that is an object": withText((text) => text.replace(/users:[^]*contexts:/, "users: {a: 1}\ncontexts:")),
  "a bad token of an unused user": withText((text) => text.replace("users:", "users:\n- {name: z, user: {token: 5}}")),
  "bad data of an unused cluster": withText((text) =>
    text.replace("clusters:", "clusters:\n- {name: z, cluster: {certificate-authority-data: '!'}}")
  ),
  "an unused user who could not be used": withText((text) =>
    text.replace("users:", "users:\n- {name: z, user: {client-certificate: nope}}")
  ),
  "preferences that are a text": withText((text) => `${text}preferences: x\n`),
  "a current-context that is a number": withText((text) => text.replace("current-context: x", "current-context: 5")),
  "no current-context": withText((text) => text.replace("current-context: x", "")),
  "a current-context that is not there": withText((text) => text.replace("current-context: x", "current-context: z")),
  "a context without a cluster": withText((text) => text.replace("    cluster: c\n", "")),
  "a context of no cluster": withText((text) => text.replace("cluster: c\n", "cluster: d\n")),
  "a context of no user": withText((text) => text.replace("user: u\n", "user: d\n")),
  "a context with a bad namespace": withText((text) => text.replace("    user: u\n", "    user: u\n    namespace: A B\n")),
  "a context that is null": withText((text) => text.replace(/ {2}context:[^]*user: u\n/, "  context: null\n")),
  "a user that is null": withText((text) => text.replace(/ {2}user:\n.*\n/, "  user: null\n")),
  "JSON with a comma too many": withText((text) => text && '{"apiVersion": "v1",}'),
  "a NUL": withText((text) => `${text}\0`),
  "a context that is asked for": (place) => ({
    ...withText((text) => text.replace("current-context: x", "current-context: z"))(place),
    context: "x",
  }),
  "a context that is asked for and not there": (place) => ({ ...withText((text) => text)(place), context: "z" }),
  "another server": (place) => ({
    ...withText((text) => text.replace(/server: .*/, "server: https://127.0.0.1:9\n    tls-server-name: other"))(place),
    master: place.server,
  }),
  "another server without a scheme": (place) => ({ ...withText((text) => text)(place), master: place.server.slice(8) }),
};

/** All of them. */
export const ATTEMPTS: Attempts = {
  ...tokens,
  ...certificates,
  ...impersonation,
  ...plugins,
  ...servers,
  ...proxies,
  ...files,
};
