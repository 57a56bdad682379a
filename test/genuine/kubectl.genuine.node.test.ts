import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type ApiServer, type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { type Answer, differences, run, type Story, type Target, tell, temporaryFolder } from "../support/kubectl.ts";
import { endPrograms, startProgram } from "../support/programs.ts";
import { skip } from "../support/skip.ts";
import { applyingStories } from "./kubectl/applying.ts";
import { builtinStories } from "./kubectl/builtin.ts";
import { changingStories } from "./kubectl/changing.ts";
import { customStories } from "./kubectl/custom.ts";
import { documentStories } from "./kubectl/documents.ts";
import { rolloutStories } from "./kubectl/rollouts.ts";
import { setStories } from "./kubectl/sets.ts";
import { showingStories } from "./kubectl/showing.ts";
import { workloadStories } from "./kubectl/workloads.ts";

const stories: readonly Story[] = [
  ...customStories,
  ...changingStories,
  ...builtinStories,
  ...applyingStories,
  ...workloadStories,
  ...rolloutStories,
  ...showingStories,
  ...setStories,
  ...documentStories,
];

for (const assets of genuineAssets()) {
  const version = execFileSync(join(assets.folder, "kube-apiserver"), ["--version"], { encoding: "utf8" }).trim();
  // The texts of other servers differ.
  if (!version.includes(" v1.35.")) skip(`kubectl on ${assets.name}`, `it is ${version}, the fake imitates 1.35`);
  else if (existsSync(join(assets.folder, "kubectl"))) tests(assets);
  else skip(`kubectl on ${assets.name}`, "there is no kubectl in the folder");
}

function tests({ folder, name }: Assets) {
  const test = suite(`kubectl on the fake and on a genuine API server ${name}`);
  const temporary = temporaryFolder();
  let server: ApiServer | undefined;
  const told = new Map<string, readonly [Answer[], Answer[]]>();

  test.before(async () => {
    server = await startApiServer({ assets: folder });
    const users = join(temporary.path, "tokens.csv");
    await writeFile(users, `${server.token},admin,admin,"system:masters"\n${server.aliceToken},alice,alice,""\n`);
    const kubeconfig = join(temporary.path, "fake");
    const program = startProgram("node", ["--mode", "cluster", "--token-auth-file", users, "--write-kubeconfig", kubeconfig]);
    await program.until(/^https:/m);
    const kubectl = join(folder, "kubectl");
    const targets: readonly Target[] = await Promise.all(
      [["genuine", server.kubeconfigPath], ["fake", kubeconfig]].map(async ([kind, path]) => {
        const cache = join(temporary.path, `cache-${kind}`);
        await mkdir(cache);
        const target = { kubectl, kubeconfig: path!, cache };
        for (const line of ["apply -f crds", "wait --for=condition=Established -f crds", "api-resources"]) {
          const { text } = await run(target, "default", line);
          assert.match(text, /^exit 0/, text);
          // The fake has them installed as kubectl would have done it.
          if (kind === "fake" && line === "apply -f crds") assert.match(text, / unchanged$/m, text);
        }
        return target;
      }),
    );
    // All at once: most of the time of a command is kubectl's own.
    await Promise.all(stories.map(async (story) => {
      const [genuine, fake] = await Promise.all(targets.map((target) => tell(target, story)));
      told.set(story.name, [genuine!, fake!]);
    }));
  });
  test.after(async () => {
    await endPrograms();
    await server?.stop();
    temporary.remove();
  });

  for (const story of stories) {
    test(story.name, () => {
      const [genuine, fake] = told.get(story.name)!;
      assert.ok(genuine.length >= story.steps.length);
      assert.is(differences(genuine, fake), "");
    });
  }
  test.run();
}
