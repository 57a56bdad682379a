import type { Story } from "../../support/kubectl.ts";

/** What some managers own of an object: one by one, because their order depends on the second in which each has written. */
const owned = (what: string, ...managers: readonly string[]): string => {
  const each = managers.map((name) =>
    `{range .metadata.managedFields[?(@.manager=="${name}")]}{.manager} {.operation} {.apiVersion} {.fieldsV1}{"\\n"}{end}`
  );
  return `get ${what} -o jsonpath='${each.join("")}'`;
};

/** What users do by server-side apply, and who owns what then. */
export const applyingStories: readonly Story[] = [
  {
    name: "server-side",
    steps: [
      "apply --server-side -f @builtins.yaml",
      "apply --server-side -f @builtins.yaml",
      "get -f @builtins.yaml --show-managed-fields -o yaml",
      "diff --server-side -f @builtins-changed.yaml",
      "apply --server-side --dry-run=server -f @builtins-changed.yaml",
      "apply --server-side --field-manager=other -f @builtins-changed.yaml",
      "apply --server-side --field-manager=other --force-conflicts -f @builtins-changed.yaml",
      ...["cm settings", "secret hidden", "sa robot", "lease leader"].map((what) => owned(what, "kubectl", "other")),
      "apply --server-side -f @builtins.yaml",
      "apply --server-side --force-conflicts -f @builtins.yaml",
      "label cm settings a=b --field-manager=labeller",
      "annotate cm settings a=b",
      'patch cm settings -p \'{"data":{"a":"patched"}}\' -o yaml',
      'patch cm settings --type=merge --field-manager=merger -p \'{"data":{"b":"merged"}}\'',
      owned("cm settings", "kubectl", "other", "labeller", "kubectl-annotate", "kubectl-patch", "merger"),
      'patch cm settings --type=json -p \'[{"op":"remove","path":"/data/b"}]\'',
      owned("cm settings", "kubectl", "kubectl-patch", "merger"),
      "get cm settings -o json",
      "apply --server-side -f @builtins.yaml --validate=false",
      "apply --server-side --force-conflicts=false --field-manager= -f @builtins.yaml",
      "apply view-last-applied cm settings",
      "delete -f @builtins.yaml",
    ],
  },
  {
    name: "from-client-side",
    steps: [
      "apply -f @builtins.yaml",
      "get cm settings --show-managed-fields -o yaml",
      "apply --server-side -f @builtins-changed.yaml",
      ...["cm settings", "secret hidden", "sa robot", "lease leader"].map((what) =>
        owned(what, "kubectl", "kubectl-client-side-apply")
      ),
      "apply view-last-applied cm settings",
      "apply -f @builtins.yaml",
      owned("cm settings", "kubectl", "kubectl-client-side-apply"),
      "apply --server-side --field-manager=another -f @builtins-changed.yaml",
      "apply --server-side -f @builtins-changed.yaml",
      "replace -f @builtins.yaml",
      owned("cm settings", "kubectl", "kubectl-client-side-apply", "kubectl-replace"),
    ],
  },
  {
    name: "server-side-custom",
    steps: [
      "apply --server-side -f @request.yaml",
      "get -f @request.yaml --show-managed-fields -o yaml",
      "apply --server-side -f @request.yaml",
      "apply --server-side --field-manager=second -f @request-changed.yaml",
      "apply --server-side --field-manager=second --force-conflicts -f @request-changed.yaml",
      owned("rqs one", "kubectl", "second"),
      "apply -f @request-changed.yaml",
      "apply --server-side -f @request-changed.yaml",
      owned("rqs one", "kubectl", "second", "kubectl-client-side-apply"),
      "get rqs --show-managed-fields",
      "delete -f @request.yaml",
    ],
  },
];
