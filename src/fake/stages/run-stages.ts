/**
 * Lets stages happen: sees what is written, waits, and takes effect.
 *
 * @module
 */
import { thrownText } from "../../errors.ts";
import { valueFault } from "../../options.ts";
import { absence, isResource, resourceIn } from "../instruments/resource-names.ts";
import type { StoreEvent } from "../store/store.ts";
import type { World } from "../store/world.ts";
import type { JsonObject } from "../types/json.ts";
import { metaOf } from "../types/meta.ts";
import { qualified } from "../types/status.ts";
import { type CompiledStage, compileStage } from "./compiled.ts";
import { type Stage, StageError, stageText } from "./stage.ts";
import { currentOf, takeEffect, type Target } from "./effects.ts";

/** A stage that cannot be gone through by an object. */
export type StageFailed = (error: Error) => void;

/** An object in the state of a stage. `waits` is gone once it has happened. */
interface Turn {
  waits: { readonly due: number; cancel: () => void } | undefined;
}

const qualifiedOf = (storage: string): string => {
  const [group = "", plural = ""] = storage.split("/");
  return qualified({ group, plural });
};

class StageRunner {
  readonly #world: World;
  readonly #stages: readonly CompiledStage[];
  readonly #failed: StageFailed;
  readonly #byStorage = new Map<string, readonly CompiledStage[]>();
  /** By uid. */
  readonly #turns = new Map<string, Map<CompiledStage, Turn>>();

  constructor(world: World, stages: readonly CompiledStage[], failed: StageFailed) {
    this.#world = world;
    this.#stages = stages;
    this.#failed = failed;
    this.#seeAll();
  }

  #seeAll(): void {
    this.stop();
    const { store } = this.#world;
    for (const storage of store.names()) {
      if (this.#about(storage).length === 0) continue;
      for (const [, object] of store.collection(storage).all()) this.#look(storage, object);
    }
  }

  /** The stages of a collection. */
  #about(storage: string): readonly CompiledStage[] {
    let found = this.#byStorage.get(storage);
    if (!found) {
      const resource = qualifiedOf(storage);
      found = this.#stages.filter(({ stage }) => isResource(stage.resource, resource));
      this.#byStorage.set(storage, found);
    }
    return found;
  }

  /** A change in the store, or all of it anew. */
  see(storage: string | undefined, event: StoreEvent | undefined): void {
    if (storage === undefined || !event) return this.#seeAll();
    if (this.#about(storage).length === 0) return;
    if (event.type === "DELETED") this.#forget(metaOf(event.object).uid!);
    else this.#look(storage, event.object);
  }

  #forget(uid: string): void {
    for (const turn of this.#turns.get(uid)?.values() ?? []) turn.waits?.cancel();
    this.#turns.delete(uid);
  }

  #look(storage: string, stored: JsonObject): void {
    const type = this.#world.registry.stored().find((each) => each.storage === storage);
    if (!type) return;
    const { uid = "", namespace, name = "" } = metaOf(stored);
    const target = { type, namespace, name };
    const scope = { self: type.fromStorage(stored), now: this.#world.clock.now() };
    for (const stage of this.#about(storage)) {
      this.#guarded(stage, target, () => {
        if (!stage.matches(scope)) return this.#leave(uid, stage);
        const turn = this.#turns.get(uid)?.get(stage);
        if (!turn) return this.#enter(uid, stage, target, stage.delay(scope, this.#world.random));
        if (!turn.waits || !stage.follows) return;
        turn.waits.cancel();
        this.#wait(turn, uid, stage, target, stage.delay(scope, this.#world.random));
      });
    }
  }

  #leave(uid: string, stage: CompiledStage): void {
    const turns = this.#turns.get(uid);
    turns?.get(stage)?.waits?.cancel();
    turns?.delete(stage);
    if (turns?.size === 0) this.#turns.delete(uid);
  }

  #enter(uid: string, stage: CompiledStage, target: Target, delay: number): void {
    const turn: Turn = { waits: undefined };
    const turns = this.#turns.get(uid) ?? new Map<CompiledStage, Turn>();
    this.#turns.set(uid, turns.set(stage, turn));
    this.#wait(turn, uid, stage, target, delay);
  }

  #wait(turn: Turn, uid: string, stage: CompiledStage, target: Target, delay: number): void {
    const { clock } = this.#world;
    const due = clock.monotonic() + delay;
    const cancel = clock.setTimer(delay, () => {
      const left = due - clock.monotonic();
      // A platform's timer cannot wait for more than 24 days.
      if (left > 1) return this.#wait(turn, uid, stage, target, left);
      turn.waits = undefined;
      this.#guarded(stage, target, () => this.#happen(uid, stage, target));
    });
    turn.waits = { due, cancel };
  }

  #happen(uid: string, stage: CompiledStage, target: Target): void {
    const self = currentOf(this.#world, target);
    if (!self || metaOf(self).uid !== uid) return;
    if (!stage.matches({ self, now: this.#world.clock.now() })) return this.#leave(uid, stage);
    takeEffect(this.#world, target, stage);
  }

  /** What a stage does wrong is nobody's answer: it is told of afterwards. */
  #guarded({ stage }: CompiledStage, { type, namespace, name }: Target, action: () => void): void {
    try {
      action();
    } catch (error) {
      const object = `${qualified(type)} "${namespace === undefined ? name : `${namespace}/${name}`}"`;
      this.#failed(new Error(`The stage "${stage.name}" fails for ${object}: ${thrownText(error)}`, { cause: error }));
    }
  }

  stop(): void {
    for (const uid of [...this.#turns.keys()]) this.#forget(uid);
  }
}

/**
 * Lets stages happen from now on.
 *
 * @param failed Hears of stages that fail. @default {It is thrown by a timer of the cluster's clock}
 * @returns A function that ends this.
 * @throws {StageError} Where one is none.
 */
export function runStages(world: World, stages: readonly unknown[], failed?: StageFailed): () => void {
  if (stages.length === 0) return () => {};
  const compiled = stages.map(compileStage);
  for (const { stage } of compiled) checkNamed(world, stage);
  const thrown = (error: Error) =>
    void world.clock.setTimer(0, () => {
      throw error;
    });
  const runner = new StageRunner(world, compiled, failed ?? thrown);
  const leave = world.store.observe((name, event) => runner.see(name, event));
  const early = compiled.filter(({ stage }) => absence(world.registry, stage, 1));
  return () => {
    leave();
    runner.stop();
    // Whoever means a resource that is there is one slip away from it; another one may have been meant for other clusters.
    for (const { stage } of early.splice(0)) {
      const absent = absence(world.registry, stage, 1);
      if (absent?.meant === undefined) continue;
      const error = new TypeError(`The stage "${stage.name}" could never happen: ${absent.why}`);
      if (!failed) throw error;
      failed(error);
    }
  };
}

/** @throws {StageError} When a stage calls its resource by another name than its plural. */
function checkNamed({ registry }: World, { name, resource }: Stage): void {
  const fault = valueFault("resource", resource, resourceIn(registry));
  if (fault) throw new StageError(stageText(name), fault.why);
}
