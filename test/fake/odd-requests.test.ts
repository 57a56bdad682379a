import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFakeCluster, type FakeCluster } from "../../src/fake/mod.ts";
import { widget } from "./client.ts";
import { widgets } from "./widgets.ts";

const test = suite("fake: odd requests");

/** A source of numbers that gives the same ones in every run (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);

const methods = ["GET", "GET", "POST", "POST", "PUT", "PATCH", "PATCH", "DELETE", "HEAD", "OPTIONS", "FROB"];
const steps = [
  ...["api", "apis", "v1", "v2", "example.com", "apiextensions.k8s.io", "coordination.k8s.io", "namespaces", "default"],
  ...["widgets", "configmaps", "secrets", "events", "leases", "customresourcedefinitions", "status", "finalize", "scale"],
  ...["a", "watch", "pods", "apps", "selfsubjectaccessreviews", "authorization.k8s.io", "openapi", "v3", "healthz", "version"],
  ...["", "%", "%zz", "%2F", "%2e%2e", "a%00b", "%E0%A4%A", "__proto__", "constructor", "toString", "ü", "a b", "x".repeat(300)],
];
const places = [
  ...["/apis/example.com/v1/namespaces/default/widgets", "/apis/example.com/v1/namespaces/default/widgets/a"],
  ...["/apis/example.com/v1/widgets", "/apis/example.com/v1/namespaces/default/widgets/a/status", "/api/v1/namespaces/default"],
  ...["/api/v1/namespaces/default/configmaps", "/api/v1/namespaces/default/configmaps/a", "/api/v1/namespaces/default/secrets"],
  ...["/api/v1/namespaces/default/events/a", "/api/v1/namespaces/default/serviceaccounts/a", "/api/v1/namespaces"],
  ...["/apis/coordination.k8s.io/v1/namespaces/default/leases/a", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"],
  ...["/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "/apis/authentication.k8s.io/v1/selfsubjectreviews"],
  "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com",
];
const parameters = [
  ...["limit", "continue", "resourceVersion", "resourceVersionMatch", "timeoutSeconds", "labelSelector", "fieldSelector"],
  ...["dryRun", "fieldValidation", "fieldManager", "force", "pretty", "includeObject", "propagationPolicy", "gracePeriodSeconds"],
  ...["orphanDependents", "sendInitialEvents", "allowWatchBookmarks", "__proto__", "hash"],
];
const values = [
  ...["", "0", "1", "-1", "99999999999999999999", "-9223372036854775809", "1e9", "0x1", "NaN", "true", "false", "All", "Strict"],
  ...[
    "a=b",
    "a in (b",
    "!",
    ",",
    "=",
    "metadata.name=a",
    "spec.color=red",
    "a=b,,c",
    "(((",
    "Exact",
    "NotOlderThan",
    "Foreground",
  ],
  ...["Orphan", "eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ", "bnVsbA", "W10", "%00", "é", "x".repeat(2_000), "__proto__=x", "Table", "Warn"],
];
const types = [
  ...[
    "application/json",
    "application/json",
    "application/json; charset=utf-8",
    "application/yaml",
    "text/plain",
    "",
    ";",
    "a/b/c",
  ],
  ...[
    "application/merge-patch+json",
    "application/merge-patch+json",
    "application/json-patch+json",
    "application/json-patch+json",
  ],
  ...["application/strategic-merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml"],
  "application/vnd.kubernetes.protobuf",
];
const accepts = [
  ...["application/json", "*/*", "", "application/yaml", "text/html", "application/vnd.kubernetes.protobuf", ",;,=", "a/b;q=x"],
  ...["application/json;as=Table;v=v1;g=meta.k8s.io", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"],
  ...["application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "application/json;as=Frob;v=v9;g=__proto__"],
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
];
const scraps = [
  ...["null", "1", "-1e400", "1e400", "123456789012345678901234567890", '"a"', "true", "[]", "{}", '{"a":', "[null]", "[[1]]"],
  ...['{"__proto__":{"x":1}}', '{"constructor":{"prototype":1}}', '{"toString":1,"hasOwnProperty":2}', '{"":""}', '"\\ud800"'],
  ...['{"$patch":"replace"}', '{"$patch":1}', '{"$setElementOrder/x":[1]}', '{"$retainKeys":1}', '[{"$patch":"delete"}]'],
  ...['[{"op":"add","path":"/__proto__/x","value":1}]', '[{"op":"replace","path":"/metadata","value":5}]', '[{"op":5,"path":6}]'],
  ...[
    '[{"op":"copy","from":"","path":"/spec/a"}]',
    '[{"op":"move","from":"/spec","path":"/spec/a"}]',
    '[{"op":"remove","path":""}]',
  ],
  ...[
    deep("[", "]", 5_000),
    deep('{"a":', "}", 400).replace(/}{1}/, "1}"),
    '{"kind":5}',
    '{"metadata":[]}',
    '{"metadata":{"labels":[]}}',
  ],
];
const members = [
  "metadata",
  "spec",
  "status",
  "kind",
  "apiVersion",
  "data",
  "binaryData",
  "stringData",
  "type",
  "involvedObject",
  "immutable",
];
const metadata = [
  "name",
  "labels",
  "annotations",
  "finalizers",
  "ownerReferences",
  "creationTimestamp",
  "generateName",
  "uid",
  "generation",
];
const crdMembers = ["group", "names", "scope", "versions", "conversion"];

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array<ArrayBuffer> | undefined;
}

