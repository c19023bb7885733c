import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FrameReader, messageFrame, stretchHead } from "./frames.ts";

const message = fc.record({ say: fc.string(), n: fc.integer() }, { noNullPrototype: true });
const stretch = fc.record(
  {
    id: fc.nat(),
    stream: fc.constantFrom("in" as const, "out" as const, "err" as const),
    at: fc.nat({ max: 2 ** 30 }).map((at) => at * 1000),
    bytes: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  },
  { noNullPrototype: true },
);
const frame = fc.oneof(
  message.map((value) => ({ message: value })),
  stretch,
);

test("frames come out as they went in, however the bytes are cut on the way", () => {
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 50 })), (frames, cuts) => {
      const wire = Buffer.concat(
        frames.flatMap((each) =>
          "message" in each
            ? [messageFrame(each.message)]
            : [stretchHead(each.id, each.stream, each.at, each.bytes.length), each.bytes],
        ),
      );
      const reader = new FrameReader();
      const seen: unknown[] = [];
      let at = 0;
      for (const cut of [...cuts, wire.length]) {
        seen.push(...reader.take(wire.subarray(at, at + cut)));
        at += cut;
      }
      assert.deepEqual(seen, frames);
    }),
  );
});

test("what is no frame of ours is refused", () => {
  assert.throws(() => new FrameReader().take(Buffer.from("HTTP/1.1 200 OK")), /not ours/);
  assert.throws(() => new FrameReader().take(Buffer.from([0, 0, 0, 1, 77])), /not ours/);
});
