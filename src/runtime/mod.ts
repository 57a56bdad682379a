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
export { runController } from "./controller/controller.ts";
export type { Controller, ControllerOptions } from "./controller/controller.ts";
export type { Reconcile, ReconcileContext, ReconcileResult } from "./controller/reconcile.ts";
export type { MappedKind, OwnedKind } from "./controller/mappings.ts";
export type { Cache } from "./controller/cache.ts";
export { findCondition, isConditionTrue, setCondition } from "./objects/conditions.ts";
export type { NewCondition } from "./objects/conditions.ts";
export { addFinalizer, hasFinalizer, removeFinalizer, withFinalizer } from "./objects/finalizer.ts";
export type { FinalizerOptions } from "./objects/finalizer.ts";
export { controllerOf, controllerReference } from "./objects/owner.ts";
export { ensure } from "./objects/ensure.ts";
export type { Ensured } from "./objects/ensure.ts";
export { updateStatus } from "./objects/status.ts";
export type { WithStatus } from "./objects/status.ts";
export { createEventRecorder } from "./objects/event-recorder.ts";
export type { EventRecorder, EventRecorderOptions } from "./objects/event-recorder.ts";
export type { NewEvent } from "./objects/event.ts";
export { createWorkQueue, LOW_PRIORITY } from "./queue/work-queue.ts";
export type { AddOptions, RetryOptions, WorkQueue, WorkQueueOptions } from "./queue/work-queue.ts";
export { runReflector } from "./reflector/reflector.ts";
export type { Reflector, ReflectorHealth, ReflectorOptions } from "./reflector/reflector.ts";
export type { IndexFunction } from "./store/indexes.ts";
export { createStore, keyOf } from "./store/store.ts";
export type { Listing, Store, StoreEvent, StoreOptions } from "./store/store.ts";
export { createBackoff } from "./time/backoff.ts";
export type { Backoff, BackoffOptions } from "./time/backoff.ts";
export { runElection } from "./leases/election.ts";
export type { ElectionOptions, ElectionTimes } from "./leases/election.ts";
export { guardWrites } from "./leases/leadership.ts";
export type { Leadership } from "./leases/leadership.ts";
export { createVirtualClock, systemClock } from "./time/clock.ts";
export type { VirtualClock } from "./time/clock.ts";
export * from "../errors.ts";
export * from "../ports.ts";
