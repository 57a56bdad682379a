/** Credentials that are renewed on disk while a connection is in use, on a genuine server. Time is told, not waited for. */
import { Buffer } from "node:buffer";
import { readFileSync, rmSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect } from "../../src/adapters/node.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import type { Cluster } from "../../src/ports.ts";
import { type ApiServer, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { createClientCertificates } from "../support/client-certificate.ts";
import { type Folder, kubeconfig, temporaryFolder } from "../support/files.ts";

const configMaps = { group: "", version: "v1", plural: "configmaps" };
const namespace = "default";
const V1 = "client.authentication.k8s.io/v1";
const [{ folder: assets, name }] = genuineAssets() as [{ folder: string; name: string }];
const users = createClientCertificates();
const [jane, john] = [users.issue("jane", ["system:masters"]), users.issue("john", ["system:masters"])];
let server: ApiServer;
let folder: Folder;
let open: Cluster[] = [];

const rotation = suite(`credentials that are renewed, with ${name}`);
rotation.before(async () => {
  folder = temporaryFolder();
  server = await startApiServer({ assets, flags: [`--client-ca-file=${folder.write("users.crt", users.ca)}`] });
});
rotation.after.each(async () => {
  await Promise.all(open.map((cluster) => cluster.close()));
  open = [];
});
rotation.after(async () => {
  await server?.stop();
  folder?.remove();
});

async function start(user: object, { authority = server.caPath, clock = createVirtualClock() } = {}) {
  const path = folder.write("config", kubeconfig({ server: server.url, "certificate-authority": authority }, user));
  const cluster = await connect({ kubeconfig: path, clock });
  open.push(cluster);
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", metadata: {} };
  const resource = { group: "authentication.k8s.io", version: "v1", plural: "selfsubjectreviews" };
  const whoAmI = async () => {
    const { status } = await cluster.create(resource, review) as unknown as { status: { userInfo: { username: string } } };
    return status.userInfo.username;
  };
  return { cluster, clock, whoAmI };
}
/** A watch that is open; `sees` makes an object and waits until it is seen. */
async function openWatch(cluster: Cluster) {
  const { resourceVersion } = await cluster.list(configMaps, { namespace });
  const watch = await cluster.watch(configMaps, { namespace, resourceVersion, timeoutSeconds: 300 });
  const events = watch[Symbol.asyncIterator]();
  return async (name: string) => {
    await cluster.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace } });
    for (;;) {
      const { value, done } = await events.next();
      if (done || (value.type !== "BOOKMARK" && value.object.metadata.name === name)) return !done;
    }
  };
}

rotation(
  "a token file is read again within a minute, at once after a 401, and while it is away the last token serves",
  async () => {
    const tokenFile = folder.write("token", server.token);
    const { clock, whoAmI } = await start({ tokenFile });
    assert.is(await whoAmI(), "admin");
    folder.write("token", server.aliceToken);
    await clock.advance(45_000);
    assert.is(await whoAmI(), "admin", "not yet");
    await clock.advance(15_000);
    assert.is(await whoAmI().catch(({ message }: Error) => /User "(\w+)"/.exec(message)?.[1]), "alice");
    folder.write("token", "nobody-knows-it");
    await clock.advance(60_000);
    const refused = await whoAmI().then(() => undefined, (error) => error);
    assert.is(refused.status.code, 401);
    folder.write("token", server.token);
    assert.is(await whoAmI(), "admin", "at once");
    rmSync(tokenFile);
    await clock.advance(300_000);
    assert.is(await whoAmI(), "admin", "without the file");
  },
);

rotation("a client certificate that is replaced serves new calls; a watch goes on with the old one", async () => {
  const write = ({ cert, key }: typeof jane) => ({
    "client-certificate": folder.write("crt", cert),
    "client-key": folder.write("key", key),
  });
  const { cluster, clock, whoAmI } = await start(write(jane));
  const sees = await openWatch(cluster);
  assert.is(await whoAmI(), "jane");
  write(john);
  await clock.advance(1_000);
  assert.is(await whoAmI(), "john");
  assert.ok(await sees("seen-by-jane"));
  rmSync(`${folder.path}/key`);
  await clock.advance(60_000);
  assert.is(await whoAmI(), "john", "without its key");
});

rotation("an authority that is replaced is trusted from then on, and the old one no more", async () => {
  const genuine = readFileSync(server.caPath, "utf8");
  const authority = folder.write("ca.crt", genuine);
  const { clock, whoAmI } = await start({ token: server.token }, { authority });
  assert.is(await whoAmI(), "admin");
  folder.write("ca.crt", users.ca);
  await clock.advance(1_000);
  const error = await whoAmI().then(() => undefined, (error) => error);
  assert.match(error.message, /is not trusted .*: name its authority/);
  folder.write("ca.crt", `${users.ca}${genuine}`);
  await clock.advance(1_000);
  assert.is(await whoAmI(), "admin");
});

rotation("what a plugin gave out serves all connections until it ends, then the plugin is run again", async () => {
  const clock = createVirtualClock();
  const answer = (minutes: number, token: string) => {
    const expirationTimestamp = new Date(clock.now() + minutes * 60_000).toISOString();
    folder.write("answer", { apiVersion: V1, kind: "ExecCredential", status: { token, expirationTimestamp } });
  };
  const runs = () => Buffer.from(readFileSync(`${folder.path}/runs`)).length;
  folder.write("runs", "");
  const args = ["-c", 'printf x >> "$0/runs"; cat "$0/answer"', folder.path];
  const exec = { apiVersion: V1, command: "/bin/sh", args, interactiveMode: "Never" };
  answer(10, server.token);
  const first = await start({ exec }, { clock });
  const second = await start({ exec }, { clock });
  assert.equal([await first.whoAmI(), await second.whoAmI(), runs()], ["admin", "admin", 1]);
  await clock.advance(8 * 60_000);
  assert.equal([await first.whoAmI(), runs()], ["admin", 1]);
  answer(10, "nobody-knows-it");
  await clock.advance(3 * 60_000);
  const refused = await first.whoAmI().then(() => undefined, (error) => error);
  assert.is(refused.status.code, 401);
  answer(10, server.token);
  assert.is(await second.whoAmI(), "admin");
});
rotation.run();
