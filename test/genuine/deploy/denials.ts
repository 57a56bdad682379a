import { isDenied } from "../../../src/errors.ts";
import type { Cluster, Resource } from "../../../src/ports.ts";

const VERBS = {
  get: "get",
  list: "list",
  watch: "watch",
  create: "create",
  patch: "patch",
  replace: "update",
  delete: "delete",
} as const;

/** The same cluster, which tells of each call that the server denies, as in `get leases`. */
export function tellingDenials(cluster: Cluster, tell: (denial: string) => void): Cluster {
  const telling = { server: cluster.server, close: () => cluster.close() } as Record<string, unknown>;
  for (const [method, verb] of Object.entries(VERBS)) {
    telling[method] = async (resource: Resource, ...rest: unknown[]) => {
      try {
        return await (cluster[method as keyof typeof VERBS] as (...given: unknown[]) => Promise<unknown>)(resource, ...rest);
      } catch (error) {
        if (isDenied(error)) tell(`${verb} ${resource.plural}`);
        throw error;
      }
    };
  }
  return telling as unknown as Cluster;
}
