import process from "node:process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { genuineAssets } from "../support/apiserver.ts";
import { endPrograms, runCommand } from "../support/programs.ts";

const [assets] = genuineAssets();

/** Runs the bench from source: what is compiled has a test of its own. */
async function measure(...flags: string[]): Promise<Record<"ours" | "writer", Record<string, number>[]>> {
  const command = [process.execPath, "--import", "tsx", "bench/flows.ts", "--rounds", "1", "--program", "source", "--json"];
  return JSON.parse(await runCommand([...command, ...flags], { KUBEBUILDER_ASSETS: assets!.folder })).rounds;
}

const bench = suite("bench: a few flows");
let rounds: Awaited<ReturnType<typeof measure>>;
let start: Readonly<Record<string, number>>;
bench.before(async () => {
  rounds = await measure("--flows", "20", "--in-flight", "10", "--singles", "2", "--starts", "0");
});
bench.before(async () => {
  [start = {}] = (await measure("--flows", "1", "--in-flight", "1", "--singles", "0", "--starts", "1", "--writer=false")).ours;
});
bench.after(endPrograms);

bench("ours and the minimal writer make six writes a flow, of the same size", () => {
  const [ours, writer] = [rounds.ours[0]!, rounds.writer[0]!];
  for (const figures of [ours, writer]) {
    assert.is(figures["writes"], 6);
    assert.is(figures["conflicts"], 0);
  }
  // Only the digits of versions differ.
  assert.ok(Math.abs(ours["body bytes"]! - writer["body bytes"]!) < 30, `${ours["body bytes"]}, ${writer["body bytes"]} bytes`);
});

bench("every figure is there", () => {
  for (const [figures] of Object.values(rounds)) {
    for (const name of ["flows/s", "CPU", "server CPU", "event bytes", "load MB", "peak MB", "p50 ms", "p99 ms", "single ms"]) {
      assert.ok(figures![name]! > 0, `${name} is ${figures![name]}`);
    }
  }
  for (const label of ["director", "worker"]) assert.ok(start[`first watch ms ${label}`]! > 0);
});
bench.run();
