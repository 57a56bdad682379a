/** Credential plugins, as client-go treats them. Each answer was shown to kubectl 1.35, too: kubeconfig-suite.ts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { execPlugin } from "../../src/adapters/credentials/exec-plugin.ts";
import { createIdentity } from "../../src/adapters/credentials/identity.ts";
import type { ClusterEntry, ExecEntry } from "../../src/adapters/config/kubeconfig-format.ts";
import type { Clock } from "../../src/ports.ts";
import { createVirtualClock, systemClock } from "../../src/runtime/time/clock.ts";
import { createClientCertificates } from "../support/client-certificate.ts";
import { type Folder, temporaryFolder } from "../support/files.ts";

const V1 = "client.authentication.k8s.io/v1";
const users = createClientCertificates();
const [jane, john] = [users.issue("jane"), users.issue("john")];
const server = "https://kube";
let folder: Folder;

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
/** A plugin that prints one of these for each time it is run, the last one for ever. */
const answers = (...outputs: string[]) => {
  outputs.forEach((output, index) => folder.write(`answer-${index}`, output));
  folder.write("runs", "0");
  return plugin(
    `n=$(cat "$0/runs"); echo $((n + 1)) > "$0/runs"; while [ ! -e "$0/answer-$n" ]; do n=$((n - 1)); done; cat "$0/answer-$n"`,
  );
};
const runs = () => Number(readFileSync(join(folder.path, "runs"), "utf8"));

function start(exec: ExecEntry, { clock = systemClock, cluster = {} }: { clock?: Clock; cluster?: ClusterEntry } = {}) {
  const said: string[] = [];
  const warn = (message: string) => void said.push(message);
  const log = { debug() {}, info() {}, warn, error: warn };
  const credentials = {
    clusterText: 'cluster "c" in F',
    userText: 'user "u" in F',
    server,
    cluster: { server, ...cluster },
    user: { exec },
    files: [],
  };
  return { identity: createIdentity(credentials, { clock, log, limit: 5_000 }), said };
}
const messageOf = (work: Promise<unknown>) =>
  work.then(() => "no error", (error: Error) => error.message.replaceAll(folder.path, "F"));
const tokenOf = async (exec: ExecEntry) => (await start(exec).identity.authorize()).headers["authorization"];

const good: [what: string, output: () => string][] = [
  ["JSON", () => credential({ token: "t" })],
  ["JSON behind a byte order mark", () => `\ufeff${credential({ token: "t" })}\n`],
  ["YAML", () => `apiVersion: ${V1}\nkind: ExecCredential\nstatus:\n  token: t\n`],
  ["an empty kind", () => JSON.stringify({ kind: "", apiVersion: V1, status: { token: "t" } })],
  ["no kind", () => JSON.stringify({ apiVersion: V1, status: { token: "t" } })],
  ["what nobody knows", () => credential({ token: "t", more: 1 })],
  ["an expiry with a zone", () => credential({ token: "t", expirationTimestamp: "2100-01-01T00:00:00.123+02:00" })],
  ["no expiry", () => credential({ token: "t", expirationTimestamp: null })],
  ["an expiry that is over", () => credential({ token: "t", expirationTimestamp: "2020-01-01T00:00:00Z" })],
];
for (const [what, output] of good) {
  plugins(`that print ${what}`, async () => assert.is(await tokenOf(answers(output())), "Bearer t"));
}

