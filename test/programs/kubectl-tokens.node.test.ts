import { mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { KubernetesObject } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { endPrograms, RUNTIMES, startProgram } from "../support/programs.ts";

const folder = mkdtempSync(join(tmpdir(), "crd-watcher-"));
const file = async (text: string) => {
  const path = join(folder, `${crypto.randomUUID()}.csv`);
  await writeFile(path, text);
  return path;
};

const tokens = suite("programs: --token-auth-file");
tokens.after.each(endPrograms);
tokens.after(() => rmSync(folder, { recursive: true }));

/** What the file holds, and the one sentence about it. */
const WRONG: readonly [string, string, RegExp][] = [
  [
    "too few columns",
    "a-token,alice\n",
    /^The token file \S+ is wrong: line 1 has 2 of at least 3 columns, expected token,user,uid,"group1,group2" \(--token-auth-file\)$/,
  ],
  ["a quote in the middle", 'a,alice,1,"x"\nb,b"b,2\n', /line 2 is no CSV: quotes go around a whole value/],
  ["no token", ",alice,1\n", /line 1 has no token/],
  ["no user", "a-token,,1\n", /line 1 has no user/],
];
for (const [what, text, sentence] of WRONG) {
  tokens(what, async () => {
    const program = startProgram("node", ["--mode", "cluster", "--token-auth-file", await file(text)]);
    assert.is(await program.exited, 1);
    assert.is(program.errors.trimEnd().split("\n").length, 1, program.errors);
    assert.match(program.errors.trimEnd(), sentence);
    assert.is(program.output, "");
  });
}

tokens("a file that is not there", async () => {
  const program = startProgram("node", ["--mode", "cluster", "--token-auth-file", "none.csv"]);
  assert.is(await program.exited, 1);
  assert.is(program.errors, "The token file does not exist: none.csv (--token-auth-file)\n");
});

for (const runtime of RUNTIMES) {
  tokens(`who may do what, in ${runtime}`, async () => {
    const csv = 'admin-token,admin,1,"system:masters,others"\nalice-token,alice,2\nalice-other-token,alice,2,""\n';
    const kubeconfig = join(folder, `${runtime}-kubeconfig`);
    const program = startProgram(runtime, [
      ...["--mode", "cluster", "--token-auth-file", await file(csv), "--write-kubeconfig", kubeconfig],
    ]);
    const [url] = await program.until(/^https:\/\/127\.0\.0\.1:\d+$/m);
    const text = await readFile(kubeconfig, "utf8");
    assert.ok(text.includes(url));
    for (const name of ["admin", "alice", "alice-2"]) assert.match(text, new RegExp(`name: "${name}"`));
    const requests = { group: "com.redhat.ecosystem.sample", version: "v1", plural: "requeststates" };
    const admin = await connect({ kubeconfig });
    assert.equal((await admin.list(requests, { namespace: "default" })).items, []);
    await writeFile(kubeconfig, text.replace('current-context: "admin"', 'current-context: "alice-2"'));
    const alice = await connect({ kubeconfig });
    try {
      await alice.list(requests, { namespace: "default" });
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, /User "alice" cannot list resource "requeststates"/);
    }
    const rbac = { group: "rbac.authorization.k8s.io", version: "v1" };
    const metadata = { name: "look", namespace: "default" };
    const apiVersion = "rbac.authorization.k8s.io/v1";
    const rules = [{ apiGroups: [requests.group], resources: [requests.plural], verbs: ["list"] }];
    await admin.create({ ...rbac, plural: "roles" }, { apiVersion, kind: "Role", metadata, rules } as KubernetesObject);
    const roleRef = { apiGroup: rbac.group, kind: "Role", name: "look" };
    const subjects = [{ apiGroup: rbac.group, kind: "User", name: "alice" }];
    const binding = { apiVersion, kind: "RoleBinding", metadata, roleRef, subjects };
    await admin.create({ ...rbac, plural: "rolebindings" }, binding as KubernetesObject);
    assert.equal((await alice.list(requests, { namespace: "default" })).items, []);
    await Promise.all([admin.close(), alice.close()]);
    assert.is(await program.end(), 0);
  });
}
tokens.run();
