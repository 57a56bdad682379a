import { type Implementation, implementFlow, SAMPLE } from "../../../mod.ts";

/** The sample flow, with a mistake: a promise that nobody waits for. */
const floating: Implementation = implementFlow(SAMPLE, {
  async JOB1() {
    setTimeout(() => void Promise.reject(new Error("nobody waits for this")), 100);
    await new Promise((resolve) => setTimeout(resolve, 500));
  },
  async JOB2() {},
});
export default floating;
