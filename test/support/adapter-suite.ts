/** What each adapter must do over real HTTP. Every adapter's test file runs these. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ConnectOptions } from "../../src/adapters/sources/kubeconfig.ts";
import { isNoAnswer, isStatus, type StatusError } from "../../src/errors.ts";
import { createCertificate } from "../../src/fake/http/certificate.ts";
import type { Cluster } from "../../src/ports.ts";
import { type Folder, kubeconfig, temporaryFolder } from "./files.ts";
import { answer, type Handler, type HttpServer, startHttpServer } from "./http-server.ts";

/** How an adapter connects. */
export type Connect = (options: ConnectOptions) => Promise<Cluster>;

const widgets = { group: "acme.io", version: "v1", plural: "widgets" };
const key = { namespace: "shop", name: "a" };
const widget = { apiVersion: "acme.io/v1", kind: "Widget", metadata: key };
const watching = { namespace: "shop", resourceVersion: "1", timeoutSeconds: 60 };
const failure = (code: number, reason: string) => ({ kind: "Status", status: "Failure", code, reason, message: reason });
const rejection = (promise: Promise<unknown>) => promise.then(() => assert.unreachable("did not reject"), (error) => error);

/** Runs the suite of an adapter. @param traits What this adapter's client can do. */
export function runAdapterSuite(name: string, connect: Connect, traits: { readonly connections?: number } = {}): void {
  const adapter = suite(name);
  let folder: Folder;
  let server: HttpServer;
  let cluster: Cluster | undefined;

  const start = async (handler: Handler, user: object = {}, path = "") => {
    // Credentials are sent over TLS only.
    const certificate = Object.keys(user).length > 0 ? createCertificate() : undefined;
    server = await startHttpServer(handler, certificate);
    const trusted = certificate && { "certificate-authority": folder.write("ca.crt", certificate.ca) };
    cluster = await connect({ kubeconfig: folder.write("config", kubeconfig({ server: server.url + path, ...trusted }, user)) });
    return cluster;
  };
  adapter.before.each(() => {
    folder = temporaryFolder();
    cluster = undefined;
  });
  adapter.after.each(async () => {
    await cluster?.close();
    await server?.stop();
    folder.remove();
  });

  adapter("sends what was asked, with the credentials", async () => {
    let seen = "";
    const cluster = await start(({ method, url, headers, body }, response) => {
      seen = [
        method,
        url!.replace("?fieldManager=crd-watcher", ""),
        headers["content-type"],
        headers.accept,
        headers.authorization,
        body,
      ].join(" | ");
      answer(response, 200, widget);
    }, { token: "secret" });
    assert.equal(await cluster.get(widgets, key), widget);
    assert.is(seen, "GET | /apis/acme.io/v1/namespaces/shop/widgets/a |  | application/json | Bearer secret | ");
    await cluster.patch(widgets, key, [{ op: "add", path: "/a", value: "ü" }]);
    assert.is(
      seen,
      'PATCH | /apis/acme.io/v1/namespaces/shop/widgets/a | application/json-patch+json | application/json | Bearer secret | [{"op":"add","path":"/a","value":"ü"}]',
    );
  });

  adapter("a write names its subresource and its author, and asks for no more than the metadata where that will do", async () => {
    const seen: string[] = [];
    const cluster = await start(({ method, url, headers, body }, response) => {
      const manager = new URL(url!, "http://x").searchParams.get("fieldManager") ??
        /^[^/]*/.exec(headers["user-agent"] ?? "")![0];
      seen.push([method, url!.replace(/\?.*/, ""), headers.accept!.split(";")[1] ?? "", manager, body].join(" "));
      answer(response, method === "POST" ? 201 : 200, widget);
    });
    const path = "/apis/acme.io/v1/namespaces/shop/widgets";
    await cluster.create(widgets, widget);
    await cluster.patch(widgets, key, [], { subresource: "status", metadataOnly: true });
    await cluster.replace(widgets, widget, { metadataOnly: true });
    await cluster.delete(widgets, key, { preconditions: { uid: "u" } });
    const options = '{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u"},"propagationPolicy":"Background"}';
    assert.equal(seen.map((line) => line.replace(/DELETE (\S+) (\S*) \S+ /, "DELETE $1 $2 ")), [
      `POST ${path}  crd-watcher ${JSON.stringify(widget)}`,
      `PATCH ${path}/a/status as=PartialObjectMetadata crd-watcher []`,
      `PUT ${path}/a as=PartialObjectMetadata crd-watcher ${JSON.stringify(widget)}`,
      `DELETE ${path}/a  ${options}`,
    ]);
  });

  adapter("acts as another user, in groups and with all that is told of them", async () => {
    const seen: [string, string][] = [];
    const cluster = await start(({ rawHeaders }, response) => {
      for (let at = 0; at < rawHeaders.length; at += 2) {
        if (/^impersonate/i.test(rawHeaders[at]!)) seen.push([rawHeaders[at]!.toLowerCase(), rawHeaders[at + 1]!]);
      }
      answer(response, 200, widget);
    }, { token: "t", as: "jane", "as-groups": ["a", "b"], "as-user-extra": { "scopes/x": ["v"] } });
    await cluster.get(widgets, key);
    assert.equal(seen, [
      ["impersonate-user", "jane"],
      ["impersonate-group", "a"],
      ["impersonate-group", "b"],
      ["impersonate-extra-scopes%2fx", "v"],
    ]);
  });

  adapter("keeps a path in the server's URL", async () => {
    let seen = "";
    const cluster = await start(({ url }, response) => (seen = url!, answer(response, 200, widget)), {}, "/k8s/clusters/c-1/");
    await cluster.get(widgets, key);
    assert.is(seen, "/k8s/clusters/c-1/apis/acme.io/v1/namespaces/shop/widgets/a");
  });

  adapter("names the URL that answers 404 with something that is not Kubernetes", async () => {
    const cluster = await start((_, response) => answer(response, 404, "nothing here"), {}, "/wrong");
    const url = `${server.url}/wrong/apis/acme.io/v1/widgets`;
    assert.is(
      (await rejection(cluster.list(widgets))).message,
      `Cannot list widgets in all namespaces: ${url}: HTTP 404: nothing here`,
    );
    await cluster.close();
    await server.stop();
    const other = await start((_, response) => answer(response, 404, "404 page not found\n"), {}, "/wrong");
    const error = await rejection(other.get(widgets, { name: "a" }));
    assert.is(
      error.message,
      `Cannot get widgets "a": the server does not serve widgets of acme.io/v1 at ${server.url}/wrong/apis/acme.io/v1/widgets/a`,
    );
  });

  const conflict = failure(409, "Conflict");
  const refusals: [what: string, handler: Handler][] = [
    ["with a length", (_, response) => answer(response, 409, conflict)],
    [
      "without a length",
      (_, response) => response.writeHead(409, { "content-type": "application/json" }).end(JSON.stringify(conflict)),
    ],
    ["with a charset", (_, response) => answer(response, 409, conflict, { "content-type": "application/json; charset=utf-8" })],
  ];
  for (const [what, handler] of refusals) {
    adapter(`a refusal ${what} is a StatusError, on a call and on a watch`, async () => {
      const cluster = await start(handler);
      const events = async () => {
        for await (const _ of await cluster.watch(widgets, watching)) assert.unreachable();
      };
      for (const error of [await rejection(cluster.patch(widgets, key, [])), await rejection(events())]) {
        assert.ok(isStatus(error), String(error));
        assert.equal((error as StatusError).status, { code: 409, reason: "Conflict", message: "Conflict" });
      }
    });
  }

  adapter("a text that says there is no such resource is a 404", async () => {
    const cluster = await start((_, response) => answer(response, 404, "404 page not found\n"));
    const error = await rejection(cluster.list(widgets, { namespace: "shop" }));
    assert.is(error.message, 'Cannot list widgets in namespace "shop": the server does not serve widgets of acme.io/v1');
    assert.is(error.status.code, 404);
  });

  adapter("a proxy's 502 is no answer", async () => {
    const cluster = await start((_, response) => answer(response, 502, "<html><title>Bad Gateway</title></html>"));
    assert.ok(isNoAnswer(await rejection(cluster.get(widgets, key))));
  });

  adapter("a refused connection is no answer, and says so", async () => {
    const cluster = await start((_, response) => answer(response, 200, {}));
    await server.stop();
    const error = await rejection(cluster.get(widgets, key));
    assert.ok(isNoAnswer(error), String(error));
    assert.match(error.message, /^Cannot get widgets "shop\/a": .*(ECONNREFUSED|Connection refused)/);
  });

  adapter("a connection that breaks in an answer is no answer", async () => {
    const cluster = await start((_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "1000" }).write("{");
      setTimeout(() => response.destroy(), 20);
    });
    assert.ok(isNoAnswer(await rejection(cluster.get(widgets, key))));
  });

  const line = (text: string) => JSON.stringify({ type: "ADDED", object: { ...widget, text } }) + "\n";
  adapter("a watch passes events on as they come, and ends when the server ends it", async () => {
    let end = () => {};
    const cluster = await start((_, response) => {
      response.writeHead(200, { "content-type": "application/json" }).write(line("a\u2028b"));
      end = () => void response.end(line("€"));
    });
    const seen: unknown[] = [];
    for await (const event of await cluster.watch(widgets, watching)) {
      if (event.type !== "BOOKMARK") seen.push((event.object as unknown as { text: string }).text);
      end();
    }
    assert.equal(seen, ["a\u2028b", "€"]);
  });

  adapter("a watch whose connection breaks is no answer", async () => {
    const cluster = await start((_, response) => {
      response.writeHead(200, { "content-type": "application/json" }).write(line("a"));
      setTimeout(() => response.destroy(), 20);
    });
    const iterator = (await cluster.watch(widgets, watching))[Symbol.asyncIterator]();
    await iterator.next();
    const error = await rejection(iterator.next());
    assert.ok(isNoAnswer(error), String(error));
  });

  adapter("an abort ends a watch at once and reaches the server, even after a garbage collection", async () => {
    let closed = () => {};
    const gone = new Promise<void>((resolve) => closed = resolve);
    const cluster = await start((_, response) => {
      response.on("close", () => closed());
      response.writeHead(200, { "content-type": "application/json" }).write(line("a"));
    });
    const controller = new AbortController();
    const iterator = (await cluster.watch(widgets, { ...watching, signal: controller.signal }))[Symbol.asyncIterator]();
    await iterator.next();
    await collectGarbage();
    const next = rejection(iterator.next());
    const reason = new Error("enough");
    controller.abort(reason);
    assert.is(await next, reason);
    await gone;
  });

  adapter("an abort ends a call and a watch that have no answer yet", async () => {
    const cluster = await start(() => {});
    const signal = AbortSignal.timeout(30);
    for (
      const error of await Promise.all(
        [cluster.get(widgets, key, { signal }), cluster.watch(widgets, { ...watching, signal })].map(rejection),
      )
    ) {
      assert.is(error.name, "TimeoutError");
    }
  });

  adapter("a token that was replaced in its file is used after the server has refused the old one", async () => {
    const tokenFile = folder.write("token", "old\n");
    const seen: unknown[] = [];
    const cluster = await start(({ headers }, response) => {
      seen.push(headers.authorization);
      if (headers.authorization === "Bearer new") answer(response, 200, widget);
      else answer(response, 401, failure(401, "Unauthorized"));
    }, { tokenFile });
    const error = await rejection(cluster.get(widgets, key));
    assert.is(error.status.code, 401);
    assert.match(error.message, /: Unauthorized with the credentials of the user "u" in \/\S+$/);
    folder.write("token", "new\n");
    await cluster.get(widgets, key);
    assert.is(seen.at(-1), "Bearer new");
    assert.is(seen[0], "Bearer old");
  });

  adapter("a plugin is run again after the server has refused its token", async () => {
    const count = folder.write("count", "");
    const script = `echo x >> ${count}; n=$(wc -l < ${count} | tr -d ' '); ` +
      `echo "{\\"apiVersion\\":\\"client.authentication.k8s.io/v1\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"t$n\\"}}"`;
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "/bin/sh",
      args: ["-c", script],
      interactiveMode: "Never",
    };
    let refused = "";
    const cluster = await start(({ headers }, response) => {
      refused ||= headers.authorization!;
      if (headers.authorization === refused) answer(response, 401, failure(401, "Unauthorized"));
      else answer(response, 200, widget);
    }, { exec });
    await cluster.get(widgets, key);
    await Promise.all(Array.from({ length: 5 }, () => cluster.get(widgets, key)));
    assert.is(refused, "Bearer t1");
  });

  adapter("a plugin that answers oddly once fails that call only", async () => {
    const answer1 = { apiVersion: "client.authentication.k8s.io/v1", status: { token: "one" } };
    [answer1, {}, { ...answer1, status: { token: "two" } }].forEach((each, run) => folder.write(`answer-${run}`, each));
    folder.write("runs", "0");
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "/bin/sh",
      args: ["-c", 'n=$(cat "$0/runs"); echo $((n + 1)) > "$0/runs"; cat "$0/answer-$n"', folder.path],
      interactiveMode: "Never",
    };
    let good = "Bearer one";
    const cluster = await start(({ headers }, response) => {
      if (headers.authorization === good) answer(response, 200, widget);
      else answer(response, 401, failure(401, "Unauthorized"));
    }, { exec });
    await cluster.get(widgets, key);
    good = "Bearer two";
    const error = await rejection(cluster.get(widgets, key));
    assert.ok(isNoAnswer(error), String(error));
    assert.match(error.message, /^Cannot get widgets "shop\/a": The credential plugin "\/bin\/sh" of .* printed no apiVersion, /);
    assert.equal(await cluster.get(widgets, key), widget);
  });

  if (traits.connections) {
    adapter("connections are used again, and a burst does not open one for each call", async () => {
      const cluster = await start((_, response) => void setTimeout(() => answer(response, 200, widget), 2));
      for (let i = 0; i < 20; i++) await cluster.get(widgets, key);
      assert.is(server.connections, 1);
      await Promise.all(Array.from({ length: 200 }, () => cluster.get(widgets, key)));
      assert.ok(server.connections <= traits.connections!, `${server.connections} connections`);
    });
  }

  adapter("watches do not keep other calls waiting", async () => {
    const cluster = await start(({ url }, response) => {
      if (!url!.includes("watch=true")) return answer(response, 200, widget);
      response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    });
    const controller = new AbortController();
    const options = { ...watching, signal: controller.signal };
    const watches = await Promise.all(Array.from({ length: 150 }, () => cluster.watch(widgets, options)));
    assert.equal(await cluster.get(widgets, key), widget);
    controller.abort();
    await Promise.all(watches.map((watch) => rejection(watch[Symbol.asyncIterator]().next())));
  });

  adapter.run();
}

/** Presses the collector into work: not every runtime lets it be called. */
async function collectGarbage(): Promise<void> {
  for (let round = 0; round < 20; round++) {
    Array.from({ length: 200 }, () => new Uint8Array(50_000).fill(round));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
