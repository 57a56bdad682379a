/**
 * A Kubernetes API server inside the process: a function from Request to Response that answers what a genuine 1.35
 * answers. It knows built-in namespaces, config maps, secrets, service accounts, events, leases and
 * CustomResourceDefinitions, and every resource that a CRD defines.
 *
 * WHAT IT CANNOT DO IS REFUSED WITH 501, never silently accepted.
 *
 * @example One object
 * ```ts
 * import { createFakeCluster } from "crd-watcher/fake";
 *
 * const fake = createFakeCluster();
 * const response = await fake.fetch(new Request("http://fake/api/v1/namespaces/default"));
 * console.log(response.status); // 200
 * fake.close();
 * ```
 *
 * @module
 */
export { createFakeCluster, type FakeCluster, type FakeClusterOptions } from "./cluster.ts";
export type { Clock } from "../ports.ts";
export type { AccessAttributes, Tokens, TokenUser } from "./access.ts";
export type { Journal, JournalEntry, JournalFilter } from "./journal.ts";
