import { isNoAnswer, isNotFound, isStatus, SetupError, thrownText } from "../errors.ts";
import type { Clock, Cluster, KubernetesObject, Resource } from "../ports.ts";
import { checkCluster, checkOptions } from "../options.ts";
import { SETUP } from "./given-options.ts";
import { REQUEST_STATES, UNFINISHED } from "../request-state.ts";
import { sleep, systemClock } from "../runtime/time/clock.ts";
import { LEASES } from "../runtime/leases/lease.ts";
import { GRANT } from "../text.ts";

const NAMESPACES: Resource = { group: "", version: "v1", plural: "namespaces" };

/** What is done with leases: by who contends for one, and by who shows with one that it lives. */
const LEASE_VERBS = { lead: ["get", "watch", "create", "update"], live: ["list", "create", "update"] } as const;

const REVIEWS: Resource = { group: "authorization.k8s.io", version: "v1", plural: "selfsubjectaccessreviews" };

/** A label that no object has: what is listed and watched here is only the right to. */
const NOTHING = "crd-watcher/none";

/** How often a server that is still preparing a new resource is asked again. */
const PREPARING_LIMIT = 10;

/** What a program wants to do on a cluster. */
export interface SetupOptions {
  /** Where the requests are. */
  readonly namespace: string;
  /** The rights to write that will be needed. @default {None is asked for} */
  readonly writes?: readonly ("create" | "patch")[];
  /** What it needs leases for: to contend for the `lead`, or to be seen to `live`. @default {Nothing} */
  readonly leases?: "lead" | "live";
  /** Time. @default {The machine's clock} */
  readonly clock?: Clock;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/**
 * Makes sure, before anything is written, that a director or worker can work here: the server answers, the namespace
 * is there, RequestStates are served and may be listed, watched and written. Asks all of it at once.
 *
 * @throws {SetupError} Saying what is missing (server, credentials, rights, resource, namespace) and what to do about it.
 * @throws {StatusError} When the server refuses for another reason.
 */
export async function checkSetup(cluster: Cluster, options: SetupOptions): Promise<void> {
  checkCluster("Cannot check the setup", cluster);
  checkOptions("Cannot check the setup", options, SETUP);
  const { namespace, writes = [], leases, clock = systemClock, signal } = options;
  const ended = new AbortController();
  const end = () => ended.abort(signal?.reason);
  if (signal?.aborted) end();
  signal?.addEventListener("abort", end, { once: true });
  const call = { namespace, signal: ended.signal };
  const selection = { ...call, labelSelector: NOTHING };
  const questions = [
    patiently(clock, ended.signal, () => cluster.list(REQUEST_STATES, selection)),
    // From any version on: there is nothing to be missed.
    patiently(
      clock,
      ended.signal,
      () => cluster.watch(REQUEST_STATES, { ...selection, fieldSelector: UNFINISHED, resourceVersion: "0", timeoutSeconds: 5 }),
    ),
    checkNamespace(cluster, call),
    ...writes.map((verb) => checkRight(cluster, call, REQUEST_STATES, verb, GRANT)),
    ...(leases ? LEASE_VERBS[leases] : []).map((verb) =>
      checkRight(cluster, call, LEASES, verb, leases === "lead" ? GRANT_LEASES : GRANT)
    ),
  ];
  for (const question of questions) question.catch(() => {}); // one complaint is enough
  try {
    // The first explains those that come after it.
    for (const question of questions) await question;
  } catch (error) {
    throw complaintOf(cluster, error);
  } finally {
    ended.abort();
    signal?.removeEventListener("abort", end);
  }
}

/** Right after a CRD was installed the API server answers 429 for a second or two. */
async function patiently(clock: Clock, signal: AbortSignal, ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      return void await ask();
    } catch (error) {
      if (!(isStatus(error) && error.status.code === 429) || tries === PREPARING_LIMIT) throw error;
      await sleep(clock, error.status.retryAfter ?? 1_000, signal);
    }
  }
}

/** What the server has said about RequestStates, in words for the one who can mend it. */
function complaintOf(cluster: Cluster, error: unknown): unknown {
  if (isNotFound(error)) return notServed(cluster, error);
  if (isStatus(error) && error.status.code === 400 && error.status.message.includes("field label not supported")) {
    return new SetupError(
      `The server ${cluster.server} serves another edition of ${REQUEST_STATES.plural} (${error.status.message}): ` +
        `install this one with ${INSTALL}`,
      { cause: error },
    );
  }
  return withRemedy(error);
}

/** Where it is in a project that has installed this package, and in a checkout of it. */
const INSTALL = '"kubectl apply -f node_modules/crd-watcher/crds" (in a checkout: -f crds)';

/** RequestStates are not installed. */
export function notServed(cluster: Cluster, cause: unknown): SetupError {
  const resource = `${REQUEST_STATES.plural}.${REQUEST_STATES.group}/${REQUEST_STATES.version}`;
  const text = `The server ${cluster.server} does not serve ${resource}: install the resource with ${INSTALL}`;
  return new SetupError(text, { cause });
}

/** There is no place for requests. */
export function noNamespace(namespace: string, cause: unknown): SetupError {
  const text = `Namespace "${namespace}" does not exist: create it with "kubectl create namespace ${namespace}"`;
  return new SetupError(text, { cause });
}

interface Call {
  readonly namespace: string;
  readonly signal: AbortSignal;
}

async function checkNamespace(cluster: Cluster, { namespace, signal }: Call): Promise<void> {
  try {
    await cluster.get(NAMESPACES, { name: namespace }, { signal });
  } catch (error) {
    if (isNotFound(error)) throw noNamespace(namespace, error);
    // Who may not read namespaces will hear from the server when it writes.
    if (!(isStatus(error) && error.status.code === 403)) throw error;
  }
}

/** Asks the server whether this user may write, so that nobody hears of it in the middle of a flow. */
async function checkRight(
  cluster: Cluster,
  { namespace, signal }: Call,
  { group, version, plural: resource }: Resource,
  verb: string,
  remedy: string,
): Promise<void> {
  const review = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    metadata: {},
    spec: { resourceAttributes: { namespace, verb, group, version, resource } },
  };
  let allowed: boolean | undefined;
  try {
    const { status } = await cluster.create<KubernetesObject & { status?: { allowed?: boolean } }>(REVIEWS, review, { signal });
    allowed = status?.allowed;
  } catch (error) {
    // A server that does not answer the question will say so when it is written to.
    if (!isStatus(error)) throw error;
  }
  if (allowed === false) {
    throw new SetupError(
      `This user cannot ${verb} resource "${resource}" in API group "${group}" in the namespace "${namespace}": ${remedy}`,
    );
  }
}

/** What to do about missing rights, where only an election needs them. */
const GRANT_LEASES = `${GRANT}, or run a single director with --leader-elect=false`;

/** The error with what a person can do about it, where that is known: no answer, wrong credentials, missing rights. */
export function withRemedy(error: unknown): unknown {
  const remedy = isNoAnswer(error)
    ? "make sure that the server runs there and can be reached"
    : !isStatus(error)
    ? undefined
    : error.status.code === 401
    ? "the server does not accept these credentials, renew the token or the certificate"
    : error.status.code === 403
    ? GRANT
    : undefined;
  if (remedy === undefined) return error;
  const text = thrownText(error);
  return new SetupError(text.endsWith(remedy) ? text : `${text}: ${remedy}`, { cause: error });
}
