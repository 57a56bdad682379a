/** Who asks: tokens, token files, certificates and plugins, as client-go treats them. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Authorization, createIdentity, type IdentityOptions } from "../../src/adapters/identity.ts";
import type { Credentials, ExecEntry } from "../../src/adapters/kubeconfig.ts";
import { createTokenFile } from "../../src/adapters/token-file.ts";
import { type Folder, temporaryFolder } from "../support/files.ts";

const V1 = "client.authentication.k8s.io/v1";
const cluster = { server: "https://kube/" };
let folder: Folder;

const identityOf = (user: Credentials["user"], options?: IdentityOptions) =>
  createIdentity({ source: "F", cluster, user }, options);
const headersOf = async (user: Credentials["user"]) => (await (await identityOf(user)).authorize()).headers;
async function messageOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    return (error as Error).message.replaceAll(folder.path, "F");
  }
  return "no error";
}

const identities = suite("identity");
identities.before.each(() => void (folder = temporaryFolder()));
identities.after.each(() => folder.remove());

identities("of fixed credentials", async () => {
  assert.equal(await headersOf({}), {});
  assert.equal(await headersOf({ token: "t" }), { authorization: "Bearer t" });
  assert.equal(await headersOf({ username: "ü", password: "p" }), { authorization: "Basic w7w6cA==" });
});

identities("that acts as somebody else", async () => {
  const user = { token: "t", as: "jane", "as-uid": "7", "as-groups": ["a", "b"], "as-user-extra": { "Scopes/x": ["v", "w"] } };
  assert.equal(await headersOf(user), {
    authorization: "Bearer t",
    "impersonate-user": "jane",
    "impersonate-uid": "7",
    "impersonate-group": ["a", "b"],
    "impersonate-extra-scopes%2Fx": ["v", "w"],
  });
});

identities("is the same object as long as nothing has changed", async () => {
  const identity = await identityOf({ token: "t" });
  const first = await identity.authorize();
  assert.is(identity.authorize(), first);
  assert.not(identity.refused(first));
});

identities("is found again after it was refused", async () => {
  let token = "old";
  const reread = () => Promise.resolve({ source: "F", cluster, user: { token } });
  const identity = await createIdentity(await reread(), { reread });
  const first = await identity.authorize();
  token = "new";
  assert.ok(identity.refused(first));
  assert.equal((await identity.authorize()).headers, { authorization: "Bearer new" });
});

identities("of certificates in files is read again when they change, and goes on with the last when they are away", async () => {
  const said: string[] = [];
  const say = (message: string) => void said.push(message.replaceAll(folder.path, "F"));
  const log = { debug() {}, info() {}, warn: say, error: say };
  const user = { "client-certificate": folder.write("crt", "CERT 1"), "client-key": folder.write("key", "KEY 1") };
  const identity = await identityOf(user, { log });
  const refresh = async (from: Authorization) => (identity.refused(from), await identity.authorize());
  const first = await identity.authorize();
  assert.equal([first.connection.server, first.connection.cert, first.connection.key], ["https://kube", "CERT 1", "KEY 1"]);
  assert.is((await refresh(first)).connection, first.connection);
  folder.write("crt", "CERT number 2");
  const second = await refresh(first);
  assert.is(second.connection.cert, "CERT number 2");
  rmSync(join(folder.path, "crt"));
  assert.is((await refresh(second)).connection, second.connection);
  await refresh(second);
  assert.equal(said, ["The client certificate named in F cannot be read any more, going on with the last one: F/crt"]);
});
identities.run();

const tokens = suite("token files");
tokens.before.each(() => void (folder = temporaryFolder()));
tokens.after.each(() => folder.remove());

function tokenFile(content: string | undefined, fallback?: string) {
  const path = join(folder.path, "token");
  if (content !== undefined) folder.write("token", content);
  const said: string[] = [];
  const say = (message: string) => void said.push(message.replaceAll(folder.path, "F"));
  let time = 0;
  const file = createTokenFile(path, {
    source: "F",
    fallback,
    log: { debug() {}, info() {}, warn: say, error: say },
    now: () => time,
  });
  return { file, said, pass: (ms: number) => void (time += ms) };
}

tokens("win over the token beside them, which is used where they cannot be read", () => {
  assert.is(tokenFile(" good\n", "other").file.token(), "good");
  rmSync(join(folder.path, "token"));
  const { file, said } = tokenFile(undefined, "other");
  assert.is(file.token(), "other");
  assert.equal(said, ["The token file named in F does not exist: F/token; going on with the token beside it"]);
});

tokens("are read again once a minute, and after a refusal", () => {
  const { file, pass } = tokenFile("one");
  assert.is(file.token(), "one");
  folder.write("token", "two");
  pass(59_999);
  assert.is(file.token(), "one");
  pass(1);
  assert.is(file.token(), "two");
  folder.write("token", "three");
  file.expire();
  assert.is(file.token(), "three");
});

for (const [what, content] of [["away", undefined], ["empty", " \n"], ["of two lines", "good\nbad"]] as const) {
  tokens(`that are ${what} for hours: the last good token goes on, and it is said once`, () => {
    const { file, said, pass } = tokenFile("good");
    file.token();
    if (content === undefined) rmSync(join(folder.path, "token"));
    else folder.write("token", content);
    for (let hour = 0; hour < 3; hour++) {
      pass(3_600_000);
      assert.is(file.token(), "good");
    }
    assert.is(said.length, 1);
    assert.match(said[0]!, /^The token file named in F (does not exist|is empty|holds more than one line): F\/token; going on/);
    folder.write("token", "new");
    pass(60_000);
    assert.is(file.token(), "new");
  });
}

for (
  const [content, problem] of [
    ["", "is empty"],
    ["\n", "is empty"],
    ["good\nbad", "holds more than one line"],
    ["good bad", "holds characters that no token has"],
  ] as const
) {
  tokens(`that begin as ${JSON.stringify(content)} are refused without being shown`, async () => {
    const { file } = tokenFile(content);
    assert.is(await messageOf(() => file.token()), `The token file named in F ${problem}: F/token`);
  });
}
tokens.run();

const plugins = suite("credential plugins");
plugins.before.each(() => void (folder = temporaryFolder()));
plugins.after.each(() => folder.remove());

const plugin = (script: string, more: Partial<ExecEntry> = {}): ExecEntry => ({
  apiVersion: V1,
  command: "/bin/sh",
  args: ["-c", script, folder.path],
  interactiveMode: "Never",
  ...more,
});
const credential = (status: object, apiVersion = V1) => JSON.stringify({ kind: "ExecCredential", apiVersion, status });
const answers = (...outputs: string[]) => {
  outputs.forEach((output, index) => folder.write(`answer-${index}`, output));
  return plugin('n=$(cat "$0/runs" 2>/dev/null || echo 0); echo $((n + 1)) > "$0/runs"; cat "$0/answer-$n"');
};

const oddities: [what: string, output: string, said: string][] = [
  ["nothing", "", "printed nothing"],
  ["{}", "{}", "printed an object without a kind"],
  ["a list", "[]", "printed a list"],
  ["a text", '"secret"', "printed a string"],
  ["null", "null", "printed null"],
  ["a page", "<html>secret</html>", "printed something that is not JSON"],
  ["a Status", '{"kind":"Status","apiVersion":"v1","status":"Failure"}', "printed a Status"],
  ["no status", JSON.stringify({ kind: "ExecCredential", apiVersion: V1 }), "printed no status"],
  ["an empty status", credential({}), "printed neither a token nor a certificate"],
  [
    "another version",
    credential({ token: "t" }, "client.authentication.k8s.io/v1beta1"),
    "answered in version client.authentication.k8s.io/v1beta1",
  ],
  ["a certificate without its key", credential({ clientCertificateData: "C" }), "printed a certificate without its key"],
  ["a key without its certificate", credential({ clientKeyData: "K" }), "printed a key without its certificate"],
  ["a token that is a number", credential({ token: 7 }), "printed a status.token that is no text"],
  [
    "an expiry that is no time",
    credential({ token: "t", expirationTimestamp: "soon" }),
    'printed a status.expirationTimestamp that is no time ("soon")',
  ],
];
for (const [what, output, said] of oddities) {
  plugins(`that print ${what}: one sentence, and the next call runs them again`, async () => {
    const identity = await identityOf({ exec: answers(output, credential({ token: "good" })) });
    assert.is(
      await messageOf(() => identity.authorize()),
      `The credential plugin "/bin/sh" of F ${said}: it must print an ExecCredential of ${V1} as JSON`,
    );
    assert.equal((await identity.authorize()).headers, { authorization: "Bearer good" });
  });
}

plugins("whose good answer is followed by an odd one are run again", async () => {
  const soon = new Date(Date.now() - 1).toISOString();
  const exec = answers(
    credential({ token: "one", expirationTimestamp: "2100-01-01T00:00:00Z" }),
    "{}",
    credential({ token: "two", expirationTimestamp: "2100-01-01T00:00:00Z" }),
    credential({ token: "x", expirationTimestamp: soon }),
  );
  const identity = await identityOf({ exec });
  const first = await identity.authorize();
  assert.equal(first.headers, { authorization: "Bearer one" });
  assert.ok(identity.refused(first));
  assert.match(await messageOf(() => identity.authorize()), /an object without a kind/);
  const third = await identity.authorize();
  assert.equal(third.headers, { authorization: "Bearer two" });
  assert.ok(identity.refused(third));
  assert.match(await messageOf(() => identity.authorize()), /gave out credentials that have expired already$/);
});

plugins("are run once for calls that come at once, and for all connections of the process", async () => {
  const exec = answers(credential({ token: "one", clientCertificateData: "C", clientKeyData: "K" }));
  const [a, b] = [await identityOf({ exec }), await identityOf({ exec })];
  const all = await Promise.all([a.authorize(), a.authorize(), b.authorize()]);
  for (const { headers, connection } of all) {
    assert.equal(headers, { authorization: "Bearer one" });
    assert.equal([connection.cert, connection.key], ["C", "K"]);
  }
});

plugins("are told what kubectl tells them", async () => {
  const script = 'printf %s "$KUBERNETES_EXEC_INFO $GREETING" > "$0/info"; echo \'{"kind":"ExecCredential","apiVersion":"' + V1 +
    '","status":{"token":"t"}}\'';
  const extensions = [{ name: "client.authentication.k8s.io/exec", extension: { audience: "a" } }];
  const exec = plugin(script, { env: [{ name: "GREETING", value: "hello" }], provideClusterInfo: true });
  const identity = await createIdentity({
    source: "F",
    cluster: { ...cluster, "tls-server-name": "n", extensions },
    user: { exec },
  });
  await identity.authorize();
  const { readFileSync } = await import("node:fs");
  const [, info, greeting] = /^(.*) (\w+)$/.exec(readFileSync(join(folder.path, "info"), "utf8"))!;
  assert.equal(JSON.parse(info!), {
    kind: "ExecCredential",
    apiVersion: V1,
    spec: { cluster: { server: "https://kube/", "tls-server-name": "n", config: { audience: "a" } }, interactive: false },
  });
  assert.is(greeting, "hello");
});

const failures: [what: string, exec: () => ExecEntry, message: string][] = [
  [
    "are not there",
    () => plugin("", { command: "no-such-plugin", installHint: "Install it from example.com\nor not" }),
    'The credential plugin "no-such-plugin" of F was not found: Install it from example.com',
  ],
  [
    "fail",
    () => plugin("echo first >&2; echo you are not logged in >&2; echo secret; exit 3"),
    'The credential plugin "/bin/sh" of F failed with exit code 3: you are not logged in',
  ],
  ["say nothing", () => plugin("exit 3"), 'The credential plugin "/bin/sh" of F failed with exit code 3: it said nothing'],
  [
    "must ask somebody",
    () => plugin("exit 0", { interactiveMode: "Always" }),
    'The credential plugin "/bin/sh" of F wants to ask at a terminal (interactiveMode: Always), and there is none',
  ],
];
for (const [what, exec, message] of failures) {
  plugins(`that ${what}`, async () => {
    const identity = await identityOf({ exec: exec() });
    assert.is(await messageOf(() => identity.authorize()), message);
  });
}
plugins.run();
