import { Buffer } from "node:buffer";

/** What stands before the body of an answer. */
export interface AnswerHead {
  /** The HTTP status code; interim answers (1xx) are passed over. */
  readonly code: number;
  /** `Not Found`, or nothing. */
  readonly reason: string;
  /** Those that somebody reads: names in lower case; the values of a name that comes several times are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Who takes an answer. */
export interface AnswerTaker {
  head(head: AnswerHead): void;
  /** Bytes of the body, as they came. */
  data(bytes: Buffer): void;
  /** The answer is whole. @param reusable Whether another request may be sent on its connection. */
  end(reusable: boolean): void;
}

/** Reads the answers of one connection. */
export interface AnswerParser {
  /** Takes what has arrived. @throws {MalformedAnswerError} after which nothing more is to be read. */
  push(bytes: Buffer): void;
  /** The connection has ended. @returns Whether that was the end of an answer; the taker has been told then. */
  finish(): boolean;
  /** Whether an answer has begun and is not whole. */
  readonly midway: boolean;
}

/** What came is not HTTP/1.1. */
export class MalformedAnswerError extends Error {
  constructor(what: string, bytes?: string) {
    super(
      `the server does not speak HTTP as it should: ${what}${
        bytes === undefined ? "" : ` (${JSON.stringify(bytes.slice(0, 60))})`
      }`,
    );
  }
}

/** Heads of answers are no longer, in bytes; Node's own limit is 16 KiB. */
const LONGEST_HEAD = 2 ** 17;
/** Nor are the lines between chunks. */
const LONGEST_LINE = 4_096;
const END_OF_HEAD = Buffer.from("\r\n\r\n");

type State = "head" | "length" | "chunk-size" | "chunk" | "chunk-end" | "trailer" | "until-close";

/**
 * Reads HTTP/1.1 answers from bytes as they arrive (RFC 9112), for one request after the other. Strict where leniency would
 * mean to guess where an answer ends. Does no IO.
 *
 * @param taker Who takes the next answer. Asked at each answer's beginning; a connection that speaks unasked is at fault.
 */
export function createAnswerParser(taker: () => AnswerTaker | undefined): AnswerParser {
  let state: State = "head";
  let pending: Buffer | undefined; // what could not be understood yet
  let left = 0; // of the body, or of its chunk
  let reusable = true;
  let current: AnswerTaker | undefined;
  let whole = false;

  /** @returns Where the head ends, or undefined where it is not whole. */
  function readHead(bytes: Buffer, at: number): number | undefined {
    const stop = bytes.indexOf(END_OF_HEAD, at);
    if ((stop < 0 ? bytes.length : stop) - at > LONGEST_HEAD) throw new MalformedAnswerError("the head of its answer has no end");
    const first = taker();
    if (!first) throw new MalformedAnswerError("it sends what nobody asked for", bytes.toString("latin1", at, at + 60));
    if (stop < 0) {
      // What is no HTTP at all is told at once: it may never come to an end.
      const begun = bytes.toString("latin1", at, at + 7);
      if (!"HTTP/1.".startsWith(begun)) {
        throw new MalformedAnswerError("its answer does not begin like one", bytes.toString("latin1", at, at + 60));
      }
      return undefined;
    }
    const head = parseHead(bytes.toString("latin1", at, stop));
    const after = stop + END_OF_HEAD.length;
    if (head.code < 200) {
      if (head.code === 101) throw new MalformedAnswerError("it changes the protocol, which nobody asked for");
      return after;
    }
    const connection = head.headers.get("connection")?.toLowerCase();
    reusable = head.version === "1"
      ? connection === undefined || !/\bclose\b/.test(connection)
      : connection !== undefined && /\bkeep-alive\b/.test(connection);
    current = first;
    const body = bodyOf(head);
    if (body === "chunked") state = "chunk-size";
    else if (body === "until-close") {
      state = "until-close";
      reusable = false;
    } else {
      state = "length";
      left = body;
    }
    current.head(head);
    whole = body === 0;
    return after;
  }

  /** @returns The line without its end and where the next one begins, or undefined where it is not whole. */
  function readLine(bytes: Buffer, at: number): { readonly line: string; readonly next: number } | undefined {
    const stop = bytes.indexOf(0x0a, at);
    if ((stop < 0 ? bytes.length : stop) - at > LONGEST_LINE) {
      throw new MalformedAnswerError("a line between its chunks has no end");
    }
    if (stop < 0) return undefined;
    return { line: bytes.toString("latin1", at, stop).replace(/\r$/, ""), next: stop + 1 };
  }

  /** @returns Where to go on, or undefined where more bytes are needed. */
  function step(bytes: Buffer, at: number): number | undefined {
    switch (state) {
      case "head":
        return readHead(bytes, at);
      case "until-close":
        current!.data(bytes.subarray(at));
        return bytes.length;
      case "length":
      case "chunk": {
        const stop = Math.min(at + left, bytes.length);
        left -= stop - at;
        current!.data(at === 0 && stop === bytes.length ? bytes : bytes.subarray(at, stop));
        if (left === 0) {
          if (state === "length") whole = true;
          else state = "chunk-end";
        }
        return stop;
      }
      case "chunk-size": {
        const found = readLine(bytes, at);
        if (!found) return undefined;
        const size = /^([\da-f]{1,12})\s*(?:;.*)?$/i.exec(found.line)?.[1];
        if (size === undefined) throw new MalformedAnswerError("a chunk of its answer has no size", found.line);
        left = parseInt(size, 16);
        state = left === 0 ? "trailer" : "chunk";
        return found.next;
      }
      case "chunk-end": {
        const found = readLine(bytes, at);
        if (!found) return undefined;
        if (found.line !== "") throw new MalformedAnswerError("a chunk of its answer is longer than its size", found.line);
        state = "chunk-size";
        return found.next;
      }
      case "trailer": {
        const found = readLine(bytes, at);
        whole = found?.line === "";
        return found?.next;
      }
    }
  }

  const end = (reusable: boolean) => {
    const done = current;
    state = "head";
    current = undefined;
    whole = false;
    done?.end(reusable);
  };

  return {
    push(bytes) {
      const all = pending ? Buffer.concat([pending, bytes]) : bytes;
      pending = undefined;
      for (let at = 0; at < all.length;) {
        const next = step(all, at);
        if (next === undefined) {
          pending = all.subarray(at);
          return;
        }
        at = next;
        // What follows a whole answer belongs to no request: whatever it is, it must not become the next one's answer.
        if (whole) return end(reusable && at === all.length);
      }
    },
    finish() {
      if (state !== "until-close") return false;
      end(false);
      return true;
    },
    get midway() {
      return state !== "head" || pending !== undefined;
    },
  };
}

/** What somebody reads. */
const READ = ["connection", "content-encoding", "content-length", "keep-alive", "location", "retry-after", "transfer-encoding"];

/**
 * Names as servers write them, and what stands for them in `headers`: nothing for those that nobody reads. What is not among them is
 * looked at letter by letter, which takes most of the time that an answer's head does.
 */
const WRITTEN: ReadonlyMap<string, string> = new Map([
  ...READ.map((name): [string, string] => [name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()), name]),
  // A kube-apiserver's.
  ...["Audit-Id", "Cache-Control", "Content-Type", "Date"].map((name): [string, string] => [name, ""]),
  ...["X-Kubernetes-Pf-Flowschema-Uid", "X-Kubernetes-Pf-Prioritylevel-Uid"].map((name): [string, string] => [name, ""]),
]);

