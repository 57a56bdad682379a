/**
 * What is wrong with a definition, as clauses of one sentence. Pure.
 *
 * @module
 */

import { graphFaults, type Links } from "./graph-faults.ts";
import { isSchema } from "./standard-schema.ts";

/** Seconds in 32 bits, in milliseconds: 68 years. No field of the resource holds more. */
const LONGEST = (2 ** 31 - 1) * 1_000;

/** As many signals as `spec.signals` holds. */
const WAITING_LIMIT = 16;

const JOB_MEMBERS = [
  "next",
  "on",
  "end",
  "waitFor",
  "after",
  "timeout",
  "startTimeout",
  "retry",
  "onExhausted",
  "output",
];
const RETRY_MEMBERS = ["limit", "lostLimit", "initial", "factor", "max", "nonRetryable"];
const FLOW_MEMBERS = ["start", "jobs", "input", "deadline", "ttl", "onLeaseLost"];

type Members = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Members => typeof value === "object" && value !== null && !Array.isArray(value);
const show = (value: unknown): string =>
  typeof value === "string"
    ? JSON.stringify(value)
    : Array.isArray(value)
    ? "a list"
    : isRecord(value)
    ? "an object"
    : String(value);
const isJobName = (name: unknown): name is string =>
  typeof name === "string" && /^[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/.test(name);
const NAME_RULE = `must be 1 to 63 letters, digits, "-", "_" or ".", and begin and end with a letter or digit`;

/** All that is wrong with a definition, whatever was given for one. */
export function definitionFaults(name: unknown, definition: unknown): string[] {
  const faults: string[] = [];
  if (typeof name !== "string" || !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    faults.push(`the name must be 1 to 63 lower-case letters, digits or "-", and begin and end with a letter or digit`);
  }
  if (Array.isArray(definition)) return [...faults, ...sequenceFaults(definition)];
  if (!isRecord(definition)) {
    return [...faults, `its definition is ${show(definition)}, expected a list of jobs or { start, jobs }`];
  }
  faults.push(...unknownMembers("it", definition, FLOW_MEMBERS));
  faults.push(
    ...numberFaults("its deadline", definition.deadline, { above: 0 }),
    ...numberFaults("its ttl", definition.ttl, { from: 0 }),
  );
  if (definition.onLeaseLost !== undefined && definition.onLeaseLost !== "abort") {
    faults.push(`its onLeaseLost is ${show(definition.onLeaseLost)}, expected "abort" or nothing`);
  }
  if (definition.input !== undefined && !isSchema(definition.input)) faults.push("its input is no Standard Schema");
  const { jobs, start } = definition;
  if (!isRecord(jobs)) {
    return [...faults, `its jobs are ${show(jobs)}, expected an object: { charge: { next: "ship" }, ship: {} }`];
  }
  const names = Object.keys(jobs);
  if (names.length === 0) return [...faults, "it has no jobs"];
  if (typeof start !== "string" || !Object.hasOwn(jobs, start)) {
    faults.push(`its start is ${show(start)}, expected one of its jobs (${names.join(", ")})`);
  }
  for (const job of names) {
    if (!isJobName(job)) faults.push(`job ${show(job)} ${NAME_RULE}`);
    faults.push(...jobFaults(job, jobs[job], names));
  }
  const waiting = names.filter((job) =>
    isRecord(jobs[job]) && (jobs[job].waitFor !== undefined || jobs[job].after !== undefined)
  );
  if (waiting.length > WAITING_LIMIT) faults.push(`${waiting.length} of its jobs wait, expected at most ${WAITING_LIMIT}`);
  const links: Links = new Map(names.map((job) => [job, successorsOf(jobs[job]).filter((to) => Object.hasOwn(jobs, to))]));
  return [...faults, ...graphFaults(typeof start === "string" && Object.hasOwn(jobs, start) ? start : undefined, links)];
}

function sequenceFaults(jobs: readonly unknown[]): string[] {
  const faults = jobs.length === 0 ? ["it has no jobs"] : [];
  [...jobs].forEach((job, index) => {
    if (!isJobName(job)) faults.push(`job ${show(job)} ${NAME_RULE}`);
    if (jobs.indexOf(job) < index) faults.push(`job ${show(job)} stands there twice`);
  });
  return faults;
}

function jobFaults(name: string, job: unknown, names: readonly string[]): string[] {
  const label = `job ${show(name)}`;
  if (!isRecord(job)) return [`${label} is ${show(job)}, expected an object`];
  const faults = unknownMembers(label, job, JOB_MEMBERS);
  const { next, on, end, waitFor, after, timeout, startTimeout, retry, onExhausted, output } = job;
  const waits = waitFor !== undefined || after !== undefined;
  const known = (where: string, to: unknown) => {
    if (typeof to === "string" && names.includes(to)) return;
    faults.push(`${where} is ${show(to)}, expected one of its jobs (${names.join(", ")})`);
  };
  if (next !== undefined) known(`the next of ${label}`, next);
  if (on !== undefined && !isRecord(on)) faults.push(`the on of ${label} is ${show(on)}, expected jobs by outcome`);
  const branches = isRecord(on) ? on : {};
  const ordinary: string[] = [];
  for (const [outcome, to] of Object.entries(branches)) {
    known(`${outcome} of ${label}`, to);
    if (outcome === "failed") {
      if (waits) faults.push(`${label} has a branch for "failed", but it waits: nothing can fail there`);
    } else if (outcome === "timedOut") {
      if (timeout === undefined && (waits || startTimeout === undefined)) {
        faults.push(`${label} has a branch for "timedOut", but no timeout`);
      }
    } else if (outcome === "elapsed") {
      if (after === undefined) faults.push(`${label} has a branch for "elapsed", which only a pause ("after") gives`);
    } else {
      ordinary.push(outcome);
      if (!isJobName(outcome)) faults.push(`outcome ${show(outcome)} of ${label} ${NAME_RULE}`);
    }
  }
  if (ordinary.length > 0 && next !== undefined) {
    faults.push(`${label} has outcomes and next: name the job after each outcome in on, or leave the outcomes out`);
  }
  if (end !== undefined && end !== "failed") faults.push(`the end of ${label} is ${show(end)}, expected "failed" or nothing`);
  if (end !== undefined && (next !== undefined || ordinary.length > 0)) {
    faults.push(`${label} ends the flow, but another job comes after it`);
  }
  if (waitFor !== undefined && waitFor !== "signal") {
    faults.push(`the waitFor of ${label} is ${show(waitFor)}, expected "signal"`);
  }
  faults.push(...numberFaults(`the after of ${label}`, after, { above: 0 }));
  faults.push(...numberFaults(`the timeout of ${label}`, timeout, { above: 0 }));
  faults.push(...numberFaults(`the startTimeout of ${label}`, startTimeout, { above: 0 }));
  if (onExhausted !== undefined && onExhausted !== "park") {
    faults.push(`the onExhausted of ${label} is ${show(onExhausted)}, expected "park" or nothing`);
  }
  if (output !== undefined && !isSchema(output)) faults.push(`the output of ${label} is no Standard Schema`);
  if (retry !== undefined) faults.push(...retryFaults(`the retry of ${label}`, retry));
  if (waits) faults.push(...waitingFaults(label, job, ordinary.length > 0, branches));
  return faults;
}

/** A job that waits is nobody's work, and must lead somewhere when its time is over. */
function waitingFaults(label: string, job: Members, hasOutcomes: boolean, branches: Members): string[] {
  const faults: string[] = [];
  const { waitFor, after, timeout, next } = job;
  for (const member of ["retry", "startTimeout", "onExhausted"]) {
    if (job[member] !== undefined) faults.push(`${label} waits, so that ${member} means nothing there`);
  }
  if (after !== undefined && timeout !== undefined) faults.push(`${label} has after and timeout: both say when it stops to wait`);
  if (waitFor === undefined && hasOutcomes) faults.push(`${label} has outcomes that nobody gives: it needs waitFor: "signal"`);
  if (waitFor === undefined && next !== undefined && branches.elapsed !== undefined) {
    faults.push(`${label} has next and a branch for "elapsed": nothing else ends its pause`);
  }
  if (waitFor !== undefined && timeout !== undefined && branches.timedOut === undefined) {
    faults.push(`${label} has a timeout, but no branch for "timedOut"`);
  }
  if (waitFor !== undefined && after !== undefined && hasOutcomes && branches.elapsed === undefined) {
    faults.push(`${label} has after and outcomes, but no branch for "elapsed"`);
  }
  return faults;
}

function retryFaults(label: string, retry: unknown): string[] {
  if (!isRecord(retry)) return [`${label} is ${show(retry)}, expected an object such as { limit: 5 }`];
  const faults = unknownMembers(label, retry, RETRY_MEMBERS);
  for (const member of ["limit", "lostLimit"]) {
    const value = retry[member];
    if (value !== undefined && !(Number.isInteger(value) && (value as number) >= 1 && (value as number) < 2 ** 31)) {
      faults.push(`the ${member} in ${label} is ${show(value)}, expected a whole number from 1 (1: no second attempt)`);
    }
  }
  faults.push(...numberFaults(`the initial in ${label}`, retry.initial, { from: 0 }));
  faults.push(...numberFaults(`the max in ${label}`, retry.max, { from: 0 }));
  const { factor, nonRetryable } = retry;
  if (factor !== undefined && !(typeof factor === "number" && factor >= 1 && Number.isFinite(factor))) {
    faults.push(`the factor in ${label} is ${show(factor)}, expected a number from 1`);
  }
  if (nonRetryable !== undefined && !(Array.isArray(nonRetryable) && nonRetryable.every((name) => typeof name === "string"))) {
    faults.push(`the nonRetryable in ${label} is ${show(nonRetryable)}, expected a list of names of errors`);
  }
  return faults;
}

const unknownMembers = (label: string, value: Members, known: readonly string[]): string[] =>
  Object.keys(value).filter((member) => !known.includes(member)).map((member) =>
    `${label} has the member ${show(member)}, which is unknown (known: ${known.join(", ")})`
  );

function numberFaults(label: string, value: unknown, { above, from }: { above?: number; from?: number }): string[] {
  if (value === undefined) return [];
  const lowest = above ?? from!;
  const fits = typeof value === "number" && (above === undefined ? value >= lowest : value > lowest) && value <= LONGEST;
  const expected = `milliseconds ${above === undefined ? "from" : "above"} ${lowest}, at most ${LONGEST} (68 years)`;
  return fits ? [] : [`${label} is ${show(value)}, expected ${expected}`];
}

function successorsOf(job: unknown): string[] {
  if (!isRecord(job)) return [];
  return [job.next, ...isRecord(job.on) ? Object.values(job.on) : []].filter((to) => typeof to === "string");
}
