import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { EngineError } from "../engine-error.ts";
import { Batch } from "../records/batch.ts";
import { rowsOf } from "../records/rows-for-tests.ts";
import { schema } from "../records/schema.ts";
import { CreditPool } from "./credit-pool.ts";
import type { Signal } from "./element.ts";
import { consumeAll, type LinkedPair, linkedPair } from "./link-for-tests.ts";
import { VirtualTime } from "./pipe-for-tests.ts";

const numbers = schema({ n: "integer", half: "float64" });
const texts = schema({ text: "utf8" });
const near = { delayMs: 0.1, bytesPerMs: 1e6 };
const far = { delayMs: 25, bytesPerMs: 12_500 };

function numbersFrom(first: number, count: number): Batch {
  const n = Float64Array.from({ length: count }, (_, row) => first + row);
  return new Batch(numbers, count, [n, n.map((value) => value / 2)], undefined);
}

function textBatch(length: number): Batch {
  return new Batch(
    texts,
    1,
    [{ offsets: Int32Array.of(0, length), bytes: new Uint8Array(length).fill(97) }],
    undefined,
  );
}

test("elements come out as they went in, in order, however the network cuts the bytes", () => {
  const anyElement = fc.oneof(
    fc.nat(900).map((count) => ({ is: "batch", count }) as const),
    fc.record<Signal & { is: "watermark" }>({
      is: fc.constant("watermark"),
      ms: fc.oneof(fc.integer(), fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)),
      dueMs: fc.double(),
    }),
    fc.record<Signal & { is: "barrier" }>({
      is: fc.constant("barrier"),
      checkpoint: fc.nat(),
      kind: fc.constantFrom("checkpoint", "savepoint", "stop", "final"),
      mode: fc.constantFrom("aligned", "unaligned"),
    }),
    fc.constantFrom<Signal>({ is: "idle" }, { is: "end" }),
  );
  const pieces = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(anyElement, { maxLength: 20 }), pieces, fc.boolean(), (elements, cuts, isNarrow) => {
      const time = new VirtualTime();
      const pool = new CreditPool(1 << 20, 1);
      const pair = linkedPair(time, { ...near, pieces: cuts }, new Map([[7, numbers]]), pool, isNarrow);
      time.runUntil(1);
      let first = 0;
      const came: unknown[] = [];
      const take = () => {
        for (const { channel, element } of pair.came.splice(0)) {
          assert.equal(channel, 7);
          if (element.is !== "batch") came.push(element);
          else {
            came.push(...rowsOf(element.batch).map(({ n }) => n));
            pair.inbound!.consumed(channel, element.bytes);
          }
        }
        pair.inbound!.flush();
      };
      for (const element of elements) {
        if (element.is !== "batch") pair.out.sendSignal(7, element);
        else {
          // A new channel's credit is small, and grows as it is used.
          const batch = numbersFrom(first, element.count);
          for (let row = 0, turns = 0; row < element.count; turns++) {
            assert.ok(turns < 1000);
            row = pair.out.sendRows(7, batch, row);
            pair.out.flush();
            time.runUntil(time.nowMs + 5);
            take();
          }
          first += element.count;
        }
      }
      pair.out.flush();
      time.runUntil(time.nowMs + 10);
      let next = 0;
      const sent = elements.flatMap((element): unknown[] =>
        element.is === "batch" ? Array.from({ length: element.count }, () => next++) : [{ ...element }],
      );
      take();
      assert.deepEqual(came, sent);
      assert.deepEqual(pair.closed, []);
    }),
  );
});

/** Keeps a channel as full as it lets itself be; returns how many rows have come. */
function saturate(
  time: VirtualTime,
  pair: LinkedPair,
  untilMs: number,
  batch: Batch,
  channel = 1,
): () => number {
  let rows = 0;
  let row = 0;
  time.runUntil(untilMs, () => {
    consumeAll(pair, ({ rowCount }) => {
      rows += rowCount;
    });
    while (pair.out.isWritable(channel)) {
      row = pair.out.sendRows(channel, batch, row);
      if (row < batch.rowCount) break;
      row = 0;
    }
    pair.out.flush();
  });
  return () => rows;
}

