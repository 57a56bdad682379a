/**
 * The Go reference, as `test/reference` rebuilds it: a program to share a cluster with.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { type Cluster, hasSucceeded, isOver, type NewObject, REQUEST_STATES, type RequestState } from "../../mod.ts";
import { entriesOf } from "../../src/request-state.ts";
import { type Program, RUNTIMES, startCommand, startProgram } from "./programs.ts";
import { historyOf, SIX } from "./scenario.ts";

const source = fileURLToPath(new URL("../reference/", import.meta.url));

/** Why the reference cannot be built here; undefined where it can. Fetches its modules where they are not there yet. */
export async function whyNoReference(): Promise<string | undefined> {
  const error = await go(["mod", "download"], 15_000);
  return error && ("code" in error && error.code === "ENOENT" ? "go is not on the PATH" : "the Go modules cannot be fetched");
}

/** Builds the reference where that was not done before. The first time takes most of a minute. */
export async function buildReference(): Promise<void> {
  mkdirSync(dirname(binary()), { recursive: true });
  // Compiled in half the time without optimizations. Go itself decides whether anything is to be done.
  const error = await go(["build", "-gcflags=all=-N -l", "-ldflags=-s -w", "-o", binary(), "."]);
  if (error) throw error;
}

/** Starts the reference, and waits until it follows what happens. */
export async function startReference(mode: "director" | "worker", ...flags: string[]): Promise<Program> {
  const program = startCommand([binary(), `-mode=${mode}`, ...flags]);
  await program.until(/^Following requeststates$/m);
  return program;
}

/** Outside of the tree, in a folder for each state of the source. The file's name stands in the user agent. */
function binary(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(source).sort()) hash.update(`${name}\n`).update(readFileSync(join(source, name)));
  return join(tmpdir(), `crd-watcher-reference-${hash.digest("hex").slice(0, 16)}`, "crd-watcher");
}

function go(args: readonly string[], timeout?: number): Promise<Error | undefined> {
  const env = { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local" };
  return new Promise((resolve) => execFile("go", args, { cwd: source, env, timeout }, (error) => resolve(error ?? undefined)));
}

/** What the reference itself leaves in the history: the states that were left. */
export const FIVE: readonly string[] = SIX.slice(0, 5);

/** What only this project writes, and a full update by the reference erases. */
const ERASED = ["flow", "flowDigest"] as const;

/** A request as the reference creates it: three fields and an empty status. */
export function referenceRequest(namespace: string): NewObject & Pick<RequestState, "spec" | "status"> {
  const uid = crypto.randomUUID();
  return {
    apiVersion: "com.redhat.ecosystem.sample/v1",
    kind: "RequestState",
    metadata: { name: uid, namespace },
    spec: { "request-uid": uid, job: "JOB1", state: "REQUESTED" },
    status: {},
  };
}

/** A cluster without any request: the reference looks at all namespaces, and takes the end of any flow for its own. */
export interface Place {
  readonly cluster: Cluster;
  readonly kubeconfig: string;
  readonly namespace: string;
}

/** One way of sharing the sample flow with the reference. */
export interface Sharing {
  readonly name: string;
  readonly run: (place: Place) => Promise<void>;
}

/** Every way of sharing it that is supported. */
export function sharings(): Sharing[] {
  const shared: Sharing[] = [{
    name: "the reference alone: its history is the states that were left",
    async run(place) {
      const worker = await startReference("worker", ...flagsOf(place));
      const director = await startReference("director", ...flagsOf(place));
      assert.is(await director.exited, 0, director.errors);
      assert.is(await worker.end(), 0, worker.errors);
      const [request] = await requestsOf(place);
      assert.equal(historyOf(request!), FIVE);
      assert.is(request!.metadata.generation, 6);
      assert.not(isOver(request!));
    },
  }, {
    name: "a reference worker, our serving director: requests in the reference's form",
    async run(place) {
      const worker = await startReference("worker", ...flagsOf(place));
      const director = startProgram("node", ["--serve", ...oursOf(place)]);
      for (let count = 0; count < 2; count++) await place.cluster.create(REQUEST_STATES, referenceRequest(place.namespace));
      const requests = await allOver(place);
      assert.is(await worker.end(), 0, worker.errors);
      assert.is(await director.end(), 0, director.errors);
      assert.is(requests.length, 2);
      requests.forEach(assertShared);
    },
  }];
  for (const runtime of RUNTIMES) {
    shared.push({
      name: `a reference worker, our director in ${runtime}: what was erased is derived`,
      async run(place) {
        const worker = await startReference("worker", ...flagsOf(place));
        const director = startProgram(runtime, oursOf(place));
        assert.is(await director.exited, 0, director.errors);
        assert.is(await worker.end(), 0, worker.errors);
        const [request] = await requestsOf(place);
        assertShared(request!);
        // Ours on entering JOB1 and JOB2, the reference's on leaving them; what it does not record, our next write does.
        assert.equal(historyOf(request!), [SIX[0], ...SIX.slice(0, 4), SIX[3], ...SIX.slice(4)]);
        for (const field of ERASED) assert.is(request!.spec[field], undefined);
        assert.is(request!.status!.claim, undefined);
      },
    }, {
      name: `a reference director, our worker in ${runtime}: its last COMPLETED ends the flow`,
      async run(place) {
        const worker = startProgram(runtime, ["--mode", "worker", ...oursOf(place)]);
        const director = await startReference("director", ...flagsOf(place));
        assert.is(await director.exited, 0, director.errors);
        assert.is(await worker.end(), 0, worker.errors);
        const [request] = await requestsOf(place);
        assertShared(request!);
        assert.equal(historyOf(request!), [...SIX.slice(0, 3), ...SIX.slice(2)]);
        assert.is(request!.spec.attempt, 1);
        assert.is(request!.status!.claim!.job, "JOB2");
      },
    });
  }
  return shared;
}

const flagsOf = ({ kubeconfig, namespace }: Place) => ["-kubeconfig", kubeconfig, "-namespace", namespace, "-sleep", "20ms"];
const oursOf = ({ kubeconfig, namespace }: Place) => ["--kubeconfig", kubeconfig, "--namespace", namespace];

const requestsOf = async ({ cluster, namespace }: Place): Promise<readonly RequestState[]> =>
  (await cluster.list<RequestState>(REQUEST_STATES, { namespace })).items;

async function allOver(place: Place): Promise<readonly RequestState[]> {
  for (;;) {
    const requests = await requestsOf(place);
    if (requests.length > 0 && requests.every(isOver)) return requests;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What holds however the flow was shared. */
function assertShared(request: RequestState): void {
  // The five entries of the reference are its prefix, the four that its documentation shows are in it, in their order.
  assert.equal(entriesOf(request).map(({ job, state }) => `${job} ${state}`), SIX);
  assert.ok(hasSucceeded(request));
}