function oddRequest(next: (below: number) => number): Sent {
  const of = <T>(list: readonly T[]): T => list[next(list.length)]!;
  const object = (): string => {
    const kind = of([
      "Widget",
      "ConfigMap",
      "Secret",
      "Event",
      "Lease",
      "Namespace",
      "CustomResourceDefinition",
      "DeleteOptions",
    ]);
    const apiVersion = of(["v1", "example.com/v1", "coordination.k8s.io/v1", "apiextensions.k8s.io/v1", "meta.k8s.io/v1"]);
    const odd = [`"${of(members)}":${of(scraps)}`, `"metadata":{"name":"a","${of(metadata)}":${of(scraps)}}`];
    if (kind === "CustomResourceDefinition") {
      odd.push(`"metadata":{"name":"x.example.com"},"spec":{"group":"example.com","${of(crdMembers)}":${of(scraps)}}`);
    }
    return `{"apiVersion":"${apiVersion}","kind":"${kind}",${of(odd)}}`;
  };
  const method = of(methods);
  const place = next(4) > 0 ? of(places) : `/${Array.from({ length: next(9) }, () => of(steps)).join("/")}`;
  const query = Array.from({ length: next(3) }, () => `${of(parameters)}=${encodeURIComponent(of(values))}`);
  // A watch is ended by its time limit alone.
  if (next(15) === 0) query.push(`watch=${of(["1", "true", "x"])}`, "timeoutSeconds=1");
  const bytes = () => Uint8Array.from([...of([[0x6b, 0x38, 0x73, 0], []]), ...Array.from({ length: next(40) }, () => next(256))]);
  const bodies = [
    () => of(scraps),
    object,
    object,
    () => JSON.stringify(widget("a", { size: 1 })),
    () => "",
    bytes,
    () => ": : :\n\t- a",
  ];
  const headers: Record<string, string> = {};
  if (next(3) > 0) headers["content-type"] = of(types);
  if (next(3) > 0) headers.accept = of(accepts);
  if (next(30) === 0) headers["impersonate-user"] = of(values).replace(/[^ -~]/g, "");
  const body = method === "GET" || method === "HEAD" ? undefined : of(bodies)();
  return { method, path: `${place}${query.length > 0 ? `?${query.join("&")}` : ""}`, headers, body };
}

