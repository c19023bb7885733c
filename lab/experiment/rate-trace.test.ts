import assert from "node:assert/strict";
import { test } from "node:test";
import { readRateTrace } from "./rate-trace.ts";

test("each rate holds until the next line's second; the last one as long as the one before", () => {
  const right = [
    { ratePerSecond: 100, forMs: 10_000 },
    { ratePerSecond: 250, forMs: 5000 },
    { ratePerSecond: 0, forMs: 5000 },
  ];
  assert.deepEqual(readRateTrace("seconds\trate\n0\t100\n10\t250\n15\t0\n", "t.tsv"), right);
  assert.deepEqual(readRateTrace("# measured\n5,100\n\n15, 250 # more\r\n20,0", "t.csv"), right);
});

test("decimals and exponents are numbers", () => {
  assert.deepEqual(readRateTrace(".5 1e3\n1.5\t2.5", "t"), [
    { ratePerSecond: 1000, forMs: 1000 },
    { ratePerSecond: 2.5, forMs: 1000 },
  ]);
});

test("a single rate is a trace", () => {
  assert.deepEqual(readRateTrace("0 7", "t"), [{ ratePerSecond: 7, forMs: 1000 }]);
});

for (const [text, message] of [
  [
    "0,1\n5,x\n",
    't:2:1: "5,x" is not a second and a rate\n  fix: write seconds and records per second, such as 0,1000',
  ],
  [
    "0,1\n5,-3\n",
    't:2:1: "5,-3" is not a second and a rate\n  fix: write seconds and records per second, such as 0,1000',
  ],
  ...["10,", "10,abc", "0x10,5", "10,0x5", "-10,5", "10,1e999"].map(
    (line) =>
      [
        `0,1000\n${line}\n20,300\n`,
        `t:2:1: "${line}" is not a second and a rate\n  fix: write seconds and records per second, such as 0,1000`,
      ] as const,
  ),
  [
    "0,1\n7,1\n7,2\n",
    "t:3:1: second 7 does not come after second 7\n  fix: sort the lines by their first column (line 2 and on)",
  ],
  ["seconds,rate\n", "t:1:1: there is no rate in it\n  fix: write lines such as 0,1000"],
] as const) {
  test(`a trace is refused with its line: ${JSON.stringify(text)}`, () => {
    assert.throws(() => readRateTrace(text, "t"), { message });
  });
}
