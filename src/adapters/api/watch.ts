import { NoAnswerError, StatusError } from "../../errors.ts";
import type { ObjectMeta, WatchEvent, WatchOptions } from "../../ports.ts";
import type { Call } from "./call.ts";
import { type LineReader, PartialLineError } from "./lines.ts";
import { cutManagedFields } from "./managed-fields.ts";
import { type Action, excerpt, failureStatus, textFailure } from "./status.ts";

/**
 * The events of a watch, from its lines. Ends when the server ends the stream; ends the call and cancels the stream when
 * the caller leaves, aborts, or an error comes.
 *
 * @param wrap Turns an error of the stream into one of ours.
 */
export function watchEvents<T>(
  lines: LineReader,
  call: Call,
  action: Action,
  wrap: (error: unknown) => unknown,
  { withoutManagedFields = false }: Pick<WatchOptions, "withoutManagedFields"> = {},
): AsyncIterable<WatchEvent<T>> {
  let finished = false;
  let first = true;
  const finish = () => {
    finished = true;
    call.end();
    lines.cancel();
  };
  call.whenOver(lines.cancel);

  const fail = (error: unknown): never => {
    finish();
    if (call.over) throw call.reason;
    if (error instanceof PartialLineError && first) throw firstLineError(action, error.rest) ?? wrap(error);
    throw wrap(error);
  };
  const read = (line: string): IteratorResult<WatchEvent<T>, undefined> => {
    const value = parseEvent<T>(action, withoutManagedFields ? cutManagedFields(line) : line, first);
    first = false;
    return { done: false, value };
  };
  const wait = async (): Promise<IteratorResult<WatchEvent<T>, undefined>> => {
    try {
      const line = await lines.next();
      if (call.over) throw call.reason;
      if (line !== undefined) return read(line);
      finish();
      return { done: true, value: undefined };
    } catch (error) {
      return fail(error);
    }
  };
  // Several lines come at once where a server, or this process, has much to do: only the first of them is waited for.
  const next = (): Promise<IteratorResult<WatchEvent<T>, undefined>> => {
    if (finished) return Promise.resolve({ done: true, value: undefined });
    const line = call.over ? undefined : lines.poll();
    if (line === undefined) return wait();
    return new Promise((resolve) => {
      try {
        resolve(read(line));
      } catch (error) {
        fail(error);
      }
    });
  };
  const iterator: AsyncIterator<WatchEvent<T>, undefined> = {
    next,
    // Not a generator: its return() would wait for a next() that is under way, and do nothing before the first one.
    return() {
      finish();
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

function parseEvent<T>(action: Action, line: string, first: boolean): WatchEvent<T> {
  let event: { type?: unknown; object?: { metadata?: ObjectMeta } } | null;
  try {
    event = JSON.parse(line);
  } catch {
    throw (first && firstLineError(action, line)) || broken(action, "a line of the watch is not JSON", line);
  }
  if (first) {
    const error = firstLineError(action, line);
    if (error) throw error;
  }
  const { type, object } = event ?? {};
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
    case "BOOKMARK": {
      if (typeof object !== "object" || object === null) break;
      const { resourceVersion } = object.metadata ?? {};
      // The watch goes on from there after a break. A number it is on every server since 1.35, and opaque on others.
      if (typeof resourceVersion === "string" ? resourceVersion === "" : resourceVersion !== undefined || type === "BOOKMARK") {
        throw broken(action, `an event of the watch has the resourceVersion ${JSON.stringify(resourceVersion)}`, line);
      }
      return type === "BOOKMARK" ? { type, resourceVersion: resourceVersion! } : { type, object: object as T };
    }
    case "ERROR": {
      // Whatever it holds, it is an error: servers other than kube-apiserver leave members of the Status out.
      const status = failureStatus(object && { ...object, kind: "Status", status: "Failure" });
      if (status) throw new StatusError(action.text, status);
    }
  }
  throw broken(action, "a line of the watch is no event", line);
}

/** A client may pass the body of a refusal on as if it were the stream. */
function firstLineError(action: Action, text: string): Error | undefined {
  try {
    const status = failureStatus(JSON.parse(text));
    return status && new StatusError(action.text, status);
  } catch {
    return textFailure(action, text);
  }
}

const broken = (action: Action, what: string, line: string) =>
  new NoAnswerError(action.text, new Error(`${what}: ${excerpt(line)}`));
