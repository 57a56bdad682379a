import { SAMPLE } from "../../../mod.ts";

/** A list of which one item has no handlers. */
const mixed: readonly unknown[] = [{ flow: SAMPLE, handlers: { JOB1: async () => {}, JOB2: async () => {} } }, SAMPLE];
export default mixed;