const oddities: [what: string, output: string, said: string][] = [
  ["nothing", " \n", "printed nothing"],
  ["{}", "{}", "printed no apiVersion"],
  ["a list", "[]", "printed a list"],
  ["a quoted text", '"secret"', "printed a text"],
  ["a number", "7", "printed a number"],
  ["null", "null", "printed null"],
  ["a page", "<html>secret</html>", "printed a page of HTML or XML"],
  ["a page of several lines", "<html>\n  <p>secret: a: b</p>", "printed a page of HTML or XML"],
  ["a text", "not json", "printed a text"],
  ["a text before it", `hello\n${credential({ token: "secret" })}`, "printed a text"],
  ["a text behind it", `${credential({ token: "secret" })}\nbye`, "printed a text"],
  ["two", credential({ token: "secret" }).repeat(2), "printed a text"],
  ["a Status", '{"kind":"Status","apiVersion":"v1","status":"Failure"}', 'printed an object of the kind "Status"'],
  [
    "a text for its spec",
    JSON.stringify({ apiVersion: V1, spec: "x", status: { token: "secret" } }),
    "printed a spec that is no object",
  ],
  ["no status", JSON.stringify({ kind: "ExecCredential", apiVersion: V1 }), "printed no status"],
  ["a list for its status", JSON.stringify({ apiVersion: V1, status: [] }), "printed no status"],
  ["an empty status", credential({}), "printed neither a token nor a certificate"],
  ["an empty token", credential({ token: "" }), "printed neither a token nor a certificate"],
  ["another version", credential({ token: "secret" }, `${V1}beta1`), `printed apiVersion "${V1}beta1"`],
  ["a token that is a number", credential({ token: 7 }), "printed a status.token that is no text"],
  ["a token of two lines", credential({ token: "secret\nsecret" }), "printed a token that has more than one line"],
  [
    "a token with a space",
    credential({ token: " secret" }),
    "printed a token that has a space or another character that no token has",
  ],
  [
    "a certificate without its key",
    credential({ token: "secret", clientCertificateData: jane.cert }),
    "printed a certificate without its key",
  ],
  ["a key without its certificate", credential({ clientKeyData: jane.key }), "printed a key without its certificate"],
  [
    "the key of another certificate",
    credential({ clientCertificateData: jane.cert, clientKeyData: john.key }),
    "printed a certificate that cannot be used: its key belongs to another certificate",
  ],
  [
    "a certificate that is none",
    credential({ clientCertificateData: "secret", clientKeyData: jane.key }),
    "printed a certificate that cannot be used: it is no certificate in PEM",
  ],
  [
    "a key that is none",
    credential({ clientCertificateData: jane.cert, clientKeyData: "secret" }),
    "printed a certificate that cannot be used: its key is no private key in PEM, or has a passphrase",
  ],
  ...["soon", "", "2030-01-01", "2030-01-01 00:00:00Z", "2030-01-01t00:00:00z", "2030-02-31T00:00:00Z"].map((
    time,
  ): [string, string, string] => [
    `the expiry ${JSON.stringify(time)}`,
    credential({ token: "secret", expirationTimestamp: time }),
    `printed the expirationTimestamp ${JSON.stringify(time)}, which is no time as in RFC 3339`,
  ]),
];
for (const [what, output, said] of oddities) {
  plugins(`fault 8: one odd answer wedges: that print ${what}: one sentence, and the next call runs them again`, async () => {
    const { identity } = start(answers(output, credential({ token: "good" })));
    const error = await Promise.resolve(identity.authorize()).then(() => assert.unreachable("no error"), (error) => error);
    assert.is(error.name, "SetupError");
    assert.is(
      error.message,
      `The credential plugin "/bin/sh" of the user "u" in F ${said}, expected an ExecCredential of ${V1} as JSON: run it by hand to see why`,
    );
    assert.equal((await identity.authorize()).headers, { authorization: "Bearer good" });
  });
}

const at = (ms: number) => new Date(ms).toISOString();

plugins("fault 8: one odd answer wedges: whose good answer is followed by it are run again, and it is said once", async () => {
  const clock = createVirtualClock();
  const exec = answers(
    credential({ token: "one", expirationTimestamp: at(clock.now() + 1_000) }),
    "{}",
    "{}",
    credential({ token: "two" }),
  );
  const { identity, said } = start(exec, { clock });
  assert.equal((await identity.authorize()).headers, { authorization: "Bearer one" });
  await clock.advance(1_001);
  for (let i = 0; i < 2; i++) {
    const error = await Promise.resolve(identity.authorize()).then(() => assert.unreachable(), (error) => error);
    // Not of the setup any more: it may pass.
    assert.is(error.name, "Error");
    assert.match(error.message, /printed no apiVersion/);
  }
  assert.equal((await identity.authorize()).headers, { authorization: "Bearer two" });
  assert.is(said.length, 1);
  assert.match(said[0]!, /^The credential plugin .* printed no apiVersion.*; trying again with each call$/);
});