/** What is wrong with an answer. */
async function faultOf(fake: FakeCluster, { method, path, headers, body }: Sent): Promise<string | undefined> {
  const ended = new AbortController();
  const response = await fake.fetch(new Request(`http://fake${path}`, { method, headers, body, signal: ended.signal }));
  if (response.headers.get("transfer-encoding") === "chunked") {
    await response.body?.cancel();
    return undefined;
  }
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  if (response.status === 500 && /"reason":\s*"InternalError"|reason: InternalError/.test(text)) {
    // The one that the genuine server has for a patch that takes the apiVersion away.
    return text.includes("Object 'apiVersion' is missing in") ? undefined : text;
  }
  if (response.status < 400 || method === "HEAD") return undefined;
  if (type.startsWith("text/plain")) return text.length > 0 ? undefined : "an empty text";
  if (response.status === 404 && path.startsWith("/openapi/v3/")) return undefined;
  return /"?kind"?: ?"?Status"?/.test(text) ? undefined : `${response.status} ${type} without a Status: ${text.slice(0, 200)}`;
}

test("every answer to 2,500 odd requests is one that a server gives", async () => {
  const fake = createFakeCluster({ crds: [widgets], objects: [widget("a")], seed: 1 });
  const next = numbers(20_260);
  const faults = new Map<string, string>();
  for (let count = 0; count < 2_500; count++) {
    const sent = oddRequest(next);
    const fault = await faultOf(fake, sent).catch((error) => `rejected: ${error?.stack ?? error}`);
    if (fault !== undefined) {
      faults.set(
        fault.slice(0, 300),
        `${sent.method} ${sent.path.slice(0, 200)} ${JSON.stringify(sent.headers)} ${String(sent.body).slice(0, 200)}`,
      );
    }
  }
  fake.close();
  assert.equal([...faults].map(([fault, sent]) => `${sent}\n    ${fault}`), []);
  assert.is(({} as { x?: unknown }).x, undefined);
});

test("a number beyond what a float holds is refused, not stored as null", async () => {
  const fake = createFakeCluster({ crds: [widgets], objects: [widget("a")] });
  const place = "/apis/example.com/v1/namespaces/default/widgets";
  const ask = async (method: string, path: string, body: string, type = "application/json") => {
    const response = await fake.fetch(new Request(`http://fake${path}`, { method, headers: { "content-type": type }, body }));
    return `${response.status} ${(await response.json()).message}`;
  };
  const body = (spec: string) => `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"b"},"spec":${spec}}`;
  // The answers of a genuine server.
  const why = "json: cannot unmarshal number -1E400 into Go";
  assert.is(
    await ask("POST", place, body('{"a":[-1E400,1e401]}')),
    `400 Widget in version "v1" cannot be handled as a Widget: ${why} value of type float64`,
  );
  assert.is(
    await ask("PATCH", `${place}/a`, '{"spec":{"a":-1E400}}', "application/merge-patch+json"),
    `400 error decoding patch: ${why} value of type float64`,
  );
  assert.is(
    await ask("PATCH", `${place}/a`, '[{"op":"add","path":"/spec/a","value":-1E400}]', "application/json-patch+json"),
    `400 error decoding patch: ${why} struct field jsonPatchOp.value of type float64`,
  );
  fake.close();
});

test("a body of any depth is answered", async () => {
  const fake = createFakeCluster({ crds: [widgets] });
  for (const body of [deep("[", "]", 50_000), deep('{"a":', "}", 30_000), `{"spec":${deep("[", "]", 50_000)}}`]) {
    for (const type of ["application/json", "application/yaml"]) {
      const sent = { method: "POST", path: "/api/v1/namespaces/default/configmaps", headers: { "content-type": type }, body };
      assert.is(await faultOf(fake, sent), undefined);
    }
  }
  fake.close();
});
test.run();
