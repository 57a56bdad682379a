/**
 * How a fake cluster is set up.
 *
 * @module
 */
import {
  CLOCK,
  either,
  type Expectation,
  FUNCTION,
  hasFunctions,
  listOf,
  meantOf,
  type Members,
  membersFault,
  NUMBER,
  OBJECT,
  type OptionFault,
  optionsFault,
  refuse,
  required,
  TEXT,
  valueText,
  wholeFrom,
} from "../options.ts";
import type { Clock } from "../ports.ts";
import type { FakeCluster } from "./cluster.ts";
import type { Tokens, TokenUser } from "./gate/access.ts";
import type { Stage } from "./stages/stage.ts";
import type { CallConversion, CallWebhook } from "./types/webhook.ts";

/** How a fake cluster is set up. */
export interface FakeClusterOptions {
  /**
   * CustomResourceDefinitions, as objects: `await readObjects("config/crd")` of `crd-watcher/fake/server` reads files. Here and in `objects`,
   * integers beyond 2^53 may be bigints. They are established from the start.
   */
  readonly crds?: readonly object[];
  /**
   * Objects that are there from the start. Their namespaces are made when missing. The `uid` and the `creationTimestamp` that they name
   * are kept, so that one of a production cluster stays what it is.
   */
  readonly objects?: readonly object[];
  /** Where all times come from. @default {systemClock} */
  readonly clock?: Clock;
  /** Makes uids and generated names the same in every run. */
  readonly seed?: number;
  /** Users by bearer token. Without it everything is allowed to everyone. */
  readonly tokens?: Tokens;
  /**
   * What becomes of objects by themselves, after times on the clock: of those from the start, too. It is written as by any client, by the
   * manager `stages`; no fault hits it, and it is not in the journal. After `restore` they begin anew.
   *
   * @default {Nothing does}
   */
  readonly stages?: readonly Stage[];
  /**
   * Hears of a stage that fails: its expression, or what it writes is refused. The object stays as it is.
   *
   * @default {It is thrown by a timer of the clock: `advance` rejects, and on the machine's clock the process ends}
   */
  readonly stageFailed?: (error: Error) => void;
  /** Events that each resource remembers for watches and old lists. @default {1000} */
  readonly history?: number;
  /** Requests that the journal keeps: the newest. @default {10_000} */
  readonly journal?: number;
  /**
   * Asks webhooks: a function in the process, or `callWebhooks` of `crd-watcher/fake/server`, which asks over HTTPS as a genuine server
   * does. Without it a write that a webhook is about is refused with 501.
   */
  readonly webhooks?: CallWebhook;
  /**
   * Asks conversion webhooks: a function in the process, or `callWebhooks` of `crd-watcher/fake/server`. Without it what needs an object in
   * another version than the one that it is stored in is refused with 501, where its CRD has the strategy Webhook. Objects that are there
   * from the start are stored in the version in which they are given, as those of a cluster are whose storage version has changed since.
   */
  readonly conversions?: CallConversion;
}

/** What is mounted. */
export const FAKE: Expectation = {
  expected: "what createFakeCluster() makes",
  fits: (value) => hasFunctions<FakeCluster>(value, ["fetch"]),
};

const OBJECTS = listOf("objects");
const TEXTS = listOf("texts", (each) => typeof each === "string");
const RIGHTS = ["all", "none", "rbac"];

const MEMBERS: Members<FakeClusterOptions> = {
  crds: OBJECTS,
  objects: OBJECTS,
  clock: CLOCK,
  seed: NUMBER,
  tokens: { ...OBJECT, expected: "users by token", isSecret: true },
  stages: listOf("stages"),
  stageFailed: FUNCTION,
  history: wholeFrom(1),
  journal: wholeFrom(1),
  webhooks: FUNCTION,
  conversions: FUNCTION,
};

const allow: Expectation = {
  expected: either([...RIGHTS.map((right) => JSON.stringify(right)), "a function"]),
  fits: (value) => RIGHTS.includes(value as string) || FUNCTION.fits(value),
  meant: meantOf(RIGHTS),
};
const USER: Members<TokenUser> = {
  user: required(TEXT),
  uid: TEXT,
  groups: TEXTS,
  extra: {
    expected: "lists of texts by name",
    fits: (value) => OBJECT.fits(value) && Object.values(value as object).every(TEXTS.fits),
  },
  allow,
};

/** What is wrong with users. No token is named, nor what stands in the place of a user: it may be one. */
function tokensFault(tokens: Tokens): OptionFault | undefined {
  for (const user of Object.values(tokens) as readonly Partial<TokenUser>[]) {
    if (!OBJECT.fits(user)) {
      return { why: `a user in tokens is no object, expected one with ${Object.keys(USER).join(", ")}`, isNumber: false };
    }
    const fault = TEXT.fits(user.user)
      ? optionsFault(user, USER, `user ${JSON.stringify(user.user)}`)
      : membersFault(user, Object.keys(USER), "a user in tokens") ??
        { why: `a user in tokens is called ${valueText(user.user)}, expected a text`, isNumber: false };
    if (fault) return fault;
  }
  return undefined;
}

/** @throws {TypeError | RangeError} When one is unknown, or none that can be. */
export function checkClusterOptions(options: FakeClusterOptions): void {
  refuse("Cannot set up the fake cluster", optionsFault(options, MEMBERS) ?? tokensFault(options.tokens ?? {}));
}
