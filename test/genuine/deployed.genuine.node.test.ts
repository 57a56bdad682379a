import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import { type Cluster, type KubernetesObject, type Log, REQUEST_STATES, type RequestState, type Resource } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { type ApiServer, type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { EXAMPLES } from "../support/examples.ts";
import { type Folder, kubeconfig, temporaryFolder } from "../support/files.ts";
import { endPrograms, runCommand, startCommand } from "../support/programs.ts";
import { tellingDenials } from "./deploy/denials.ts";
import { CASES, newPaper, ROLES_OF } from "./deploy/people.ts";
import { STORIES } from "./deploy/rights.ts";

const root = new URL("../../", import.meta.url).pathname;
/** Where the examples are at home, and deploy/ unless an overlay says otherwise. */
const NAMESPACE = "default";
const ROLES: Resource = { group: "rbac.authorization.k8s.io", version: "v1", plural: "roles" };
const ACCESS: Resource = { group: "authorization.k8s.io", version: "v1", plural: "subjectaccessreviews" };

/** A role of deploy/. */
interface Role extends KubernetesObject {
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
}
const roles = parseAllDocuments(await readFile(join(root, "deploy/base/roles.yaml"), "utf8"))
  .map((document) => document.toJS() as Role).filter(({ kind }) => kind === "Role");
const grants = roles.flatMap(({ metadata, rules }) =>
  rules.flatMap((rule, index) =>
    rule.verbs.map((verb) => ({ role: metadata.name, rule, index, verb, resource: rule.resources[0]! }))
  )
).filter(({ verb }) => verb !== "drive"); // a word between the role and the strict policy: tried there

genuineAssets().forEach((assets, index) => tests(assets, index === 0));

/** @param isWhole Or only whether the server takes all of it. */
function tests({ folder: assets, name }: Assets, isWhole: boolean) {
  const deployed = suite(`genuine API server ${name}: deploy/`);
  let server: ApiServer;
  let folder: Folder;
  let admin: Cluster;
  const kubectl = (...args: string[]) => runCommand([join(assets, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);
  const configs: Record<string, string> = {};

  deployed.before(async () => {
    server = await startApiServer({ assets });
    folder = temporaryFolder();
    admin = await connect({ kubeconfig: server.kubeconfigPath });
    await kubectl("create", "namespace", "shop");
    await kubectl("label", "namespace", "shop", "pod-security.kubernetes.io/enforce=restricted");
  });
  deployed.after.each(endPrograms);
  deployed.after(async () => {
    await admin?.close();
    await server?.stop();
    folder?.remove();
  });

  deployed("kubectl applies deploy/base", async () => {
    assert.match(await kubectl("apply", "-k", join(root, "deploy/base")), /^deployment.apps\/crd-watcher-worker created$/m);
    await kubectl("wait", "--for=condition=Established", "-f", "crds");
  });

  deployed("kubectl applies deploy/strict upon it, and again", async () => {
    const apply = () => kubectl("apply", "-k", join(root, "deploy/strict"));
    const policy = /^validatingadmissionpolicybinding.admissionregistration.k8s.io\/.+ created$/m;
    assert.match(await apply(), policy);
    assert.not.match(await apply(), / created$/m);
    for (const role of ["director", "worker"]) {
      const token = (await kubectl("create", "token", `crd-watcher-${role}`, "-n", NAMESPACE)).trim();
      const cluster = { server: server.url, "certificate-authority": server.caPath };
      configs[role] = folder.write(`${role}.kubeconfig`, kubeconfig(cluster, { token }));
    }
  });

  deployed("the overlay of docs/operations.md puts it into a namespace of one's own, where pods are restricted", async () => {
    const [, overlay] = /^```yaml\n([^`]*?^kind: Kustomization\n[^`]*?)^```$/m.exec(
      await readFile(join(root, "docs/operations.md"), "utf8"),
    )!;
    const here = relative(join(folder.path, "shop"), root);
    const path = folder.write("shop/kustomization.yaml", overlay!.replace("../node_modules/crd-watcher", here));
    await kubectl("apply", "-k", join(path, ".."));
    for (const role of ["director", "worker"]) {
      const text = await kubectl("get", "deployment", `crd-watcher-${role}`, "-n", "shop", "-o", "json");
      const { template } = (JSON.parse(text) as { spec: { template: { metadata: object; spec: object } } }).spec;
      const pod = {
        apiVersion: "v1",
        kind: "Pod",
        ...template,
        metadata: { ...template.metadata, name: role, namespace: "shop" },
      };
      await kubectl("create", "--dry-run=server", "-f", folder.write(`${role}.json`, pod));
      const account = `--as=system:serviceaccount:shop:crd-watcher-${role}`;
      assert.is(await kubectl("auth", "can-i", "patch", "requeststates", "-n", "shop", account), "yes\n");
    }
  });

  for (const component of ["keda", "monitoring"]) {
    deployed(`deploy/${component} can be added`, async () => {
      const path = folder.write(`with-${component}/kustomization.yaml`, {
        apiVersion: "kustomize.config.k8s.io/v1beta1",
        kind: "Kustomization",
        resources: [relative(join(folder.path, "with"), join(root, "deploy/base"))],
        components: [relative(join(folder.path, "with"), join(root, "deploy", component))],
      });
      assert.match(await kubectl("kustomize", join(path, "..")), /^kind: (ScaledObject|PrometheusRule)$/m);
    });
  }
  if (isWhole) whole();
  deployed.run();

  function whole() {
    const as = async (user: string, clusterRoles: readonly string[]) => {
      for (const role of clusterRoles) {
        await kubectl("create", "rolebinding", `${user}-${role}`, "-n", NAMESPACE, `--clusterrole=${role}`, `--user=${user}`);
      }
      const cluster = { server: server.url, "certificate-authority": server.caPath };
      return folder.write(`${user}.kubeconfig`, kubeconfig(cluster, { token: server.token, as: user }));
    };

    deployed("who may do what, under deploy/strict, and in which words it is refused", async () => {
      const may = ["--verb=get,patch", "--resource=requeststates.com.redhat.ecosystem.sample"];
      await kubectl("create", "role", "patch-only", "-n", NAMESPACE, ...may);
      const rules = [{ apiGroups: [REQUEST_STATES.group], resources: ["requeststates/approve"], verbs: ["signal"] }];
      const own = {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "Role",
        metadata: { name: "approve-paper", namespace: NAMESPACE },
        rules,
      };
      await admin.create(ROLES, own as KubernetesObject & { metadata: { namespace: string } });
      for (const role of ["patch-only", "approve-paper"]) {
        await kubectl("create", "rolebinding", `jo-${role}`, "-n", NAMESPACE, `--role=${role}`, "--user=jo");
      }
      for (const [user, role] of Object.entries(ROLES_OF)) configs[user] = await as(user, [role]);
      configs["jo"] = await as("jo", []);
      const wrong: string[] = [];
      for (const [user, attempts] of Object.entries(CASES)) {
        const cluster = await connect({ kubeconfig: configs[user]! });
        for (const [what, attempt, refusal] of attempts) {
          const tried = async () => {
            const request = await admin.create<RequestState>(REQUEST_STATES, newPaper(NAMESPACE));
            return await attempt(cluster, request).then(() => "it is done", ({ message }: Error) => message);
          };
          const isRight = (said: string) => refusal ? refusal.test(said) : said === "it is done";
          // The server goes by new roles and policies after a moment; then for good.
          const until = performance.now() + 3_000;
          let said = await tried();
          while (!isRight(said) && performance.now() < until) said = await tried();
          if (!isRight(said)) wrong.push(`${user}: ${what}: ${said}`);
        }
        await cluster.close();
      }
      assert.equal(wrong, []);
    });

    for (const example of Object.keys(EXAMPLES).filter((name) => name !== "run-controller.ts")) {
      deployed(`${example} runs with the rights of deploy/, under deploy/strict`, async () => {
        configs["ann"] ??= await as("ann", ["crd-watcher-start", "crd-watcher-approve", "crd-watcher-operate"]);
        await kubectl("delete", "requeststates", "--all", "-n", NAMESPACE);
        const program = startCommand(["node", "--import", "tsx", `examples/${example}`], {
          TSX_TSCONFIG_PATH: "test/genuine/deploy/tsconfig.json",
          DIRECTOR: configs["director"]!,
          WORKER: configs["worker"]!,
          CLIENT: configs["ann"]!,
        });
        assert.is(await program.exited, 0, program.errors);
        assert.is(program.errors, "");
        assert.match(program.output, EXAMPLES[example]!, program.output);
      });
    }

    for (const { role, rule, index, verb, resource } of grants) {
      deployed(`${role} without the right to ${verb} ${resource}: that is what is heard`, async () => {
        const story = STORIES[role]?.[`${resource} ${verb}`];
        assert.ok(story, `${role} is granted ${verb} of ${resource}, and no story needs it`);
        await kubectl("delete", "requeststates", "--all", "-n", NAMESPACE);
        const path = `/rules/${index}/verbs`;
        const key = { name: role, namespace: NAMESPACE };
        const heard: string[] = [];
        const denials = new Set<string>();
        const ending = new AbortController();
        const expected = new RegExp(`cannot ${verb} resource "${resource}"`);
        const isHeard = () => heard.some((line) => expected.test(line));
        const hear = (line: string) => {
          heard.push(line);
          if (isHeard()) ending.abort();
        };
        const log = { debug: hear, info: hear, warn: hear, error: hear } as Log;
        const cluster = await connect({ kubeconfig: configs[role.replace("crd-watcher-", "")]! });
        try {
          await admin.patch(ROLES, key, [{ op: "replace", path, value: rule.verbs.filter((other) => other !== verb) }]);
          while (await isAllowed(role, verb, rule.apiGroups[0]!, resource)) {
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
          const late = setTimeout(() => ending.abort(), 8_000);
          const told = tellingDenials(cluster, (denial) => denials.add(denial));
          await story({ cluster: told, admin, namespace: NAMESPACE, log, signal: ending.signal })
            .catch((error: Error) => hear(error.message));
          clearTimeout(late);
        } finally {
          ending.abort();
          await admin.patch(ROLES, key, [{ op: "replace", path, value: rule.verbs }]);
          while (!await isAllowed(role, verb, rule.apiGroups[0]!, resource)) {
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
          await cluster.close();
        }
        assert.ok(isHeard(), `heard:\n${heard.join("\n")}`);
        denials.delete("get namespaces"); // its absence is borne
        assert.equal([...denials].filter((denial) => denial !== `${verb} ${resource}`), [], "nothing else is missing");
      });
    }
    async function isAllowed(account: string, verb: string, group: string, resource: string): Promise<boolean> {
      const user = `system:serviceaccount:${NAMESPACE}:${account}`;
      const review = {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        metadata: {},
        spec: { user, resourceAttributes: { namespace: NAMESPACE, verb, group, resource } },
      };
      return (await admin.create<KubernetesObject & { status?: { allowed?: boolean } }>(ACCESS, review)).status?.allowed === true;
    }
  }
}
