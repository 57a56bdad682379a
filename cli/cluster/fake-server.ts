import { createFakeCluster, type FakeCluster, type Stage, type Tokens } from "../../src/fake/mod.ts";
import { callWebhooks, type FakeServer, listen } from "../../src/fake/server.ts";
import { whyNot } from "../endpoint.ts";
import { OWN_CRDS } from "./crds.ts";
import { idleStages } from "./idle-stages.ts";
import { createSeeds, seedFault } from "./seeds.ts";
import type { Manifest } from "../../src/fake/manifests.ts";
import { logRequests } from "./request-log.ts";

/** What is served, and where. */
export interface FakeServerOptions {
  /** @default {A free one} */
  readonly port?: number;
  /** Users; the server speaks HTTPS then. @default {Everybody may do everything} */
  readonly tokens?: Tokens;
  /** CRDs beside those of `crds/`. @default {None} */
  readonly crds?: readonly Manifest[];
  /** What is there from the start. @default {Nothing} */
  readonly objects?: readonly Manifest[];
  /** What becomes of objects by themselves. @default {Nothing does} */
  readonly stages?: readonly Stage[];
  /** Hears of a stage that fails for an object, or is about what nobody serves as yet, in a line. @default {The process ends} */
  readonly stageFailed?: (line: string) => void;
  /** Hears of each request, in a line. @default {Nobody does} */
  readonly tell?: (line: string) => void;
}

/** A fake API server on loopback. */
export interface ServedFake {
  readonly fake: FakeCluster;
  readonly server: FakeServer;
}

/** Starts a fake API server with `crds/` installed. @throws {Error} with one sentence. */
export async function startFakeServer(options: FakeServerOptions = {}): Promise<ServedFake> {
  const { port = 0, tokens, crds = [], objects = [], stages = [], stageFailed, tell } = options;
  const seeds = createSeeds(OWN_CRDS, crds, objects);
  const given = (list: "crds" | "objects") => seeds[list].map(({ object }) => object);
  const call = callWebhooks();
  let fake: FakeCluster;
  try {
    fake = createFakeCluster({
      crds: given("crds"),
      objects: given("objects"),
      tokens,
      webhooks: call,
      conversions: call,
      stages,
      ...stageFailed && { stageFailed: (error) => stageFailed(error.message) },
    });
  } catch (error) {
    throw seedFault(error, seeds);
  }
  for (const line of stageFailed ? await idleStages(fake, stages) : []) stageFailed!(line);
  try {
    return { fake, server: await listen(tell ? logRequests(fake, tell) : fake, { port, tls: tokens !== undefined }) };
  } catch (error) {
    throw new Error(`Cannot serve the fake API server on 127.0.0.1:${port}: ${whyNot(error)} (--port)`, { cause: error });
  }
}
