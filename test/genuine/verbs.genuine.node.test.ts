/** A walk through the verbs as a person makes it: the program itself, a genuine API server, a director and a worker beside it. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { type ApiServer, type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { endPrograms, hasTerminals, runCommand, startAtTerminal, startProgram } from "../support/programs.ts";
import { screenOf } from "../support/verbs.ts";

const FLOW = ["--flow", "test/support/flows/order.ts"];

function walk({ folder, name }: Assets): void {
  const verbs = suite(`verbs on a genuine API server ${name}`);
  let server: ApiServer;
  const at = () => ["--kubeconfig", server.kubeconfigPath];
  const kubectl = (...args: string[]) => runCommand([join(folder, "kubectl"), ...at(), ...args]);
  const run = async (words: string, code = 0) => {
    const program = startProgram("node", [...words.split(" "), ...at()]);
    assert.is(await program.exited, code, program.output + program.errors);
    return { out: program.output, notes: program.errors };
  };
  verbs.before(async () => {
    server = await startApiServer({ assets: folder });
    await kubectl("apply", "-f", "crds");
    await kubectl("wait", "--for=condition=Established", "-f", "crds");
  });
  verbs.after.each(endPrograms);
  verbs.after(() => server.stop());

  verbs("from start to delete", async () => {
    const programs = [["--mode", "director", "--serve"], ["--mode", "worker"]].map((words) =>
      startProgram("node", [...words, ...FLOW, ...at()])
    );
    await Promise.all(programs.map((program) => program.until(/in namespace "default"/)));

    assert.is((await run("list")).notes, 'No flows in namespace "default"\n');
    const started = await run(`start order ${FLOW.join(" ")} --key order-42 --input {"amount":12} -l tenant=a`);
    const [, object] = /^order-42 \(default\/(\S+)\) is started, flow order\n$/.exec(started.out)!;
    await kubectl("wait", "--for=jsonpath={.spec.job}=approve", `rqs/${object}`);

    assert.match(
      (await run("list -l tenant=a --status waiting")).out,
      /^order-42 +order +waiting +approve .* signal yes\|no, 23h left$/m,
    );
    for (const format of ["json", "yaml"]) {
      const [ours, theirs] = [await run(`get order-42 -o ${format}`), await kubectl("get", "rqs", object!, "-o", format)];
      assert.equal(parse(ours.out), parse(theirs), format);
    }
    assert.is((await run("list -o name")).out, await kubectl("get", "rqs", "-o", "name"));
    const page = (await run("get @latest")).out;
    assert.match(page, /^ {2}crd-watcher signal order-42 approve yes$/m);
    assert.match(page, /\nwaiting for \S+: job approve waits for signal yes\|no, 23h left\n$/);

    const watching = startProgram("node", ["watch", "order-42", ...at()]);
    await watching.until(/approve +REQUESTED/);
    assert.match((await run("suspend order-42")).out, /^order-42 is suspended\n$/);
    assert.match((await run("signal order-42 approve no")).out, /^order-42 has its signal for approve, no\n$/);
    assert.match((await run("resume order-42")).out, /^order-42 goes on\n$/);
    assert.is(await watching.exited, 3);
    assert.match(watching.output, /\norder-42 \(order\) failed after \S+: The flow has ended with job refund\n$/);

    assert.match((await run(`retry order-42 --from approve ${FLOW.join(" ")}`)).out, /^order-42 goes on in \S+\n$/);
    assert.match((await run("signal @latest approve yes --wait --yes")).out, /succeeded after \S+: approve, ship, notify\n$/);
    await run("start sample --key left-alone");
    assert.match((await run("cancel --flow-name sample --yes")).out, /^left-alone is to be cancelled\n$/);
    const check = await run("check --flow test/support/flows/several.ts");
    assert.match(check.out, /^0 flows in flight .*, 0 cannot; 1 flow of other names were left out\n$/);
    const cleared = await run("delete --all");
    assert.match(cleared.notes, /^Delete 3 flows \(.*\)\n3 flows done\n$/);
    assert.is(await kubectl("get", "rqs", "-o", "name"), "");
    for (const program of programs) await program.end();
  });

  if (hasTerminals) {
    verbs("at a terminal: a table that fits it, a question before what is changed", async () => {
      await run("start sample --key one");
      await run("start sample --key two");
      const bin = join("node_modules", ".bin", "node");
      const env = { COLUMNS: "80", NO_COLOR: "1" };
      const program = startAtTerminal([
        "sh",
        "-c",
        `stty cols 80 rows 24; exec ${bin} cli/main.ts cancel --all ${at().join(" ")}`,
      ], env);
      await program.until(/Cancel 2 flows \(2 running\)\? \[y\/N\] /);
      program.type("y\n");
      assert.is(await program.exited, 0, program.output);
      const lines = screenOf(program.output);
      assert.equal(lines.filter((line) => line.length > 80), []);
      assert.equal(lines.filter((line) => /is to be cancelled/.test(line)).length, 2);
      assert.is(lines.at(-1), "2 flows done");
    });
  }
  verbs.run();
}

for (const assets of genuineAssets()) walk(assets);
