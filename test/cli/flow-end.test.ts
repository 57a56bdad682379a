import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RequestState } from "../../mod.ts";
import { flowEnd } from "../../cli/render/flow-end.ts";
import { declined, hostile, NOW, requestOf } from "../support/requests.ts";

const object = Array.from({ length: 80 }, (_, line) => `line: ${line}`).join("\n") + "\n";
const sentence = "Failed: Job charge failed, 3 transitions in 2000 ms";
/** What is left on a screen when the demonstration has said two lines more, and the shell its prompt. */
const left = (request: RequestState, columns: number, rows: number) => {
  const lines = `${flowEnd(request, { sentence, object, screen: { columns, rows }, now: NOW })}\none\ntwo\n$ `.split("\n");
  return lines.slice(-rows);
};
const many = requestOf({
  created: 3_600,
  spec: { job: "charge", state: "COMPLETED" },
  status: {
    history: Array.from({ length: 30 }, (_, index) => ({
      ...{ job: `j${index}`, state: "REQUESTED", seq: index + 1, attempt: 1 },
      timestamp: new Date(NOW - 60_000 + index).toISOString(),
    })),
  },
});

const ends = suite("the end of a flow");

ends("in a pipe the sentence comes first, then the object, and nothing more", () => {
  assert.is(flowEnd(declined, { sentence, object, now: NOW }), `${sentence}\n\n${object}`);
});

for (const [columns, rows] of [[80, 40], [80, 24]] as const) {
  ends(`on a screen of ${columns} times ${rows} all that was gone through is left, the sentence last`, () => {
    const lines = left(declined, columns, rows);
    assert.match(
      lines.join("\n"),
      /line: 79\n\nAT +JOB .*\n.* charge .* FAILED .*\n(.+\n)*\nFailed: .* 2000 ms\n\none\ntwo\n\$ $/,
    );
  });

  ends(`where that is more than ${rows} lines, its header, the last of it and the sentence are left`, () => {
    const lines = left(many, columns, rows);
    const header = lines.findIndex((line) => /^AT +JOB /.test(line));
    assert.ok(header >= 0);
    if (rows === 24) assert.is(lines[header + 1], "...");
    assert.match(lines.join("\n"), /\n\S+ +j29 .*\n\nFailed: /);
  });
}

ends("what others have named is safe there", () => {
  for (const columns of [20, 80]) {
    // deno-lint-ignore no-control-regex
    for (const line of left(hostile, columns, 24)) assert.not.match(line, /[\x00-\x1f]/);
  }
});

ends("a sentence that fills lines leaves the header where it is seen", () => {
  const [columns, rows] = [80, 24];
  const long = `Failed: ${"The card was declined. ".repeat(30)}`.trim();
  const lines = flowEnd(many, { sentence: long, object, screen: { columns, rows }, now: NOW }).split("\n")
    .flatMap((line) => line.match(/.{1,80}/g) ?? [""]);
  const header = lines.findIndex((line) => /^AT +JOB /.test(line));
  // Two lines of a demonstration and what parts them, the prompt.
  assert.ok(lines.length - header + 3 <= rows, `${lines.length - header} lines from the header on`);
});

ends("on a screen that is too low for anything, the sentence still stands last", () => {
  assert.match(
    flowEnd(many, { sentence, object, screen: { columns: 80, rows: 3 }, now: NOW }),
    /\nAT .*\n\.\.\.\n\nFailed: .*\n$/,
  );
});
ends.run();
