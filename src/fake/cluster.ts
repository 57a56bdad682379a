/**
 * The fake API server as one function from Request to Response.
 *
 * @module
 */
import { thrownText } from "../errors.ts";
import type { Clock } from "../ports.ts";
import { systemClock } from "../runtime/time/clock.ts";
import { answered, Answers } from "./store/outside.ts";
import { checkClusterOptions, type FakeClusterOptions } from "./cluster-options.ts";
import { hasWebhooks } from "./webhooks/ask.ts";
import { boundType, type Remembered } from "./webhooks/convert.ts";
import { authorize, requesterOf, type Tokens } from "./gate/access.ts";
import { authenticate } from "./gate/authentication.ts";
import { Roles } from "./rbac/roles.ts";
import { type Asked, describe, meantBy, readReceived, readRequest } from "./gate/asked.ts";
import { type Door, withDoor } from "./gate/door.ts";
import { checkPlace, dispatch, findType, placeOf } from "./gate/dispatch.ts";
import { applyFault, type CarryOptions } from "./instruments/faults-effect.ts";
import { createFaults, type Faults } from "./instruments/faults-rules.ts";
import { followObjects, type ObjectChange } from "./instruments/follow.ts";
import { createJournal, type Journal, type JournalEntry } from "./instruments/journal.ts";
import { parseJson } from "./types/parse.ts";
import { encode, isObject, type JsonObject } from "./types/json.ts";
import { checkRouted, negotiate, type Output, refusalForm, wantsPretty } from "./output/negotiate.ts";
import { nonResource } from "./gate/non-resource.ts";
import { metadataOnly, present } from "./http/present.ts";
import { checkTimeout } from "./http/deadline.ts";
import { isLongRunning, type ResourceRoute, rightVerb } from "./http/route.ts";
import { checkWatchVersion } from "./verbs/watch.ts";
import { expireEvents } from "./verbs/event-expiry.ts";
import { collectGarbage } from "./verbs/garbage.ts";
import { listOptions, readListOptions, selectedName } from "./verbs/list-options.ts";
import { createRandom } from "./store/random.ts";
import { answerReview, reviewOf } from "./gate/reviews.ts";
import { Registry } from "./store/registry.ts";
import { type Answer, responseOf } from "./output/answer.ts";
import { emptyAnswer, objectAnswer, refusalAnswer, streamAnswer } from "./output/respond.ts";
import { seed } from "./verbs/seed.ts";
import { runStages } from "./stages/run-stages.ts";
import { loadYaml, needsYaml } from "./output/yaml.ts";
import { type RestoreOptions, restoreSnapshot, type Snapshot, takeSnapshot } from "./instruments/snapshot.ts";
import { ConversionError } from "./types/resource.ts";
import { internalError, notImplemented, plainError, Refusal } from "./types/status.ts";
import { Store } from "./store/store.ts";
import type { Call, World } from "./store/world.ts";

export type { FakeClusterOptions };

/** An API server inside the process. */
export interface FakeCluster {
  /** The whole API server. Rejects only where a fault breaks the connection: with a `TypeError`, as `fetch` does. */
  fetch(request: Request): Promise<Response>;
  /** What was asked so far, oldest first. */
  readonly requests: Journal;
  /** What goes wrong. */
  readonly faults: Faults;
  /** The clock that all times come from. */
  readonly clock: Clock;
  /** The tokens of the users, where some were given. */
  readonly tokens: Tokens | undefined;
  /**
   * Shows what there is of a resource, and from then on each change, within the write that makes it: before anybody is answered, not in
   * the journal, hit by no fault. After `restore` all that is there then is shown again.
   *
   * @param resource The plural, with or without `.group`.
   * @returns A function that ends this.
   */
  follow(resource: string, tell: (change: ObjectChange) => void): () => void;
  /** Copies the whole state: all objects and the revision, without their history, the journal and the faults. */
  snapshot(): Snapshot;
  /**
   * Goes back to a snapshot, of this or of another fake cluster, as an operator restores etcd: API servers are stopped,
   * which ends all watches in good order; objects have their uids and versions of then, and what was written since is
   * gone. Versions older than the snapshot are forgotten (410), and newer ones are in the future: a watch from there is
   * silent until they are reached, a list waits for them in vain (504). The clock goes on. Uids and names that are made
   * from now on are others than the snapshot's cluster has made or will make, with the same seed, too.
   *
   * @throws {TypeError} When it is no snapshot.
   */
  restore(snapshot: Snapshot, options?: RestoreOptions): void;
  /** Forgets the past, as compaction does: older versions and continue tokens are answered 410. Open watches go on. */
  compact(): void;
  /**
   * Ends all watches, and takes back what faults have put off.
   *
   * @throws {TypeError} When a fault or a stage could never act: it names a resource that was never there, one slip away from one that is. All
   * is ended then, too; it is said once.
   */
  close(): void;
}

