import assert from "node:assert/strict";
import { test } from "node:test";
import { measureSlowConsumer } from "../bench/slow-consumer-run.ts";

test("what a slow consumer leaves waiting stays within a worker's buffers, and its sources are held back", {
  timeout: 60_000,
}, async (t) => {
  const bufferBytes = 4 * 2 ** 20;
  const found = await measureSlowConsumer(
    { seconds: 8, work: "200us", payload: "1kB", bufferBytes, checkpointEveryMs: 1000 },
    t.signal,
    () => undefined,
  );
  const { queuedBytesMost, backpressuredShare, checkpoints, samples } = found;
  t.diagnostic(`${queuedBytesMost} bytes queued at most, held back ${backpressuredShare} of the time`);
  const records = samples.map(({ recordsIn }) => recordsIn);
  assert.ok(records.at(-1)! > records[2]!, "no record has passed");
  assert.ok(queuedBytesMost > 0 && queuedBytesMost <= bufferBytes);
  assert.ok(backpressuredShare > 0.2);
  // Unaligned barriers overtake what waits.
  assert.ok(checkpoints >= 3);
});
