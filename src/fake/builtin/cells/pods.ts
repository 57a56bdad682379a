/**
 * The cells of pods.
 *
 * @module
 */
import { isObject, type JsonObject } from "../../types/json.ts";
import { at, type Cells, items, number, read, since, text } from "./reading.ts";

const isTrue = (pod: JsonObject, condition: string) =>
  items(pod, "status", "conditions").some((each) => each.type === condition && each.status === "True");

/** What a container that has ended says. */
function ended(terminated: JsonObject): string {
  if (text(terminated, "reason") !== "") return text(terminated, "reason");
  const signal = number(terminated, "signal");
  return signal === 0 ? `ExitCode:${number(terminated, "exitCode")}` : `Signal:${signal}`;
}

interface Seen {
  reason: string;
  ready: number;
  total: number;
  restarts: number;
  /** Of the newest restart. */
  last: string;
  initializing: boolean;
}

const restartable = (pod: JsonObject) =>
  new Set(
    items(pod, "spec", "initContainers").filter((each) => each.restartPolicy === "Always").map((each) => text(each, "name")),
  );

function newest(seen: Seen, status: JsonObject): void {
  const finished = text(status, "lastState", "terminated", "finishedAt");
  if (finished > seen.last) seen.last = finished;
}

function initialize(pod: JsonObject, seen: Seen): void {
  const sidecars = restartable(pod);
  const statuses = items(pod, "status", "initContainerStatuses");
  const total = items(pod, "spec", "initContainers").length;
  for (const [index, status] of statuses.entries()) {
    seen.restarts += number(status, "restartCount");
    newest(seen, status);
    const terminated = at(status, "state", "terminated");
    const waiting = text(status, "state", "waiting", "reason");
    const sidecar = sidecars.has(text(status, "name"));
    if (isObject(terminated) && number(terminated, "exitCode") === 0) continue;
    if (sidecar && status.started === true) {
      if (status.ready === true) seen.ready++;
      continue;
    }
    if (isObject(terminated)) seen.reason = `Init:${ended(terminated)}`;
    else if (waiting !== "" && waiting !== "PodInitializing") seen.reason = `Init:${waiting}`;
    else seen.reason = `Init:${index}/${total}`;
    seen.initializing = true;
    return;
  }
}

function run(pod: JsonObject, seen: Seen): void {
  const before = seen.restarts;
  seen.restarts = 0;
  let running = false;
  for (const status of items(pod, "status", "containerStatuses").toReversed()) {
    seen.restarts += number(status, "restartCount");
    newest(seen, status);
    const terminated = at(status, "state", "terminated");
    const waiting = text(status, "state", "waiting", "reason");
    if (waiting !== "") seen.reason = waiting;
    else if (isObject(terminated)) seen.reason = ended(terminated);
    else if (status.ready === true && isObject(at(status, "state", "running"))) {
      running = true;
      seen.ready++;
    }
  }
  const sidecars = restartable(pod).size > 0;
  if (sidecars) seen.restarts += before;
  if (seen.reason === "Completed" && running) seen.reason = isTrue(pod, "Ready") ? "Running" : "NotReady";
}

function look(pod: JsonObject): Seen {
  const phase = text(pod, "status", "phase");
  const seen: Seen = {
    reason: text(pod, "status", "reason") || phase,
    ready: 0,
    total: items(pod, "spec", "containers").length + restartable(pod).size,
    restarts: 0,
    last: "",
    initializing: false,
  };
  const scheduled = items(pod, "status", "conditions").find((each) => each.type === "PodScheduled");
  if (scheduled?.reason === "SchedulingGated") seen.reason = "SchedulingGated";
  initialize(pod, seen);
  if (!seen.initializing || isTrue(pod, "Initialized")) run(pod, seen);
  if (text(pod, "metadata", "deletionTimestamp") !== "") {
    if (text(pod, "status", "reason") === "NodeLost") seen.reason = "Unknown";
    else if (phase !== "Succeeded" && phase !== "Failed") seen.reason = "Terminating";
  }
  return seen;
}

const overs: Readonly<Record<string, string>> = {
  Succeeded: "The pod has completed successfully.",
  Failed: "The pod failed.",
};

/** What the row of a pod says: that it is over. Pure. */
export function podRowConditions(pod: JsonObject): JsonObject[] {
  const phase = text(pod, "status", "phase");
  const message = Object.hasOwn(overs, phase) ? overs[phase]! : undefined;
  return message === undefined ? [] : [{ type: "Completed", status: "True", reason: phase, message }];
}

/** The cells of pods. */
export const podCells: Cells = {
  Ready: (pod) => `${look(pod).ready}/${look(pod).total}`,
  Status: (pod) => look(pod).reason,
  Restarts(pod, now) {
    const { restarts, last } = look(pod);
    return restarts > 0 && last !== "" ? `${restarts} (${since(last, now)} ago)` : String(restarts);
  },
  IP: (pod) => text(items(pod, "status", "podIPs")[0], "ip") || "<none>",
  Node: read("spec.nodeName", "<none>"),
  "Nominated Node": read("status.nominatedNodeName", "<none>"),
  "Readiness Gates"(pod) {
    const gates = items(pod, "spec", "readinessGates");
    if (gates.length === 0) return "<none>";
    return `${gates.filter((each) => isTrue(pod, text(each, "conditionType"))).length}/${gates.length}`;
  },
};
