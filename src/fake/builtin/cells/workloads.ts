/**
 * The cells of what makes pods.
 *
 * @module
 */
import { isObject, type JsonObject } from "../../types/json.ts";
import { at, type Cells, count, items, labelText, number, read, selectorText, since, templateCells, text } from "./reading.ts";

const selector = (object: JsonObject) => selectorText(object.spec && at(object, "spec", "selector"));

const has = (job: JsonObject, condition: string) =>
  items(job, "status", "conditions").some((each) => each.type === condition && each.status === "True");

/** How a job stands, the newest first. */
function jobStatus(job: JsonObject): string {
  if (has(job, "Complete")) return "Complete";
  if (has(job, "Failed")) return "Failed";
  if (text(job, "metadata", "deletionTimestamp") !== "") return "Terminating";
  if (has(job, "Suspended")) return "Suspended";
  if (has(job, "FailureTarget")) return "FailureTarget";
  return has(job, "SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
}

function completions(job: JsonObject): string {
  const succeeded = number(job, "status", "succeeded");
  if (at(job, "spec", "completions") !== undefined) return `${succeeded}/${number(job, "spec", "completions")}`;
  const parallelism = number(job, "spec", "parallelism");
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration(job: JsonObject, now: number): string {
  const start = text(job, "status", "startTime");
  if (start === "") return "";
  const end = text(job, "status", "completionTime");
  return since(start, end === "" ? now : Date.parse(end));
}

const replicaSet: Cells = {
  Desired: count("spec.replicas"),
  Current: count("status.replicas"),
  Ready: count("status.readyReplicas"),
};

/** By kind. */
export const workloadCells: Readonly<Record<string, Cells>> = {
  Deployment: {
    Ready: (each) => `${number(each, "status", "readyReplicas")}/${number(each, "spec", "replicas")}`,
    "Up-to-date": count("status.updatedReplicas"),
    Available: count("status.availableReplicas"),
    ...templateCells("spec.template", selector),
  },
  ReplicaSet: { ...replicaSet, ...templateCells("spec.template", selector) },
  ReplicationController: { ...replicaSet, ...templateCells("spec.template", (each) => labelText(at(each, "spec", "selector"))) },
  StatefulSet: {
    Ready: (each) => `${number(each, "status", "readyReplicas")}/${number(each, "spec", "replicas")}`,
    ...templateCells("spec.template"),
  },
  DaemonSet: {
    Desired: count("status.desiredNumberScheduled"),
    Current: count("status.currentNumberScheduled"),
    Ready: count("status.numberReady"),
    "Up-to-date": count("status.updatedNumberScheduled"),
    Available: count("status.numberAvailable"),
    "Node Selector": (each) => labelText(at(each, "spec", "template", "spec", "nodeSelector")),
    ...templateCells("spec.template", selector),
  },
  Job: {
    Status: jobStatus,
    Completions: completions,
    Duration: duration,
    ...templateCells("spec.template", selector),
  },
  CronJob: {
    Schedule: read("spec.schedule"),
    Timezone: read("spec.timeZone", "<none>"),
    Suspend: (each) =>
      at(each, "spec", "suspend") === undefined ? "<unset>" : at(each, "spec", "suspend") === true ? "True" : "False",
    Active: (each) => items(each, "status", "active").length,
    "Last Schedule": (each, now) => {
      const last = at(each, "status", "lastScheduleTime");
      return last === undefined || last === null ? "<none>" : since(last, now);
    },
    ...templateCells("spec.jobTemplate.spec.template", (each) => {
      const own = at(each, "spec", "jobTemplate", "spec", "selector");
      return isObject(own) ? selectorText(own) : "<none>";
    }),
  },
  ControllerRevision: {
    Controller(each) {
      const owner = items(each, "metadata", "ownerReferences").find((reference) => reference.controller === true);
      if (!owner) return "<none>";
      const [group] = text(owner, "apiVersion").split("/");
      return `${text(owner, "kind").toLowerCase()}${text(owner, "apiVersion").includes("/") ? `.${group}` : ""}/${
        text(owner, "name")
      }`;
    },
    Revision: count("revision"),
  },
  PodTemplate: {
    ...templateCells("template"),
    "Pod Labels": (each) => labelText(at(each, "template", "metadata", "labels")),
  },
};