plugins("are run once for calls that come at once, and for all connections of the process", async () => {
  const exec = answers(credential({ token: "one", clientCertificateData: jane.cert, clientKeyData: jane.key }));
  const [a, b] = [start(exec).identity, start(exec).identity];
  const all = await Promise.all([a.authorize(), a.authorize(), b.authorize()]);
  for (const { headers, connection } of [...all, await start(exec).identity.authorize()]) {
    assert.equal(headers, { authorization: "Bearer one" });
    assert.equal([connection.cert, connection.key], [jane.cert.trim(), jane.key.trim()]);
  }
  assert.is(runs(), 1);
  await start(exec, { cluster: { "tls-server-name": "other" } }).identity.authorize();
  assert.is(runs(), 2);
});

plugins("are run again when the server has refused what they gave out, once for all that were refused", async () => {
  const { identity } = start(answers(credential({ token: "one" }), credential({ token: "two" })));
  const refused = await identity.authorize();
  assert.ok(identity.refused(refused));
  const [second, third] = await Promise.all([identity.authorize(), identity.authorize()]);
  assert.ok(identity.refused(refused), "there is another one already");
  assert.is(await identity.authorize(), second);
  assert.is(third, second);
  assert.equal(second.headers, { authorization: "Bearer two" });
  assert.is(runs(), 2);
});

plugins("are run shortly before the end, while nobody waits; when that fails, the old one serves to its end", async () => {
  const clock = createVirtualClock();
  const until = (ms: number) => at(clock.now() + ms);
  const exec = answers(
    credential({ token: "one", expirationTimestamp: until(900_000) }),
    "{}",
    credential({ token: "two", expirationTimestamp: until(1_800_000) }),
  );
  const { identity, said } = start(exec, { clock });
  const first = await identity.authorize();
  await clock.advance(839_000);
  assert.is(identity.authorize(), first);
  assert.is(runs(), 1);
  await clock.advance(2_000);
  assert.is(identity.authorize(), first, "nobody waits");
  await execPlugin(exec, credentialsOf(exec), clock).run(1).catch(() => {});
  assert.is(runs(), 2);
  assert.match(said.join(), /printed no apiVersion.*; going on with what it gave out before, and trying again in 10 s$/);
  await clock.advance(5_000);
  assert.is(identity.authorize(), first);
  assert.is(runs(), 2, "not at once again");
  await clock.advance(5_000);
  identity.authorize();
  await execPlugin(exec, credentialsOf(exec), clock).run(1);
  await clock.advance(1_000);
  assert.equal((await identity.authorize()).headers, { authorization: "Bearer two" });
  assert.is(runs(), 3);
});
const credentialsOf = (exec: ExecEntry) => ({
  clusterText: 'cluster "c" in F',
  userText: 'user "u" in F',
  server,
  cluster: { server },
  user: { exec },
  files: [],
});

plugins("that end in the past serve one second each", async () => {
  const clock = createVirtualClock();
  const exec = answers(credential({ token: "t", expirationTimestamp: at(clock.now() - 1) }));
  const { identity } = start(exec, { clock });
  await identity.authorize();
  await identity.authorize();
  assert.is(runs(), 1);
  await clock.advance(1_000);
  await identity.authorize();
  assert.is(runs(), 2);
});

