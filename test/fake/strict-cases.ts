/**
 * The strict policy of `deploy/strict`: what only it refuses, and how it is installed.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import type { Send } from "./cel-transitions.ts";
import { requestAt, stepsTo, stepTo } from "./cel-requests.ts";
import { type Write, writes } from "./cel-writes.ts";

/** Whom the token of `startApiServer` stands for. */
export const ME = "admin";

const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
const started = requestAt(stepsTo("JOB1", "STARTED"), {
  spec: {
    flow: "own",
    flowDigest: "d1",
    input: { amount: [1] },
    desiredState: "Cancelled",
    signals: { JOB2: { outcome: "yes", data: 1, by: ME } },
  },
  status: { claim: { id: "c-1", holderIdentity: "w", job: "JOB1", attempt: 1, acquireTime: "2026-01-01T00:00:00Z" } },
});
const waiting = requestAt(stepsTo("JOB1", "REQUESTED"), { spec: { flow: "own" } });

/** What only the policy refuses. */
export const refused: readonly (readonly [name: string, write: Pick<Write, "request" | "operations">, message: RegExp])[] = [
  [
    "another input",
    { request: started, operations: [{ op: "replace", path: "/spec/input/amount/0", value: 2 }] },
    /spec\.input is set when/,
  ],
  ["no input", { request: started, operations: [{ op: "remove", path: "/spec/input" }] }, /spec\.input is set when/],
  ["no flow", { request: started, operations: [{ op: "remove", path: "/spec/flow" }] }, /are not erased/],
  [
    "a cancellation taken back",
    { request: started, operations: [{ op: "remove", path: "/spec/desiredState" }] },
    /taken back from Cancelled/,
  ],
  ["the claim taken away", { request: started, operations: [{ op: "remove", path: "/status/claim" }] }, /status\.claim stays/],
  ["all signals taken back", { request: started, operations: [{ op: "remove", path: "/spec/signals" }] }, /nor taken back/],
  [
    "a signal in the name of another",
    { request: waiting, operations: [{ op: "add", path: "/spec/signals", value: { JOB1: { outcome: "yes", by: "ann" } } }] },
    /must be given by .+, who is asking/,
  ],
  [
    "a signal in no name",
    { request: waiting, operations: [{ op: "add", path: "/spec/signals", value: { JOB1: {} } }] },
    /must be given by/,
  ],
  [
    "an entry rewritten beside a new one",
    {
      request: started,
      operations: [...stepTo(started, ["JOB1", "COMPLETED"]), { op: "replace", path: "/status/history/0/by", value: "other" }],
    },
    /status\.history is append-only/,
  ],
];

/** Signals of people are in the name of whoever is asking. */
const inMyName = <T extends object>(value: T): T =>
  JSON.parse(JSON.stringify(value, (_, member) => {
    const signal = member as { outcome?: string; by?: string } | null;
    return signal && typeof signal === "object" && /^(yes|no|maybe|elapsed)$/.test(signal.outcome ?? "") &&
        !("timestamp" in signal) && signal.by !== "director-2"
      ? { ...signal, by: ME }
      : signal;
  })) as T;

/** What this project writes itself: the policy takes it all. */
export function ownWrites(): readonly Write[] {
  const golden = writes.filter((write) => /^(order|sample): /.test(write.name) && !write.refusal);
  assert.ok(golden.length > 50);
  return golden.map(inMyName);
}

/** Installs the policy and its binding. */
export async function installPolicy(send: Send): Promise<void> {
  for (const document of parseAllDocuments(await readFile(new URL("../../deploy/strict/policy.yaml", import.meta.url), "utf8"))) {
    const object = document.toJS() as { kind: string };
    const plural = object.kind === "ValidatingAdmissionPolicy"
      ? policies
      : `${policies.slice(0, -"policies".length)}policybindings`;
    const { code, body } = await send("POST", plural, object);
    assert.is(code, 201, body.message);
  }
}
