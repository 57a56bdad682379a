import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { confirmNoEscalation } from "../../src/fake/rbac/escalation.ts";
import { rbacGroup, Roles } from "../../src/fake/rbac/roles.ts";
import type { Wanted } from "../../src/fake/rbac/rule.ts";
import { Store } from "../../src/fake/store/store.ts";
import type { JsonObject } from "../../src/fake/types/json.ts";
import type { ResourceType } from "../../src/fake/types/resource.ts";

/** The roles of the cases: the answers are those of a genuine 1.35 that had the same. */
const objects: Readonly<Record<string, readonly JsonObject[]>> = {
  roles: [{
    metadata: { name: "r", namespace: "ns" },
    rules: [
      { apiGroups: [""], resources: ["configmaps", "pods/log"], verbs: ["get", "list"] },
      { apiGroups: [rbacGroup], resources: ["roles", "rolebindings"], verbs: ["create", "update", "get"] },
      { apiGroups: [""], resources: ["secrets"], resourceNames: ["a"], verbs: ["get", "watch", "list"] },
      { apiGroups: ["apps"], resources: ["*/scale"], verbs: ["*"] },
    ],
  }, { metadata: { name: "r3", namespace: "ns" }, rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }] }],
  rolebindings: [{
    metadata: { name: "rb", namespace: "ns" },
    subjects: [
      { kind: "User", name: "bob", apiGroup: rbacGroup },
      { kind: "Group", name: "devs", apiGroup: rbacGroup },
      { kind: "ServiceAccount", name: "sa", namespace: "ns" },
    ],
    roleRef: { apiGroup: rbacGroup, kind: "Role", name: "r" },
  }, {
    metadata: { name: "viewers", namespace: "ns" },
    subjects: [{ kind: "User", name: "vera", apiGroup: rbacGroup }],
    roleRef: { apiGroup: rbacGroup, kind: "ClusterRole", name: "view" },
  }],
  clusterroles: [{
    metadata: { name: "part" },
    rules: [{ nonResourceURLs: ["/metrics", "/x/*"], verbs: ["get"] }, { apiGroups: ["*"], resources: ["nodes"], verbs: ["*"] }],
  }],
  clusterrolebindings: [{
    metadata: { name: "crb" },
    subjects: [{ kind: "User", name: "bob", apiGroup: rbacGroup }],
    roleRef: { apiGroup: rbacGroup, kind: "ClusterRole", name: "part" },
  }],
};

function rolesOf(more: typeof objects = {}): Roles {
  const store = new Store(10);
  for (const [plural, list] of [...Object.entries(objects), ...Object.entries(more)]) {
    const type = { storage: `${rbacGroup}/${plural}`, arrange: (object: JsonObject) => object };
    for (const object of list) store.put(type, object);
  }
  return new Roles(store);
}

const roleOf = (whom: string) => `RBAC: allowed by RoleBinding "rb/ns" of Role "r" to ${whom}`;
const part = 'RBAC: allowed by ClusterRoleBinding "crb" of ClusterRole "part" to User "bob"';
const known = (name: string) =>
  `RBAC: allowed by ClusterRoleBinding "${name}" of ClusterRole "${name}" to Group "system:authenticated"`;
type Asked = Wanted & { readonly namespace?: string };
const decisions: readonly (readonly [user: string, groups: readonly string[], Asked, reason: string | false])[] = [
  ["bob", [], { verb: "get", resource: "configmaps", namespace: "ns", name: "a" }, roleOf('User "bob"')],
  ["bob", [], { verb: "delete", resource: "configmaps", namespace: "ns" }, false],
  ["bob", [], { verb: "get", resource: "configmaps", namespace: "other" }, false],
  ["bob", [], { verb: "get", resource: "configmaps" }, false],
  ["bob", [], { verb: "get", group: "apps", resource: "configmaps", namespace: "ns" }, false],
  ["bob", [], { verb: "get", resource: "pods", subresource: "log", namespace: "ns" }, roleOf('User "bob"')],
  ["bob", [], { verb: "get", resource: "pods", namespace: "ns" }, false],
  ["bob", [], { verb: "get", resource: "secrets", name: "a", namespace: "ns" }, roleOf('User "bob"')],
  ["bob", [], { verb: "get", resource: "secrets", name: "b", namespace: "ns" }, false],
  ["bob", [], { verb: "list", resource: "secrets", namespace: "ns" }, false],
  ["bob", [], { verb: "list", resource: "secrets", name: "a", namespace: "ns" }, roleOf('User "bob"')],
  [
    "bob",
    [],
    { verb: "patch", group: "apps", resource: "deployments", subresource: "scale", namespace: "ns" },
    roleOf('User "bob"'),
  ],
  ["bob", [], { verb: "get", path: "/x/y" }, part],
  ["bob", [], { verb: "get", path: "/metrics/z" }, false],
  ["bob", [], { verb: "post", path: "/x/y" }, false],
  ["bob", [], { verb: "delete", resource: "nodes", name: "n" }, part],
  ["eve", ["devs"], { verb: "list", resource: "configmaps", namespace: "ns" }, roleOf('Group "devs"')],
  ["system:serviceaccount:ns:sa", [], { verb: "get", resource: "configmaps", namespace: "ns" }, roleOf('ServiceAccount "sa/ns"')],
  ["system:serviceaccount:other:sa", [], { verb: "get", resource: "configmaps", namespace: "ns" }, false],
  [
    "vera",
    [],
    { verb: "watch", group: "apps", resource: "deployments", namespace: "ns" },
    'RBAC: allowed by RoleBinding "viewers/ns" of ClusterRole "view" to User "vera"',
  ],
  ["vera", [], { verb: "get", resource: "secrets", namespace: "ns" }, false],
  ["eve", ["system:authenticated"], { verb: "get", path: "/apis/apps" }, known("system:discovery")],
  [
    "eve",
    ["system:authenticated"],
    { verb: "create", group: "authorization.k8s.io", resource: "selfsubjectaccessreviews" },
    known("system:basic-user"),
  ],
  ["eve", [], { verb: "get", path: "/apis/apps" }, false],
];

