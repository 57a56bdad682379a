/**
 * The CustomResourceDefinition of RequestStates, as `crds/request-state.yaml` has it: written by `npm run crd`.
 *
 * @module
 */
// deno-fmt-ignore-file

/** The CustomResourceDefinition of RequestStates, parsed: for `createFakeCluster({ crds: [requestStateCrd] })`. */
export const requestStateCrd: object = {
 "apiVersion": "apiextensions.k8s.io/v1",
 "kind": "CustomResourceDefinition",
 "metadata": {
  "name": "requeststates.com.redhat.ecosystem.sample"
 },
 "spec": {
  "group": "com.redhat.ecosystem.sample",
  "scope": "Namespaced",
  "names": {
   "kind": "RequestState",
   "listKind": "RequestStateList",
   "plural": "requeststates",
   "singular": "requeststate",
   "shortNames": [
    "rqs"
   ]
  },
  "versions": [
   {
    "name": "v1",
    "served": true,
    "storage": true,
    "selectableFields": [
     {
      "jsonPath": ".spec.state"
     },
     {
      "jsonPath": ".spec.job"
     },
     {
      "jsonPath": ".spec.flow"
     },
     {
      "jsonPath": ".status.completionTime"
     }
    ],
    "additionalPrinterColumns": [
     {
      "name": "Job",
      "type": "string",
      "jsonPath": ".spec.job"
     },
     {
      "name": "State",
      "type": "string",
      "jsonPath": ".spec.state"
     },
     {
      "name": "Wanted",
      "type": "string",
      "jsonPath": ".spec.desiredState"
     },
     {
      "name": "Succeeded",
      "type": "string",
      "jsonPath": ".status.conditions[?(@.type==\"Succeeded\")].status"
     },
     {
      "name": "Attempt",
      "type": "integer",
      "jsonPath": ".spec.attempt",
      "priority": 1
     },
     {
      "name": "Flow",
      "type": "string",
      "jsonPath": ".spec.flow",
      "priority": 1
     },
     {
      "name": "Key",
      "type": "string",
      "jsonPath": ".metadata.annotations.crd-watcher/key",
      "priority": 1
     },
     {
      "name": "Holder",
      "type": "string",
      "jsonPath": ".status.claim.holderIdentity",
      "priority": 1
     },
     {
      "name": "Reason",
      "type": "string",
      "jsonPath": ".status.conditions[?(@.type==\"Finished\")].reason",
      "priority": 1
     },
     {
      "name": "Finished",
      "type": "string",
      "jsonPath": ".status.completionTime",
      "priority": 1
     },
     {
      "name": "TTL",
      "type": "integer",
      "jsonPath": ".spec.ttlSecondsAfterFinished",
      "priority": 1
     },
     {
      "name": "Age",
      "type": "date",
      "jsonPath": ".metadata.creationTimestamp"
     },
     {
      "name": "Waiting For",
      "type": "string",
      "jsonPath": ".status.waitingFor"
     }
    ],
    "schema": {
     "openAPIV3Schema": {
      "type": "object",
      "description": "One running flow. Its director and its workers say everything to each other by writing to it.",
      "required": [
       "spec"
      ],
      "x-kubernetes-validations": [
       {
        "rule": "!oldSelf.?status.?completionTime.hasValue() || (has(self.status) && self.status == oldSelf.status && self.spec.job == oldSelf.spec.job && self.spec.state == oldSelf.spec.state && self.spec.?attempt.orValue(0) == oldSelf.spec.?attempt.orValue(0) && has(self.spec.desiredState) == has(oldSelf.spec.desiredState) && (!has(self.spec.desiredState) || self.spec.desiredState == oldSelf.spec.desiredState) && self.spec.?activeDeadlineSeconds.orValue(0) == oldSelf.spec.?activeDeadlineSeconds.orValue(0) && has(self.spec.signals) == has(oldSelf.spec.signals) && (!has(self.spec.signals) || self.spec.signals.size() == oldSelf.spec.signals.size()))",
        "message": "The flow is over, only its metadata and spec.ttlSecondsAfterFinished may still be changed"
       },
       {
        "rule": "!self.?status.?completionTime.hasValue() || oldSelf.?status.?completionTime.hasValue() || (self.spec.state in ['COMPLETED', 'FAILED', 'CANCELLED'] && has(self.status.conditions) && self.status.conditions.exists(c, c.type == 'Finished' && c.status == 'True'))",
        "message": "status.completionTime is set by the write that ends the flow, with the condition Finished; to end a flow set spec.desiredState to Cancelled",
        "fieldPath": ".status.completionTime"
       },
       {
        "rule": "[self.?status.?history].all(history, !history.hasValue() ? !oldSelf.?status.?history.hasValue() : history.value().size() == 0 || [history.value()[history.value().size() - 1]].all(e, (e.state == self.spec.state && e.job == self.spec.job) || (e.state == oldSelf.spec.state && e.job == oldSelf.spec.job) || (self.spec.state == oldSelf.spec.state && self.spec.job == oldSelf.spec.job && history.value().size() == oldSelf.?status.?history.orValue([]).size())))",
        "message": "status.history is append-only, and its last entry is the job and state that this write enters or leaves",
        "messageExpression": "self.?status.?history.hasValue() ? 'The last entry of status.history must be the job and state that this write enters, or those that it leaves' : 'status.history is append-only, it cannot be removed'",
        "fieldPath": ".status"
       },
       {
        "rule": "self.spec.state != 'REQUESTED' || self.spec.job == oldSelf.spec.job || !self.?status.?history.hasValue() || !self.status.history.exists(e, e.state == 'COMPLETED' && e.job == self.spec.job)",
        "message": "A job that has completed is not requested again",
        "fieldPath": ".spec.job"
       }
      ],
      "properties": {
       "spec": {
        "type": "object",
        "description": "What is wanted, and where the flow stands.",
        "required": [
         "request-uid",
         "job",
         "state"
        ],
        "x-kubernetes-validations": [
         {
          "rule": "self.job == oldSelf.job ? (oldSelf.state + ' ' + self.state) in ['REQUESTED STARTED', 'STARTED COMPLETED', 'STARTED FAILED', 'STARTED REQUESTED', 'FAILED REQUESTED', 'REQUESTED FAILED', 'REQUESTED CANCELLED', 'STARTED CANCELLED', 'FAILED CANCELLED', 'COMPLETED CANCELLED'] || self.state == oldSelf.state || (oldSelf.state == 'REQUESTED' && self.state == 'COMPLETED' && has(self.signals) && self.job in self.signals) : self.state == 'REQUESTED' && (has(self.flow) ? oldSelf.state in ['COMPLETED', 'FAILED'] : oldSelf.state == 'COMPLETED' && oldSelf.job == 'JOB1' && self.job == 'JOB2')",
          "message": "This is not a step that the flow can take",
          "messageExpression": "'The flow cannot go from ' + oldSelf.job + '/' + oldSelf.state + ' to ' + self.job + '/' + self.state + ' in one step'"
         },
         {
          "rule": "(self.state != 'REQUESTED' && self.?attempt == oldSelf.?attempt) || !has(self.attempt) || (has(oldSelf.attempt) ? self.attempt == (self.job != oldSelf.job ? 1 : self.state == 'REQUESTED' && oldSelf.state != 'REQUESTED' ? oldSelf.attempt + 1 : oldSelf.attempt) : self.state != oldSelf.state || self.job != oldSelf.job)",
          "message": "spec.attempt is 1 for a new job, goes up by 1 when a job is requested again, and stays otherwise; where it was erased it is added by a step only",
          "fieldPath": ".attempt"
         },
         {
          "rule": "(has(oldSelf.flow) || !has(self.flow)) && (has(oldSelf.flowDigest) || !has(self.flowDigest)) && (!has(self.forkedFrom) || has(oldSelf.forkedFrom)) && (!has(self.notBefore) || has(oldSelf.notBefore))",
          "message": "spec.flow, spec.flowDigest, spec.forkedFrom and spec.notBefore are set when the object is created, or never"
         }
        ],
        "properties": {
         "request-uid": {
          "type": "string",
          "description": "Identifies the request; also the object's name. Immutable.",
          "minLength": 1,
          "maxLength": 253,
          "x-kubernetes-validations": [
           {
            "rule": "self == oldSelf",
            "message": "spec.request-uid cannot be changed"
           }
          ]
         },
         "job": {
          "type": "string",
          "description": "The current job.",
          "minLength": 1,
          "maxLength": 63
         },
         "state": {
          "type": "string",
          "description": "The state of the current job. REQUESTED, STARTED, COMPLETED, FAILED or CANCELLED.",
          "minLength": 1,
          "maxLength": 16
         },
         "flow": {
          "type": "string",
          "description": "The name of the flow's definition. Absent means the sample flow. Set at creation, and not changed.",
          "minLength": 1,
          "maxLength": 63,
          "x-kubernetes-validations": [
           {
            "rule": "self == oldSelf",
            "message": "spec.flow cannot be changed"
           }
          ]
         },
         "flowDigest": {
          "type": "string",
          "description": "Identifies the graph of the flow's definition. Set at creation, and not changed.",
          "minLength": 1,
          "maxLength": 64,
          "x-kubernetes-validations": [
           {
            "rule": "self == oldSelf",
            "message": "spec.flowDigest cannot be changed"
           }
          ]
         },
         "input": {
          "description": "What the handlers get. Set at creation; a change is not refused here, but by the policy in deploy/.",
          "x-kubernetes-preserve-unknown-fields": true
         },
         "notBefore": {
          "type": "string",
          "description": "When the first job may begin. Set at creation, and not changed.",
          "format": "date-time",
          "pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$",
          "x-kubernetes-validations": [
           {
            "rule": "self == oldSelf",
            "message": "spec.notBefore cannot be changed"
           }
          ]
         },
         "forkedFrom": {
          "type": "object",
          "description": "The job of another request from which this flow goes on. Set at creation, and not changed.",
          "x-kubernetes-map-type": "atomic",
          "required": [
           "name",
           "uid",
           "job"
          ],
          "x-kubernetes-validations": [
           {
            "rule": "self == oldSelf",
            "message": "spec.forkedFrom cannot be changed"
           }
          ],
          "properties": {
           "name": {
            "type": "string",
            "description": "The name of the other request.",
            "minLength": 1,
            "maxLength": 253
           },
           "uid": {
            "type": "string",
            "description": "Its uid.",
            "minLength": 1,
            "maxLength": 64
           },
           "job": {
            "type": "string",
            "description": "The first job here.",
            "minLength": 1,
            "maxLength": 63
           }
          }
         },
         "signals": {
          "type": "object",
          "description": "How jobs that wait were ended, by job. Given once, and not taken back; a signal may come before its job does.",
          "maxProperties": 16,
          "x-kubernetes-validations": [
           {
            "rule": "oldSelf.all(k, k in self)",
            "message": "A signal that was given is not taken back"
           }
          ],
          "additionalProperties": {
           "type": "object",
           "x-kubernetes-map-type": "atomic",
           "x-kubernetes-validations": [
            {
             "rule": "self == oldSelf",
             "message": "A signal that was given is not changed"
            }
           ],
           "properties": {
            "outcome": {
             "type": "string",
             "description": "One of the outcomes that the job's definition names; absent where it names none.",
             "minLength": 1,
             "maxLength": 63
            },
            "data": {
             "description": "Becomes the output of the job; at most 4 KiB.",
             "x-kubernetes-preserve-unknown-fields": true
            },
            "by": {
             "type": "string",
             "description": "Who gave it.",
             "maxLength": 253
            }
           }
          }
         },
         "attempt": {
          "type": "integer",
          "description": "The attempt of the current job, from 1; the fencing token.",
          "format": "int64",
          "minimum": 1
         },
         "desiredState": {
          "type": "string",
          "description": "What the user wants. Cancelled is not changed to another value.",
          "enum": [
           "Running",
           "Suspended",
           "Cancelled"
          ],
          "x-kubernetes-validations": [
           {
            "rule": "oldSelf != 'Cancelled' || self == 'Cancelled'",
            "message": "spec.desiredState cannot be taken back from Cancelled"
           }
          ]
         },
         "activeDeadlineSeconds": {
          "type": "integer",
          "description": "How long after its creation the flow may go on, in seconds.",
          "format": "int64",
          "minimum": 1
         },
         "ttlSecondsAfterFinished": {
          "type": "integer",
          "description": "How long after its end the object is kept, in seconds. A change after the end counts: more time at once, less time within an hour.",
          "format": "int32",
          "minimum": 0
         }
        }
       },
       "status": {
        "type": "object",
        "description": "What happened so far.",
        "x-kubernetes-validations": [
         {
          "rule": "(self.?history.orValue([]).size() - oldSelf.?history.orValue([]).size() in [1, 2] && self.?historyDropped == oldSelf.?historyDropped) || !has(self.history) || !has(oldSelf.history) || [has(self.historyDropped) ? self.historyDropped - oldSelf.?historyDropped.orValue(0) : 0].all(k, k >= 0 && (k == 0 || self.history.size() >= 32) && self.history.size() + k <= oldSelf.history.size() + 2 && oldSelf.history.all(i, e, i < k || (i - k < self.history.size() && self.history[i - k].job == e.job && self.history[i - k].state == e.state && self.history[i - k].timestamp == e.timestamp)))",
          "message": "status.history is append-only: at most two entries are added by one write, none is changed or moved, and only the oldest are dropped, counted by status.historyDropped, while 32 stay",
          "fieldPath": ".history"
         }
        ],
        "properties": {
         "history": {
          "type": "array",
          "description": "The states that were entered, the oldest first. Append-only.",
          "maxItems": 128,
          "items": {
           "type": "object",
           "required": [
            "job",
            "state",
            "timestamp"
           ],
           "properties": {
            "job": {
             "type": "string",
             "description": "The job.",
             "minLength": 1,
             "maxLength": 63
            },
            "state": {
             "type": "string",
             "description": "The state that was entered.",
             "minLength": 1,
             "maxLength": 16
            },
            "timestamp": {
             "type": "string",
             "description": "When; RFC 3339 where this project wrote it.",
             "maxLength": 128
            },
            "seq": {
             "type": "integer",
             "description": "Counts the entries from 1, dropped ones included.",
             "format": "int64",
             "minimum": 1
            },
            "attempt": {
             "type": "integer",
             "description": "The attempt of the job.",
             "format": "int64",
             "minimum": 1
            },
            "by": {
             "type": "string",
             "description": "The identity of the process that made the transition.",
             "maxLength": 253
            },
            "reason": {
             "type": "string",
             "description": "CamelCase: why, where it is not the ordinary course.",
             "maxLength": 64
            },
            "outcome": {
             "type": "string",
             "description": "The outcome of the job that chose its successor.",
             "maxLength": 63
            }
           }
          }
         },
         "historyDropped": {
          "type": "integer",
          "description": "How many of the oldest entries are not kept any more.",
          "format": "int64",
          "minimum": 0
         },
         "claim": {
          "type": "object",
          "description": "Who holds the current job.",
          "x-kubernetes-map-type": "atomic",
          "x-kubernetes-validations": [
           {
            "rule": "self == oldSelf || (self.id != oldSelf.id && (self.attempt > oldSelf.attempt || self.job != oldSelf.job))",
            "message": "status.claim is not passed on, and nothing in it is changed"
           }
          ],
          "required": [
           "id",
           "holderIdentity",
           "job",
           "attempt",
           "acquireTime"
          ],
          "properties": {
           "id": {
            "type": "string",
            "description": "Random for each claim.",
            "minLength": 1,
            "maxLength": 64
           },
           "holderIdentity": {
            "type": "string",
            "description": "The worker, unique for each start of a process.",
            "minLength": 1,
            "maxLength": 253
           },
           "job": {
            "type": "string",
            "description": "The job that was claimed.",
            "maxLength": 63
           },
           "attempt": {
            "type": "integer",
            "description": "The attempt that was claimed.",
            "format": "int64",
            "minimum": 1
           },
           "acquireTime": {
            "type": "string",
            "description": "When it was claimed.",
            "format": "date-time"
           }
          }
         },
         "outputs": {
          "type": "object",
          "description": "What each job gave back, by job.",
          "x-kubernetes-map-type": "atomic",
          "x-kubernetes-preserve-unknown-fields": true
         },
         "lastError": {
          "type": "object",
          "description": "Why a job failed.",
          "x-kubernetes-map-type": "atomic",
          "required": [
           "type",
           "message"
          ],
          "properties": {
           "type": {
            "type": "string",
            "description": "The kind of error.",
            "maxLength": 253
           },
           "message": {
            "type": "string",
            "description": "For people.",
            "maxLength": 1024
           },
           "retryable": {
            "type": "boolean",
            "description": "Whether another attempt may help."
           },
           "retryAfterSeconds": {
            "type": "number",
            "description": "The handler asks to be tried again after so many seconds, which is not counted as a failure.",
            "minimum": 0
           },
           "job": {
            "type": "string",
            "description": "The job that failed.",
            "maxLength": 63
           },
           "attempt": {
            "type": "integer",
            "description": "The attempt that failed.",
            "format": "int64",
            "minimum": 1
           }
          }
         },
         "failures": {
          "type": "object",
          "description": "Failures of the current job; the limits of retries are judged by these.",
          "properties": {
           "failed": {
            "type": "integer",
            "description": "Attempts whose handler failed.",
            "format": "int32",
            "minimum": 0
           },
           "lost": {
            "type": "integer",
            "description": "Attempts whose worker was lost.",
            "format": "int32",
            "minimum": 0
           }
          }
         },
         "waitingFor": {
          "type": "string",
          "description": "In a few words, where no worker comes next: a signal, a moment, an operator.",
          "maxLength": 256
         },
         "startTime": {
          "type": "string",
          "description": "When the first job was started.",
          "format": "date-time"
         },
         "completionTime": {
          "type": "string",
          "description": "When the flow was over, however it ended. Nothing changes afterwards.",
          "format": "date-time"
         },
         "conditions": {
          "type": "array",
          "description": "Finished (over, however it ended) and Succeeded.",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": [
           "type"
          ],
          "items": {
           "type": "object",
           "required": [
            "type",
            "status",
            "reason",
            "message",
            "lastTransitionTime"
           ],
           "properties": {
            "type": {
             "type": "string",
             "description": "Finished or Succeeded.",
             "maxLength": 316
            },
            "status": {
             "type": "string",
             "description": "True, False or Unknown.",
             "enum": [
              "True",
              "False",
              "Unknown"
             ]
            },
            "reason": {
             "type": "string",
             "description": "CamelCase, for machines.",
             "minLength": 1,
             "maxLength": 1024
            },
            "message": {
             "type": "string",
             "description": "For people.",
             "maxLength": 32768
            },
            "lastTransitionTime": {
             "type": "string",
             "description": "When the status changed.",
             "format": "date-time"
            },
            "observedGeneration": {
             "type": "integer",
             "description": "The generation that this was said of.",
             "format": "int64",
             "minimum": 0
            }
           }
          }
         }
        }
       }
      }
     }
    }
   }
  ]
 }
};
