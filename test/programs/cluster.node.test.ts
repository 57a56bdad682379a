import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { temporaryFolder } from "../support/files.ts";
import { endPrograms, RUNTIMES, startProgram } from "../support/programs.ts";

const folder = temporaryFolder();
const serving = suite("programs: a fake API server");
serving.after.each(endPrograms);
serving.after(() => folder.remove());
const URL_LINE = /^http:\/\/127\.0\.0\.1:(\d+)\n$/;

serving("two that pick a port each pick another one", async () => {
  const both = RUNTIMES.map((runtime) => startProgram(runtime, ["--mode", "cluster", "--port", "0", "--port=0"]));
  const [[, one], [, other]] = await Promise.all(both.map((program) => program.until(URL_LINE))) as [
    RegExpExecArray,
    RegExpExecArray,
  ];
  assert.is.not(one, other);
  for (const program of both) assert.is(await program.end(), 0, program.errors);
});

for (const runtime of RUNTIMES) {
  serving(`CRDs and objects of files, and each request in a line of stderr, in ${runtime}`, async () => {
    const crds = "examples/website-crd.yaml";
    const objects = folder.write("objects.yaml", {
      ...{ apiVersion: "example.com/v1", kind: "Website", metadata: { name: "docs" }, spec: { title: "Docs" } },
    });
    const kubeconfig = `${folder.path}/kubeconfig-${runtime}`;
    const program = startProgram(runtime, [
      ...["--mode", "cluster", "--crds", crds, "--objects", objects, "--log", "--write-kubeconfig", kubeconfig],
    ]);
    const url = (await program.until(URL_LINE))[0].trim();
    assert.match(await readFile(kubeconfig, "utf8"), url);
    const answer = await fetch(`${url}/apis/example.com/v1/namespaces/default/websites/docs`);
    assert.is((await answer.json()).spec.title, "Docs");
    await (await fetch(`${url}/api/v1/%1b[2J`, { method: "DELETE" })).text();
    await program.untilErrors(/delete/);
    assert.is(await program.end(), 0);
    const lines = program.errors.replace(/^\S+ info .*\n/gm, "").replace(/^\S+Z /gm, "").replace(/ \d+ms$/gm, "").trimEnd().split(
      "\n",
    );
    assert.equal(lines, [
      "get    /apis/example.com/v1/namespaces/default/websites/docs 200",
      "deletecollection /api/v1/\\u001b[2J 404",
    ]);
    assert.match(program.output, URL_LINE);
  });
}
serving.run();
