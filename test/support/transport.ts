import { HttpFailure, type Transport, type TransportRequest } from "../../src/adapters/transport.ts";

/** What a scripted transport does with a request: a text is an answer, a list the chunks of a stream. */
export type Step =
  | { readonly body: string }
  | { readonly http: number; readonly body?: string; readonly retryAfter?: string }
  | { readonly error: Error }
  | { readonly chunks: readonly (string | Uint8Array | Error)[]; readonly open?: boolean }
  | { readonly silent: true };

/** A transport that answers as told, and remembers what it was asked. */
export interface ScriptedTransport extends Transport {
  readonly requests: TransportRequest[];
  /** How many streams have been cancelled by the reader. */
  readonly cancelled: number;
}

/** Answers the first request by the first step, and so on. */
export function scriptedTransport(...steps: Step[]): ScriptedTransport {
  const requests: TransportRequest[] = [];
  let cancelled = 0;
  const next = (request: TransportRequest): Step => {
    requests.push(request);
    const step = steps.shift();
    if (!step) throw new Error(`no step left for ${request.method} ${request.path}`);
    if ("http" in step) throw new HttpFailure(step.http, step.body ?? "", step.retryAfter);
    if ("error" in step) throw step.error;
    return step;
  };
  return {
    server: "https://scripted",
    requests,
    get cancelled() {
      return cancelled;
    },
    async text(request) {
      const step = await Promise.resolve(next(request));
      if ("body" in step) return step.body!;
      return await new Promise(() => {});
    },
    async stream(request) {
      const step = await Promise.resolve(next(request));
      if (!("chunks" in step)) return await new Promise(() => {});
      const chunks = [...step.chunks];
      return new ReadableStream({
        pull(controller) {
          const chunk = chunks.shift();
          if (chunk instanceof Error) controller.error(chunk);
          else if (chunk !== undefined) controller.enqueue(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
          else if (!step.open) controller.close();
          else return new Promise(() => {});
        },
        cancel: () => void cancelled++,
      });
    },
    close: () => Promise.resolve(),
  };
}
