import assert from "node:assert/strict";
import { test } from "node:test";
import { greatCircleKm, oneWayMs } from "./distance.ts";

const paris = { latitude: 48.86, longitude: 2.35 };
const auckland = { latitude: -36.85, longitude: 174.76 };

test("a quarter of the equator is 10,008 km", () => {
  const km = greatCircleKm({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 90 });
  assert.ok(Math.abs(km - 10_007.6) < 0.5, String(km));
});

test("distance is the same in both directions, across the date line too", () => {
  assert.equal(greatCircleKm(paris, auckland), greatCircleKm(auckland, paris));
  const near = greatCircleKm({ latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 });
  assert.ok(Math.abs(near - 111.2) < 0.1, String(near));
});

test("antipodes are half the Earth's circumference apart, not NaN", () => {
  const km = greatCircleKm({ latitude: 45, longitude: 0 }, { latitude: -45, longitude: 180 });
  assert.ok(Math.abs(km - 20_015) < 1, String(km));
});

test("the same place is only the two last miles away", () => {
  assert.equal(oneWayMs(paris, paris, 2.1, 1.5), 3);
});
