import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Cluster } from "../../mod.ts";
import { connect } from "../../src/adapters/node.ts";
import { createFakeCluster } from "../../src/fake/mod.ts";
import { type FakeServer, listen } from "../../src/fake/server.ts";
import { endPrograms } from "../support/programs.ts";
import { buildReference, sharings, startReference, whyNoReference } from "../support/reference.ts";
import { crd, SIX } from "../support/scenario.ts";
import { skip } from "../support/skip.ts";

const missing = await whyNoReference();

function tests() {
  const reference = suite("programs: the Go reference on the fake");
  let folder = "";
  let server: FakeServer;
  let cluster: Cluster;
  /** Each request, as it came. */
  let sent: Request[] = [];

  reference.before(buildReference);
  reference.before(async () => {
    folder = await mkdtemp(join(tmpdir(), "crd-watcher-"));
  });
  reference.before.each(async () => {
    sent = [];
    const fake = createFakeCluster({ crds: [crd] });
    server = await listen({ ...fake, fetch: (request) => (sent.push(request.clone()), fake.fetch(request)) });
    await writeFile(join(folder, "kubeconfig"), server.kubeconfig());
    cluster = await connect({ kubeconfig: join(folder, "kubeconfig") });
  });
  reference.after.each(async () => {
    await endPrograms();
    await cluster.close();
    await server.close();
  });
  reference.after(() => rm(folder, { recursive: true }));

  for (const { name, run } of sharings()) {
    reference(name, () => run({ cluster, kubeconfig: join(folder, "kubeconfig"), namespace: "default" }));
  }

  reference("sends, in headers, paths and bodies, what the original was recorded to send to a genuine 1.35", async () => {
    const flags = ["-kubeconfig", join(folder, "kubeconfig"), "-sleep", "0"];
    await startReference("worker", ...flags);
    const director = await startReference("director", ...flags);
    assert.is(await director.exited, 0, director.errors);
    const all = await Promise.all(sent.filter(({ headers }) => headers.get("user-agent")?.includes("kubernetes/")).map(textOf));
    assert.equal(all.sort(), [...RECORDED].sort());
  });

  reference.run();
}

const API = "/apis/com.redhat.ecosystem.sample/v1";
const HEADERS = "accept: application/json, */*\naccept-encoding: gzip\n";
const JSON_HEADERS = `${HEADERS}content-type: application/json\n`;
const AGENT = "user-agent: crd-watcher/v0.0.0 (OS/ARCH) kubernetes/$Format\n\n";
const LIST = `GET ${API}/requeststates?limit=500&resourceVersion=0\n${HEADERS}${AGENT}`;
const WATCH = `GET ${API}/requeststates?allowWatchBookmarks=true&timeout=T&timeoutSeconds=T&watch=true\n${HEADERS}${AGENT}`;
const [JOB1_REQUESTED, JOB1_STARTED, JOB1_COMPLETED, JOB2_REQUESTED, JOB2_STARTED, JOB2_COMPLETED] = SIX;

/** The recorded traffic of both, without its answers. The order of list and create, and of the two processes, is chance. */
const RECORDED: readonly string[] = [
  LIST,
  LIST,
  WATCH,
  WATCH,
  `POST ${API}/namespaces/default/requeststates\n${JSON_HEADERS}${AGENT}` +
  '{"kind":"RequestState","apiVersion":"com.redhat.ecosystem.sample/v1",' +
  '"metadata":{"name":"UID","namespace":"default","creationTimestamp":null},' +
  '"status":{},"spec":{"request-uid":"UID","job":"JOB1","state":"REQUESTED"}}',
  update(1, [JOB1_REQUESTED], JOB1_STARTED),
  update(2, [JOB1_REQUESTED, JOB1_STARTED], JOB1_COMPLETED),
  update(3, [JOB1_REQUESTED, JOB1_STARTED, JOB1_COMPLETED], JOB2_REQUESTED),
  update(4, [JOB1_REQUESTED, JOB1_STARTED, JOB1_COMPLETED, JOB2_REQUESTED], JOB2_STARTED),
  update(5, [JOB1_REQUESTED, JOB1_STARTED, JOB1_COMPLETED, JOB2_REQUESTED, JOB2_STARTED], JOB2_COMPLETED),
];

function update(generation: number, left: readonly (string | undefined)[], entered: string | undefined): string {
  const members = (text: string | undefined) => text?.replace(/(\w+) (\w+)/, '"job":"$1","state":"$2"');
  return `PUT ${API}/namespaces/default/requeststates/UID\n${JSON_HEADERS}${AGENT}` +
    '{"kind":"RequestState","apiVersion":"com.redhat.ecosystem.sample/v1",' +
    '"metadata":{"name":"UID","namespace":"default","uid":"UID","resourceVersion":"N",' +
    `"generation":${generation},"creationTimestamp":"TIME"},` +
    `"status":{"history":[${left.map((entry) => `{${members(entry)},"timestamp":"TIME"}`).join(",")}]},` +
    `"spec":{"request-uid":"UID",${members(entered)}}}`;
}

/** A request as text, without what differs from one run to the next, and what belongs to the connection. */
async function textOf(request: Request): Promise<string> {
  const { pathname, search } = new URL(request.url);
  const headers = [...request.headers].filter(([name]) => !["host", "content-length", "connection"].includes(name));
  const body = await request.text();
  // Given back as the server sent them, and the fake sends none.
  const sent = body && JSON.stringify(JSON.parse(body), (key, value: unknown) => key === "managedFields" ? undefined : value);
  return `${request.method} ${pathname}${search}\n${headers.map(([name, value]) => `${name}: ${value}\n`).join("")}\n${sent}`
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UID")
    .replace(/(timeout|timeoutSeconds)=\w+/g, "$1=T")
    .replace(/\((\w+)\/(\w+)\)/, "(OS/ARCH)")
    .replace(/"resourceVersion":"\d+"/, '"resourceVersion":"N"')
    // Go's time.Now().String(), its monotonic clock included.
    .replace(/"timestamp":"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4} \w+ m=\+\d+\.\d+"/g, '"timestamp":"TIME"')
    .replace(/"creationTimestamp":"[^"]+"/, '"creationTimestamp":"TIME"');
}

if (missing) skip("the Go reference on the fake", missing);
else tests();
