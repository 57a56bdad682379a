import type { Story } from "../../support/kubectl.ts";

const maps = (...names: readonly string[]): string =>
  names.map((name) =>
    `---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, labels: { app: shop } }\ndata: { a: b }\n`
  ).join("");
const more = `---\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: robot, labels: { app: shop } }\n`;

/** What users apply and prune as a set. */
export const setStories: readonly Story[] = [
  {
    name: "applied-sets",
    steps: [
      // One is pruned at a time: kubectl takes several in any order.
      `KUBECTL_APPLYSET=true apply --prune --applyset=shop -f -\n${maps("one", "two")}`,
      "get secret shop -o yaml",
      "get cm,sa -l app=shop -o yaml",
      `KUBECTL_APPLYSET=true apply --prune --applyset=shop -f -\n${maps("two", "three")}`,
      "get cm,sa -l app=shop -o name",
      `KUBECTL_APPLYSET=true apply --prune --applyset=shop --dry-run=server -f -\n${maps("three")}`,
      `KUBECTL_APPLYSET=true apply --prune --applyset=shop --server-side -f -\n${maps("three")}`,
      `KUBECTL_APPLYSET=true apply --prune --applyset=other -f -\n${maps("three")}`,
      `KUBECTL_APPLYSET=true apply --prune --applyset=cm/parent -f -\n${maps("four")}`,
      "create configmap parent",
      `KUBECTL_APPLYSET=true apply --prune --applyset=configmaps/parent -f -\n${maps("four")}`,
      `KUBECTL_APPLYSET=true apply --prune --applyset=nothings/parent -f -\n${maps("four")}`,
      `KUBECTL_APPLYSET=true apply --prune --applyset=shop -l a=b -f -\n${maps("four")}`,
      "get cm parent -o jsonpath='{.metadata.annotations} {.metadata.labels}'",
      "get cm,sa -l app=shop -o name",
      "get cm -l applyset.kubernetes.io/part-of -o name",
    ],
  },
  {
    name: "pruned",
    steps: [
      `apply -f -\n${maps("one", "two", "three")}${more}`,
      `apply --prune -l app=shop -f -\n${maps("one")}`,
      "get cm,sa -l app=shop -o name",
      `apply --prune --all --dry-run=server -f -\n${maps("none")}`,
      `apply --prune -l app=shop --prune-allowlist=core/v1/ServiceAccount -f -\n${maps("two")}`,
      `apply --prune -f -\n${maps("two")}`,
      "get cm,sa -l app=shop -o name",
      "apply view-last-applied cm/two",
      "apply view-last-applied cm two -o json",
      "apply view-last-applied cm -l app=shop",
      "apply view-last-applied cm --all -o yaml",
      "apply view-last-applied cm none",
      "create configmap bare",
      "apply view-last-applied cm bare",
      `apply set-last-applied -f -\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: bare }\ndata: { a: c }`,
      `apply set-last-applied --create-annotation -f -\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: bare }\ndata: { a: c }`,
      `apply -f -\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: bare }`,
      `apply --force -f -\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: bare }\nimmutable: true\ndata: { a: b }`,
      `apply -f -\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: bare }\nimmutable: true\ndata: { a: c }`,
      `apply --force --grace-period=0 -f -\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: bare }\nimmutable: true\ndata: { a: c }`,
      "get cm bare -o yaml",
      `apply --server-side --field-manager=x -f -\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: two }\ndata: { a: other }`,
      `apply --server-side --field-manager=x --force-conflicts -f -\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: two }\ndata: { a: other }`,
      "get cm two -o yaml --show-managed-fields",
      `diff -f -\n${maps("one", "two")}`,
      `diff --server-side --force-conflicts -f -\n${maps("two")}`,
      `diff --prune -l app=shop -f -\n${maps("two")}`,
      `create --save-config -f -\n${maps("saved")}`,
      `replace --save-config -f -\n${maps("saved")}`,
      "apply view-last-applied cm saved",
      `patch cm saved --type=merge --patch-file=@request.yaml`,
      `patch cm saved -p '{"data":{"x":"y"}}' --subresource=status`,
      `annotate cm --all --resource-version=1 a=b`,
      `label cm saved app-`,
      `label cm saved none-`,
      `label cm --all -l app=shop x=y --list`,
      `annotate cm saved --list`,
      `label -f - q=r\n${maps("saved")}`,
      "delete cm saved two none",
    ],
  },
];
