/** The chapter of the guide about the command says what the command says of itself. */
import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CHAPTER, commandChapter } from "../support/command-chapter.ts";

const chapter = suite("the chapter about the command");
chapter("has what the command knows of itself: npm run chapter writes it", async () => {
  assert.is(await readFile(CHAPTER, "utf8"), commandChapter());
});
chapter.run();
