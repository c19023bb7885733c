import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Repeatedly } from "./repeatedly.ts";

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("what fails is tried again, and what is slow is not overtaken", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    let begun = 0;
    let answer: { resolve: () => void; reject: (error: Error) => void } | undefined;
    const repeatedly = new Repeatedly(5000, () => {
      begun++;
      return new Promise((resolve, reject) => {
        answer = { resolve, reject };
      });
    });
    mock.timers.tick(5000);
    mock.timers.tick(5000);
    assert.equal(begun, 1);
    answer!.reject(new Error("out of reach"));
    await settle();
    mock.timers.tick(5000);
    assert.equal(begun, 2);
    answer!.resolve();
    await settle();
    repeatedly.end();
    mock.timers.tick(60_000);
    assert.equal(begun, 2);
  } finally {
    mock.timers.reset();
  }
});
