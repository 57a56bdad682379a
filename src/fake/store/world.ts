/**
 * What all handlers share.
 *
 * @module
 */
import type { Clock } from "../../ports.ts";
import type { JsonObject } from "../types/json.ts";
import { timestamp } from "../types/meta.ts";
import type { Output } from "../output/negotiate.ts";
import type { Random } from "./random.ts";
import type { Registry } from "./registry.ts";
import type { Requesting, ResourceType } from "../types/resource.ts";
import type { Store } from "./store.ts";
import type { Answers } from "./outside.ts";
import type { CallWebhook } from "../types/webhook.ts";

/** The state of one fake cluster. */
export interface World {
  readonly store: Store;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
}

/** A request for a resource, past routing. */
export interface Call {
  readonly world: World;
  readonly type: ResourceType;
  readonly verb: Verb;
  readonly namespace: string | undefined;
  /** The name in the URL. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly userAgent: string;
  /** Who asks; nobody where the cluster is set up. */
  readonly requester?: Requester | undefined;
  readonly body: Uint8Array;
  readonly output: Output;
  /** Texts for `Warning` headers. */
  readonly warnings: string[];
  /** What tells that nobody waits for the answer any more: made when it is asked for. */
  readonly signal: (() => AbortSignal) | undefined;
  /** Who asks webhooks, where somebody does. */
  readonly callWebhook?: CallWebhook | undefined;
  /** What was found out outside of the process for this call. */
  readonly answers?: Answers;
}

/** What is asked of whoever decides about rights. */
export interface RightAsked {
  readonly verb: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Of what is no resource. */
  readonly path?: string;
}

/** Somebody. */
export interface Requester extends Requesting {
  /** Whether the rights are those of roles: then nobody gives away more than he has. */
  readonly byRoles: boolean;
  /** Whether somebody may do something. @param other Asked about instead of the one who asks. */
  may(asked: RightAsked, other?: string): { readonly allowed: boolean; readonly reason?: string };
}

/** What a request asks for, in the words of authorization. */
export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";

/** What a handler answers. */
export type Reply =
  | {
    readonly code: number;
    readonly object: JsonObject;
    readonly type?: ResourceType;
    /** Whether the object is as it is stored, or would be: it is never changed. */
    readonly isStored?: boolean;
  }
  | { readonly code: number; readonly empty: true }
  | { readonly code: number; readonly stream: ReadableStream<Uint8Array>; readonly contentType: string };

/** The time of the server as it is printed. */
export const nowText = (world: World): string => timestamp(world.clock.now());
