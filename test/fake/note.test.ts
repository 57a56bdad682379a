import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Note } from "../../src/fake/types/note.ts";

const notes = suite("notes");

notes("stay with the value, are seen by nobody, and are in no copy", () => {
  const [one, other] = [new Note<string>(), new Note<string>()];
  const value = { a: 1 };
  const list = [1];
  one.set(value, "first");
  one.set(value, "second");
  one.set(list, "of a list");
  Object.freeze(list);
  assert.is(one.of(value), "second");
  assert.is(one.of(list), "of a list");
  assert.is(other.of(value), undefined);
  for (const copy of [{ ...value }, Object.assign({}, value), structuredClone(value)]) assert.is(one.of(copy), undefined);
  assert.equal([Object.keys(value), JSON.stringify(value), Object.keys(list)], [["a"], '{"a":1}', ["0"]]);
});

notes.run();
