/**
 * A small API server for the soak: config maps whose watches each show ten events and then end, most in good order, some
 * in the middle of a line, a few with 410. A process of its own, so that what it holds is not counted as its client's.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const EVENTS = 10;
const OBJECTS = 50;
let version = 1_000;
let watches = 0;

const configMap = (number: number) => ({
  kind: "ConfigMap",
  apiVersion: "v1",
  metadata: {
    name: `a-${number}`,
    namespace: "default",
    uid: `uid-${number}`,
    resourceVersion: `${version}`,
    managedFields: [{ manager: "soak", operation: "Update", fieldsV1: { "f:data": { "f:value": {} } } }],
  },
  data: { value: `${version} ${"x".repeat(200)}` },
});
const line = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;

function watch(answer: ServerResponse): void {
  const nth = watches++;
  answer.writeHead(200, { "content-type": "application/json" });
  if (nth % 100 === 99) {
    const status = { kind: "Status", status: "Failure", code: 410, reason: "Expired", message: "too old resource version" };
    return void answer.end(line("ERROR", status));
  }
  for (let count = 0; count < EVENTS; count++) {
    version++;
    answer.write(line("MODIFIED", configMap(version % OBJECTS)));
  }
  answer.write(line("BOOKMARK", { metadata: { resourceVersion: `${version}` } }));
  if (nth % 10 !== 9) return void answer.end();
  answer.write('{"type":"MODIFIED","object":{"kind');
  setTimeout(() => answer.destroy(), 2);
}

const server = createServer((request, answer) => {
  if (/[?&]watch=true/.test(request.url!)) return watch(answer);
  const items = Array.from({ length: OBJECTS }, (_, number) => configMap(number));
  answer.writeHead(200, { "content-type": "application/json" });
  answer.end(JSON.stringify({ kind: "ConfigMapList", apiVersion: "v1", metadata: { resourceVersion: `${version}` }, items }));
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
