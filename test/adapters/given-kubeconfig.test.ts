/** A `KubeConfig` of client-node that its owner hands in. */
import { KubeConfig } from "@kubernetes/client-node";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kubeConfigIdentity, type KubeConfigLike } from "../../src/adapters/sources/given-kubeconfig.ts";
import { connect } from "../../src/adapters/node.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import { createClientCertificates } from "../support/client-certificate.ts";
import { answer, startHttpServer } from "../support/http-server.ts";

const given = suite("a given KubeConfig");
const server = "https://kube";
const data = (text: string) => Buffer.from(text).toString("base64");

function configOf(cluster: object, user: object): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: "c", server, skipTLSVerify: false, ...cluster }, { name: "u", ...user });
  return config;
}
const identityOf = (config: KubeConfigLike, env = {}) => {
  const clock = createVirtualClock();
  return { identity: kubeConfigIdentity(config, { clock, limit: 1_000, env }), clock };
};
const rejection = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(() => assert.unreachable("did not reject") as never, (error) => error);
const authorizationOf = async (cluster: object, user: object, env?: object) =>
  await identityOf(configOf(cluster, user), env).identity.authorize();

given("says all that it knows", async () => {
  const users = createClientCertificates();
  const { cert, key } = users.issue("jane");
  const { headers, connection } = await authorizationOf(
    { server: `${server}/p/`, caData: data(users.ca), tlsServerName: "n", proxyUrl: "http://proxy:3128" },
    { token: "t", impersonateUser: "jane", certData: data(cert), keyData: data(key) },
  );
  assert.equal(headers, { authorization: "Bearer t", "impersonate-user": "jane" });
  assert.equal(connection, { server: `${server}/p`, ca: users.ca, cert, key, serverName: "n", proxy: "http://proxy:3128" });
});

given("may be insecure, have a password, and be behind the proxy of the environment", async () => {
  const env = { HTTPS_PROXY: "http://env:3128" };
  const { headers, connection } = await authorizationOf({ skipTLSVerify: true }, { username: "u", password: "p" }, env);
  assert.equal(headers, { authorization: "Basic dTpw" });
  assert.equal(connection, { server, insecure: true, proxy: "http://env:3128" });
});

given("is asked again after a second, and only what has changed is another object", async () => {
  let [token, asked] = ["one", 0];
  const { identity, clock } = identityOf({
    getCurrentCluster: () => ({ server }),
    getCurrentUser: () => ({}),
    applyToHTTPSOptions(options: { headers: Record<string, string> }) {
      asked++;
      options.headers["Authorization"] = `Bearer ${token}`;
      return Promise.resolve();
    },
  });
  const [first, same] = await Promise.all([identity.authorize(), identity.authorize()]);
  assert.is(same, first);
  assert.is(identity.authorize(), first);
  assert.is(asked, 1);
  await clock.advance(1_000);
  assert.is(await identity.authorize(), first);
  assert.is(asked, 2);
  assert.not(identity.refused(first));
  token = "two";
  const second = await identity.authorize();
  assert.equal(second.headers, { authorization: "Bearer two" });
  assert.is(second.connection, first.connection);
  assert.ok(identity.refused(first));
});

given("that fails or does not answer is one sentence, and is asked again", async () => {
  const answers = [
    () => Promise.reject(new Error("no such token")),
    () => new Promise<void>(() => {}),
    () => Promise.resolve(),
    () => Promise.reject(new Error("gone")),
  ];
  const { identity, clock } = identityOf({
    getCurrentCluster: () => ({ server }),
    getCurrentUser: () => null,
    applyToHTTPSOptions: () => answers.shift()!(),
  });
  const failure = () => rejection(Promise.resolve(identity.authorize()));
  const first = await failure();
  assert.equal([first.name, first.message], [
    "SetupError",
    "The credentials of the given KubeConfig cannot be used: no such token",
  ]);
  const second = failure();
  await clock.advance(1_000);
  assert.is((await second).message, "The credentials of the given KubeConfig cannot be used: they did not come within 1 s");
  assert.equal(await identity.authorize(), { headers: {}, connection: { server } });
  await clock.advance(1_000);
  assert.is((await failure()).name, "Error", "what has worked once is worth another try");
});

given("without a cluster, or beside something that it excludes, is refused", async () => {
  const refusal = (options: object) => rejection(connect(options));
  const empty = await refusal({ kubeConfig: new KubeConfig() });
  assert.equal([empty.name, empty.message], [
    "SetupError",
    "the given KubeConfig has no current cluster with a server: call setCurrentContext",
  ]);
  for (const other of ["kubeconfig", "context", "master"]) {
    const error = await refusal({ kubeConfig: configOf({}, {}), [other]: "x" });
    assert.equal([error.name, error.message], [
      "TypeError",
      `kubeConfig and ${other} exclude each other: set it in the KubeConfig`,
    ]);
  }
});

given("is what connect() goes by, over plain HTTP, too", async () => {
  const seen: unknown[] = [];
  const http = await startHttpServer(({ headers }, response) => {
    seen.push(headers.authorization);
    answer(response, 200, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } });
  });
  const cluster = await connect({ kubeConfig: configOf({ server: http.url }, { token: "t" }) });
  await cluster.get({ group: "", version: "v1", plural: "configmaps" }, { namespace: "default", name: "a" });
  assert.equal(seen, ["Bearer t"]);
  await cluster.close();
  await http.stop();
});
given.run();
