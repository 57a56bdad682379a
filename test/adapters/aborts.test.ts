/** Many calls, one listener a signal. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createAborts } from "../../src/adapters/api/aborts.ts";

const aborts = suite("aborts");

const item = (abort = () => {}) => ({ abort });

/** A signal, and how often somebody has begun to listen to it, and has ended that. */
function watched() {
  const controller = new AbortController();
  const { signal } = controller;
  const count = { added: 0, removed: 0 };
  const [add, remove] = [signal.addEventListener, signal.removeEventListener];
  signal.addEventListener = (...given: Parameters<typeof add>) => (count.added++, add.apply(signal, given));
  signal.removeEventListener = (...given: Parameters<typeof remove>) => (count.removed++, remove.apply(signal, given));
  return { signal, abort: () => controller.abort(), count };
}

aborts("calls of one signal that overlap have one listener, which goes with the last of them", () => {
  const { signal, count } = watched();
  const listening = createAborts();
  const calls = [item(), item(), item()] as const;
  for (const call of calls) listening.add(signal, call);
  assert.equal(count, { added: 1, removed: 0 });
  listening.delete(signal, calls[0]);
  listening.delete(signal, calls[2]);
  listening.delete(signal, calls[2]);
  assert.equal(count, { added: 1, removed: 0 });
  listening.delete(signal, calls[1]);
  assert.equal(count, { added: 1, removed: 1 });
  listening.add(signal, calls[0]);
  assert.equal(count, { added: 2, removed: 1 });
});

aborts("each that is left is called once, and not those that go meanwhile, nor those of other signals", () => {
  const [one, other] = [watched(), watched()];
  const listening = createAborts();
  const called: string[] = [];
  const second = item(() => void called.push("second"));
  listening.add(
    one.signal,
    item(() => {
      called.push("first");
      listening.delete(one.signal, second);
    }),
  );
  listening.add(one.signal, second);
  listening.add(one.signal, item(() => void called.push("third")));
  listening.add(other.signal, item(() => void called.push("other")));
  one.abort();
  assert.equal(called, ["first", "third"]);
  listening.delete(one.signal, second); // its end comes when all is over
  other.abort();
  assert.equal(called, ["first", "third", "other"]);
});
aborts.run();
