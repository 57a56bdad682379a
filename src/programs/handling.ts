import type { Job } from "../flow/handler.ts";
import type { Result } from "../flow/report.ts";
import { invalidInput, invalidOutput, resultOfHandler, resultOfThrown, strayText, timedOut } from "../flow/result.ts";
import { type AnySchema, type Checked, checkValue } from "../flow/standard-schema.ts";
import { thrownText } from "../errors.ts";
import type { Clock, Log, LogFields } from "../ports.ts";
import { attemptOf } from "../request-state.ts";
import { sleep } from "../runtime/time/clock.ts";
import { fieldsOf, stackText } from "../runtime/log/log.ts";
import type { HeldJob } from "./held-job.ts";

/** How long the director has to say that a job has taken too long, in milliseconds; then its worker says so. */
const VERDICT_LIMIT = 5_000;

/** Given back unfinished. */
export const RELEASED: Result = { state: "REQUESTED", reason: "Released" };

/** With what a handler is run. */
export interface HandlingOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** A result holds more than a result has, which is dropped. @param text A whole sentence. */
  readonly onStray: (text: string) => void;
}

/**
 * Runs the handler of a job, and makes a result of whatever becomes of it. Never throws.
 *
 * @returns Undefined: the job is somebody else's, there is nothing to report.
 */
export async function perform(job: HeldJob, options: HandlingOptions): Promise<Result | undefined> {
  const { clock } = options;
  const result = await Promise.race([run(job, options), job.left]);
  if (job.lost) return undefined;
  // Whoever was told to stop and has brought it to an end all the same is believed.
  if (result && (!job.asked || result.state === "COMPLETED")) return result;
  switch (job.asked?.reason) {
    case "Cancelled":
    case "DeadlineExceeded":
      return { state: "CANCELLED" };
    case "TimedOut":
      return await afterTimeout(job, clock);
    default:
      return RELEASED;
  }
}

/** The director judges who takes too long; where none does, the flow must not hang. */
async function afterTimeout(job: HeldJob, clock: Clock): Promise<Result | undefined> {
  const waiting = new AbortController();
  await Promise.race([sleep(clock, VERDICT_LIMIT, waiting.signal), job.left]).finally(() => waiting.abort());
  return job.lost ? undefined : timedOut(job.plan.name, job.plan.timeout!);
}

async function run(job: HeldJob, { log, onStray }: HandlingOptions): Promise<Result> {
  const { request, implemented: { flow, checked, performer }, plan } = job;
  try {
    const input = await read(flow.input, request.spec.input, "The schema of the input");
    if (input.fault !== undefined) return invalidInput(input.fault);
    let outputs: Readonly<Record<string, unknown>> = request.status?.outputs ?? {};
    for (const { name, output } of checked) {
      if (!Object.hasOwn(outputs, name)) continue;
      const own = await read(output, outputs[name], `The schema of the output of job ${name}`);
      if (own.fault !== undefined) return invalidOutput(name, own.fault);
      outputs = { ...outputs, [name]: own.value };
    }
    if (job.asked || job.lost) return RELEASED; // what it was told decides what becomes of it
    const given = await performer(plan.name)(toldOf(job, input.value, outputs, log));
    const result = await resultOfHandler(plan, given, job.request);
    const stray = result.state === "COMPLETED" ? strayText(plan.name, given) : undefined;
    if (stray !== undefined) onStray(stray);
    return result;
  } catch (error) {
    if (!job.asked && !job.lost) log.debug(`Thrown by the handler of job ${plan.name} at: ${stackText(error)}`, job.about);
    return resultOfThrown(error);
  }
}

/** What a handler is told. */
function toldOf(job: HeldJob, input: unknown, outputs: Readonly<Record<string, unknown>>, log: Log): Job {
  const { request, plan, signal } = job;
  const attempt = attemptOf(request);
  return {
    job: plan.name,
    input,
    outputs: outputs as Job["outputs"],
    attempt,
    fencingToken: attempt,
    idempotencyKey: `${request.metadata.uid}/${plan.name}`,
    signal,
    request,
    log: logOf(log, job),
  };
}

/** A value as its schema reads it. */
async function read(schema: AnySchema | undefined, value: unknown, what: string): Promise<Checked> {
  if (!schema) return { value };
  try {
    return await checkValue(schema, value);
  } catch (error) {
    throw new Error(`${what} has thrown: ${thrownText(error)}`, { cause: error });
  }
}

/** A log whose lines name the job. */
function logOf(log: Log, job: HeldJob): Log {
  const say = (level: keyof Log) => (message: string, fields?: LogFields) =>
    log[level](message, { ...job.about, ...fieldsOf(fields) });
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}
