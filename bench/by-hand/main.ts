/**
 * The sample flow as a good user of `@kubernetes/client-node` writes it by hand in an afternoon: an informer, a queue of names, merge
 * patches on condition of the version that was read. No claims, no leases, no takeover, no retries of jobs. It is what bench/flows.ts
 * measures this project against; it is compiled before it is run.
 *
 * `main.js director|worker`, with KUBECONFIG and NAMESPACE in the environment. It prints `ready` when its informer is, and ends on
 * SIGTERM.
 *
 * @module
 */
import { CustomObjectsApi, KubeConfig, makeInformer } from "@kubernetes/client-node";
import process from "node:process";
import { createQueue } from "./queue.ts";
import { advance, type RequestState, RESOURCE, type Role, ROLES } from "./roles.ts";

/** Objects worked on at once. */
const CONCURRENCY = 16;
/** How long it waits before it starts its informer again, as client-node's own example does. Milliseconds. */
const RESTART = 5_000;

const role: Role | undefined = ROLES[process.argv[2] ?? ""];
if (!role) throw new Error(`Unknown role "${process.argv[2]}": expected ${Object.keys(ROLES).join(" or ")}`);
const namespace = process.env["NAMESPACE"] ?? "default";

const config = new KubeConfig();
config.loadFromDefault();
const api = config.makeApiClient(CustomObjectsApi);

const informer = makeInformer<RequestState>(
  config,
  `/apis/${RESOURCE.group}/${RESOURCE.version}/namespaces/${namespace}/${RESOURCE.plural}`,
  () => api.listNamespacedCustomObject({ ...RESOURCE, namespace }),
);
const queue = createQueue(async (name) => {
  const object = informer.get(name, namespace);
  if (object && role.isDue(object)) await role.act(object, (now, job, state) => advance(api, now, job, state));
}, CONCURRENCY);

const enqueue = (object: RequestState) => {
  if (role.isDue(object)) queue.add(object.metadata!.name!);
};
informer.on("add", enqueue);
informer.on("update", enqueue);
informer.on("error", (error) => {
  console.error("The informer has stopped:", error);
  setTimeout(() => informer.start(), RESTART);
});
await informer.start();
console.log("ready");

process.on("SIGTERM", async () => {
  await informer.stop();
  await queue.end();
  process.exit(0);
});
