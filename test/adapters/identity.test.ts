/** Who asks: headers and connection, and when they are looked at again. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findIdentity } from "../../src/adapters/sources/find-identity.ts";
import { createIdentity } from "../../src/adapters/credentials/identity.ts";
import type { ClusterEntry, UserEntry } from "../../src/adapters/config/kubeconfig-format.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import { createClientCertificates } from "../support/client-certificate.ts";
import { type Folder, kubeconfig, temporaryFolder } from "../support/files.ts";

const server = "https://kube";
const users = createClientCertificates();
const [jane, john] = [users.issue("jane"), users.issue("john")];
/** As it is found in a file. */
const of = ({ cert, key }: typeof jane) => ({ cert: cert.trim(), key: key.trim() });
let folder: Folder;

function start(user: UserEntry, cluster: ClusterEntry = {}, proxy?: string) {
  const clock = createVirtualClock();
  const said: string[] = [];
  const warn = (message: string) => void said.push(message.replaceAll(folder.path, "F"));
  const log = { debug() {}, info() {}, warn, error: warn };
  const credentials = {
    clusterText: 'cluster "c" in F',
    userText: 'user "u" in F',
    server,
    cluster,
    user,
    files: [],
    ...proxy && { proxy },
  };
  return { identity: createIdentity(credentials, { clock, log }), clock, said };
}
const headersOf = async (user: UserEntry) => (await start(user).identity.authorize()).headers;

const identities = suite("identity");
identities.before.each(() => void (folder = temporaryFolder()));
identities.after.each(() => folder.remove());

identities("of fixed credentials", async () => {
  const exec = { command: "/bin/false", apiVersion: "v", interactiveMode: "Never" };
  assert.equal(await headersOf({}), {});
  assert.equal(await headersOf({ token: "t", exec }), { authorization: "Bearer t" });
  assert.equal(await headersOf({ username: "ü", password: "p", exec }), { authorization: "Basic w7w6cA==" });
  assert.equal(await headersOf({ token: "t", tokenFile: folder.write("token", "f\n"), exec }), { authorization: "Bearer f" });
  const data = (text: string) => Buffer.from(text).toString("base64");
  const user = { "client-certificate-data": data(jane.cert), "client-key-data": data(jane.key), exec };
  const { headers, connection } = await start(user).identity.authorize();
  assert.equal([headers, connection], [{}, { server, ...of(jane) }]);
});

identities("that acts as somebody else", async () => {
  const user = {
    token: "t",
    as: "jürgen",
    "as-uid": "7",
    "as-groups": ["a", "b"],
    "as-user-extra": { "Scopes/x y": ["v,1", "w"], "50%": ["z"], none: [] },
  };
  assert.equal(await headersOf(user), {
    authorization: "Bearer t",
    "impersonate-user": "jürgen",
    "impersonate-uid": "7",
    "impersonate-group": ["a", "b"],
    "impersonate-extra-Scopes%2Fx%20y": ["v,1", "w"],
    "impersonate-extra-50%25": ["z"],
  });
});

identities("knows what the connection is made of", async () => {
  const cluster = {
    "tls-server-name": "n",
    "certificate-authority": folder.write(
      "ca.crt",
      `# mine\n${users.ca}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`,
    ),
  };
  const { connection } = await start({ token: "t" }, cluster, "http://proxy:3128").identity.authorize();
  assert.equal(connection, { server, serverName: "n", proxy: "http://proxy:3128", ca: users.ca.trim() });
  assert.equal((await start({ token: "t" }, { "insecure-skip-tls-verify": true }).identity.authorize()).connection, {
    server,
    insecure: true,
  });
});

identities("is the same object as long as nothing has changed, and without a promise", async () => {
  const { identity, clock } = start({ tokenFile: folder.write("token", "one") });
  const first = identity.authorize();
  assert.not.instance(first, Promise);
  await clock.advance(100_000);
  assert.is(identity.authorize(), first);
  folder.write("token", "two");
  assert.is(identity.authorize(), first, "not looked at again within a second");
  await clock.advance(50_000);
  const second = await identity.authorize();
  assert.equal(second.headers, { authorization: "Bearer two" });
  assert.is(second.connection, (await first).connection);
});

identities("that was refused makes a second try only where there is something else", async () => {
  const fixed = start({ token: "t" }).identity;
  assert.not(fixed.refused(await fixed.authorize()));
  const { identity } = start({ tokenFile: folder.write("token", "one") });
  const first = await identity.authorize();
  assert.not(identity.refused(first));
  folder.write("token", "two");
  assert.ok(identity.refused(first));
  assert.equal((await identity.authorize()).headers, { authorization: "Bearer two" });
  assert.ok(identity.refused(first), "another one is there already");
});

