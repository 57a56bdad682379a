import { isOver, type RequestState } from "../../src/request-state.ts";

/** What no write may do to a request. */
export function edgeFaults(before: RequestState, after: RequestState): string[] {
  const faults: string[] = [];
  const [old, now] = [before, after].map(({ status }) => status?.history ?? []) as [
    NonNullable<NonNullable<RequestState["status"]>["history"]>,
    NonNullable<NonNullable<RequestState["status"]>["history"]>,
  ];
  if (isOver(before)) faults.push("I9: something has changed after the end");
  if (now.length < old.length || old.some((entry, at) => JSON.stringify(entry) !== JSON.stringify(now[at]))) {
    faults.push("I1: the history has changed");
  }
  if (now.some(({ seq }, at) => seq !== at + 1)) faults.push("I1: an entry has a wrong number");
  const entry = now.at(-1)!;
  if (entry.job !== after.spec.job || entry.state !== after.spec.state) faults.push("I2: the last entry is not the state");
  const count = (test: (entry: (typeof now)[number]) => boolean) => now.filter(test).length;
  const same = (other: (typeof now)[number]) => other.job === entry.job && other.attempt === entry.attempt;
  if (count((other) => same(other) && other.state === "STARTED") > 1) faults.push("I3: an attempt was started twice");
  if (count((other) => same(other) && ["COMPLETED", "FAILED"].includes(other.state)) > 1) {
    faults.push("I4: an attempt has two ends");
  }
  if (count(({ job, state }) => job === entry.job && state === "COMPLETED") > 1) faults.push("I5: a job is completed twice");
  if (now.length > old.length) {
    const previous = old.at(-1);
    if (entry.state === "REQUESTED" && previous) {
      const isNext = entry.job !== previous.job;
      if (isNext && previous.state !== "COMPLETED") faults.push("I7: the next job before the one before it was done");
      if (!isNext && entry.attempt !== (previous.attempt ?? 1) + 1) faults.push("I8: the attempt did not rise by one");
    }
    if (["COMPLETED", "FAILED"].includes(entry.state) && previous?.state !== "STARTED") {
      faults.push("I6: it ends what was not started");
    }
  }
  return faults;
}