/** @returns The name in lower case; `""` where nobody reads it; undefined where it is none. */
function nameOf(written: string): string | undefined {
  const known = WRITTEN.get(written);
  if (known !== undefined) return known;
  if (written === "" || /[\s\0]/.test(written)) return undefined;
  const name = written.toLowerCase();
  return READ.includes(name) ? name : "";
}

function parseHead(text: string): AnswerHead & { readonly version: string } {
  const lineEnd = (from: number) => {
    const end = text.indexOf("\r\n", from);
    return end < 0 ? text.length : end;
  };
  let end = lineEnd(0);
  const first = text.slice(0, end);
  const start = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/.exec(first);
  if (!start) throw new MalformedAnswerError("its answer does not begin like one", first);
  const headers = new Map<string, string>();
  for (let at = end + 2; at < text.length; at = end + 2) {
    end = lineEnd(at);
    const colon = text.indexOf(":", at);
    const name = nameOf(text.slice(at, colon < 0 || colon > end ? at : colon));
    if (name === undefined) throw new MalformedAnswerError("a header of its answer is none", text.slice(at, end));
    if (name === "") continue;
    const value = text.slice(colon + 1, end).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { version: start[1]!, code: Number(start[2]), reason: start[3] ?? "", headers };
}

/** How long the body is: in bytes, in chunks, or until the connection ends (RFC 9112, 6.3). */
function bodyOf({ code, headers }: AnswerHead): number | "chunked" | "until-close" {
  if (code === 204 || code === 304) return 0;
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== undefined) {
    // Two ways to say where the answer ends: one of them would be believed by somebody in between.
    if (length !== undefined) throw new MalformedAnswerError("its answer has both a length and a transfer coding");
    if (coding.toLowerCase() !== "chunked") {
      throw new MalformedAnswerError("the transfer coding of its answer is unknown", coding);
    }
    return "chunked";
  }
  if (length === undefined) return "until-close";
  if (LENGTH.test(length)) return Number(length);
  const [one, ...others] = length.split(",").map((text) => text.trim());
  if (!LENGTH.test(one!) || others.some((other) => other !== one)) {
    throw new MalformedAnswerError("the length of its answer is no number", length);
  }
  return Number(one);
}

const LENGTH = /^\d{1,15}$/;
