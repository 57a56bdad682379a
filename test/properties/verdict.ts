import { attemptOf, isOver } from "../../mod.ts";
import type { Version } from "../../src/testing/witness.ts";
import { faultsIn, type Known } from "./invariants.ts";
import type { People } from "./people.ts";
import type { Processes } from "./processes.ts";
import { runFaults } from "./run-faults.ts";
import { flowOf, type Setting } from "./setting.ts";

/** Everything that must not be in what was seen; none, if all is well. */
export function faultsOf(setting: Setting, processes: Processes, people: People): string[] {
  const { witness, timelines, epoch, mood, size, server } = setting;
  const { runs, renewals, drained, slack } = processes;
  const faults: string[] = [];
  for (const request of witness.present()) {
    if (isOver(request)) continue;
    const { spec, status, metadata } = request;
    faults.push(
      `I13: requeststates ${metadata.name} stands at ${spec.job}/${spec.state} ${attemptOf(request)}: ${JSON.stringify(status)}`,
    );
  }
  for (const [uid, all] of witness.versions) {
    const known: Known = {
      flow: flowOf(setting, all[0]!.object),
      epoch,
      slack,
      renewals: (worker) => renewals.filter(({ name }) => name === worker).map(({ at }) => at),
      wasDeleted: people.deleted.has(uid),
      isWell: mood === "messages" ? (worker) => !drained.has(worker) : undefined,
    };
    const ways = timelines.of(uid);
    for (const { versions } of ways) if (versions.length > 0) faults.push(...faultsIn(versions, known));
    faults.push(...runFaults(ways, runs, { delay: Math.max(...size.delays), slack }));
  }
  for (const body of server.patches) {
    const [first, second] = JSON.parse(body) as { readonly path: string }[];
    if (first?.path !== "/metadata/uid" || second?.path !== "/metadata/resourceVersion") {
      faults.push(`I10: a write is not conditional: ${body}`);
    }
  }
  return faults;
}

/** A version, for those who look for a cause. */
export function lineOf({ type, object: { metadata, spec, status } }: Version): string {
  const last = status?.history?.at(-1);
  const rest = [last?.by, last?.reason, last?.outcome, status?.failures, spec.desiredState, status?.completionTime];
  return `${type} ${metadata.name.slice(0, 8)} ${spec.job}/${spec.state} ${spec.attempt} ${JSON.stringify(rest)}`;
}
