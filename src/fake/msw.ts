/**
 * The mount on MSW: requests of `node:http`, of npm undici and of `fetch` to one URL are answered by a fake cluster, so
 * that `@kubernetes/client-node` needs no other server. Node only. `msw` and `@mswjs/interceptors` are installed by those who mount.
 *
 * @module
 */
import { SetupError } from "../errors.ts";
import { checkOptions, checkValue, type Members } from "../options.ts";
import { packageError } from "../optional-package.ts";
import type { FakeCluster } from "./cluster.ts";
import { FAKE } from "./cluster-options.ts";
import { compressed, compressedStream } from "./http/gzip.ts";
import { isStream } from "./output/respond.ts";

/** Where the fake cluster appears. */
export interface MountOptions {
  /** Origin of the URL that clients are told. Nothing listens there. @default {"https://fake.invalid:6443"} */
  readonly url?: string;
}

const OPTIONS: Members<MountOptions> = {
  url: { expected: "a URL such as https://fake.invalid:6443", fits: (value) => typeof value === "string" && URL.canParse(value) },
};

/** A fake cluster that is mounted. */
export interface Mount {
  /** The URL for clients. */
  readonly url: string;
  /** Stops intercepting and ends the watches that came in here. */
  close(): Promise<void>;
}

/** Passes a stream on so that MSW sends the headers at once, and so that it can be ended from here. */
function relay(stream: ReadableStream<Uint8Array>, signal: AbortSignal, open: Set<() => void>): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  let finish = () => {};
  return new ReadableStream<Uint8Array>({
    start(controller) {
      // MSW sends the headers with the first chunk, be it empty.
      controller.enqueue(new Uint8Array(0));
      finish = () => {
        if (!open.delete(finish)) return;
        signal.removeEventListener("abort", finish);
        reader.cancel().catch(() => {});
        controller.close();
      };
      open.add(finish);
      signal.addEventListener("abort", finish, { once: true });
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!open.has(finish)) return;
        if (done) finish();
        else controller.enqueue(value);
      } catch (error) {
        if (!open.delete(finish)) return;
        signal.removeEventListener("abort", finish);
        controller.error(error);
      }
    },
    cancel() {
      open.delete(finish);
      signal.removeEventListener("abort", finish);
      return reader.cancel();
    },
    // None in advance: a stream that breaks would take it along.
  }, { highWaterMark: 0 });
}

/** What is MSW's: loaded when it is mounted, since it need not be installed, and merely loaded keeps Deno from ending. */
async function loadMsw() {
  const absent = (name: string, other: string) => (error: unknown) => {
    throw packageError(error, { by: "mountFakeCluster of crd-watcher/fake/msw", name, beside: [other], forTests: true });
  };
  const { http, HttpResponse } = await import("msw").catch(absent("msw", "@mswjs/interceptors"));
  const { defineNetwork, InterceptorSource } = await import("msw/experimental").catch(absent("msw", "@mswjs/interceptors"));
  const { HttpRequestInterceptor } = await import("@mswjs/interceptors/http").catch(absent("@mswjs/interceptors", "msw"));
  return { HttpRequestInterceptor, http, HttpResponse, defineNetwork, InterceptorSource };
}

/**
 * Mounts a fake cluster on MSW.
 *
 * @throws {TypeError} When it is given no fake cluster, or an option is unknown or none that can be.
 * @throws {SetupError} when MSW is not installed, and in Deno, which it cannot intercept.
 *
 * @example
 * ```ts ignore
 * const mount = mountFakeCluster(createFakeCluster());
 * // ... clients of mount.url ...
 * await mount.close();
 * ```
 */
export async function mountFakeCluster(fake: FakeCluster, options: MountOptions = {}): Promise<Mount> {
  if ("Deno" in globalThis) {
    throw new SetupError(
      "mountFakeCluster works in Node only: give fake.fetch to createFetchCluster, or listen() of crd-watcher/fake/server",
    );
  }
  const action = "Cannot mount a fake cluster";
  checkValue(action, "fake", fake, FAKE);
  checkOptions(action, options, OPTIONS);
  const { origin: url } = new URL(options.url ?? "https://fake.invalid:6443");
  const { HttpRequestInterceptor, http, HttpResponse, defineNetwork, InterceptorSource } = await loadMsw();
  const open = new Set<() => void>();
  const network = defineNetwork({
    sources: [new InterceptorSource({ interceptors: [new HttpRequestInterceptor()] })],
    handlers: [
      http.all(`${url}/*`, async ({ request }) => {
        // What it rejects with is a connection that broke.
        const answered = await fake.fetch(request).catch(() => HttpResponse.error());
        if (answered.type === "error") return answered;
        if (!isStream(answered)) return await compressed(request.headers, answered);
        const response = compressedStream(answered);
        if (!response.body) return response;
        return new Response(relay(response.body, request.signal, open), response);
      }),
    ],
    context: { quiet: true },
  });
  await network.enable();
  // MSW keeps a copy of every body for its listeners; unread, it would grow as long as a watch lasts.
  network.events.on("response:mocked", ({ response }) => void response.body?.cancel().catch(() => {}));
  return {
    url,
    async close() {
      for (const finish of [...open]) finish();
      await network.disable();
    },
  };
}