identities("row 21: TLS errors after a rotation: of files is read again when they change, also after a refusal", async () => {
  const user = { "client-certificate": folder.write("crt", jane.cert), "client-key": folder.write("key", jane.key) };
  const { identity, clock } = start(user);
  const first = await identity.authorize();
  assert.equal(first.connection, { server, ...of(jane) });
  await clock.advance(1_000);
  assert.is(identity.authorize(), first);
  assert.not(identity.refused(first));
  folder.write("crt", john.cert);
  folder.write("key", john.key);
  assert.ok(identity.refused(first));
  const second = await identity.authorize();
  assert.equal(second.connection, { server, ...of(john) });
});

identities("of a certificate finds it and its key in one file, in any order and among other things", async () => {
  const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  const path = folder.write("pem", `Bag Attributes\n${parameters}${jane.key}subject=jane\n${jane.cert}${users.ca}`);
  const { connection } = await start({ "client-certificate": path, "client-key": path }).identity.authorize();
  assert.equal(connection, { server, cert: `${of(jane).cert}\n${users.ca.trim()}`, key: of(jane).key });
});

identities("of an authority whose file is just being written goes on with the last one", async () => {
  const { identity, clock, said } = start({ token: "t" }, { "certificate-authority": folder.write("ca.crt", users.ca) });
  const first = await identity.authorize();
  folder.write("ca.crt", "");
  await clock.advance(1_000);
  assert.is(identity.authorize(), first);
  assert.equal(said, [
    'The certificate authority of the cluster "c" in F is empty; going on with the certificates that were read before',
  ]);
});

for (
  const [what, spoil, said] of [
    ["away", () => rmSync(join(folder.path, "crt")), "does not exist: F/crt"],
    ["half renewed", () => folder.write("crt", john.cert), "cannot be used: its key belongs to another certificate"],
    ["half written", () => folder.write("crt", jane.cert.slice(0, 90)), "cannot be used: it is no certificate in PEM"],
  ] as const
) {
  identities(`of certificates that are ${what} goes on with the last ones, and says so once`, async () => {
    const user = { "client-certificate": folder.write("crt", jane.cert), "client-key": folder.write("key", jane.key) };
    const { identity, clock, said: lines } = start(user);
    const first = await identity.authorize();
    spoil();
    for (let i = 0; i < 3; i++) {
      await clock.advance(1_000);
      assert.is(identity.authorize(), first);
    }
    assert.equal(lines, [
      `The client certificate of the user "u" in F ${said}; going on with the certificates that were read before`,
    ]);
    folder.write("crt", john.cert);
    folder.write("key", john.key);
    await clock.advance(1_000);
    assert.is((await identity.authorize()).connection.cert, of(john).cert);
  });
}
identities.run();

const found = suite("identity that is found");
found.before.each(() => void (folder = temporaryFolder()));
found.after.each(() => folder.remove());

found("is found again after it was refused, where its kubeconfig has changed", async () => {
  const write = (user: object) => folder.write("config", kubeconfig({ server }, user));
  const said: string[] = [];
  const warn = (message: string) => void said.push(message.replaceAll(folder.path, "F"));
  const identity = await findIdentity({
    kubeconfig: write({ token: "old" }),
    log: { debug() {}, info() {}, warn, error: warn },
  });
  const first = await identity.authorize();
  assert.not(identity.refused(first));
  folder.write("config", "a: [broken");
  assert.ok(identity.refused(first));
  assert.equal((await identity.authorize()).headers, { authorization: "Bearer old" });
  assert.match(said.join(), /^The kubeconfig F\/config is not YAML: .*; going on with the credentials that were found before$/);
  write({ token: "renewed" });
  assert.ok(identity.refused(await identity.authorize()));
  assert.equal((await identity.authorize()).headers, { authorization: "Bearer renewed" });
});

found("by an auth-provider is asked of client-node, and no token is no silence", async () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = (exp: number) => `${part({ alg: "none" })}.${part({ exp })}.x`;
  const open = async (idToken: string, as?: string) => {
    const provider = { name: "oidc", config: { "id-token": idToken, "client-id": "c" } };
    return await findIdentity({ kubeconfig: folder.write("config", kubeconfig({ server }, { "auth-provider": provider, as })) });
  };
  const valid = token(4_000_000_000);
  const { headers, connection } = await (await open(valid, "jane")).authorize();
  assert.equal(headers, { "impersonate-user": "jane", authorization: `Bearer ${valid}` });
  assert.equal(connection, { server });
  const error = await Promise.resolve((await open(token(1))).authorize()).then(() => assert.unreachable(), (error) => error);
  assert.is(error.name, "SetupError");
  assert.is(
    error.message.replaceAll(folder.path, "F"),
    'The credentials of the user "u" in F/config cannot be used: its auth-provider gave no token: log in again',
  );
});
found.run();
