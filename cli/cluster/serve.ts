import { writeFile } from "node:fs/promises";
import type { Arguments } from "../arguments.ts";
import type { Surroundings } from "../modes.ts";
import { write } from "../output.ts";
import { print } from "../print.ts";
import { saidText } from "../../src/printable.ts";
import { unlessEnded } from "../unless-ended.ts";
import { startFakeServer } from "./fake-server.ts";
import { readManifests } from "../../src/fake/manifests.ts";
import { readStages } from "./stages.ts";
import { readTokenFile } from "./token-file.ts";

/** Serves the fake API server until it is told to end. @returns The exit code. */
export async function serveCluster(given: Arguments, { signal, ready }: Surroundings): Promise<number> {
  const { port, writeKubeconfig, tokenAuthFile, crds, objects, stages, log } = given;
  const starting = startFakeServer({
    port,
    tokens: tokenAuthFile === undefined ? undefined : await readTokenFile(tokenAuthFile),
    crds: crds === undefined ? undefined : await readManifests(crds, "crds"),
    objects: objects === undefined ? undefined : await readManifests(objects, "objects"),
    stages: stages === undefined ? undefined : await readStages(stages, "stages"),
    stageFailed: (line) => write("stderr", `${saidText(line)}\n`),
    // The one line of stdout is for whoever waits for the server.
    tell: log ? (line) => write("stderr", `${line}\n`) : undefined,
  });
  const { server } = await unlessEnded(starting, signal);
  try {
    if (writeKubeconfig) await writeKubeconfigFile(writeKubeconfig, server.kubeconfig());
    await ready();
    print(server.url);
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return 0;
  } finally {
    await server.close();
  }
}

/** What the system's code means, where it does not say it in words for people. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "its folder does not exist",
  ENOTDIR: "what should be its folder is a file",
  EISDIR: "it is a folder",
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "that file system cannot be written to",
  ENOSPC: "the disk is full",
};

async function writeKubeconfigFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o600 });
  } catch (error) {
    const { code = "", message } = error as Error & { code?: string };
    throw new Error(`Cannot write the kubeconfig ${path}: ${REASONS[code] ?? message}`, { cause: error });
  }
}
