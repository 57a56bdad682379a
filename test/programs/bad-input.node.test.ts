import { writeFile } from "node:fs/promises";
import { mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { endPrograms, RUNTIMES, startCommand, startProgram } from "../support/programs.ts";

const folder = mkdtempSync(join(tmpdir(), "crd-watcher-"));
const file = async (text: string, ending = "yaml") => {
  const path = join(folder, `${crypto.randomUUID()}.${ending}`);
  await writeFile(path, text);
  return path;
};
/** A port that is taken until the tests are over. */
const taken = createServer().listen(0, "127.0.0.1");
await once(taken, "listening");
const { port } = taken.address() as AddressInfo;

/** What is given, the exit code, the one sentence. */
const CASES: readonly [string, readonly string[], number, RegExp][] = [
  ["an unknown mode", ["--mode", "boss"], 2, /^Unknown mode "boss": expected one of director, worker, cluster, demo$/],
  ["an unknown flag", ["--colour"], 2, /^Unknown flag --colour: see --help$/],
  ["a flag without its value", ["--namespace"], 2, /^Flag --namespace needs a value: --namespace NAME$/],
  ["a flag of another mode", ["--port", "1"], 2, /^Flag --port is not for mode director: it is for cluster$/],
  ["a flag that every object has", ["--constructor"], 2, /^Unknown flag --constructor: see --help$/],
  [
    "a folder that is not there",
    ["--mode", "cluster", "--write-kubeconfig", "none/k"],
    1,
    /^Cannot write the kubeconfig none\/k: its folder does not exist$/,
  ],
  ["an argument", ["worker"], 2, /^Unknown verb "worker": a mode is a flag, --mode worker$/],
  ["an impossible namespace", ["--namespace", "A_b"], 2, /^Flag --namespace is "A_b": expected a name that a namespace can have/],
  [
    "no number",
    ["--mode", "worker", "--concurrency", "many"],
    2,
    /^Flag --concurrency is "many": expected a whole number from 1 to 1000$/,
  ],
  ["a switch with a value", ["--serve=perhaps"], 2, /^Flag --serve is a switch: "perhaps" is neither true nor false$/],
  [
    "an election whose times do not fit together",
    ["--serve", "--leader-elect-lease-duration", "5s"],
    2,
    /^Cannot hold an election: --leader-elect-renew-deadline is 10s, expected less than --leader-elect-lease-duration, which is 5s$/,
  ],
  [
    "an address that is no address",
    ["--mode", "worker", "--metrics-bind-address", "8080"],
    2,
    /^Flag --metrics-bind-address is "8080": expected HOST:PORT, /,
  ],
  [
    "metrics on a host of others",
    ["--mode", "worker", "--metrics-bind-address", "192.0.2.1:8080"],
    1,
    /^Cannot serve metrics on 192\.0\.2\.1:8080: this machine does not have that address, .* \(--metrics-bind-address\)$/,
  ],
  ["no flow module", ["--flow", "none.ts"], 2, /^Cannot load the flow module "none.ts": there is no such file$/],
  [
    "data instead of a module",
    ["--flow", "package.json"],
    2,
    /^Cannot load the flow module "package\.json": it is data, expected a module such as order\.ts$/,
  ],
  ["a folder of modules", ["--flow", "test"], 2, /^Cannot load the flow module "test": it is a folder, expected a file$/],
  [
    "a flow without its handlers",
    ["--flow", await file("export default { name: 'order', jobs: ['charge'] };\n", "ts")],
    2,
    /^The default export of "[^"]+" is not a flow with its handlers: export default implementFlow\(flow, handlers\)$/,
  ],
  [
    "a list of which one is no flow",
    ["--flow", "test/support/flows/mixed.ts"],
    2,
    /^The default export of "test\/support\/flows\/mixed\.ts", item 1 of a list, is not a flow with its handlers: /,
  ],
];