/** What a request is about, for the authorizer: a list of one name is about that name. Pure. */
function routeOf({ resource, url }: Asked): ResourceRoute | undefined {
  if (!resource || resource.name !== undefined || !["list", "watch"].includes(resource.verb)) return resource;
  return { ...resource, name: selectedName(url.searchParams) };
}

const plain: Output = { format: "json", pretty: false };

function parsed(value: unknown, place: string): JsonObject {
  if (!isObject(value)) throw new TypeError(`Cannot set up ${place}: it is ${whatIs(value)}`);
  const { apiVersion, kind } = value as JsonObject;
  if (typeof apiVersion !== "string" || typeof kind !== "string") {
    throw new TypeError(`Cannot set up ${place}: it is no object of Kubernetes, which has an apiVersion and a kind`);
  }
  // What is frozen would be taken as it is by everything else here.
  const text = encode(value);
  return (/\d{16}/.test(text) ? parseJson(text).value : JSON.parse(text)) as JsonObject;
}

/** What is no object, for a message. Pure. */
const whatIs = (value: unknown): string =>
  typeof value === "string"
    ? "a text, expected an object; readObjects(path) of crd-watcher/fake/server reads files of YAML and JSON"
    : `${Array.isArray(value) ? "an array" : String(value)}, expected an object`;

/** What is answered when the handling of a request ends with an error. Pure. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof ConversionError) return plainError(error.message);
  // Objects are walked by recursion: the genuine server has a limit of 10,000 levels, here it is the stack.
  if (error instanceof RangeError && error.message.includes("call stack")) return notImplemented("objects nested this deeply");
  return internalError(thrownText(error));
}

interface Progress {
  output: Output;
  readonly warnings: string[];
}

/**
 * Makes a fake cluster: namespaces `default`, `kube-system`, `kube-public` and `kube-node-lease`, the CRDs and objects
 * that are given, nothing else. It runs nothing, but for the stages that are given. Objects whose owners are gone are deleted in the background, 10 ms later on the cluster's clock;
 * those that were there from the start only when an owner is deleted.
 *
 * @throws {TypeError} When a CRD, an object or a stage is refused, an option is unknown, or none that can be; the message says why.
 * @throws {RangeError} When a number among the options is none that can be.
 */
