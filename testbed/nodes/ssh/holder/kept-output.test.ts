import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KeptOutput } from "./kept-output.ts";

test("what is not acknowledged can be had from any place on, and nothing else is kept", () => {
  const step = fc.oneof(
    fc.record({ append: fc.uint8Array({ minLength: 1, maxLength: 20 }) }),
    fc.record({ acknowledge: fc.nat({ max: 200 }) }),
  );
  fc.assert(
    fc.property(fc.array(step), fc.nat({ max: 200 }), (steps, wanted) => {
      const kept = new KeptOutput(50);
      let all = Buffer.alloc(0);
      let oldest = 0;
      for (const each of steps) {
        if ("append" in each) {
          kept.append(Buffer.from(each.append));
          all = Buffer.concat([all, each.append]);
        } else {
          kept.acknowledge(each.acknowledge);
          oldest = Math.max(oldest, Math.min(each.acknowledge, all.length));
        }
      }
      assert.deepEqual([kept.oldest, kept.end, kept.full], [oldest, all.length, all.length - oldest >= 50]);
      const from = Math.max(oldest, Math.min(wanted, all.length));
      const parts = [...kept.from(from)];
      assert.deepEqual(Buffer.concat(parts.map(({ bytes }) => bytes)), all.subarray(from));
      let place = from;
      for (const { at, bytes } of parts) {
        assert.equal(at, place);
        place += bytes.length;
      }
    }),
  );
});
