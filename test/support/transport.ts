import { byteStreamOf } from "../../src/adapters/transport/byte-stream.ts";
import {
  type FailureDetails,
  HttpFailure,
  type Lifetime,
  type Transport,
  type TransportRequest,
} from "../../src/adapters/transport/transport.ts";

/** What a scripted transport does with a request: a text is an answer, a list the chunks of a stream. */
export type Step =
  | { readonly body: string }
  | { readonly http: number; readonly body?: string } & FailureDetails
  | { readonly error: Error }
  | { readonly chunks: readonly (string | Uint8Array | Error)[]; readonly open?: boolean }
  | { readonly silent: true };

/** A transport that answers as told, and remembers what it was asked. */
export interface ScriptedTransport extends Transport {
  readonly requests: (TransportRequest & { readonly life: Lifetime })[];
  /** How many streams have been cancelled by the reader. */
  readonly cancelled: number;
}

/** Answers the first request by the first step, and so on. */
export function scriptedTransport(...steps: Step[]): ScriptedTransport {
  const requests: ScriptedTransport["requests"] = [];
  let cancelled = 0;
  const next = (request: TransportRequest, life: Lifetime): Step => {
    requests.push({ ...request, life });
    const step = steps.shift();
    if (!step) throw new Error(`no step left for ${request.method} ${request.path}`);
    if ("http" in step) throw new HttpFailure(step.http, step.body ?? "", step);
    if ("error" in step) throw step.error;
    return step;
  };
  return {
    server: "https://scripted",
    requests,
    get cancelled() {
      return cancelled;
    },
    async text(request, life) {
      const step = await Promise.resolve(next(request, life));
      if ("body" in step) return { code: 200, text: step.body! };
      return await new Promise(() => {});
    },
    async stream(request, life) {
      const step = await Promise.resolve(next(request, life));
      if (!("chunks" in step)) return await new Promise(() => {});
      const chunks = [...step.chunks];
      const stream = new ReadableStream({
        pull(controller) {
          const chunk = chunks.shift();
          if (chunk instanceof Error) controller.error(chunk);
          else if (chunk !== undefined) controller.enqueue(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
          else if (!step.open) controller.close();
          else return new Promise(() => {});
        },
        cancel: () => void cancelled++,
      });
      return byteStreamOf(stream);
    },
    close: () => Promise.resolve(),
  };
}
