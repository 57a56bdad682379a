/**
 * What each part of our writes costs the API server: rules of the CRD, form of the write, members of an entry. Variants take turns
 * on one genuine server: `KUBEBUILDER_ASSETS=... npx tsx bench/server-cost.ts [ROUNDS] [VARIANT ...]`.
 */
import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import process from "node:process";
import { execSync } from "node:child_process";
import { parse } from "yaml";
import { genuineAssets, startApiServer } from "../test/support/apiserver.ts";

const FLOWS = 150;
const rounds = Number(process.argv[2] ?? 5);
const chosen = process.argv.slice(3);

interface Rule {
  rule: string;
  message?: string;
  messageExpression?: string;
  fieldPath?: string;
}
interface Schema {
  "x-kubernetes-validations"?: Rule[];
  properties?: Record<string, Schema>;
  items?: Schema;
  [key: string]: unknown;
}

/** Places of rules, by name. */
function rulesOf(schema: Schema, path = ""): { path: string; holder: Schema }[] {
  const own = schema["x-kubernetes-validations"] ? [{ path: path || "root", holder: schema }] : [];
  return [
    ...own,
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) => rulesOf(child, path ? `${path}.${name}` : name)),
  ];
}

interface Variant {
  readonly crd: (schema: Schema) => void;
  readonly put?: boolean;
  readonly lean?: readonly string[];
  readonly noEnd?: boolean;
  readonly metadata?: boolean;
}
const strip = (keep: (path: string, index: number) => boolean) => (schema: Schema) => {
  for (const { path, holder } of rulesOf(schema)) {
    const left = holder["x-kubernetes-validations"]!.filter((_, index) => keep(path, index));
    if (left.length > 0) holder["x-kubernetes-validations"] = left;
    else delete holder["x-kubernetes-validations"];
  }
};
const all = () => {};
const none = strip(() => false);
const leaves = (path: string) => !["root", "spec", "status"].includes(path);
const crdPath = process.env.CRD ?? new URL("../crds/request-state.yaml", import.meta.url).pathname;
const altPath = process.env.CRD_ALT;
const base = (path: string) => parse(readFileSync(path, "utf8"));
const VARIANTS: Record<string, Variant> = {
  all: { crd: all },
  none: { crd: none },
  leaves: { crd: strip((path) => leaves(path)) },
  ...Object.fromEntries(["root:0", "root:1", "root:2", "root:3", "spec:0", "spec:1", "status:0"].map((name) => {
    const [place, index] = name.split(":");
    return [`only-${name}`, { crd: strip((path, at) => path === place && at === Number(index)) }];
  })),
  "put-all": { crd: all, put: true },
  "put-none": { crd: none, put: true },
  "all-metadata": { crd: all, metadata: true },
  "none-metadata": { crd: none, metadata: true },
  "put-none-metadata": { crd: none, put: true, metadata: true },
  "none-noseq": { crd: none, lean: ["seq"] },
  "none-noseqattempt": { crd: none, lean: ["seq", "attempt"] },
  "none-noby": { crd: none, lean: ["by"] },
  "none-lean": { crd: none, lean: ["seq", "attempt", "by"] },
  "none-noend": { crd: none, noEnd: true },
  "put-none-lean-noend": { crd: none, put: true, noEnd: true, lean: ["seq", "attempt", "by"] },
  alt: { crd: all },
};
const names = chosen.length > 0 ? chosen : Object.keys(VARIANTS).filter((name) => name !== "alt");

const [assets] = genuineAssets();
const server = await startApiServer({ assets: assets!.folder });
const agent = new Agent({ keepAlive: true, maxSockets: 8, ca: readFileSync(server.caPath) });
function call(method: string, path: string, body: unknown, type: string, accept: string): Promise<any> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const sent = request(server.url + path, {
      method,
      agent,
      headers: {
        authorization: `Bearer ${server.token}`,
        accept,
        "content-type": type,
        "content-length": Buffer.byteLength(text),
        "user-agent": "crd-watcher",
      },
    }, (answer) => {
      let got = "";
      answer.setEncoding("utf8").on("data", (c: string) => got += c).on(
        "end",
        () => answer.statusCode! < 300 ? resolve(JSON.parse(got)) : reject(new Error(`${answer.statusCode} ${got}`)),
      );
    });
    sent.on("error", reject).end(text);
  });
}
const home = server.caPath.replace(/\/certs.*/, "");
const pids = () =>
  execSync(`pgrep -x 'etcd|kube-apiserver'`, { encoding: "utf8" }).trim().split("\n").filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(home);
    } catch {
      return false;
    }
  });
const cpu = () =>
  pids().reduce((sum, pid) => {
    const parts = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
    return sum + (Number(parts[11]) + Number(parts[12])) * 10;
  }, 0);

