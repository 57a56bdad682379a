import { createFetchTransport } from "../../src/adapters/transport/fetch-transport.ts";
import {
  type Answer,
  HttpFailure,
  type Lifetime,
  type Transport,
  type TransportRequest,
} from "../../src/adapters/transport/transport.ts";
import type { FakeCluster, FaultRequest, Faults } from "../../src/fake/mod.ts";
import { createVirtualClock, type VirtualClock } from "../../src/runtime/time/clock.ts";
import type { Dice } from "../../src/testing/dice.ts";
import { createScenario } from "../support/scenario.ts";
import { createBareServer } from "./bare/server.ts";

/** The header of the calls of processes, and what they are; those of people have none. */
export const MACHINE = "x-machine";
/** Follows what a process is where it lists the newest requests there are, and has listed before. */
const ONCE_MORE = ", once more";

/** Whether a director calls. */
export const isDirector = ({ headers }: Calling): boolean => headers.get(MACHINE)?.startsWith("director") ?? false;

/**
 * Whether a process may be shown old requests. A list that names no version is read from the storage itself, so a process that has seen
 * newer ones and asks for such a list is shown none but after a restore, and must believe it. (That an API server which is the first to
 * be asked answers with old ones is worse than it can be; it is left in.)
 */
export const mayBeStale = ({ headers }: Calling): boolean => headers.has(MACHINE) && !headers.get(MACHINE)!.endsWith(ONCE_MORE);

type Calling = Pick<FaultRequest, "headers">;

/** What all in a story talk to. */
export interface Server {
  readonly clock: VirtualClock;
  readonly faults: Faults;
  readonly follow: FakeCluster["follow"];
  /** The JSON patches of requests that were sent so far. */
  readonly patches: readonly string[];
  /** A connection: of a process of that kind, or of people. */
  connect(kind?: string): Transport;
  /** Sends a merge patch, as kubectl does. @returns The answer, be it good or not. */
  merge(path: string, patch: unknown): Promise<Answer>;
  /** Keeps what is stored now. @returns Puts it back: all watches end, and versions go on from that of then and so many more. */
  backUp(): (bumpRevision: number) => void;
  close(): void;
}

type Source = Pick<Server, "clock" | "faults" | "follow" | "connect" | "backUp" | "close">;

/** A fake cluster. */
export function fakeServer(): Server {
  const { fake, clock } = createScenario({ quick: true });
  const send = (kind: string | undefined) => (request: Request) => {
    if (kind !== undefined) request.headers.set(MACHINE, kind);
    return fake.fetch(request);
  };
  const { faults, follow, close } = fake;
  const backUp = () => {
    const snapshot = fake.snapshot();
    return (bumpRevision: number) => fake.restore(snapshot, { bumpRevision });
  };
  return noting({ clock, faults, follow, connect: (kind) => createFetchTransport(send(kind)), backUp, close });
}

/** A server that does the least, at a seventh of the cost. @param dice Say in which order it takes what comes at one moment. */
export function bareServer(dice: Dice): Server {
  const clock = createVirtualClock();
  const { connect, ...bare } = createBareServer(clock, dice);
  return noting({ clock, ...bare, connect: (kind) => connect(kind === undefined ? undefined : [MACHINE, kind]) });
}

const isList = ({ method, path }: TransportRequest): boolean => method === "GET" && /\/requeststates(\?|$)/.test(path);

const patient: Lifetime = { over: false, whenOver() {} };

/** Takes down what is sent that must be conditional. */
function noting(source: Source): Server {
  const patches: string[] = [];
  const people = source.connect();
  return {
    ...source,
    patches,
    connect(kind) {
      const transport = source.connect(kind);
      const onceMore = kind === undefined ? transport : source.connect(kind + ONCE_MORE);
      let listed = false;
      return {
        ...transport,
        text(request, life) {
          if (request.method === "PATCH" && request.path.includes("/requeststates/")) patches.push(request.body!);
          if (!isList(request)) return transport.text(request, life);
          const confirms = listed && !request.path.includes("resourceVersion=");
          listed = true;
          return (confirms ? onceMore : transport).text(request, life);
        },
      };
    },
    merge: (path, patch) =>
      people.text(
        { method: "PATCH", path, body: JSON.stringify(patch), contentType: "application/merge-patch+json" },
        patient,
      ).catch((error) => {
        if (error instanceof HttpFailure) return { code: error.code, text: error.body };
        throw error;
      }),
  };
}
