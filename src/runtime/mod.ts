/**
 * A controller runtime: what a controller of any resource is made of. The library's own programs are made of it, too.
 *
 * The pipeline: a reflector lists and watches a kind and keeps its cache; each change adds a key to the work queue; workers
 * take keys and call `reconcile`, which reads the caches and writes what differs. {@linkcode runController} puts these
 * together; each of them can be had alone.
 *
 * **Guarantees** and **Assumptions** stand with each loop. In short: reconcile is called for each object after its last
 * change, never twice at a time for a key, never on copies from before its own writes; it is to be idempotent, and to decide
 * by what is.
 *
 * @module
 */
export { runController } from "./controller.ts";
export type { Controller, ControllerOptions } from "./controller.ts";
export type { Reconcile, ReconcileContext, ReconcileResult } from "./reconcile.ts";
export type { MappedKind, OwnedKind } from "./mappings.ts";
export type { Cache } from "./cache.ts";
export { findCondition, isConditionTrue, setCondition } from "./conditions.ts";
export type { NewCondition } from "./conditions.ts";
export { addFinalizer, hasFinalizer, removeFinalizer, withFinalizer } from "./finalizer.ts";
export type { FinalizerOptions } from "./finalizer.ts";
export { controllerOf, controllerReference } from "./owner.ts";
export { ensure } from "./ensure.ts";
export type { Ensured } from "./ensure.ts";
export { updateStatus } from "./status.ts";
export type { WithStatus } from "./status.ts";
export { createEventRecorder } from "./event-recorder.ts";
export type { EventRecorder, EventRecorderOptions } from "./event-recorder.ts";
export type { NewEvent } from "./event.ts";
export { createWorkQueue, LOW_PRIORITY } from "./work-queue.ts";
export type { AddOptions, RetryOptions, WorkQueue, WorkQueueOptions } from "./work-queue.ts";
export { runReflector } from "./reflector.ts";
export type { Reflector, ReflectorHealth, ReflectorOptions } from "./reflector.ts";
export type { IndexFunction } from "./indexes.ts";
export { createStore, keyOf } from "./store.ts";
export type { Listing, Store, StoreEvent, StoreOptions } from "./store.ts";
export { createBackoff } from "./backoff.ts";
export type { Backoff, BackoffOptions } from "./backoff.ts";
export { runElection } from "./election.ts";
export type { ElectionOptions, ElectionTimes } from "./election.ts";
export { guardWrites } from "./leadership.ts";
export type { Leadership } from "./leadership.ts";
export { createVirtualClock, systemClock } from "./clock.ts";
export type { VirtualClock } from "./clock.ts";
export * from "../errors.ts";
export * from "../ports.ts";
