import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Lease, renewEveryMs } from "./lease.ts";

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("a lease is renewed every five seconds, a short one six times", () => {
  assert.equal(renewEveryMs(60_000), 5000);
  assert.equal(renewEveryMs(3000), 500);
});

test("a renewal that fails is tried again, and a slow one is not overtaken", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    let begun = 0;
    let answer: { resolve: () => void; reject: (error: Error) => void } | undefined;
    const lease = new Lease(60_000, () => {
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
    lease.end();
    mock.timers.tick(60_000);
    assert.equal(begun, 2);
  } finally {
    mock.timers.reset();
  }
});
