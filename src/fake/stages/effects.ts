/**
 * What a stage does to an object: requests, as those of any client, which no fault hits and no journal notes.
 *
 * @module
 */
import { patchTypes } from "../http/media-type.ts";
import { createObject } from "../verbs/create.ts";
import { deleteObject } from "../verbs/delete.ts";
import { patchObject } from "../verbs/patch.ts";
import { bindPod } from "../verbs/bindings.ts";
import { keyOf } from "../store/store.ts";
import { type Call, nowText, type Requester, type Verb, type World } from "../store/world.ts";
import { encode, type Json, type JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { groupVersion, type ResourceType } from "../types/resource.ts";
import type { CompiledStage } from "./compiled.ts";
import type { Scope } from "./template.ts";

/** What stages call themselves, as managers of fields and as users. */
export const stagesManager = "stages";

const requester: Requester = {
  user: "system:stages",
  groups: ["system:masters", "system:authenticated"],
  byRoles: false,
  may: () => ({ allowed: true }),
};

/** An object that a stage is about. */
export interface Target {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly name: string;
}

interface Asking {
  readonly verb: Verb;
  readonly subresource?: string;
  readonly body: Json;
  readonly contentType?: string;
}

function callOf(world: World, { type, namespace, name }: Target, asking: Asking): Call {
  const { verb, subresource, body, contentType = "application/json" } = asking;
  return {
    world,
    type,
    verb,
    namespace,
    name: verb === "create" && subresource === undefined ? undefined : name,
    subresource,
    query: new URLSearchParams(),
    contentType,
    userAgent: stagesManager,
    requester,
    body: new TextEncoder().encode(encode(body)),
    output: { format: "json", pretty: false },
    warnings: [],
    signal: undefined,
  };
}

/** The object of a target, as its type shows it. @returns Nothing where it is gone. */
export function currentOf({ store }: World, { type, namespace, name }: Target): JsonObject | undefined {
  const found = store.collection(type.storage).get(keyOf(namespace, name));
  return found && type.fromStorage(found);
}

/** Does to an object what a stage says, in order. @throws {Refusal} */
export function takeEffect(world: World, target: Target, { stage, patch, status, event }: CompiledStage): void {
  const { type, name } = target;
  const now = world.clock.now();
  const merging = type.custom ? patchTypes.merge : patchTypes.strategic;
  const hasStatus = type.subresources.some((each) => each.name === "status");
  /** What comes after a write sees what it has made, as long as that is there. */
  const scope = (): Scope | undefined => {
    const self = currentOf(world, target);
    return self && { self, now };
  };
  let seen = scope()!;
  const change = (part: JsonObject, subresource?: string) => {
    patchObject(callOf(world, target, { verb: "patch", body: part, contentType: merging, ...subresource && { subresource } }));
    seen = scope() ?? seen;
  };
  if (stage.bind !== undefined) {
    const binding = { metadata: { name }, target: { kind: "Node", name: stage.bind } };
    bindPod(callOf(world, target, { verb: "create", subresource: "binding", body: binding }));
    seen = scope() ?? seen;
  }
  if (patch) change(patch(seen) as JsonObject);
  if (status && scope()) change({ status: status(seen) }, hasStatus ? "status" : undefined);
  if (event) writeEvent(world, target, seen, event(seen) as JsonObject);
  if (stage.delete && scope()) {
    const isPod = !type.custom && type.group === "" && type.kind === "Pod";
    deleteObject(callOf(world, target, { verb: "delete", body: isPod ? { gracePeriodSeconds: 0 } : {} }));
  }
}

function writeEvent(world: World, { type, namespace, name }: Target, { self }: Scope, said: JsonObject): void {
  const { uid, resourceVersion } = metaOf(self);
  const time = nowText(world);
  const home = namespace ?? "default";
  const body = {
    metadata: { generateName: `${name}.`, namespace: home },
    involvedObject: {
      kind: type.kind,
      ...namespace !== undefined && { namespace },
      name,
      uid: uid!,
      apiVersion: groupVersion(type),
      resourceVersion: resourceVersion!,
    },
    type: "Normal",
    ...said,
    source: { component: stagesManager },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    reportingComponent: stagesManager,
    reportingInstance: "",
  };
  const events = world.registry.find("", "v1", "events")!;
  createObject(callOf(world, { type: events, namespace: home, name }, { verb: "create", body }));
}
