import { type Implementation, implementFlow, type Job, SAMPLE } from "../../../mod.ts";

/** How long each job takes, in milliseconds. */
const DURATION = Number(globalThis.process?.env.JOB_DURATION ?? 1_000);

const wait = ({ signal }: Job) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, DURATION);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });

/** The sample flow, with jobs that take their time: for tests that pull something away in the middle. */
const slow: Implementation = implementFlow(SAMPLE, { JOB1: wait, JOB2: wait });
export default slow;