test("a link of 100 Mbit/s and 25 ms each way is used to 95 % after half a second, within the memory bound", () => {
  for (const isNarrow of [false, true]) {
    const time = new VirtualTime();
    const pool = new CreditPool(4 << 20, 4);
    const pair = linkedPair(time, far, new Map([[1, numbers]]), pool, isNarrow);
    const batch = numbersFrom(0, 4096);
    saturate(time, pair, 500, batch);
    const before = pair.sender.bytesSent;
    saturate(time, pair, 2500, batch);
    const used = (pair.sender.bytesSent - before) / (2000 * far.bytesPerMs);
    assert.ok(used >= 0.95 && used <= 1.05, `${used}`);
    assert.ok(pool.freeBytes >= 0);
  }
});

test("a receiver that consumes nothing stops the sender at what it has granted", () => {
  const time = new VirtualTime();
  const pair = linkedPair(time, near, new Map([[1, numbers]]), new CreditPool(1 << 20, 2));
  time.runUntil(1);
  const batch = numbersFrom(0, 100_000);
  const sent = pair.out.sendRows(1, batch, 0);
  assert.ok(sent > 0 && sent * 16 <= 65_536, `${sent}`);
  assert.equal(pair.out.isWritable(1), false);
  pair.out.flush();
  time.runUntil(1000);
  assert.equal(pair.out.sendRows(1, batch, sent), sent);
  assert.deepEqual(pair.writable, []);
  consumeAll(pair);
  time.runUntil(1001);
  assert.deepEqual(pair.writable, [1]);
  assert.ok(pair.out.sendRows(1, batch, sent) > sent);
});

test("a channel without credit stops no other, and no barrier", () => {
  const time = new VirtualTime();
  const channels = new Map([1, 2].map((channel) => [channel, numbers]));
  const pair = linkedPair(time, near, channels, new CreditPool(1 << 20, 2));
  time.runUntil(1);
  const batch = numbersFrom(0, 10_000);
  pair.out.sendRows(1, batch, 0);
  const barrier = { is: "barrier", checkpoint: 9, kind: "checkpoint", mode: "unaligned" } as const;
  assert.ok(pair.out.sendSignal(1, barrier));
  assert.ok(pair.out.sendRows(2, batch, 0) > 0);
  pair.out.flush();
  time.runUntil(2);
  assert.ok(pair.came.some(({ channel, element }) => channel === 1 && element.is === "barrier"));
  assert.ok(pair.came.some(({ channel, element }) => channel === 2 && element.is === "batch"));
});

test("a single record larger than the window gets through, and a small one behind it", () => {
  const time = new VirtualTime();
  const pair = linkedPair(time, near, new Map([[1, texts]]), new CreditPool(1 << 20, 8));
  time.runUntil(1);
  let came = 0;
  for (const length of [500_000, 10, 300_000, 65_536]) {
    const batch = textBatch(length);
    for (let turn = 0; turn < 20 && pair.out.sendRows(1, batch, 0) === 0; turn++) {
      time.runUntil(time.nowMs + 1);
    }
    pair.out.flush();
    time.runUntil(time.nowMs + 1);
    consumeAll(pair, ({ columns }) => {
      came += (columns[0] as { bytes: Uint8Array }).bytes.length;
    });
  }
  assert.equal(came, 500_000 + 10 + 300_000 + 65_536);
});

test("a record larger than all buffers is an error that says what to raise", () => {
  const time = new VirtualTime();
  const pair = linkedPair(time, near, new Map([[1, texts]]), new CreditPool(1 << 20, 1));
  time.runUntil(1);
  pair.out.sendRows(1, textBatch(1 << 20), 0);
  time.runUntil(2);
  const [first] = pair.closed;
  assert.ok(first?.error instanceof EngineError && first.error.code === "record-too-large");
  assert.match(first.error.message, /bufferBytes/);
});

