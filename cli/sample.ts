import { type Implementation, implementFlow, SAMPLE } from "../mod.ts";

/** The sample flow of the reference: two jobs that do nothing. */
const sample: Implementation = implementFlow(SAMPLE, { JOB1: async () => {}, JOB2: async () => {} });

export default sample;
