import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, type FakeCluster } from "../../src/fake/mod.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import { clientOf } from "./client.ts";

const core = "/api/v1/namespaces/default";
const tokens = {
  root: { user: "root", groups: ["system:masters"] },
  nobody: { user: "nobody", allow: "rbac" },
} as const;

const test = suite("tokens of service accounts");

async function scene() {
  const clock = createVirtualClock();
  const fake = createFakeCluster({ clock, tokens });
  const ask = (method: string, path: string, body?: unknown, token = "root", of: FakeCluster = fake) =>
    clientOf(of).ask(method, path, body, { authorization: `Bearer ${token}` });
  await ask("POST", `${core}/serviceaccounts`, { metadata: { name: "sa" } });
  const issue = async (spec: object = {}): Promise<string> => {
    const { status, body } = await ask("POST", `${core}/serviceaccounts/sa/token`, { spec });
    assert.is(status, 201);
    return body.status.token;
  };
  const whoami = (token: string, of?: FakeCluster) =>
    ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, token, of);
  return { clock, fake, ask, issue, whoami };
}

test("say what programs look for in them", async () => {
  const { fake, issue } = await scene();
  const token = await issue({ audiences: ["a"], expirationSeconds: 700 });
  const claims = JSON.parse(atob(token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/")));
  const { aud, iss, sub, exp, iat, nbf } = claims;
  assert.equal({ aud, iss, sub }, { aud: ["a"], iss: "https://kubernetes.default.svc", sub: "system:serviceaccount:default:sa" });
  assert.equal([exp - iat, iat], [700, nbf]);
  assert.is(claims["kubernetes.io"].serviceaccount.name, "sa");
  fake.close();
});

test("are good until their time is over, on the cluster's clock", async () => {
  const { clock, fake, issue, whoami, ask } = await scene();
  const token = await issue({ expirationSeconds: 600 });
  await clock.advance(600_000);
  assert.is((await whoami(token)).body.status.userInfo.username, "system:serviceaccount:default:sa");
  await clock.advance(1000);
  assert.is((await whoami(token)).status, 401);
  const review = await ask("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token } });
  assert.is(review.body.status.error, "[invalid bearer token, service account token has expired]");
  fake.close();
});

test("outlive a restore, and are good in a cluster that has the snapshot, but in no other", async () => {
  const { clock, fake, issue, whoami } = await scene();
  const token = await issue();
  const snapshot = fake.snapshot();
  fake.restore(snapshot);
  assert.is((await whoami(token)).status, 201);
  const other = createFakeCluster({ clock, tokens });
  assert.is((await whoami(token, other)).status, 401);
  other.restore(snapshot);
  assert.is((await whoami(token, other)).status, 201);
  fake.close();
  other.close();
});

test("cannot be made up, nor changed", async () => {
  const { fake, issue, whoami } = await scene();
  const [head, body, signature] = (await issue()).split(".") as [string, string, string];
  const forged = btoa(atob(body).replace("default:sa", "default:xx")).replaceAll("=", "");
  const none = btoa('{"alg":"none"}').replaceAll("=", "");
  for (
    const token of [
      `${head}.${forged}.${signature}`,
      `${none}.${body}.`,
      `${head}.${body}.`,
      `${head}.${body}`,
      "a.b.c",
      "..",
      `${head}.${body}.${signature}.x`,
    ]
  ) {
    assert.is((await whoami(token)).status, 401, token);
  }
  fake.close();
});

test("are nobody's where nobody has a token: everybody may do everything, and reviews know them", async () => {
  const fake = createFakeCluster();
  const client = clientOf(fake);
  await client.post(`${core}/serviceaccounts`, { metadata: { name: "sa" } });
  const { body } = await client.post(`${core}/serviceaccounts/sa/token`, {});
  const review = await client.post("/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token: body.status.token } });
  assert.is(review.body.status.user.username, "system:serviceaccount:default:sa");
  fake.close();
});
test.run();
