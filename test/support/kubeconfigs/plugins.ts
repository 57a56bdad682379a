import { type Attempts, base64, type Place, V1, withUser } from "./attempt.ts";

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

/** Credential plugins. */
export const PLUGINS: Attempts = {
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
  "a plugin that is killed": printing(good, { command: "/bin/sh", args: ["-c", "kill -9 $$"] }),
  "a plugin that prints its answer, and fails": printing(good, {
    command: "/bin/sh",
    args: ["-c", `echo '{"apiVersion":"${V1}","status":{"token":"admin-token"}}'; exit 1`],
  }),
  "a plugin that says something, and succeeds": printing(good, {
    command: "/bin/sh",
    args: ["-c", `echo hello >&2; echo '{"apiVersion":"${V1}","status":{"token":"admin-token"}}'`],
  }),
  "a plugin that reads its input": printing(good, {
    command: "/bin/sh",
    args: ["-c", `cat >/dev/null; echo '{"apiVersion":"${V1}","status":{"token":"admin-token"}}'`],
  }),
  "a plugin that is a folder": printing(good, { command: "/tmp/" }),
  "a plugin of a path with a dot": printing(good, { command: "/bin/./cat" }),
  "a plugin that may not be run": withUser((place) => {
    place.write("plugin", "x");
    return { exec: { apiVersion: V1, command: "./plugin", interactiveMode: "Never" } };
  }),
  "a plugin without an interpreter": withUser((place) => {
    place.write("plugin", "#!/no/such/thing\n");
    return { exec: { apiVersion: V1, command: "./plugin", interactiveMode: "Never" } };
  }),
  "a plugin that only has to be there, of a name with a space": printing(good, { command: " /bin/cat" }),
  "a plugin whose arguments are null": withUser(() => ({
    exec: { apiVersion: V1, command: "/bin/true", args: null, env: null, interactiveMode: "Never" },
  })),
  "a plugin with a variable that is a number": printing(good, { env: [{ name: "A", value: 5 }] }),
  "a plugin with a variable twice": printing(good, {
    command: "/bin/sh",
    args: ["-c", `echo "{\\"apiVersion\\":\\"${V1}\\",\\"status\\":{\\"token\\":\\"$T\\"}}"`],
    env: [{ name: "T", value: "nope" }, { name: "T", value: "admin-token" }],
  }),
  "a plugin that wants to know the cluster": printing(good, {
    command: "/bin/sh",
    args: [
      "-c",
      `case $KUBERNETES_EXEC_INFO in *certificate-authority-data*) t=admin-token;; *) t=nope;; esac; echo "{\\"apiVersion\\":\\"${V1}\\",\\"status\\":{\\"token\\":\\"$t\\"}}"`,
    ],
    provideClusterInfo: true,
  }),
  "a plugin that acts as another": withUser((place) => ({
    as: "alice",
    exec: { apiVersion: V1, command: "/bin/cat", args: [place.write("answer", good(place))], interactiveMode: "Never" },
  })),
  "a plugin that prints a key only": printing(({ jane }) => answer({ clientKeyData: jane.key })),
  "a plugin that prints a chain": printing(({ jane, john }) =>
    answer({ clientCertificateData: jane.cert + john.cert, clientKeyData: jane.key })
  ),
  "a plugin that prints a certificate in base64": printing(({ jane }) =>
    answer({ clientCertificateData: base64(jane.cert), clientKeyData: base64(jane.key) })
  ),
  "a plugin that prints null for what it has not": printing(({ token }) =>
    answer({ token, clientCertificateData: null, clientKeyData: null, expirationTimestamp: null })
  ),
  "a plugin that prints a status that is a list": printing(() => answer([])),
  "a plugin that prints a spec": printing(({ token }) => answer({ token }, { spec: { interactive: true, x: 1 } })),
  "a plugin that prints a spec that is a text": printing(({ token }) => answer({ token }, { spec: "x" })),
  "a plugin that prints metadata": printing(({ token }) => answer({ token }, { metadata: { name: "x" } })),
  "a plugin that prints a member twice": printing(({ token }) => answer({ token }).replace('"token"', '"token":"nope","token"')),
  "a plugin that prints a member in another case": printing(({ token }) => answer({ Token: token })),
  "a plugin that prints a kind in another case": printing(({ token }) => answer({ token }, { kind: "execcredential" })),
  "a plugin that prints an empty kind": printing(({ token }) => answer({ token }, { kind: "" })),
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
