import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  cancelFlow,
  forkFlow,
  type RequestOf,
  type RequestState,
  resumeFlow,
  retryFlow,
  signalFlow,
  startFlow,
  statusOf,
  suspendFlow,
} from "../../mod.ts";
import { createOrders, order } from "../support/orders.ts";
import { REQUESTS } from "../support/scenario.ts";

const TIME = "2026-01-01T00:00:00Z";
const condition = (type: string, status: string, reason: string) => ({
  type,
  status,
  reason,
  message: "",
  lastTransitionTime: TIME,
});
const over = (succeeded: "True" | "False", reason: string) => ({
  completionTime: TIME,
  conditions: [condition("Finished", "True", reason), condition("Succeeded", succeeded, reason)],
});
const claim = { id: "c-1", holderIdentity: "w-1", job: "charge", attempt: 1, acquireTime: TIME };
const parked = { conditions: [condition("Finished", "False", "Parked")] };

type Calls = "cancel" | "suspend" | "resume" | "signal" | "retry" | "fork";
const NOT_FAILED = "none of its jobs has failed for good; say from which job to go on";
const TAKEN = "it was cancelled, which is not taken back";

/** Where a request stands, its status in a word, and what becomes of each call: what it leaves, or why it is refused. */
const STATES: Readonly<Record<string, readonly [spec: object, status: object, word: string, Readonly<Record<Calls, string>>]>> = {
  "requested": [{}, {}, "running", {
    cancel: "charge/REQUESTED Cancelled",
    suspend: "charge/REQUESTED Suspended",
    resume: "charge/REQUESTED",
    signal: "charge/REQUESTED",
    retry: "it is not parked, but charge/REQUESTED",
    fork: NOT_FAILED,
  }],
  "started": [{ state: "STARTED" }, { claim }, "running", {
    cancel: "charge/STARTED Cancelled",
    suspend: "charge/STARTED Suspended",
    resume: "charge/STARTED",
    signal: "charge/STARTED",
    retry: "it is not parked, but charge/STARTED",
    fork: NOT_FAILED,
  }],
  "started, and nobody knows its definition": [
    { state: "STARTED" },
    { claim, conditions: [condition("Finished", "Unknown", "DefinitionMissing")] },
    "waiting",
    {
      cancel: "charge/STARTED Cancelled",
      suspend: "charge/STARTED Suspended",
      resume: "charge/STARTED",
      signal: "charge/STARTED",
      retry:
        "it is not parked, but charge/STARTED, and no director here knows its definition: deploy that version, or cancel it " +
        "and start the flow anew",
      fork: NOT_FAILED,
    },
  ],
  "failed, and does not say by which graph": [{ state: "FAILED", flowDigest: undefined }, {}, "running", {
    cancel: "charge/FAILED Cancelled",
    suspend: "charge/FAILED Suspended",
    resume: "charge/FAILED",
    signal:
      "it is not seen to wait for that (it stands at charge/FAILED); at another time the definition with its digest is needed, " +
      "pass it as { flow }",
    retry:
      'it is not parked, but charge/FAILED, and no director goes on with it: it does not say to which graph of flow "order" ' +
      "it keeps (spec.flowDigest), which cannot be set later; cancel it, and start the flow anew",
    fork: NOT_FAILED,
  }],
  "failed, before it is tried again": [{ state: "FAILED" }, {}, "running", {
    cancel: "charge/FAILED Cancelled",
    suspend: "charge/FAILED Suspended",
    resume: "charge/FAILED",
    signal: "charge/FAILED",
    retry: "it is not parked, but charge/FAILED: its director goes on with it",
    fork: NOT_FAILED,
  }],
  "parked": [{ job: "ship", state: "FAILED" }, parked, "parked", {
    cancel: "ship/FAILED Cancelled",
    suspend: "ship/FAILED Suspended",
    resume: "ship/FAILED",
    signal: "ship/FAILED",
    retry: "ship/REQUESTED",
    fork: "another one at ship/REQUESTED",
  }],
  "parked and to be cancelled": [{ job: "ship", state: "FAILED", desiredState: "Cancelled" }, parked, "parked", {
    cancel: "ship/FAILED Cancelled",
    suspend: `${TAKEN}; start a new flow`,
    resume: `${TAKEN}; start a new flow`,
    signal: TAKEN,
    retry: TAKEN,
    fork: "another one at ship/REQUESTED",
  }],
  "waiting for its signal": [{ job: "approve" }, { waitingFor: "signal yes|no until 2026-01-02T00:00:00Z" }, "waiting", {
    cancel: "approve/REQUESTED Cancelled",
    suspend: "approve/REQUESTED Suspended",
    resume: "approve/REQUESTED",
    signal: "approve/REQUESTED",
    retry: "it is not parked, but approve/REQUESTED",
    fork: NOT_FAILED,
  }],
  "between jobs": [{ state: "COMPLETED" }, {}, "running", {
    cancel: "charge/COMPLETED Cancelled",
    suspend: "charge/COMPLETED Suspended",
    resume: "charge/COMPLETED",
    signal: "charge/COMPLETED",
    retry: "it is not parked, but charge/COMPLETED",
    fork: NOT_FAILED,
  }],
  "suspended": [{ desiredState: "Suspended" }, {}, "waiting", {
    cancel: "charge/REQUESTED Cancelled",
    suspend: "charge/REQUESTED Suspended",
    resume: "charge/REQUESTED Running",
    signal: "charge/REQUESTED Suspended",
    retry: "it is not parked, but charge/REQUESTED",
    fork: NOT_FAILED,
  }],
  "started and to be cancelled": [{ state: "STARTED", desiredState: "Cancelled" }, { claim }, "running", {
    cancel: "charge/STARTED Cancelled",
    suspend: `${TAKEN}; start a new flow`,
    resume: `${TAKEN}; start a new flow`,
    signal: TAKEN,
    retry: TAKEN,
    fork: NOT_FAILED,
  }],
  "succeeded": [{ job: "notify", state: "COMPLETED" }, over("True", "Completed"), "succeeded", {
    cancel: "its flow is over (succeeded)",
    suspend: "its flow is over (succeeded)",
    resume: "its flow is over (succeeded)",
    signal: "its flow is over (succeeded)",
    retry: "its flow has succeeded; to do a part again, fork it",
    fork: NOT_FAILED,
  }],
  "failed for good": [{ job: "ship", state: "FAILED" }, over("False", "JobFailed"), "failed", {
    cancel: "its flow is over (failed)",
    suspend: "its flow is over (failed)",
    resume: "its flow is over (failed)",
    signal: "its flow is over (failed)",
    retry: "another one at ship/REQUESTED",
    fork: "another one at ship/REQUESTED",
  }],
  "cancelled": [{ job: "approve", state: "CANCELLED", desiredState: "Cancelled" }, over("False", "Cancelled"), "cancelled", {
    cancel: "approve/CANCELLED Cancelled",
    suspend: "its flow is over (cancelled)",
    resume: "its flow is over (cancelled)",
    signal: "its flow is over (cancelled)",
    retry: "another one at approve/REQUESTED",
    fork: "another one at approve/REQUESTED",
  }],
};

