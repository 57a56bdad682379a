import {
  ApiException,
  type CustomObjectsApi,
  type KubernetesObject,
  PatchStrategy,
  setHeaderOptions,
} from "@kubernetes/client-node";

/** Where requests are served. */
export const RESOURCE: Readonly<Record<"group" | "version" | "plural", string>> = {
  group: "com.redhat.ecosystem.sample",
  version: "v1",
  plural: "requeststates",
};

/** A request: the reference's fields and no others. */
export interface RequestState extends KubernetesObject {
  spec: { job: string; state: string };
  status?: { history?: { job: string; state: string; timestamp: string }[] };
}

/** Writes the next state. @returns The request as it is then, or undefined where somebody else has written first. */
export type Advance = (now: RequestState, job: string, state: string) => Promise<RequestState | undefined>;

/** What a process does about a request. */
export interface Role {
  /** Whether it is its turn. */
  isDue(object: RequestState): boolean;
  act(object: RequestState, advance: Advance): Promise<void>;
}

/** By name. */
export const ROLES: Readonly<Record<string, Role>> = {
  director: {
    isDue: ({ spec }) => spec.job === "JOB1" && spec.state === "COMPLETED",
    async act(object, advance) {
      await advance(object, "JOB2", "REQUESTED");
    },
  },
  worker: {
    isDue: ({ spec }) => spec.state === "REQUESTED",
    async act(object, advance) {
      const started = await advance(object, object.spec.job, "STARTED");
      // Here the job would be done.
      if (started) await advance(started, started.spec.job, "COMPLETED");
    },
  },
};

const MERGE_PATCH = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** One conditional write: the version that was read goes with it, so that of two writers one is refused. */
export async function advance(
  api: CustomObjectsApi,
  { metadata, status }: RequestState,
  job: string,
  state: string,
): Promise<RequestState | undefined> {
  const { name, namespace, resourceVersion } = metadata!;
  const history = [...status?.history ?? [], { job, state, timestamp: new Date().toISOString() }];
  const body = { metadata: { resourceVersion }, spec: { job, state }, status: { history } };
  try {
    return await api.patchNamespacedCustomObject({ ...RESOURCE, namespace: namespace!, name: name!, body }, MERGE_PATCH);
  } catch (error) {
    // The informer brings what has become of it, and calls again where that is due.
    if (error instanceof ApiException && (error.code === 409 || error.code === 404)) return undefined;
    throw error;
  }
}
