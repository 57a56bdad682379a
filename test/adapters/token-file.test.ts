/** Tokens in files, as client-go treats them. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createTokenFile } from "../../src/adapters/credentials/token-file.ts";
import { createVirtualClock } from "../../src/runtime/time/clock.ts";
import { type Folder, temporaryFolder } from "../support/files.ts";

let folder: Folder;
const tokens = suite("token files");
tokens.before.each(() => void (folder = temporaryFolder()));
tokens.after.each(() => folder.remove());

function start(content: string | undefined, fallback?: string) {
  const path = join(folder.path, "token");
  const write = (text: string) => void folder.write("token", text);
  const remove = () => rmSync(path);
  if (content !== undefined) write(content);
  const said: string[] = [];
  const warn = (message: string) => void said.push(message.replaceAll(folder.path, "F"));
  const clock = createVirtualClock();
  const file = createTokenFile(path, {
    userText: 'user "u" in F',
    fallback,
    clock,
    log: { debug() {}, info() {}, warn, error: warn },
  });
  return { file, said, clock, write, remove };
}
const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    assert.is((error as Error).name, "SetupError");
    return (error as Error).message.replaceAll(folder.path, "F");
  }
  return "no error";
};

for (const content of ["good", "good\n", " \t good \r\n", "\u00a0good\u0085"]) {
  tokens(`hold a token, whatever stands around it: ${JSON.stringify(content)}`, () => {
    assert.is(start(content, "other").file.token(), "good");
  });
}

const useless: [content: string, problem: string][] = [
  ["secret\nsecret\n", "has more than one line"],
  ["\ufeffsecret", "begins with a byte order mark: write it without"],
  ["sec ret", "has a space or another character that no token has"],
  ["secret\0", "has a space or another character that no token has"],
];
for (const [content, problem] of useless) {
  tokens(`fault 10: a token in a message: that hold ${JSON.stringify(content)} are refused without being shown`, () => {
    const message = `The token file of the user "u" in F ${problem}: F/token`;
    assert.is(refusal(() => start(content).file.token()), message);
    assert.is(refusal(() => start(content, "other").file.token()), message);
  });
}

for (const [what, content, problem] of [["away", undefined, "does not exist"], ["empty", " \n", "is empty"]] as const) {
  tokens(`that are ${what} leave the token beside them, and say so; without one they are refused by name`, () => {
    assert.is(refusal(() => start(content).file.token()), `The token file of the user "u" in F ${problem}: F/token`);
    const { file, said, write } = start(content, "other");
    assert.is(file.token(), "other");
    assert.is(file.token(), "other");
    assert.equal(said, [`The token file of the user "u" in F ${problem}: F/token; going on with the token beside it`]);
    write("good");
    assert.is(file.token(), "good");
  });
}

tokens("row 21: 401 after an hour: are read again after 50 s", async () => {
  const { file, clock, write } = start("one");
  assert.is(file.token(), "one");
  write("two");
  await clock.advance(49_999);
  assert.is(file.token(), "one");
  await clock.advance(1);
  assert.is(file.token(), "two");
});

tokens("row 21: 401 after an hour: are read again at once when the server has refused what they held", () => {
  const { file, write } = start("one");
  file.token();
  assert.is(file.refused(), false);
  write("two");
  assert.is(file.refused(), true);
  assert.is(file.token(), "two");
});

for (const [what, content] of [["away", undefined], ["empty", " \n"], ["of two lines", "good\nbad"]] as const) {
  tokens(`that are ${what} for hours: the last token goes on, and it is said once`, async () => {
    const { file, said, clock, write, remove } = start("good", "other");
    file.token();
    if (content === undefined) remove();
    else write(content);
    for (let hour = 0; hour < 3; hour++) {
      await clock.advance(3_600_000);
      assert.is(file.token(), "good");
      assert.is(file.refused(), false);
    }
    assert.is(said.length, 1);
    assert.match(said[0]!, /^The token file of the user "u" in F .*: F\/token; going on with the last token that it held$/);
    write("new");
    assert.is(file.token(), "new");
  });
}
tokens.run();
