import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Batch } from "./batch.ts";
import { ByteRoom } from "./byte-room.ts";
import { batchBytes, decodeBatch, encodeBatch, encodedBatch, wireOverhead } from "./codec.ts";
import { MalformedBatch } from "./codec-decode.ts";
import { anySample, batchOf, expectedRows, rowsOf } from "./rows-for-tests.ts";
import { schema } from "./schema.ts";

function encoded(batch: Batch, from: number, to: number, isNarrow: boolean): Uint8Array {
  const room = new ByteRoom(8);
  encodeBatch(batch, from, to, room, isNarrow);
  return room.bytes.slice(0, room.used);
}

test("any range of rows of any schema comes back as it was, narrow or plain, aligned or not", () => {
  fc.assert(
    fc.property(
      anySample(),
      fc.nat(),
      fc.nat(),
      fc.boolean(),
      fc.nat(9),
      (sample, one, other, isNarrow, shift) => {
        const batch = batchOf(sample);
        const ends = [one % (batch.rowCount + 1), other % (batch.rowCount + 1)] as const;
        const [from, to] = [Math.min(...ends), Math.max(...ends)];
        const bytes = encoded(batch, from, to, isNarrow);
        const shifted = new Uint8Array(shift + bytes.length).subarray(shift);
        shifted.set(bytes);
        const decoded = decodeBatch(sample.schema, shifted);
        assert.deepEqual(rowsOf(decoded), expectedRows(sample).slice(from, to));
      },
    ),
  );
});

test("a batch never takes more on the wire than its memory and the overhead of its schema", () => {
  fc.assert(
    fc.property(anySample(), fc.boolean(), (sample, isNarrow) => {
      const batch = batchOf(sample);
      const room = batchBytes(batch, 0, batch.rowCount) + wireOverhead(sample.schema);
      assert.ok(encoded(batch, 0, batch.rowCount, isNarrow).length <= room);
    }),
  );
});

test("batches stand one behind the other in a room that grows", () => {
  fc.assert(
    fc.property(fc.array(anySample(8), { maxLength: 5 }), (samples) => {
      const room = new ByteRoom(8);
      const starts = samples.map((sample) => {
        const batch = batchOf(sample);
        const start = room.used;
        encodeBatch(batch, 0, batch.rowCount, room, true);
        return start;
      });
      for (const [index, sample] of samples.entries()) {
        const bytes = room.bytes.subarray(starts[index], starts[index + 1] ?? room.used);
        assert.deepEqual(rowsOf(decodeBatch(sample.schema, bytes)), expectedRows(sample));
      }
    }),
  );
});

const numbers = schema({ at: "timestamp", value: "float64", count: "int32" });

function numberBatch(at: readonly number[], timesAre: "at" | "own" | "none"): Batch {
  const column = Float64Array.from(at);
  const times = { at: column, own: column.slice(), none: undefined }[timesAre];
  return new Batch(
    numbers,
    at.length,
    [column, column.map((value) => value / 3), Int32Array.from(at)],
    times,
    undefined,
    12.5,
  );
}

test("event times that are a column are not sent twice, and are that column again", () => {
  for (const timesAre of ["at", "own", "none"] as const) {
    const decoded = decodeBatch(numbers, encodedBatch(numberBatch([5, 6], timesAre), 0, 2));
    assert.equal(decoded.times === decoded.columns[0], timesAre === "at");
    assert.deepEqual(decoded.times && [...decoded.times], timesAre === "none" ? undefined : [5, 6]);
    assert.equal(decoded.dueMs, 12.5);
  }
});

test("plain columns are views on the bytes that were read", () => {
  const bytes = encoded(numberBatch([1, 2, 3], "at"), 0, 3, false);
  for (const column of decodeBatch(numbers, bytes).columns) {
    assert.equal((column as Float64Array).buffer, bytes.buffer);
  }
});

test("numbers that are close together take two or four bytes, and come back exactly wherever they lie", () => {
  const one = schema({ n: "integer" });
  const distances = [0, 1, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];
  for (const base of [0, -1, -(2 ** 31), 1_436_918_400_000, -(2 ** 53) + 1, 2 ** 52]) {
    for (const distance of distances.filter((far) => Number.isSafeInteger(base + far))) {
      const column = Float64Array.of(base + distance, base, base + Math.floor(distance / 2));
      const bytes = encodedBatch(new Batch(one, 3, [column], undefined), 0, 3);
      const width = distance <= 65_535 ? 2 : distance < 2 ** 32 ? 4 : 8;
      assert.equal(bytes.length, 24 + 16 + Math.ceil((width * 3) / 8) * 8, `${base} + ${distance}`);
      assert.deepEqual(decodeBatch(one, bytes).columns[0], column);
    }
  }
});

test("an integer column with a value that is no integer is kept exactly", () => {
  const one = schema({ n: "integer" });
  for (const odd of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, -(2 ** 70)]) {
    for (const values of [[1, odd], [odd, 1], [odd]]) {
      const column = Float64Array.from(values);
      const bytes = encodedBatch(new Batch(one, values.length, [column], undefined), 0, values.length);
      assert.deepEqual(decodeBatch(one, bytes).columns[0], column);
    }
  }
});

test("bytes of another schema are refused", () => {
  const bytes = encodedBatch(numberBatch([1], "at"), 0, 1);
  assert.throws(() => decodeBatch(schema({ at: "timestamp" }), bytes), MalformedBatch);
});

test("bytes that are cut short or go on are refused", () => {
  const bytes = encodedBatch(numberBatch([1, 2], "own"), 0, 2);
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeBatch(numbers, bytes.slice(0, length)), MalformedBatch);
  }
  assert.throws(() => decodeBatch(numbers, Buffer.concat([bytes, new Uint8Array(8)])), MalformedBatch);
});

test("damaged bytes are refused or give a batch that can be read to its end", () => {
  const anyDamage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(anySample(12), anyDamage, (sample, damage) => {
      const batch = batchOf(sample);
      const bytes = encodedBatch(batch, 0, batch.rowCount);
      for (const [place, value] of damage) bytes[place % bytes.length] = value;
      let decoded: Batch;
      try {
        decoded = decodeBatch(sample.schema, bytes);
      } catch (error) {
        if (!(error instanceof MalformedBatch)) throw error;
        return;
      }
      for (const [index, column] of decoded.columns.entries()) {
        if (!("offsets" in column)) assert.equal(column.length, decoded.rowCount);
        else {
          assert.equal(column.offsets.length, decoded.rowCount + 1);
          assert.ok(column.offsets.every((offset, row) => offset >= (column.offsets[row - 1] ?? 0)));
          assert.equal(column.offsets[decoded.rowCount], column.bytes.length);
        }
        const valid = decoded.valid[index];
        assert.ok(valid === undefined || valid.length === decoded.rowCount);
      }
      if (decoded.columns.length > 0) rowsOf(decoded);
    }),
    { numRuns: 500 },
  );
});

test("noise is refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.throws(() => decodeBatch(numbers, bytes), MalformedBatch);
    }),
  );
});
