import assert from "node:assert/strict";
import { test } from "node:test";
import type { Question, Secret } from "#testbed/nodes/ssh/secrets.ts";
import { Answering } from "./answering.ts";

const [a, b] = ["a", "b"].map((of) => ({ of, text: `password of ${of}` })) as [Question, Question];

function stage(say: (of: string) => string | undefined) {
  const asked: string[] = [];
  const handed: Secret[] = [];
  const answering = new Answering(async (secret) => void handed.push(secret), {
    tell: async ({ of }, wrong) => {
      asked.push(`${of} ${wrong.length}`);
      return say(of);
    },
  });
  return { answering, asked, handed };
}

test("orders that want the same secret at the same time ask for it once", async () => {
  const { answering, asked, handed } = stage((of) => `${of}!`);
  const results = await Promise.all([a, a, b, a].map((each) => answering.answer([each], 0)));
  assert.deepEqual(results, [true, true, true, true]);
  assert.deepEqual(asked, ["a 0", "b 0"]);
  assert.deepEqual(handed, [
    { of: "a", secret: "a!" },
    { of: "b", secret: "b!" },
  ]);
});

test("what is wanted again by an order that knew the answer was wrong, and is asked three times", async () => {
  const { answering, asked } = stage(() => "wrong");
  for (const expected of [true, true, true, false])
    assert.equal(await answering.answer([a], answering.count), expected);
  assert.deepEqual(asked, ["a 0", "a 1", "a 2"]);
});

test("who leaves one answer empty is asked the next, and where nobody answers the order has failed", async () => {
  const first = stage((of) => (of === "a" ? "" : "key"));
  assert.equal(await first.answering.answer([a, b], 0), true);
  assert.deepEqual(first.handed, [{ of: "b", secret: "key" }]);
  assert.equal(await stage(() => undefined).answering.answer([a, b], 0), false);
});

test("who refuses one answer is asked nothing more", async () => {
  const { answering, asked } = stage(() => {
    throw new Error("not answered");
  });
  const refused = [a, b].map((each) => answering.answer([each], 0));
  for (const each of refused) await assert.rejects(each, /not answered/);
  assert.deepEqual(asked, ["a 0"]);
});
