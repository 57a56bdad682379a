/**
 * Programs in other languages, with clients of other people: told to the fake, and to a genuine API server where there is one.
 * `npm run clients` makes what they need in a folder, once, and runs them.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { genuineAssets, startApiServer } from "../support/apiserver.ts";
import { blocksOf } from "../support/blocks.ts";
import { type Folder, temporaryFolder } from "../support/files.ts";
import { endPrograms, runCommand, startProgram } from "../support/programs.ts";
import { skip } from "../support/skip.ts";

/** What is needed of a language. */
export interface Language {
  readonly name: string;
  /** Tells that its tools are there. */
  readonly probe: readonly [command: string, ...words: string[]];
  /** Where what it needs is kept, below the folder of all. */
  readonly folder: string;
  /** Makes the program of test/clients ready to run, in a folder that is kept. @returns The command. */
  readonly prepare: (folder: string) => Promise<readonly string[]>;
  /** What docs/fake.md prints for it, if that is something. */
  readonly page?: {
    /** Of its blocks. */
    readonly fence: string;
    /** A command for a program that stands there. */
    readonly program: (text: string, kept: string, temporary: Folder) => Promise<readonly string[]>;
  };
}

const linesOf = (text: string): string[] => text.trim().split("\n");

/** Registers the tests of a language, or tells that its tools are not there. */
export function foreignTests({ name, probe, folder, prepare, page }: Language): void {
  const [command, ...words] = probe;
  if (spawnSync(command, words).status !== 0) return skip(name, `there is no ${command}`);
  const test = suite(`clients: ${name}`);
  const temporary = temporaryFolder();
  const kept = join(process.env["FOREIGN_CLIENTS"]!, folder);
  const kubeconfig = join(temporary.path, "kubeconfig");
  let program: readonly string[];
  let onFake: string[];

  test.before(async () => {
    mkdirSync(kept, { recursive: true });
    program = await prepare(kept);
    await startProgram("node", ["--mode", "cluster", "--write-kubeconfig", kubeconfig]).until(/^http:/m);
  });
  test.after(async () => {
    await endPrograms();
    temporary.remove();
  });

  test("its program runs to its end on the fake", async () => {
    onFake = linesOf(await runCommand(program, { KUBECONFIG: kubeconfig }));
    assert.ok(onFake.length > 10);
  });

  if (page) {
    test("what docs/fake.md prints for it runs", async () => {
      const blocks = (await blocksOf("docs/fake.md")).filter(({ language }) => language === page.fence);
      assert.ok(blocks.length > 0);
      for (const { text } of blocks) await runCommand(await page.program(text, kept, temporary), { KUBECONFIG: kubeconfig });
    });
  }

  const assets = genuineAssets().find(({ folder }) =>
    spawnSync(join(folder, "kube-apiserver"), ["--version"], { encoding: "utf8" }).stdout.includes(" v1.35.")
  );
  if (!assets) skip(`${name} on a genuine server`, "KUBEBUILDER_ASSETS names no 1.35");
  else {
    test("and tells the same of a genuine server", async () => {
      const server = await startApiServer({ assets: assets.folder });
      try {
        assert.equal(onFake, linesOf(await runCommand(program, { KUBECONFIG: server.kubeconfigPath })));
      } finally {
        await server.stop();
      }
    });
  }
  test.run();
}

/** The folder of a language's program, and the text of one of its files. */
export const placeOf = (folder: string): string => join(import.meta.dirname, folder);
export const fileOf = (folder: string, file: string): string => readFileSync(join(placeOf(folder), file), "utf8");
