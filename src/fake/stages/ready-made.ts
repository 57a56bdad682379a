/**
 * Stages of the kinds that controllers wait for, each to be taken as it is or spread into one's own:
 * `{ ...podReady, delay: 100 }`.
 *
 * @module
 */
import type { Stage } from "./stage.ts";

const here = "!has(self.metadata.deletionTimestamp)";
const time = "${now}";
const isTrue = (type: string, reason?: string, message?: string) => ({
  type,
  status: "True",
  lastTransitionTime: time,
  ...reason !== undefined && { reason, message: message ?? "" },
});

/** A Pod is bound to the node `node-1`, which need not be there, at once. Without a node a pod that is deleted has no time to end. */
export const podBound: Stage = {
  name: "pod-bound",
  resource: "pods",
  when: `${here} && !has(self.spec.nodeName)`,
  bind: "node-1",
};

/** A Pod runs and is ready after a second: its containers are started. It has no address, unless you give it one. */
export const podReady: Stage = {
  name: "pod-ready",
  resource: "pods",
  when: `${here} && self.status.phase == 'Pending'`,
  delay: 1000,
  status: {
    phase: "Running",
    startTime: time,
    conditions: ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map((type) => isTrue(type)),
    containerStatuses:
      "${self.spec.containers.map(c, {'name': c.name, 'image': c.image, 'imageID': '', 'ready': true, 'started': true, 'restartCount': 0, 'state': {'running': {'startedAt': now}}})}",
    initContainerStatuses:
      "${self.spec.?initContainers.optMap(all, all.map(c, {'name': c.name, 'image': c.image, 'imageID': '', 'ready': true, 'restartCount': 0, 'state': {'terminated': {'exitCode': 0, 'reason': 'Completed', 'startedAt': now, 'finishedAt': now}}}))}",
  },
};

/** A Pod that is not started again has succeeded a second after it began to run. */
export const podSucceeded: Stage = {
  name: "pod-succeeded",
  resource: "pods",
  when: `${here} && self.status.phase == 'Running' && self.spec.restartPolicy != 'Always'`,
  delay: 1000,
  status: {
    phase: "Succeeded",
    conditions: ["ContainersReady", "Ready"].map((type) => ({ ...isTrue(type, "PodCompleted"), status: "False" })),
    containerStatuses:
      "${self.spec.containers.map(c, {'name': c.name, 'image': c.image, 'imageID': '', 'ready': false, 'started': false, 'restartCount': 0, 'state': {'terminated': {'exitCode': 0, 'reason': 'Completed', 'startedAt': self.status.?startTime, 'finishedAt': now}}})}",
  },
};

/** A Pod that was on a node is gone when its time to end is over. Finalizers hold it further on. */
export const podDeleted: Stage = {
  name: "pod-deleted",
  resource: "pods",
  when: "has(self.metadata.deletionTimestamp)",
  delay: "timestamp(self.metadata.deletionTimestamp) - now",
  delete: true,
};

/** A Job is complete after a second, without pods. */
export const jobComplete: Stage = {
  name: "job-complete",
  resource: "jobs.batch",
  when:
    `${here} && !self.spec.?suspend.orValue(false) && !self.status.?conditions.orValue([]).exists(c, c.type in ['Complete', 'Failed'] && c.status == 'True')`,
  delay: 1000,
  status: {
    startTime: "${self.status.?startTime.orValue(self.metadata.creationTimestamp)}",
    completionTime: time,
    succeeded: "${self.spec.?completions.orValue(1)}",
    ready: 0,
    terminating: 0,
    uncountedTerminatedPods: {},
    conditions: ["SuccessCriteriaMet", "Complete"].map((type) => ({
      ...isTrue(type, "CompletionsReached", "Reached expected number of succeeded pods"),
      lastProbeTime: time,
    })),
  },
};

const isBehind = `${here} && self.status.?observedGeneration.orValue(0) < self.metadata.generation`;
const observed = "${self.metadata.generation}";
const replicas = "${self.spec.replicas}";

/** A Deployment is available and rolled out a second after each change, without replica sets. */
export const deploymentAvailable: Stage = {
  name: "deployment-available",
  resource: "deployments.apps",
  when: isBehind,
  delay: 1000,
  status: {
    observedGeneration: observed,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    conditions: [
      isTrue("Available", "MinimumReplicasAvailable", "Deployment has minimum availability."),
      isTrue("Progressing", "NewReplicaSetAvailable", "ReplicaSet has successfully progressed."),
    ].map((condition) => ({ ...condition, lastUpdateTime: time })),
  },
};

/** A StatefulSet is ready and rolled out a second after each change, without pods. */
export const statefulSetReady: Stage = {
  name: "stateful-set-ready",
  resource: "statefulsets.apps",
  when: isBehind,
  delay: 1000,
  status: {
    observedGeneration: observed,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    currentReplicas: replicas,
    currentRevision: "${self.metadata.name}-${self.metadata.generation}",
    updateRevision: "${self.metadata.name}-${self.metadata.generation}",
  },
};

/** A Node is ready at once. */
export const nodeReady: Stage = {
  name: "node-ready",
  resource: "nodes",
  when: `${here} && !self.status.?conditions.orValue([]).exists(c, c.type == 'Ready')`,
  status: {
    conditions: [{ ...isTrue("Ready", "KubeletReady", "kubelet is posting ready status"), lastHeartbeatTime: time }],
  },
};
