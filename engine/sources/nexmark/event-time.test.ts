import assert from "node:assert/strict";
import { test } from "node:test";
import { baseTimeMs, type EventRates, eventTime, steadyEventTime } from "./event-time.ts";

const rates = (changes: Partial<EventRates>): EventRates => ({
  firstEventRate: 10_000,
  nextEventRate: 10_000,
  ratePeriodSec: 600,
  rateShape: "sine",
  ...changes,
});
const offsets = (time: (event: number) => number, events: number[]) =>
  events.map((event) => time(event) - baseTimeMs);

test("ten events share a millisecond at the default rate, from 2015-07-15 on", () => {
  assert.equal(new Date(steadyEventTime(0)).toISOString(), "2015-07-15T00:00:00.000Z");
  assert.deepEqual(offsets(steadyEventTime, [0, 9, 10, 19, 100_000]), [0, 0, 1, 1, 10_000]);
});

test("equal rates give the steady time whatever the shape and the period", () => {
  for (const rateShape of ["square", "sine"] as const) {
    const time = eventTime(rates({ rateShape, ratePeriodSec: 7 }));
    for (let event = 0; event < 5000; event += 7) assert.equal(time(event), steadyEventTime(event));
  }
});

test("the delay between events is rounded to the nearest microsecond", () => {
  const time = eventTime(rates({ firstEventRate: 300_000, nextEventRate: 300_000 }));
  assert.deepEqual(offsets(time, [1_000_000]), [3_000]);
});

test("a square changes from the first rate to the next half a period later, and back", () => {
  const time = eventTime(
    rates({ firstEventRate: 1000, nextEventRate: 100, ratePeriodSec: 10, rateShape: "square" }),
  );
  // 5 s at 1,000/s are 5,000 events; 5 s at 100/s are 500.
  assert.deepEqual(
    offsets(time, [0, 4999, 5000, 5001, 5499, 5500, 5501]),
    [0, 4999, 5000, 5010, 9990, 10_000, 10_001],
  );
});

test("a sine goes in ten steps of constant rate from the first rate to the next and back", () => {
  const time = eventTime(rates({ firstEventRate: 1000, nextEventRate: 500, ratePeriodSec: 10 }));
  const eventsInSecond = Array<number>(20).fill(0);
  for (let event = 0; event < 15_000; event++)
    eventsInSecond[Math.floor((time(event) - baseTimeMs) / 1000)]!++;
  // Rates 1000, 952, 827, 673, 548, 500, ... have delays of 1000, 1050, 1209, 1486, 1825, 2000 µs.
  const firstPeriod = eventsInSecond.slice(0, 10);
  const expected = [1000, 952, 827, 672, 547, 500, 547, 672, 827, 952];
  for (const [second, count] of firstPeriod.entries()) {
    assert.ok(Math.abs(count - expected[second]!) <= 3, `second ${second}: ${count}`);
  }
});

test("time never goes back, through periods and steps that are no whole milliseconds", () => {
  const time = eventTime(rates({ firstEventRate: 7001, nextEventRate: 313, ratePeriodSec: 3 }));
  for (let event = 1; event < 200_000; event++) {
    if (time(event) < time(event - 1)) assert.fail(`event ${event} is before the one before it`);
  }
});

for (const changes of [
  { firstEventRate: 0 },
  { nextEventRate: -1 },
  { ratePeriodSec: 1.5 },
  { firstEventRate: 3_000_000 },
]) {
  test(`rates are refused with ${JSON.stringify(changes)}`, () => {
    assert.throws(() => eventTime(rates(changes)), { code: "bad-setting", exitStatus: 2 });
  });
}

test("a hundred generators that share the rate have their events a hundred times as far apart", () => {
  const alone = eventTime(rates({}));
  const shared = eventTime(rates({ generators: 100 }));
  for (const event of [0, 1, 7, 999])
    assert.equal(shared(event) - baseTimeMs, alone(event * 100) - baseTimeMs);
});
