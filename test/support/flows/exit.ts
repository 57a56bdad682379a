import process from "node:process";
import { type Implementation, implementFlow, SAMPLE } from "../../../mod.ts";

/** The sample flow, with a handler that ends the process. */
const implementation: Implementation<typeof SAMPLE> = implementFlow(SAMPLE, {
  JOB1: async () => process.exit(3),
  JOB2: async () => {},
});
export default implementation;
