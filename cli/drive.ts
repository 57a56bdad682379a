import { hasSucceeded, type RequestState, runDirector, runWorker, startFlow } from "../mod.ts";
import { checkElectionTimes, type ElectionTimes } from "../src/runtime/leases/election.ts";
import { type Arguments, UsageError } from "./arguments.ts";
import type { Connection } from "./connect.ts";
import { durationText } from "./duration.ts";
import { flowsText, type Implementations } from "./flow-module.ts";
import { identityOf, nameOf } from "./identity.ts";
import { createTransitionPrinter, print, printEnd } from "./print.ts";
import { showIn } from "./show.ts";

/** The exit code of a flow that failed or was cancelled. */
export const FLOW_FAILED = 3;

/** Creates one request of the first flow and drives it to its end. */
export async function direct(
  [{ flow }]: Implementations,
  { mode, namespace, concurrency }: Arguments,
  { cluster, signal, log, metrics, health }: Connection,
): Promise<number> {
  const identity = identityOf("director");
  const { request } = await startFlow(flow, {}, { cluster, namespace, identity, signal, log });
  print(`${flow.name}  ${namespace}/${request.metadata.name} on ${cluster.server}`);
  const printer = createTransitionPrinter({ jobs: flow.jobs });
  let last: RequestState = request;
  const onChange = (changed: RequestState) => printer.show(last = changed);
  onChange(request);
  await runDirector([flow], { cluster, namespace, request, identity, concurrency, signal, log, metrics, health, onChange })
    .finished;
  if (signal.aborted) {
    throw new Error(
      `Ended before the flow was over${mode === "director" ? `: "--mode director --serve" carries on with it` : ""}`,
    );
  }
  await printEnd(last);
  return hasSucceeded(last) ? 0 : FLOW_FAILED;
}

/** The times of an election. @throws {UsageError} When they do not fit together. */
export function electionOf(given: Arguments): ElectionTimes {
  try {
    return checkElectionTimes({
      leaseDuration: given.leaderElectLeaseDuration,
      renewDeadline: given.leaderElectRenewDeadline,
      retryPeriod: given.leaderElectRetryPeriod,
    }, { name: flagOf, time: durationText });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** As in `--leader-elect-lease-duration`. */
const flagOf = (name: string): string => `--leader-elect-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Drives every request of the namespace. */
export async function serve(
  implementations: Implementations,
  given: Arguments,
  { cluster, signal, log, metrics, health }: Connection,
): Promise<number> {
  const { namespace, concurrency } = given;
  const identity = identityOf("director");
  const show = showIn(given, log);
  const onChange = show.transitions({ jobs: jobsOf(implementations), by: () => identity });
  show.line(`${identity} drives ${flowsText(implementations)} in namespace "${namespace}" on ${cluster.server}`);
  const leaderElect = given.leaderElect && electionOf(given);
  const options = { cluster, namespace, identity, concurrency, leaderElect, signal, log, metrics, health, onChange };
  await runDirector(implementations.map(({ flow }) => flow), options).finished;
  return 0;
}

/** Claims and runs jobs. */
export async function work(
  implementations: Implementations,
  given: Arguments,
  { cluster, signal, log, metrics, health }: Connection,
): Promise<number> {
  const { namespace, concurrency, grace, leaseDuration } = given;
  const show = showIn(given, log);
  const onChange = show.transitions({ jobs: jobsOf(implementations), by: () => worker.identity });
  const identity = nameOf("worker");
  const worker = runWorker(implementations, {
    ...{ cluster, namespace, identity, concurrency, grace, leaseDuration, signal, log, metrics, health },
    onChange,
  });
  show.line(`${worker.identity} does jobs of ${flowsText(implementations)} in namespace "${namespace}" on ${cluster.server}`);
  await worker.finished;
  return 0;
}

const jobsOf = (implementations: Implementations): readonly string[] => implementations.flatMap(({ flow }) => flow.jobs);