/** The same, where the runtimes have words of their own. */
const BOTH: typeof CASES = [
  [
    "a module without a default export",
    ["--flow", await file("export const order = 1;\n", "ts")],
    2,
    /^"[^"]+" has no default export: export default implementFlow\(flow, handlers\)$/,
  ],
  [
    "a module with a mistake in its syntax",
    ["--flow", await file("export default {\n  charge: async () => {},,\n};\n", "ts")],
    2,
    /^Cannot load the flow module "([^"]+)": \S.* at \1:2(:\d+)?$/,
  ],
  [
    "a module that imports one with a mistake in its syntax",
    ["--flow", await file(`export { default } from "${await file("export default (;\n", "ts")}";\n`, "ts")],
    2,
    /^Cannot load the flow module "([^"]+)": \S.* at (?!\1).+\.ts:1(:\d+)?$/,
  ],
  [
    "a module that throws",
    ["--flow", await file('throw new Error("no\\u001b[2J bank");\n', "ts")],
    2,
    /^Cannot load the flow module "[^"]+": no\\u001b\[2J bank$/,
  ],
  [
    "a port that is taken",
    ["--mode", "cluster", "--port", String(port)],
    1,
    /^Cannot serve the fake API server on 127\.0\.0\.1:\d+: another process listens there, choose another port, or 0 for a free one \(--port\)$/,
  ],
  [
    "a kubeconfig that would be a folder",
    ["--mode", "cluster", "--write-kubeconfig", folder],
    1,
    /^Cannot write the kubeconfig .*: it is a folder$/,
  ],
  [
    "a kubeconfig below a file",
    ["--mode", "cluster", "--write-kubeconfig", "package.json/k"],
    1,
    /^Cannot write the kubeconfig package\.json\/k: what should be its folder is a file$/,
  ],
  ["no CRDs", ["--mode", "cluster", "--crds", "none"], 1, /^Cannot read none \(--crds\): there is no such file or folder$/],
  [
    "objects that are none",
    ["--mode", "cluster", "--objects", await file("a: 1\n")],
    1,
    /^Cannot use .+\.yaml: it is no object of Kubernetes, which has an apiVersion and a kind$/,
  ],
  [
    "no kubeconfig",
    [],
    1,
    /^No kubeconfig: .* name one with --kubeconfig, or a server with --master; (node|(npx )?deno run -P) cli\/main\.ts --help says what else it does$/,
  ],
  [
    "a kubeconfig that is not there",
    ["--kubeconfig", "none"],
    1,
    /^The kubeconfig does not exist: none; name another, or start first what writes it$/,
  ],
  ["a kubeconfig that is none", ["--kubeconfig", await file("- 1\n")], 1, /is not a kubeconfig/],
  ["a kubeconfig without a context", ["--kubeconfig", await file("{}")], 1, /^\S+ has no contexts: name another kubeconfig$/],
  [
    "a server that is not there",
    ["--master", "http://127.0.0.1:9"],
    1,
    /^Cannot list requeststates in namespace "default": .*(: make sure that the server runs there and can be reached|use another)$/,
  ],
  ["no URL", ["--master", "here"], 1, /^The master is not an http:\/\/ or https:\/\/ URL: here$/],
];

const bad = suite("programs: bad input");
bad.after.each(endPrograms);
bad.after(() => {
  taken.close();
  rmSync(folder, { recursive: true });
});
for (const runtime of RUNTIMES) {
  for (const [what, args, code, sentence] of runtime === "node" ? [...CASES, ...BOTH] : BOTH) {
    bad(`${what}, in ${runtime}`, async () => {
      const program = startProgram(runtime, args);
      assert.is(await program.exited, code);
      const lines = program.errors.trimEnd().split("\n").filter((line) => !/^\S+ info /.test(line));
      assert.is(lines.length, 1, program.errors);
      assert.match(lines[0]!, sentence);
      assert.is(program.output, "");
    });
  }
}

bad("a Deno without permissions", async () => {
  for (const flags of [[], ["--allow-read", "--allow-env", "--allow-sys"]]) {
    const program = startCommand([
      "deno",
      "run",
      "-q",
      "--no-prompt",
      ...flags,
      "cli/main.ts",
      "--master",
      "http://127.0.0.1:9443",
    ]);
    assert.is(await program.exited, 1);
    const lines = program.errors.trimEnd().split("\n").filter((line) => !/^\S+ info /.test(line));
    assert.is(lines.length, 1, program.errors);
    assert.match(lines[0]!, /deno run -P/);
  }
});

bad("a flow module in a project of CommonJS, as npm init makes it", async () => {
  await writeFile(join(folder, "package.json"), '{"type":"commonjs"}');
  const path = join(folder, "flow.ts");
  for (const text of ['import process from "node:process";\nexport default process;\n', "export default 1;\n"]) {
    await writeFile(path, text);
    const program = startProgram("node", ["--flow", path]);
    assert.is(await program.exited, 2);
    assert.match(
      program.errors,
      /^Cannot load the flow module "[^"]+": .*; its package\.json says that it is CommonJS: npm pkg set type=module, /m,
    );
  }
});

bad("help is no error", async () => {
  const program = startProgram("node", ["--help"]);
  assert.is(await program.exited, 0);
  assert.match(program.output, /^usage: crd-watcher VERB /);
});
bad.run();
