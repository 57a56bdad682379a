import { isNoAnswer, isNotFound, isStatus, SetupError, thrownText } from "./errors.ts";
import type { Clock, Cluster, KubernetesObject, Resource } from "./ports.ts";
import { REQUEST_STATES, UNFINISHED } from "./request-state.ts";
import { sleep, systemClock } from "./runtime/clock.ts";

const NAMESPACES: Resource = { group: "", version: "v1", plural: "namespaces" };

const REVIEWS: Resource = { group: "authorization.k8s.io", version: "v1", plural: "selfsubjectaccessreviews" };

/** A label that no object has: what is listed and watched here is only the right to. */
const NOTHING = "crd-watcher/none";

/** How often a server that is still preparing a new resource is asked again. */
const PREPARING_LIMIT = 10;

/**
 * Makes sure, before anything is written, that a director or worker can work here: the server answers, the namespace
 * is there, RequestStates are served and may be listed, watched and written.
 *
 * @throws {SetupError} Saying what is missing (server, credentials, rights, resource, namespace) and what to do about it.
 * @throws {StatusError} When the server refuses for another reason.
 */
export async function checkSetup(cluster: Cluster, { namespace, writes = [], clock = systemClock, signal }: {
  readonly namespace: string;
  /** The rights to write that will be needed. @default {None is asked for} */
  readonly writes?: readonly ("create" | "patch")[];
  /** @default {The machine's clock} */
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}): Promise<void> {
  // Right after a CRD was installed the API server answers 429 for a second or two.
  const list = async (): Promise<string> => {
    for (let tries = 1;; tries++) {
      try {
        return (await cluster.list(REQUEST_STATES, { namespace, labelSelector: NOTHING, signal })).resourceVersion;
      } catch (error) {
        if (!(isStatus(error) && error.status.code === 429) || tries === PREPARING_LIMIT) throw error;
        await sleep(clock, error.status.retryAfter ?? 1_000, signal);
      }
    }
  };
  try {
    const resourceVersion = await list();
    const opened = new AbortController();
    signal?.addEventListener("abort", () => opened.abort(signal.reason), { once: true, signal: opened.signal });
    await cluster.watch(REQUEST_STATES, {
      namespace,
      labelSelector: NOTHING,
      fieldSelector: UNFINISHED,
      resourceVersion,
      timeoutSeconds: 5,
      signal: opened.signal,
    });
    opened.abort();
  } catch (error) {
    if (isNotFound(error)) {
      throw new SetupError(
        `The server ${cluster.server} does not serve ${REQUEST_STATES.plural}.${REQUEST_STATES.group}/${REQUEST_STATES.version}: ` +
          `install the resource with "kubectl apply -f crds"`,
        { cause: error },
      );
    }
    if (isStatus(error) && error.status.code === 400 && error.status.message.includes("field label not supported")) {
      throw new SetupError(
        `The server ${cluster.server} serves another edition of ${REQUEST_STATES.plural} (${error.status.message}): ` +
          `install this one with "kubectl apply -f crds"`,
        { cause: error },
      );
    }
    throw withRemedy(error);
  }
  try {
    await cluster.get(NAMESPACES, { name: namespace }, { signal });
  } catch (error) {
    if (isNotFound(error)) {
      throw new SetupError(`Namespace "${namespace}" does not exist: create it with "kubectl create namespace ${namespace}"`, {
        cause: error,
      });
    }
    // Who may not read namespaces will hear from the server when it writes.
    if (!(isStatus(error) && error.status.code === 403)) throw withRemedy(error);
  }
  for (const verb of writes) await checkRight(cluster, namespace, verb, signal);
}

/** Asks the server whether this user may write, so that nobody hears of it in the middle of a flow. */
async function checkRight(cluster: Cluster, namespace: string, verb: string, signal: AbortSignal | undefined): Promise<void> {
  const { group, version, plural: resource } = REQUEST_STATES;
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
    if (!isStatus(error)) throw withRemedy(error);
  }
  if (allowed === false) {
    throw new SetupError(
      `This user cannot ${verb} resource "${resource}" in API group "${group}" in the namespace "${namespace}": ${GRANT}`,
    );
  }
}

/** What to do about missing rights. */
const GRANT = "grant it to this user, the README lists all verbs that are needed";

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
  return remedy === undefined ? error : new SetupError(`${thrownText(error)}: ${remedy}`, { cause: error });
}
