import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { genuineAssets } from "../support/apiserver.ts";
import { endPrograms, runCommand } from "../support/programs.ts";

const [assets] = genuineAssets();

type Rounds = Readonly<Record<"ours" | "by hand" | "writer", readonly Readonly<Record<string, number>>[]>>;

/** Runs the bench from source: what is compiled has a test of its own. */
async function measure(): Promise<{ readonly rounds: Rounds; readonly failures: readonly unknown[] }> {
  const command = [process.execPath, "--import", "tsx", "bench/flows.ts", "--rounds", "1", "--program", "source", "--json"];
  const load = "--flows 20 --in-flight 10 --singles 2 --starts 1 --finished 50 --by-hand=true".split(" ");
  return JSON.parse(await runCommand([...command, ...load], { KUBEBUILDER_ASSETS: assets!.folder }));
}

const bench = suite("bench: a few flows");
let rounds: Rounds;
let failures: readonly unknown[];
bench.before(async () => {
  ({ rounds, failures } = await measure());
});
bench.after(endPrograms);

bench("nobody fails, and every contender makes six writes a flow; those of the minimal writer have the size of ours", () => {
  assert.equal(failures, []);
  const [ours, writer] = [rounds.ours[0]!, rounds.writer[0]!];
  for (const [figures] of Object.values(rounds)) {
    assert.is(figures!["writes"], 6);
    assert.is(figures!["conflicts"], 0);
  }
  // Only the digits of versions differ.
  assert.ok(Math.abs(ours["body bytes"]! - writer["body bytes"]!) < 30, `${ours["body bytes"]}, ${writer["body bytes"]} bytes`);
});

bench("every figure is there", () => {
  const names = ["flows/s", "CPU", "server CPU", "event bytes", "load MB", "peak MB"];
  for (const [figures] of Object.values(rounds)) {
    for (const name of [...names, "wait p50 ms", "wait p99 ms", "p50 ms", "p99 ms", "single ms"]) {
      assert.ok(figures![name]! > 0, `${name} is ${figures![name]}`);
    }
  }
  for (const label of ["director", "worker"]) assert.ok(rounds.ours[0]![`first watch ms ${label}`]! > 0);
});
bench.run();
