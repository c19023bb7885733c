import assert from "node:assert/strict";
import { test } from "node:test";
import { type Reading, readDuration, readRate, readRatio, readSize } from "./units.ts";

const valueIn = (reading: Reading<number>): number | string =>
  "value" in reading ? reading.value : `${reading.complaint.what} / ${reading.complaint.fix}`;

test("durations come out in milliseconds, whatever their unit", () => {
  const texts = ["0", "25ms", "1.5s", "100us", "100µs", "500ns", "2m", "2min", "1h", " 3 ms ", ".5s"];
  const expected = [0, 25, 1500, 0.1, 0.1, 0.0005, 120_000, 120_000, 3_600_000, 3, 500];
  assert.deepEqual(
    texts.map((text) => valueIn(readDuration(text))),
    expected,
  );
});

test("rates come out in bits per second, bytes times eight", () => {
  const texts = ["100Mbit/s", "1Gbit/s", "64kbit/s", "9600bit/s", "12.5MB/s", "1MiB/s", "1kB/s", "1 B/s"];
  const expected = [1e8, 1e9, 64_000, 9600, 1e8, 8 * 2 ** 20, 8000, 8];
  assert.deepEqual(
    texts.map((text) => valueIn(readRate(text))),
    expected,
  );
});

test("sizes tell thousands from powers of two", () => {
  assert.deepEqual(
    ["64KB", "64kB", "64KiB", "1500B"].map((text) => valueIn(readSize(text))),
    [64_000, 64_000, 65_536, 1500],
  );
});

test("ratios are percentages", () => {
  assert.deepEqual(
    ["0.1%", "100%", "0", "0%", "5 %"].map((text) => valueIn(readRatio(text))),
    [0.001, 1, 0, 0, 0.05],
  );
});

test("every way to write bits and bytes alike is refused with what it may have meant", () => {
  const either = (text: string) =>
    `"${text}" is ambiguous: bits or bytes? / write 100Mbit/s for bits or 100MB/s for bytes`;
  for (const text of ["100Mbps", "100mbps", "100MBps", "100Mb/s", "100Mb", "100MB"]) {
    assert.equal(valueIn(readRate(text)), either(text));
  }
  assert.equal(valueIn(readRate("100kbit")), '"100kbit" is not a rate per second / write 100kbit/s');
});

test("a number too long to count is refused", () => {
  assert.match(String(valueIn(readRate(`1${"0".repeat(400)}Gbit/s`))), /is beyond every use/);
  assert.match(String(valueIn(readSize("999999999999GB"))), /is beyond every use/);
});