export function createFakeCluster(options: FakeClusterOptions = {}): FakeCluster {
  checkClusterOptions(options);
  const { crds = [], objects = [], clock = systemClock, seed: number, tokens, stages = [], stageFailed } = options;
  const { history = 1000, journal: kept = 10_000, webhooks: callWebhook, conversions: callConversion } = options;
  const remembered: Remembered = new WeakMap();
  const world: World = { store: new Store(history), registry: new Registry(), clock, random: createRandom(number) };
  const { journal, add } = createJournal(kept, world.registry);
  const { faults, next, end: endFaults } = createFaults(world.registry);
  const open = new Set<() => void>();
  const roles = new Roles(world.store);
  const expire = expireEvents(world);
  seed(
    world,
    crds.map((crd, index) => parsed(crd, `crds[${index}]`)),
    objects.map((object, index) => parsed(object, `objects[${index}]`)),
  );

  const endCollecting = collectGarbage(world);
  const endStages = runStages(world, stages, stageFailed);

  async function handle(asked: Asked, progress: Progress, { detached, behind }: CarryOptions): Promise<Answer | Response> {
    const { request, url, route, body } = asked;
    if (!route) throw asked.error;
    const { method, headers } = request;
    const userAgent = headers.get("user-agent") ?? "";
    const accept = headers.get("accept");
    const asksPretty = wantsPretty(url.searchParams, userAgent);
    // How long it may take is looked at before it is known who asks; what goes on for long is not asked.
    progress.output = refusalForm(accept, asksPretty);
    if (!isLongRunning(route)) checkTimeout(url.searchParams);
    progress.output = { ...plain, pretty: asksPretty };
    const user = authenticate(tokens, { headers, path: url.pathname, roles, world });
    const verb = route.kind === "resource" ? rightVerb(method, route.resource) : method.toLowerCase();
    authorize(user, verb, url.pathname, routeOf(asked), roles);
    if (route.kind !== "resource") {
      const { output } = progress;
      progress.output = refusalForm(accept, asksPretty);
      return nonResource(world, route, request, url, output);
    }
    const review = reviewOf(route.resource);
    if (review) {
      const { pretty } = progress.output;
      progress.output = refusalForm(accept, pretty);
      checkRouted(accept, "object");
      const output = progress.output = negotiate(accept, { custom: false, watch: false, pretty, forms: "noTable" });
      const type = headers.get("content-type") ?? "";
      const answered = answerReview(world, review, {
        user,
        tokens,
        roles,
        namespace: route.resource.namespace,
        body,
        contentType: type,
        query: url.searchParams,
        userAgent,
        warnings: progress.warnings,
      });
      const goType = `*${review.group.split(".")[0]}.${review.kind}`;
      const shown = output.as === undefined ? answered : metadataOnly(answered, output, goType);
      return objectAnswer(201, shown, output, { warnings: progress.warnings });
    }
    const { pretty } = progress.output;
    progress.output = refusalForm(accept, pretty);
    const contentType = headers.get("content-type") ?? "";
    const type = findType(world.registry, route.resource);
    const resource = placeOf(type, route.resource);
    const warn = () => type.deprecation === undefined ? 0 : progress.warnings.push(type.deprecation);
    if (type.custom) warn();
    checkPlace(method, type, resource, contentType);
    const listed = resource.verb === "list" || resource.verb === "watch";
    if (!type.custom) {
      checkRouted(accept, listed ? "watched" : "object");
      // Its handler says so: what is routed to none is not deprecated.
      warn();
    }
    const store = behind === undefined ? world.store : behind(world.store, type.storage);
    const asking: Omit<Call, "output"> = {
      world: { ...world, store },
      type,
      verb: resource.verb,
      namespace: resource.namespace,
      name: resource.name,
      subresource: resource.subresource,
      query: url.searchParams,
      contentType,
      userAgent,
      requester: requesterOf(user, tokens, roles),
      body,
      warnings: progress.warnings,
      signal: detached ? undefined : () => request.signal,
      callWebhook,
    };
    // What a list is asked for is read before the form of its answer is looked at, but for the fields that it selects by.
    if (listed) readListOptions(asking);
    if (resource.verb === "watch") {
      negotiate(accept, { custom: type.custom, watch: false, pretty });
      listOptions(asking);
      checkWatchVersion(url.searchParams.get("resourceVersion") ?? "");
    }
    const output = negotiate(accept, { custom: type.custom, watch: resource.verb === "watch", pretty });
    const call: Call = { ...asking, output };
    const asks = type.conversion !== undefined || (callWebhook && !listed && hasWebhooks(world));
    const reply = await (asks
      ? answered(call, (each) => {
        const { answers = new Answers(), world: { clock } } = each;
        // What was listed or watched once is known; who asks for one object, or writes, has it converted anew.
        const known = listed || resource.verb === "deletecollection" ? remembered : undefined;
        return dispatch({ ...each, type: boundType(type, { clock, callConversion, answers, remembered: known }) });
      })
      : dispatch(call));
    if ("empty" in reply) return emptyAnswer(reply.code);
    if ("stream" in reply) return streamAnswer(reply.stream, reply.contentType, progress.warnings);
    const shown = present(reply.type ? { ...call, type: reply.type } : call, reply.object);
    const { warnings } = progress;
    if (!reply.isStored || shown !== reply.object) return objectAnswer(reply.code, shown, output, { warnings });
    return objectAnswer(reply.code, shown, output, { warnings, lasting: resource.verb === "get" ? "shown" : "written" });
  }

  async function carry(asked: Asked, options: CarryOptions = {}): Promise<Answer | Response> {
    const progress: Progress = { output: plain, warnings: [] };
    let answer: Answer | Response;
    try {
      if (needsYaml(asked.request.headers)) await loadYaml();
      world.store.age(clock.monotonic());
      expire();
      answer = await handle(asked, progress, options);
    } catch (error) {
      answer = refusalAnswer(refusalOf(error), progress.output, progress.warnings);
    }
    return asked.request.method === "HEAD" ? new Response(null, responseOf(answer)) : answer;
  }

  /** Carries out what no fault hits. */
  async function served(asked: Asked): Promise<Answer | Response> {
    const about = describe(asked);
    const answer = await carry(asked);
    add({ ...about, status: answer.status, time: clock.now() });
    return answer;
  }

  const door: Door = (request, href, body) => faults.active === 0 ? served(readReceived(request, href, body)) : undefined;

  async function fetch(request: Request): Promise<Response> {
    const asked = await readRequest(request);
    if (faults.active === 0) return responseOf(await served(asked));
    const about = describe(asked);
    const known = { ...about, headers: request.headers };
    const fault = next(known);
    const note = (status: number, entry: object = {}) =>
      Object.assign(entry, { ...about, status, time: clock.now() }) as JournalEntry;
    if (!fault) {
      const response = responseOf(await carry(asked));
      add(note(response.status));
      return response;
    }
    const entry: { fault: string; effect?: number } = { fault: fault.name };
    try {
      const response = await applyFault(fault, {
        request: known,
        clock,
        signal: request.signal,
        open,
        carry: async (options) => responseOf(await carry(options?.meant ? meantBy(asked, options.meant) : asked, options)),
        landed: ({ status }) => entry.effect = status,
      });
      add(note(response.status, entry));
      return response;
    } catch (error) {
      add(note(0, entry));
      throw error;
    }
  }

  return {
    fetch: withDoor(fetch, door),
    requests: journal,
    faults,
    clock,
    tokens,
    follow: (resource, tell) => followObjects(world, resource, tell),
    snapshot: () => takeSnapshot(world),
    restore: (snapshot, options) => restoreSnapshot(world, snapshot, options),
    compact: () => world.store.forget(),
    close() {
      for (const end of [...open]) end();
      open.clear();
      endCollecting();
      world.store.close();
      try {
        endFaults();
      } finally {
        endStages();
      }
    },
  };
}
