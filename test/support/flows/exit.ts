import process from "node:process";
import { type Implementation, implementFlow, SAMPLE } from "../../../mod.ts";

/** Ends the process. */
const end = (): never =>
  process.env["HOW"] === "Deno.exit" ? (globalThis as unknown as { Deno: Exit }).Deno.exit(3) : process.exit(3);

interface Exit {
  exit(code: number): never;
}

if (process.env["WARN"]) process.emitWarning(process.env["WARN"]);

/** The sample flow, with a handler that ends the process. */
const implementation: Implementation<typeof SAMPLE> = implementFlow(SAMPLE, { JOB1: async () => end(), JOB2: async () => {} });
export default implementation;