const rights = suite("rights by roles");
for (const [user, groups, wanted, reason] of decisions) {
  rights(`${user} ${groups.join(",")}: ${JSON.stringify(wanted)}`, () => {
    const expected = reason === false ? { allowed: false } : { allowed: true, reason };
    assert.equal(rolesOf().decide({ user, groups }, wanted), expected);
  });
}
rights("members of system:masters may do everything", () => {
  assert.equal(rolesOf().decide({ user: "x", groups: ["system:masters"] }, { verb: "x", resource: "y" }), { allowed: true });
});

const typeOf = (kind: string) =>
  ({ group: rbacGroup, kind, plural: `${kind.toLowerCase()}s`, custom: false, namespaced: true }) as unknown as ResourceType;
const refusalOf = (kind: string, object: JsonObject): string | undefined => {
  try {
    confirmNoEscalation(typeOf(kind), object, { user: "bob", groups: ["system:authenticated"] }, rolesOf());
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};
const metadata = { name: "r2", namespace: "ns" };
const attempt = 'user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n';
rights("nobody writes a role with more than he has", () => {
  const rules = [
    { apiGroups: [""], resources: ["secrets", "configmaps"], verbs: ["get", "delete"] },
    { apiGroups: ["batch"], resources: ["*"], verbs: ["*"] },
    { apiGroups: [""], resources: ["secrets"], resourceNames: ["b"], verbs: ["get"] },
  ];
  assert.is(
    refusalOf("Role", { metadata, rules }),
    `roles.rbac.authorization.k8s.io "r2" is forbidden: ${attempt}{APIGroups:[""], Resources:["configmaps"], Verbs:["delete"]}
{APIGroups:[""], Resources:["secrets"], ResourceNames:["b"], Verbs:["get"]}
{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete"]}
{APIGroups:["batch"], Resources:["*"], Verbs:["*"]}`,
  );
  assert.is(refusalOf("Role", { metadata, rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }] }), undefined);
  assert.is(refusalOf("Role", { metadata, rules: [{ nonResourceURLs: ["/x/a"], verbs: ["get"] }] }), undefined);
  assert.is(
    refusalOf("Role", { metadata, rules: [{ nonResourceURLs: ["/y"], verbs: ["get"] }] }),
    `roles.rbac.authorization.k8s.io "r2" is forbidden: ${attempt}{NonResourceURLs:["/y"], Verbs:["get"]}`,
  );
});
rights("nobody binds a role with more than he has", () => {
  const binding = (name: string, kind = "Role") =>
    refusalOf("RoleBinding", { metadata, roleRef: { apiGroup: rbacGroup, kind, name } });
  assert.is(binding("r3"), undefined);
  assert.is(binding("nope"), 'rolebindings.rbac.authorization.k8s.io "nope" not found');
  assert.match(
    binding("view", "ClusterRole")!,
    /^rolebindings.rbac.authorization.k8s.io "r2" is forbidden: user "bob" .*\n\{APIGroups:\[""\], Resources:\["bindings"\], Verbs:\["get" "list" "watch"\]\}\n/,
  );
});
rights.run();

