import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, type FakeCluster } from "../../src/fake/mod.ts";
import { applyCrd, type Send, sendTo, tryWrite } from "./cel-transitions.ts";
import { installPolicy, ME, ownWrites, refused } from "./strict-cases.ts";

const tokens = {
  mine: { user: ME, groups: ["system:masters"] },
  driver: { user: "driver", allow: "rbac" },
  reader: { user: "reader", allow: "rbac" },
} as const;

/** Sends as somebody. */
const as = (fake: FakeCluster, token: string): Send =>
  sendTo({
    fetch(request: Request) {
      const headers = new Headers(request.headers);
      headers.set("authorization", `Bearer ${token}`);
      return fake.fetch(new Request(request, { headers }));
    },
  } as FakeCluster);

const strict = suite("the strict policy on the fake");
let fake: FakeCluster;
let send: Send;
strict.before(async () => {
  fake = createFakeCluster({ tokens });
  send = as(fake, "mine");
  await applyCrd(send);
  await installPolicy(send);
});
strict.after(() => fake.close());

for (const [what, write, message] of refused) {
  strict(`refuses ${what}`, async () => assert.match((await tryWrite(send, { name: what, ...write })).join("\n"), message));
}
strict("takes whatever this project writes", async () => {
  for (const write of ownWrites()) assert.equal(await tryWrite(send, write), [], write.name);
});

strict("asks the roles who may drive", async () => {
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const group = "com.redhat.ecosystem.sample";
  const role = (name: string, verbs: readonly string[]) =>
    send("POST", `${rbac}/clusterroles`, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name },
      rules: [{ apiGroups: [group], resources: ["requeststates", "requeststates/status"], verbs }],
    });
  const bind = (name: string) =>
    send("POST", `${rbac}/clusterrolebindings`, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name },
      subjects: [{ kind: "User", name, apiGroup: "rbac.authorization.k8s.io" }],
      roleRef: { kind: "ClusterRole", name, apiGroup: "rbac.authorization.k8s.io" },
    });
  const verbs = ["get", "list", "create", "patch", "update", "delete"];
  assert.equal([(await role("driver", [...verbs, "drive"])).code, (await bind("driver")).code], [201, 201]);
  assert.equal([(await role("reader", verbs)).code, (await bind("reader")).code], [201, 201]);
  const [step] = ownWrites().filter(({ operations }) => operations.some(({ path }) => path === "/spec/state"));
  assert.equal(await tryWrite(as(fake, "driver"), step!), []);
  assert.match(
    (await tryWrite(as(fake, "reader"), step!)).join("\n"),
    /reader may not write spec\.job, .*it takes the verb drive/,
  );
});
strict.run();
