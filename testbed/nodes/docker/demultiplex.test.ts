import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Demultiplexer } from "./demultiplex.ts";

const frame = (stream: number, bytes: Uint8Array) => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
};

test("both streams come out whole and in order, however the connection cuts them", () => {
  const frames = fc.array(
    fc.record({ stream: fc.constantFrom(1, 2), bytes: fc.uint8Array({ maxLength: 40 }) }),
  );
  fc.assert(
    fc.property(frames, fc.infiniteStream(fc.integer({ min: 1, max: 20 })), (sent, cuts) => {
      const heard: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
      const streams = new Demultiplexer((stream, bytes) => heard[stream].push(Buffer.from(bytes)));
      let rest = Buffer.concat(sent.map(({ stream, bytes }) => frame(stream, bytes)));
      for (const length of cuts) {
        if (rest.length === 0) break;
        streams.take(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
      for (const [name, number] of [["stdout", 1] as const, ["stderr", 2] as const]) {
        const expected = Buffer.concat(
          sent.filter(({ stream }) => stream === number).map(({ bytes }) => bytes),
        );
        assert.ok(Buffer.concat(heard[name]).equals(expected), name);
      }
    }),
  );
});
