/**
 * The roles and bindings that every cluster has, as far as people use them.
 *
 * They are no objects here: who lists cluster roles sees only those that were made. One of the same name takes the place.
 *
 * @module
 */
import type { PolicyRule } from "./rule.ts";

/** Verbs, groups and resources, each parted by spaces; the core group is empty. */
type Row = readonly [verbs: string, groups: string, resources: string];

const rule = (verbs: string, groups: string, resources: string): PolicyRule => ({
  verbs: verbs.split(" "),
  apiGroups: groups.split(" "),
  resources: resources.split(" "),
  resourceNames: [],
  nonResourceURLs: [],
});
const paths = (verb: string, urls: string): PolicyRule => ({
  verbs: [verb],
  apiGroups: [],
  resources: [],
  resourceNames: [],
  nonResourceURLs: urls.split(" "),
});
const rules = (rows: readonly Row[]) => rows.map((row) => rule(...row));

const view: readonly Row[] = [
  [
    "get list watch",
    "",
    "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status",
  ],
  [
    "get list watch",
    "",
    "bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status",
  ],
  ["get list watch", "", "namespaces"],
  ["get list watch", " events.k8s.io", "events"],
  ["get list watch", "discovery.k8s.io", "endpointslices"],
  [
    "get list watch",
    "apps",
    "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
  ],
  ["get list watch", "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"],
  ["get list watch", "batch", "cronjobs cronjobs/status jobs jobs/status"],
  [
    "get list watch",
    "extensions",
    "daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale",
  ],
  ["get list watch", "policy", "poddisruptionbudgets poddisruptionbudgets/status"],
  ["get list watch", "networking.k8s.io", "ingresses ingresses/status networkpolicies"],
  ["get list watch", "resource.k8s.io", "resourceclaims resourceclaims/status resourceclaimtemplates"],
];
const edit: readonly Row[] = [
  ["get list watch", "", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"],
  ["impersonate", "", "serviceaccounts"],
  ["create delete deletecollection patch update", "", "pods pods/attach pods/exec pods/portforward pods/proxy"],
  ["create", "", "pods/eviction"],
  [
    "create delete deletecollection patch update",
    "",
    "configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy",
  ],
  ["create", "", "serviceaccounts/token"],
  ["create delete deletecollection patch update", " events.k8s.io", "events"],
  [
    "create delete deletecollection patch update",
    "apps",
    "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale",
  ],
  ["create delete deletecollection patch update", "autoscaling", "horizontalpodautoscalers"],
  ["create delete deletecollection patch update", "batch", "cronjobs jobs"],
  [
    "create delete deletecollection patch update",
    "extensions",
    "daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale",
  ],
  ["create delete deletecollection patch update", "policy", "poddisruptionbudgets"],
  ["create delete deletecollection patch update", "networking.k8s.io", "ingresses networkpolicies"],
  ["create delete deletecollection get list patch update watch", "coordination.k8s.io", "leases"],
  ["create delete deletecollection patch update", "resource.k8s.io", "resourceclaims resourceclaimtemplates"],
  [
    "get list watch",
    "",
    "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status",
  ],
  [
    "get list watch",
    "",
    "bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status",
  ],
  ["get list watch", "", "namespaces"],
  ["get list watch", " events.k8s.io", "events"],
  ["get list watch", "discovery.k8s.io", "endpointslices"],
  [
    "get list watch",
    "apps",
    "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
  ],
  ["get list watch", "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"],
  ["get list watch", "batch", "cronjobs cronjobs/status jobs jobs/status"],
  [
    "get list watch",
    "extensions",
    "daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale",
  ],
  ["get list watch", "policy", "poddisruptionbudgets poddisruptionbudgets/status"],
  ["get list watch", "networking.k8s.io", "ingresses ingresses/status networkpolicies"],
  ["get list watch", "resource.k8s.io", "resourceclaims resourceclaims/status resourceclaimtemplates"],
];
const admin: readonly Row[] = [
  ["get list watch", "", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"],
  ["impersonate", "", "serviceaccounts"],
  ["create delete deletecollection patch update", "", "pods pods/attach pods/exec pods/portforward pods/proxy"],
  ["create", "", "pods/eviction"],
  [
    "create delete deletecollection patch update",
    "",
    "configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy",
  ],
  ["create", "", "serviceaccounts/token"],
  ["create delete deletecollection patch update", " events.k8s.io", "events"],
  [
    "create delete deletecollection patch update",
    "apps",
    "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale",
  ],
  ["create delete deletecollection patch update", "autoscaling", "horizontalpodautoscalers"],
  ["create delete deletecollection patch update", "batch", "cronjobs jobs"],
  [
    "create delete deletecollection patch update",
    "extensions",
    "daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale",
  ],
  ["create delete deletecollection patch update", "policy", "poddisruptionbudgets"],
  ["create delete deletecollection patch update", "networking.k8s.io", "ingresses networkpolicies"],
  ["create delete deletecollection get list patch update watch", "coordination.k8s.io", "leases"],
  ["create delete deletecollection patch update", "resource.k8s.io", "resourceclaims resourceclaimtemplates"],
  [
    "get list watch",
    "",
    "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status",
  ],
  [
    "get list watch",
    "",
    "bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status",
  ],
  ["get list watch", "", "namespaces"],
  ["get list watch", " events.k8s.io", "events"],
  ["get list watch", "discovery.k8s.io", "endpointslices"],
  [
    "get list watch",
    "apps",
    "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
  ],
  ["get list watch", "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"],
  ["get list watch", "batch", "cronjobs cronjobs/status jobs jobs/status"],
  [
    "get list watch",
    "extensions",
    "daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale",
  ],
  ["get list watch", "policy", "poddisruptionbudgets poddisruptionbudgets/status"],
  ["get list watch", "networking.k8s.io", "ingresses ingresses/status networkpolicies"],
  ["get list watch", "resource.k8s.io", "resourceclaims resourceclaims/status resourceclaimtemplates"],
  ["create", "authorization.k8s.io", "localsubjectaccessreviews"],
  ["create delete deletecollection get list patch update watch", "rbac.authorization.k8s.io", "rolebindings roles"],
];

/** Their rules, by name. */
export const defaultRoles: Readonly<Record<string, readonly PolicyRule[]>> = {
  "system:basic-user": rules([
    ["create", "authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews"],
    ["create", "authentication.k8s.io", "selfsubjectreviews"],
  ]),
  "system:public-info-viewer": [paths("get", "/healthz /livez /readyz /version /version/")],
  "system:discovery": [
    paths("get", "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/"),
  ],
  "cluster-admin": [rule("*", "*", "*"), paths("*", "*")],
  view: rules(view),
  edit: rules(edit),
  admin: rules(admin),
};

/** Whom they are bound to. */
export const defaultBindings: readonly { readonly binding: string; readonly role: string; readonly group: string }[] = [
  { binding: "system:basic-user", role: "system:basic-user", group: "system:authenticated" },
  { binding: "system:public-info-viewer", role: "system:public-info-viewer", group: "system:authenticated" },
  { binding: "system:public-info-viewer", role: "system:public-info-viewer", group: "system:unauthenticated" },
  { binding: "cluster-admin", role: "cluster-admin", group: "system:masters" },
  { binding: "system:discovery", role: "system:discovery", group: "system:authenticated" },
];