const reviews = suite("reviews of rights");
const tokens = { a: { user: "admin", groups: ["system:masters"] }, b: { user: "bob", allow: "rbac" } } as const;
async function ask(token: string, plural: string, spec: unknown, namespace?: string) {
  const fake = createFakeCluster({ tokens });
  try {
    const where = namespace === undefined ? "" : `namespaces/${namespace}/`;
    const response = await fake.fetch(
      new Request(`http://fake/apis/authorization.k8s.io/v1/${where}${plural}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(namespace === undefined ? { spec } : { metadata: { namespace }, spec }),
      }),
    );
    return { code: response.status, body: await response.json() };
  } finally {
    fake.close();
  }
}
const about = { namespace: "default", verb: "get", resource: "configmaps" };
reviews("say what a user may do", async () => {
  assert.equal((await ask("b", "selfsubjectaccessreviews", { resourceAttributes: about })).body.status, { allowed: false });
  assert.equal((await ask("a", "selfsubjectaccessreviews", { resourceAttributes: about })).body.status, { allowed: true });
});
reviews("list the rules of a user", async () => {
  const { body } = await ask("b", "selfsubjectrulesreviews", { namespace: "default" });
  assert.equal(body.status, {
    resourceRules: [
      {
        verbs: ["create"],
        apiGroups: ["authorization.k8s.io"],
        resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
      },
      { verbs: ["create"], apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"] },
    ],
    nonResourceRules: [
      { verbs: ["get"], nonResourceURLs: ["/healthz", "/livez", "/readyz", "/version", "/version/"] },
      {
        verbs: ["get"],
        nonResourceURLs: [
          "/api",
          "/api/*",
          "/apis",
          "/apis/*",
          "/healthz",
          "/livez",
          "/openapi",
          "/openapi/*",
          "/readyz",
          "/version",
          "/version/",
        ],
      },
    ],
    incomplete: false,
  });
  const refused = await ask("b", "selfsubjectrulesreviews", {});
  assert.equal([refused.code, refused.body.message], [400, "no namespace on request"]);
});
reviews("say what others may do", async () => {
  const answer = await ask("a", "subjectaccessreviews", { user: "bob", resourceAttributes: about });
  assert.equal([answer.code, answer.body.status], [201, { allowed: false }]);
  const masters = await ask("a", "subjectaccessreviews", { user: "x", groups: ["system:masters"], resourceAttributes: about });
  assert.equal(masters.body.status, { allowed: true });
  const nobody = await ask("a", "subjectaccessreviews", {});
  assert.is(
    nobody.body.message,
    '.authorization.k8s.io "" is invalid: [spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: "": at least one of user or group must be specified]',
  );
  const local = await ask(
    "a",
    "localsubjectaccessreviews",
    { user: "bob", resourceAttributes: { ...about, namespace: "x" } },
    "default",
  );
  assert.is(
    local.body.message,
    '.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "x": must match metadata.namespace',
  );
  assert.is((await ask("b", "subjectaccessreviews", { user: "bob", resourceAttributes: about })).code, 403);
});
/** A binding of a user to a role that there is not. */
const dangling = (name: string, kind: string, role: string, namespace?: string) =>
  ({
    metadata: { name, namespace },
    subjects: [{ kind: "User", name: "eve", apiGroup: rbacGroup }],
    roleRef: { apiGroup: rbacGroup, kind, name: role },
  }) as JsonObject;

reviews("a role that is bound and not there is named where nothing else lets one pass", () => {
  const roles = rolesOf({
    clusterrolebindings: [dangling("gone", "ClusterRole", "nowhere"), dangling("twice", "ClusterRole", "nowhere")],
    rolebindings: [dangling("gone", "Role", "norole", "ns")],
  });
  const eve = { user: "eve", groups: ["system:authenticated"] };
  const list = { verb: "list", group: "", resource: "secrets" };
  const [cluster, role] = [
    'clusterrole.rbac.authorization.k8s.io "nowhere" not found',
    'role.rbac.authorization.k8s.io "norole" not found',
  ];
  assert.equal(roles.decide(eve, list), { allowed: false, reason: `RBAC: ${cluster}` });
  assert.equal(roles.decide(eve, { ...list, namespace: "ns" }), { allowed: false, reason: `RBAC: [${cluster}, ${role}]` });
  assert.is(roles.decide(eve, { verb: "get", path: "/version" }).allowed, true);
  assert.equal(roles.decide({ ...eve, user: "bob" }, list), { allowed: false });
});

reviews("a refusal ends with that", async () => {
  const fake = createFakeCluster({
    tokens: { e: { user: "eve", allow: "rbac" } },
    objects: [{
      apiVersion: `${rbacGroup}/v1`,
      kind: "ClusterRoleBinding",
      ...dangling("gone", "ClusterRole", "nowhere"),
    }] as never,
  });
  const ask = async (path: string) =>
    (await (await fake.fetch(new Request(`http://fake${path}`, { headers: { authorization: "Bearer e" } }))).json()).message;
  const why = 'RBAC: clusterrole.rbac.authorization.k8s.io "nowhere" not found';
  assert.is(
    await ask("/api/v1/nodes"),
    `nodes is forbidden: User "eve" cannot list resource "nodes" in API group "" at the cluster scope: ${why}`,
  );
  assert.is(await ask("/metrics"), `forbidden: User "eve" cannot get path "/metrics": ${why}`);
  fake.close();
});
reviews.run();
