import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, Store } from "../store.ts";
import { PendingStore } from "./pending-store.ts";

/** Answers when the test says so. */
function slowStore() {
  const answers: (() => void)[] = [];
  const later =
    <Value>(value: Value) =>
    (...words: unknown[]) => {
      const done = words.at(-1) as Answer<Value>;
      answers.push(() => done(undefined, value));
    };
  const store: Store = {
    name: "slow",
    put: later(undefined),
    get: later(new Uint8Array()),
    remove: later(undefined),
    list: later<readonly string[]>([]),
  };
  return { store, answer: () => answers.shift()!() };
}

test("it is quiet when all that was asked is answered, and what that led to", async () => {
  const { store, answer } = slowStore();
  const pending = new PendingStore(store);
  await pending.quiet(0);
  const seen: string[] = [];
  pending.put("a", new Uint8Array(), () => pending.list("", () => seen.push("listed")));
  const quiet = pending.quiet(60_000).then(() => seen.push("quiet"));
  answer();
  await new Promise(setImmediate);
  assert.deepEqual(seen, []);
  answer();
  await quiet;
  assert.deepEqual(seen, ["listed", "quiet"]);
});

test("a store that does not answer is waited for as long as was said", async () => {
  const pending = new PendingStore(slowStore().store);
  pending.get("a", () => assert.fail("nobody answers"));
  await pending.quiet(5);
});