try {
  const groups = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    const crd = base(name === "alt" ? altPath! : crdPath);
    const group = `v${index}.cost.test`;
    groups.set(name, group);
    VARIANTS[name]!.crd(crd.spec.versions[0].schema.openAPIV3Schema);
    crd.spec.group = group;
    crd.metadata.name = `requeststates.${group}`;
    delete crd.spec.names.shortNames;
    await call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd, "application/json", "application/json");
  }
  await new Promise((r) => setTimeout(r, 4_000));
  const JSON_ = "application/json";
  const METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
  async function flow(group: string, v: Variant): Promise<void> {
    const uid = crypto.randomUUID();
    const path = `/apis/${group}/v1/namespaces/default/requeststates`;
    const apiVersion = `${group}/v1`;
    let at = await call(
      "POST",
      path,
      {
        apiVersion,
        kind: "RequestState",
        metadata: { name: uid },
        spec: { "request-uid": uid, job: "JOB1", state: "REQUESTED" },
      },
      JSON_,
      JSON_,
    );
    let seq = 0;
    const entry = (job: string, state: string, by: string) => {
      const e: Record<string, unknown> = { job, state, timestamp: new Date().toISOString(), seq: ++seq, attempt: 1, by };
      for (const name of v.lean ?? []) delete e[name];
      return e;
    };
    const W = "worker-somehost-1a2b3c4d", D = "director-somehost-1a2b3c4d";
    for (
      const [job, state, by] of [["JOB1", "STARTED", W], ["JOB1", "COMPLETED", W], ["JOB2", "REQUESTED", D], [
        "JOB2",
        "STARTED",
        W,
      ], ["JOB2", "COMPLETED", W]] as const
    ) {
      const ops: any[] = [{ op: "replace", path: "/metadata/uid", value: at.metadata.uid }, {
        op: "replace",
        path: "/metadata/resourceVersion",
        value: at.metadata.resourceVersion,
      }];
      const next = structuredClone(at);
      delete next.metadata.managedFields;
      if (at.spec.job !== job) ops.push({ op: "replace", path: "/spec/job", value: job });
      ops.push({ op: "replace", path: "/spec/state", value: state });
      if (at.spec.attempt !== 1) ops.push({ op: "add", path: "/spec/attempt", value: 1 });
      Object.assign(next.spec, { job, state, attempt: 1 });
      const entries = at.status ? [entry(job, state, by)] : [entry("JOB1", "REQUESTED", ""), entry(job, state, by)];
      if (!at.status) delete entries[0]!.by;
      const claim = state === "STARTED"
        ? { id: crypto.randomUUID(), holderIdentity: W, job, attempt: 1, acquireTime: new Date().toISOString() }
        : undefined;
      const end = job === "JOB2" && state === "COMPLETED"
        ? {
          completionTime: new Date().toISOString(),
          ...(v.noEnd ? {} : {
            startTime: new Date().toISOString(),
            conditions: ["Finished", "Succeeded"].map((type) => ({
              type,
              status: "True",
              reason: "Completed",
              message: "All jobs completed",
              lastTransitionTime: new Date().toISOString().replace(/\.\d+/, ""),
            })),
          }),
        }
        : {};
      if (!at.status) ops.push({ op: "add", path: "/status", value: { history: entries, ...(claim && { claim }) } });
      else {
        for (const e of entries) ops.push({ op: "add", path: "/status/history/-", value: e });
        if (claim) ops.push({ op: "add", path: "/status/claim", value: claim });
        for (const [k, value] of Object.entries(end)) ops.push({ op: "add", path: `/status/${k}`, value });
        if (state === "REQUESTED") ops.push({ op: "remove", path: "/status/claim" });
      }
      next.status = { ...next.status, history: [...next.status?.history ?? [], ...entries], ...(claim && { claim }), ...end };
      if (state === "REQUESTED") delete next.status.claim;
      const answer = v.put
        ? await call("PUT", `${path}/${uid}`, next, JSON_, v.metadata ? METADATA : JSON_)
        : await call("PATCH", `${path}/${uid}`, ops, "application/json-patch+json", v.metadata ? METADATA : JSON_);
      at = { ...next, metadata: answer.metadata };
    }
  }
  const results = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const before = cpu();
      let left = FLOWS;
      await Promise.all(Array.from({ length: 8 }, async () => {
        while (left-- > 0) await flow(groups.get(name)!, VARIANTS[name]!);
      }));
      await new Promise((r) => setTimeout(r, 100));
      if (round >= 0) results.get(name)!.push((cpu() - before) / FLOWS);
    }
  }
  const med = (v: number[]) => [...v].sort((a, b) => a - b)[v.length >> 1]!;
  const ref = results.get(names[0]!)!;
  for (const name of names) {
    const values = results.get(name)!;
    const ratio = med(values.map((v, i) => v / ref[i]!));
    console.log(
      `${name.padEnd(24)} ${med(values).toFixed(2)} ms/flow (${Math.min(...values).toFixed(1)}-${
        Math.max(...values).toFixed(1)
      })  x${ratio.toFixed(3)}`,
    );
  }
} finally {
  agent.destroy();
  await server.stop();
}
