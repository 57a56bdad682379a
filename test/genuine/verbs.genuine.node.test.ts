/** A walk through the verbs on a genuine API server, with a director and a worker beside it. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { type VerbCommand, VERBS } from "../../cli/commands.ts";
import { runDirector, runWorker, systemClock } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { until } from "../../src/fake/mod.ts";
import { type ApiServer, type Assets, genuineAssets, startApiServer } from "../support/apiserver.ts";
import { good, order } from "../support/orders.ts";
import { endPrograms, hasTerminals, runCommand, startAtTerminal, startProgram } from "../support/programs.ts";
import { beginVerb, type Place, runWords, type SceneOptions, screenOf } from "../support/verbs.ts";

const MODULE = "test/support/flows/order.ts";

function walk({ folder, name }: Assets): void {
  const verbs = suite(`verbs on a genuine API server ${name}`);
  let server: ApiServer;
  let place: Place;
  let end: () => Promise<void>;
  const kubectl = (...args: string[]) => runCommand([join(folder, "kubectl"), "--kubeconfig", server.kubeconfigPath, ...args]);
  const walked = new Set<string>();
  const walkedAsJson = new Set<string>();
  const run = async (words: string, code = 0, options?: SceneOptions) => {
    walked.add(words.split(" ")[0]!);
    const shown = await runWords(place, words, options);
    assert.is(shown.code, code, shown.out + shown.notes);
    return shown;
  };

  verbs.before(async () => {
    server = await startApiServer({ assets: folder });
    await kubectl("apply", "-f", "crds");
    await kubectl("wait", "--for=condition=Established", "-f", "crds");
    place = { clock: systemClock, connect: () => connect({ kubeconfig: server.kubeconfigPath }) };
    const cluster = await place.connect();
    const ending = new AbortController();
    const options = { cluster, signal: ending.signal };
    const running = [runDirector([order], options), runWorker(order, good, options)];
    end = async () => {
      ending.abort();
      await Promise.all(running.map(({ finished }) => finished));
      await cluster.close();
    };
  });
  verbs.after.each(endPrograms);
  verbs.after(async () => {
    await end();
    await server.stop();
  });

  verbs("start, list, get: as kubectl shows the same", async () => {
    assert.is((await run("list")).notes, 'No flows in namespace "default"\n');
    const started = await run(`start order --flow ${MODULE} --key order-42 --input {"amount":12} -l tenant=a`);
    const [, object] = /^order-42 \(default\/(\S+)\) is started, flow order\n$/.exec(started.out)!;
    await kubectl("wait", "--for=jsonpath={.spec.job}=approve", `rqs/${object}`);
    const list = await run("list -l tenant=a --status waiting", 0, { columns: 80 });
    assert.match(list.out, /^order-42 +order +waiting +approve .* signal yes\|no, 23h left$/m);
    assert.is(list.notes, "1 flow, the newest last: 1 waiting\n");
    for (const format of ["json", "yaml"]) {
      const [ours, theirs] = [await run(`get order-42 -o ${format}`), await kubectl("get", "rqs", object!, "-o", format)];
      assert.equal(parse(ours.out), parse(theirs), format);
    }
    assert.is((await run("list -o name")).out, await kubectl("get", "rqs", "-o", "name"));
    const page = (await run("get @latest")).out;
    assert.match(page, /^ {2}crd-watcher signal order-42 approve yes$/m);
    assert.match(page, /\nwaiting for \S+: job approve waits for signal yes\|no, 23h left\n$/);
  });

  verbs("watch, suspend, signal, resume", async () => {
    walked.add("watch");
    const watching = beginVerb(place, "watch order-42");
    await until(() => /approve +REQUESTED/.test(watching.out), { what: "what was is shown" });
    assert.is((await run("suspend order-42")).out, "order-42 is suspended\n");
    assert.is((await run("signal order-42 approve no")).out, "order-42 has its signal for approve, no\n");
    assert.is((await run("resume order-42")).out, "order-42 goes on\n");
    const { code, out } = await watching.finished;
    assert.is(code, 3);
    assert.match(out, /\norder-42 \(order\) failed after \S+: The flow has ended with job refund\n$/);
  });

  verbs("retry, cancel, check, delete", async () => {
    assert.match((await run(`retry order-42 --from approve --flow ${MODULE}`)).out, /^order-42 goes on in \S+\n$/);
    assert.match((await run("signal @latest approve yes --wait")).out, /succeeded after \S+: approve, ship, notify\n$/);
    await run("start sample --key left-alone");
    assert.is((await run("cancel --flow-name sample")).out, "left-alone is to be cancelled\n");
    const check = await run("check --flow test/support/flows/several.ts");
    assert.match(check.out, /^0 flows in flight .*, 0 cannot; 1 flow of other names was left out\n$/);
    assert.match((await run("delete --all")).notes, /^Delete 3 flows \(.*\)\n3 flows done\n$/);
    assert.is(await kubectl("get", "rqs", "-o", "name"), "");
  });

  verbs("who may do nothing is told what is missing, in one sentence", async () => {
    const program = startProgram("node", ["list", "--kubeconfig", server.kubeconfigPath, "--context", "alice"]);
    assert.is(await program.exited, 1);
    assert.match(program.errors, /^Cannot list requeststates .* User "alice" cannot list .*: grant it to this user, .*\n$/);
  });

  verbs("graph and completion ask no server; what they give is read by what it is for", async () => {
    const [mermaid, dot] = [await run(`graph --flow ${MODULE}`), await run(`graph order --flow ${MODULE} -o dot`)];
    assert.match(mermaid.out, /^flowchart TD\n {2}start\(\(" "\)\) --> j0\n {2}j0\["charge"\]\n/);
    assert.match(dot.out, /^digraph "order" \{\n[^]*\n\}\n$/);
    for (const shell of ["bash", "zsh", "fish"]) assert.match((await run(`completion ${shell}`)).out, /crd-watcher/);
    await runCommand(["bash", "-n", "-c", (await run("completion bash")).out]);
  });

  verbs("-o json of every verb that has it is JSON, -o name a name that kubectl takes", async () => {
    const start = `start order --flow ${MODULE} --key json-1 --input {"amount":1}`;
    const said: [line: string, kind: string][] = [
      [start, "RequestState"],
      ["list", "List"],
      ["get json-1", "RequestState"],
      ["suspend json-1", "RequestState"],
      ["resume json-1", "RequestState"],
      ["signal json-1 approve no", "RequestState"],
      ["watch json-1", "RequestState"],
      [`retry json-1 --from charge --flow ${MODULE}`, "RequestState"],
      [`check --flow ${MODULE}`, "List"],
      ["cancel @latest", "RequestState"],
      ["delete json-1", "RequestState"],
    ];
    for (const [line, kind] of said) {
      if (/^signal/.test(line)) await kubectl("wait", "--for=jsonpath={.spec.job}=approve", "rqs", "--all");
      const { out, notes } = await run(`${line} -o json`, line.startsWith("watch") ? 3 : 0);
      // A watch shows one object after the other, each at the beginning of a line.
      const objects = line.startsWith("watch") ? out.split(/^(?=\{)/m) : [out];
      for (const text of objects) assert.is(JSON.parse(text).kind, kind, line);
      assert.not.ok(notes.includes("\u001b"), line);
      walkedAsJson.add(line.split(" ")[0]!);
    }
    assert.equal(
      Object.entries(VERBS as Readonly<Record<string, VerbCommand>>)
        .filter(([, { outputs = [] }]) => outputs.includes("json")).map(([verb]) => verb).filter((verb) =>
          !walkedAsJson.has(verb)
        ),
      [],
    );
    const name = (await run("get @latest -o name")).out.trim();
    assert.is((await kubectl("get", name, "-o", "name")).trim(), name);
    await run("delete --all");
  });

  verbs("every verb is walked: a new one without a walk fails here", () => {
    assert.equal(Object.keys(VERBS).filter((verb) => !walked.has(verb)), []);
  });

  if (hasTerminals) {
    verbs("at a terminal: a table that fits it, a question before what is changed", async () => {
      for (const key of ["one", "two"]) await run(`start sample --key ${key}`);
      const command = `node_modules/.bin/node cli/main.ts cancel --all --kubeconfig ${server.kubeconfigPath}`;
      const program = startAtTerminal(["sh", "-c", `stty cols 80 rows 24; exec ${command}`]);
      await program.until(/Cancel 2 flows \(2 running\)\? \[y\/N\] /);
      program.type("y\n");
      assert.is(await program.exited, 0, program.output);
      const lines = screenOf(program.output);
      assert.equal(lines.filter((line) => line.length > 80), []);
      assert.is(lines.filter((line) => /is to be cancelled/.test(line)).length, 2);
      assert.is(lines.at(-1), "2 flows done");
    });
  }
  verbs.run();
}

for (const assets of genuineAssets()) walk(assets);