test("a quiet channel's memory goes to one that asks, and comes back when it is wanted again", () => {
  const time = new VirtualTime();
  const pool = new CreditPool(3 << 20, 2);
  const channels = new Map([1, 2].map((channel) => [channel, numbers]));
  const pair = linkedPair(time, { ...far, bytesPerMs: 50_000 }, channels, pool, false);
  const batch = numbersFrom(0, 4096);
  for (const channel of [1, 2, 1]) {
    saturate(time, pair, time.nowMs + 700, batch, channel);
    const before = pair.sender.bytesSent;
    saturate(time, pair, time.nowMs + 500, batch, channel);
    // Its bandwidth × delay is 2.5 MB; its even share of the memory is 1.5, and gives so much a round trip.
    const bytesPerMs = (pair.sender.bytesSent - before) / 500;
    assert.ok(bytesPerMs >= (0.8 * 1.5 * 2 ** 20) / 50, `channel ${channel}: ${bytesPerMs}`);
    assert.ok(pool.freeBytes >= 0);
  }
});

test("memory that one link's channel lets go of reaches a channel of another link that waits, with no turn of its own", () => {
  const time = new VirtualTime();
  const pool = new CreditPool(1 << 20, 3);
  const [one, other] = [1, 2, 3].map((channel) => linkedPair(time, near, new Map([[channel, texts]]), pool));
  time.runUntil(1);
  const large = textBatch(524_000);
  for (const [pair, channel] of [
    [one, 1],
    [other, 2],
  ] as const) {
    assert.equal(pair!.out.sendRows(channel, large, 0), 0);
    pair!.out.flush();
    time.runUntil(time.nowMs + 2);
  }
  // Both want nearly half of everything, and the third link has its least: only one of them can have it.
  assert.deepEqual([one!.writable, other!.writable], [[1], []]);
  assert.equal(one!.out.sendRows(1, large, 0), 1);
  one!.out.flush();
  time.runUntil(time.nowMs + 2);
  consumeAll(one!);
  time.runUntil(time.nowMs + 2);
  assert.deepEqual(other!.writable, [2]);
  assert.equal(other!.out.sendRows(2, large, 0), 1);
});

test("both ends hear once of a cut, and nothing comes afterwards", () => {
  const time = new VirtualTime();
  const pool = new CreditPool(1 << 20, 1);
  const pair = linkedPair(time, near, new Map([[1, numbers]]), pool);
  time.runUntil(1);
  pair.out.sendRows(1, numbersFrom(0, 100), 0);
  pair.out.flush();
  pair.sender.cut();
  pair.sender.cut();
  time.runUntil(5);
  assert.deepEqual(pair.closed.map(({ end, error }) => [end, error?.message]).toSorted(), [
    ["in", "cut"],
    ["out", "cut"],
  ]);
  assert.equal(pair.came.length, 0);
  const held = pool.boundBytes - pool.floorBytes - pool.freeBytes;
  assert.equal(held, 0, "the memory is free again, but for the floor of who comes next");
  assert.equal(pair.out.sendRows(1, numbersFrom(0, 100), 0), 0);
});

test("closing sends what was sent before", () => {
  const time = new VirtualTime();
  const pair = linkedPair(time, near, new Map([[1, numbers]]), new CreditPool(1 << 20, 1));
  time.runUntil(1);
  pair.out.sendRows(1, numbersFrom(0, 3), 0);
  pair.out.sendSignal(1, { is: "end" });
  pair.out.close();
  time.runUntil(2);
  assert.deepEqual(
    pair.came.map(({ element }) => element.is),
    ["batch", "end"],
  );
});

test("noise, in place of frames or behind sound ones, closes the connection and throws nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 300 }), (noise) => {
      const time = new VirtualTime();
      const pair = linkedPair(time, near, new Map([[1, numbers]]), new CreditPool(1 << 20, 1));
      time.runUntil(1);
      pair.out.sendSignal(1, { is: "idle" });
      pair.out.flush();
      pair.sender.write(noise, () => {});
      pair.receiver.write(noise, () => {});
      time.runUntil(2);
      const [first, second] = pair.closed;
      assert.equal(first?.error?.name, "FrameError");
      assert.ok(second?.error === undefined || second.error.name === "FrameError");
    }),
  );
});