const told = (exec: object, cluster: ClusterEntry) => {
  const script = 'printf "%s\\n%s" "$KUBERNETES_EXEC_INFO" "$GREETING" > "$0/info"; cat "$0/answer"';
  folder.write("answer", credential({ token: "t" }));
  return start(plugin(script, { env: [{ name: "GREETING", value: "hello" }], ...exec }), { cluster });
};
plugins("are told what kubectl tells them", async () => {
  const spec = async (exec: object, cluster: ClusterEntry) => {
    await told(exec, cluster).identity.authorize();
    const [info, greeting] = readFileSync(join(folder.path, "info"), "utf8").split("\n");
    assert.is(greeting, "hello");
    const { kind, apiVersion, spec } = JSON.parse(info!);
    assert.equal([kind, apiVersion], ["ExecCredential", V1]);
    return spec;
  };
  assert.equal(await spec({}, {}), { interactive: false });
  assert.equal(await spec({ provideClusterInfo: true }, {}), { cluster: { server, config: null }, interactive: false });
  const whole: ClusterEntry = {
    server: "https://kube/p/",
    "certificate-authority": folder.write("ca.crt", users.ca),
    "tls-server-name": "n",
    "proxy-url": "http://proxy:3128",
    "disable-compression": true,
    extensions: [{ name: "other", extension: 1 }, { name: "client.authentication.k8s.io/exec", extension: { audience: [1] } }],
  };
  const { "certificate-authority": _, extensions: _e, ...rest } = whole;
  assert.equal(await spec({ provideClusterInfo: true }, whole), {
    cluster: { ...rest, "certificate-authority-data": Buffer.from(users.ca).toString("base64"), config: { audience: [1] } },
    interactive: false,
  });
});

const failures: [what: string, exec: () => ExecEntry, message: string][] = [
  [
    "are not there",
    () => plugin("", { command: "no-such-plugin", installHint: "\u001b[1mInstall it from example.com\u001b[0m\nor not" }),
    'The credential plugin "no-such-plugin" of the user "u" in F was not found: Install it from example.com',
  ],
  [
    "are not there, without a hint",
    () => plugin("", { command: "/no/such/plugin" }),
    'The credential plugin "/no/such/plugin" of the user "u" in F was not found: install it, or name its whole path',
  ],
  [
    "cannot be run",
    () => plugin("", { command: folder.write("plugin", "") }),
    'The credential plugin "F/plugin" of the user "u" in F cannot be run: spawn F/plugin EACCES',
  ],
  [
    "fail",
    () => plugin("echo first >&2; printf '\\033[31myou are not logged in\\033[0m\\n\\n' >&2; echo secret; exit 3"),
    'The credential plugin "/bin/sh" of the user "u" in F failed with exit code 3: you are not logged in',
  ],
  [
    "say nothing",
    () => plugin("exit 3"),
    'The credential plugin "/bin/sh" of the user "u" in F failed with exit code 3: it said nothing',
  ],
  [
    "are killed",
    () => plugin("kill -9 $$"),
    'The credential plugin "/bin/sh" of the user "u" in F was ended by SIGKILL: it said nothing',
  ],
  [
    "print for ever",
    () => plugin("while :; do echo secretsecretsecretsecretsecretsecretsecretsecret; done"),
    'The credential plugin "/bin/sh" of the user "u" in F printed more than any credential holds: run it by hand to see why',
  ],
  [
    "must ask somebody",
    () => plugin("exit 0", { interactiveMode: "Always" }),
    'The credential plugin "/bin/sh" of the user "u" in F asks at a terminal (interactiveMode: Always), and there is none: run it at one',
  ],
];
for (const [what, exec, message] of failures) {
  plugins(`that ${what}`, async () => {
    const { identity } = start(exec());
    assert.is(await messageOf(Promise.resolve(identity.authorize())), message);
  });
}

plugins("that do not end are ended, and so is the wait for whatever they have started", async () => {
  const clock = createVirtualClock();
  const { identity } = start(plugin("sleep 3 & sleep 3"), { clock });
  const message = messageOf(Promise.resolve(identity.authorize()));
  await clock.advance(5_000);
  assert.is(
    await message,
    'The credential plugin "/bin/sh" of the user "u" in F did not end within 5 s: run it by hand to see why',
  );
});
plugins.run();
