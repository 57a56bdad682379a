/**
 * Health: `/healthz`, `/livez`, `/readyz`, and each check by its name.
 *
 * @module
 */
import { textResponse } from "../output/respond.ts";
import { noSuchPath } from "../types/status.ts";

const hook = (name: string) => `poststarthook/${name}`;

/** In the order in which the server makes them. */
const checks: readonly string[] = [
  "ping",
  "log",
  "etcd",
  ...[
    "start-apiserver-admission-initializer",
    "generic-apiserver-start-informers",
    "priority-and-fairness-config-consumer",
    "priority-and-fairness-filter",
    "storage-object-count-tracker-hook",
    "start-apiextensions-informers",
    "start-apiextensions-controllers",
    "crd-informer-synced",
    "start-system-namespaces-controller",
    "start-cluster-authentication-info-controller",
    "start-kube-apiserver-identity-lease-controller",
    "start-kube-apiserver-identity-lease-garbage-collector",
    "start-legacy-token-tracking-controller",
    "start-service-ip-repair-controllers",
    "rbac/bootstrap-roles",
    "scheduling/bootstrap-system-priority-classes",
    "priority-and-fairness-config-producer",
    "bootstrap-controller",
    "start-kubernetes-service-cidr-controller",
    "start-kube-aggregator-informers",
    "apiservice-status-local-available-controller",
    "apiservice-status-remote-available-controller",
    "apiservice-registration-controller",
    "apiservice-discovery-controller",
    "kube-apiserver-autoregistration",
  ].map(hook),
  "autoregister-completion",
  hook("apiservice-openapi-controller"),
  hook("apiservice-openapiv3-controller"),
];

/** Whether it is ready takes three checks more than whether it lives. */
const readyChecks: readonly string[] = [
  ...checks.slice(0, 3),
  "etcd-readiness",
  "informer-sync",
  ...checks.slice(3),
  "shutdown",
];

/** What one check alone is answered. */
const alone = () =>
  new Response("ok", { headers: { "cache-control": "no-cache, private", "content-type": "text/plain; charset=utf-8" } });

/** Answers for the server's health: it is well. @throws {Refusal} 404 where no check has that name. */
export function healthResponse(url: Pick<URL, "pathname" | "searchParams">): Response {
  const [, kind = "", name] = /^\/([^/]+)(?:\/(.*))?$/.exec(url.pathname) ?? [];
  const own = kind === "readyz" ? readyChecks : checks;
  if (name !== undefined) {
    if (own.includes(name)) return alone();
    throw noSuchPath();
  }
  if (!url.searchParams.has("verbose")) return textResponse(200, "ok");
  const excluded = new Set(url.searchParams.getAll("exclude"));
  const lines = own.map((check) => `[+]${check} ${excluded.delete(check) ? "excluded: " : ""}ok\n`);
  const left = [...excluded].sort().map((each) => JSON.stringify(each)).join(",");
  const warning = left === "" ? "" : `warn: some health checks cannot be excluded: no matches for ${left}\n`;
  return textResponse(200, `${lines.join("")}${warning}${kind} check passed\n`);
}
