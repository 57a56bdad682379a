import { type Implementation, implementFlow, isJobAborted, type Job, SAMPLE } from "../../../mod.ts";

/** How long each job takes, in milliseconds. */
const DURATION = Number(globalThis.process?.env.JOB_DURATION ?? 1_000);

const wait = ({ signal, log, attempt }: Job) =>
  new Promise<void>((resolve, reject) => {
    log.info(`The handler of attempt ${attempt} has begun`);
    const timer = setTimeout(resolve, DURATION);
    const stop = () => {
      clearTimeout(timer);
      log.warn(`The handler of attempt ${attempt} was told to stop: ${isJobAborted(signal.reason) && signal.reason.reason}`);
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
  });

/** The sample flow, with handlers that say when they begin and when they are told to stop. */
const telling: Implementation = implementFlow(SAMPLE, { JOB1: wait, JOB2: wait });
export default telling;
