/** Answers of HTTP/1.1, however their bytes are cut, and what is none. */
import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createAnswerParser } from "../../src/adapters/wire/answer-parser.ts";

interface Seen {
  readonly code: number;
  readonly body: string;
  /** Whether the connection may be used again; undefined while the answer is not whole. */
  reusable?: boolean;
}

/** Feeds the pieces, then ends the connection where `ends` says so. */
function read(pieces: readonly Buffer[], { ends = false, wanted = 1 } = {}): { seen: Seen[]; error?: string; ended?: boolean } {
  const seen: Seen[] = [];
  let body: Buffer[] = [];
  let code = 0;
  const parser = createAnswerParser(() =>
    seen.length >= wanted ? undefined : {
      head: (head) => (code = head.code, body = []),
      data: (bytes) => void body.push(Buffer.from(bytes)),
      end: (reusable) => void seen.push({ code, body: Buffer.concat(body).toString(), reusable }),
    }
  );
  try {
    for (const piece of pieces) parser.push(piece);
  } catch (error) {
    return { seen, error: (error as Error).message };
  }
  return { seen, ...ends && { ended: parser.finish() } };
}

const text = (...lines: string[]) => lines.join("\r\n");
const whole: [what: string, bytes: string, seen: Seen, ends?: boolean][] = [
  ["with a length", text("HTTP/1.1 200 OK", "Content-Length: 5", "", "{€}"), { code: 200, body: "{€}", reusable: true }],
  ["without a body", text("HTTP/1.1 204 No Content", "", ""), { code: 204, body: "", reusable: true }],
  ["of length 0", text("HTTP/1.1 201 Created", "content-length:0", "", ""), { code: 201, body: "", reusable: true }],
  [
    "in chunks",
    text("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "3", "abc", 'A;x="y"', "0123456789", "0", "", ""),
    { code: 200, body: "abc0123456789", reusable: true },
  ],
  [
    "in chunks that hold line ends, with a trailer",
    text("HTTP/1.1 200 OK", "Transfer-Encoding: Chunked", "Trailer: x", "", "8", "a\r\n0\r\n\r\n", "00", "x: 1", "", ""),
    { code: 200, body: "a\r\n0\r\n\r\n", reusable: true },
  ],
  [
    "after interim answers",
    text(
      "HTTP/1.1 100 Continue",
      "",
      "HTTP/1.1 103 Early Hints",
      "link: </a>",
      "",
      "HTTP/1.1 409 Conflict",
      "content-length: 1",
      "",
      "x",
    ),
    { code: 409, body: "x", reusable: true },
  ],
  ["that says close", text("HTTP/1.1 200 OK", "Connection: Close", "content-length: 2", "", "ok"), {
    code: 200,
    body: "ok",
    reusable: false,
  }],
  ["of HTTP/1.0", text("HTTP/1.0 200 OK", "content-length: 2", "", "ok"), { code: 200, body: "ok", reusable: false }],
  [
    "of HTTP/1.0 that stays",
    text("HTTP/1.0 200 OK", "connection: keep-alive", "content-length: 2", "", "ok"),
    { code: 200, body: "ok", reusable: true },
  ],
  ["that ends with the connection", text("HTTP/1.1 200 OK", "", "until the end"), {
    code: 200,
    body: "until the end",
    reusable: false,
  }, true],
  ["with its length twice", text("HTTP/1.1 200 OK", "content-length: 2", "content-length: 2", "", "ok"), {
    code: 200,
    body: "ok",
    reusable: true,
  }],
  ["without a reason", text("HTTP/1.1 200", "content-length: 2", "", "ok"), { code: 200, body: "ok", reusable: true }],
];

const answers = suite("answers of HTTP");
for (const [what, answer, expected, ends] of whole) {
  answers(`${what}, in one piece, byte by byte, and cut in two at every place`, () => {
    const bytes = Buffer.from(answer);
    const cuts = [[bytes], [...bytes].map((byte) => Buffer.of(byte))];
    for (let at = 1; at < bytes.length; at++) cuts.push([bytes.subarray(0, at), bytes.subarray(at)]);
    for (const pieces of cuts) {
      const result = read(pieces, { ends });
      assert.equal(result, { seen: [expected], ...ends && { ended: true } }, `cut after ${pieces[0]!.length} bytes`);
    }
  });
}

answers("one after the other on one connection", () => {
  const one = (body: string) => Buffer.from(text("HTTP/1.1 200 OK", `content-length: ${body.length}`, "", body));
  assert.equal(read([one("a"), one("bc")], { wanted: 2 }).seen.map(({ body }) => body), ["a", "bc"]);
});

answers("what follows an answer is never the answer to the next request", () => {
  const two = text("HTTP/1.1 200 OK", "content-length: 1", "", "aHTTP/1.1 200 OK", "content-length: 1", "", "b");
  assert.equal(read([Buffer.from(two)], { wanted: 2 }).seen, [{ code: 200, body: "a", reusable: false }]);
});

answers("an answer that is cut off is not whole", () => {
  for (const begun of ["", "HTTP/1.1 200 OK\r\ncontent-le", text("HTTP/1.1 200 OK", "content-length: 3", "", "ab")]) {
    assert.equal(read([Buffer.from(begun)], { ends: true }), { seen: [], ended: false });
  }
  const chunked = Buffer.from(text("HTTP/1.1 200 OK", "transfer-encoding: chunked", "", "3", "abc", "0", ""));
  assert.equal(read([chunked], { ends: true }), { seen: [], ended: false });
});
answers.run();

const wrong: [what: string, bytes: string, message: RegExp][] = [
  ["another protocol", "SSH-2.0-OpenSSH_9.9\r\n", /does not begin like one \("SSH-2\.0/],
  ["HTTP/2", text("HTTP/2 200", "", ""), /does not begin like one \("HTTP\/2 200/],
  ["a page without a head", "<html>", /does not begin like one \("<html>"\)/],
  ["no code", text("HTTP/1.1 OK", "", ""), /does not begin like one/],
  ["a header without a name", text("HTTP/1.1 200 OK", ": x", "", ""), /a header of its answer is none/],
  [
    "a header with a space before the colon",
    text("HTTP/1.1 200 OK", "content-length : 3", "", ""),
    /a header of its answer is none/,
  ],
  ["a folded header", text("HTTP/1.1 200 OK", "a: b", " content-length: 3", "", ""), /a header of its answer is none/],
  [
    "two lengths",
    text("HTTP/1.1 200 OK", "content-length: 3", "content-length: 4", "", "abc"),
    /length of its answer is no number \("3, 4"\)/,
  ],
  ["a negative length", text("HTTP/1.1 200 OK", "content-length: -1", "", ""), /length of its answer is no number/],
  ["a length in hexadecimal", text("HTTP/1.1 200 OK", "content-length: 0x10", "", ""), /length of its answer is no number/],
  [
    "a length and chunks",
    text("HTTP/1.1 200 OK", "content-length: 3", "transfer-encoding: chunked", "", ""),
    /both a length and a transfer coding/,
  ],
  [
    "an unknown transfer coding",
    text("HTTP/1.1 200 OK", "transfer-encoding: gzip, chunked", "", ""),
    /unknown \("gzip, chunked"\)/,
  ],
  [
    "a chunk without a size",
    text("HTTP/1.1 200 OK", "transfer-encoding: chunked", "", "x", ""),
    /chunk of its answer has no size \("x"\)/,
  ],
  [
    "a chunk that is longer than its size",
    text("HTTP/1.1 200 OK", "transfer-encoding: chunked", "", "2", "abc", ""),
    /chunk of its answer is longer than its size/,
  ],
  ["a change of protocol", text("HTTP/1.1 101 Switching Protocols", "upgrade: h2c", "", ""), /changes the protocol/],
  ["a head without an end", `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(30_000)}`, /head of its answer has no end/],
  [
    "a line between chunks without an end",
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;${"x".repeat(5_000)}`,
    /line between its chunks has no end/,
  ],
];
const faults = suite("what is no answer of HTTP");
for (const [what, bytes, message] of wrong) {
  faults(what, () => {
    const { seen, error } = read([Buffer.from(bytes)]);
    assert.match(error ?? "", message);
    assert.match(error ?? "", /^the server does not speak HTTP as it should: /);
    assert.equal(seen, []);
  });
}
faults("what comes unasked", () => {
  assert.match(
    read([Buffer.from("HTTP/1.1 408 Request Timeout\r\n\r\n")], { wanted: 0 }).error ?? "",
    /sends what nobody asked for/,
  );
});
faults.run();