const states = suite("scenario: each call in each state");
for (const [what, [spec, status, word, expected]] of Object.entries(STATES)) {
  states(what, async () => {
    const story = createOrders();
    const options = { ...story.options, flow: order };
    const calls: Readonly<Record<Calls, (request: RequestOf<typeof order>) => ReturnType<typeof cancelFlow>>> = {
      cancel: (request) => cancelFlow(request, options),
      suspend: (request) => suspendFlow(request, options),
      resume: (request) => resumeFlow(request, options),
      signal: (request) => signalFlow(request, "approve", "yes", undefined, options),
      retry: (request) => retryFlow(request, options),
      fork: (request) => forkFlow(request, {}, options),
    };
    const { request: { apiVersion, kind, spec: first } } = await startFlow(order, { input: { amount: 1 } }, story.options);
    for (const [call, make] of Object.entries(calls)) {
      const metadata = { name: call };
      const body = { apiVersion, kind, metadata, spec: { ...first, "request-uid": call, ...spec }, status };
      const request = await (await story.send("POST", REQUESTS, body)).json() as RequestState;
      assert.is(statusOf(request, story.clock.now()), word);
      const left = await make(request).then(({ name, request: { spec } }) => {
        const place = [`${spec.job}/${spec.state}`, spec.desiredState].filter(Boolean).join(" ");
        return name === call ? place : `another one at ${place}`;
      }, ({ message }: Error) => {
        assert.match(message, `requeststates "default/${call}"`);
        return message.slice(message.indexOf(": ") + 2);
      });
      assert.is(left, expected[call as Calls], call);
    }
  });
}
states.run();
