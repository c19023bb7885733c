import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "../engine-error.ts";
import { readSettings } from "./settings.ts";

const kinds = {
  window: { kind: "duration", default: "10s", help: "" },
  keys: { kind: "count", default: "1k", help: "" },
  payload: { kind: "size", default: "100B", help: "" },
  rate: { kind: "rate", default: undefined, help: "" },
  skew: { kind: "number", default: 0.5, help: "" },
  out: { kind: "text", default: undefined, help: "" },
  fast: { kind: "flag", default: false, help: "" },
  mode: { kind: "choice", choices: ["one", "two"], default: "one", help: "" },
} as const;

test("what is not set has its default, or is undefined where there is none", () => {
  assert.deepEqual(readSettings("j", kinds, {}), {
    window: 10_000,
    keys: 1000,
    payload: 100,
    rate: undefined,
    skew: 0.5,
    out: undefined,
    fast: false,
    mode: "one",
  });
});

test("settings are read from text, and from what YAML makes of them", () => {
  const given = {
    window: "1m",
    keys: 5000,
    payload: "1KiB",
    rate: "50k/s",
    skew: 2,
    out: "x",
    fast: true,
    mode: "two",
  };
  const expected = { ...given, window: 60_000, payload: 1024, rate: 50_000 };
  assert.deepEqual(readSettings("j", kinds, given), expected);
  assert.deepEqual(readSettings("j", kinds, { ...given, keys: "5000", skew: "2", fast: "true" }), expected);
});

test("each wrong setting has one message: which, what is wrong, what would be right", () => {
  const messages: [Record<string, unknown>, string][] = [
    [
      { windw: "1s" },
      'job j has no setting "windw"\n  fix: one of: window, keys, payload, rate, skew, out, fast, mode',
    ],
    [
      { window: "10" },
      'job j, setting window: "10" is not a duration: it has no unit\n  fix: write it like 10s, 250ms, 20us or 5m',
    ],
    [
      { window: 10 },
      'job j, setting window: "10" is not a duration: it has no unit\n  fix: write it like 10s, 250ms, 20us or 5m',
    ],
    [{ keys: [1] }, "job j, setting keys: [1] is not a count\n  fix: write it like 1k"],
    [{ skew: "much" }, 'job j, setting skew: "much" is not a number\n  fix: write it like 0.5'],
    [{ fast: "yes" }, 'job j, setting fast: "yes" is not a flag\n  fix: true or false'],
    [{ mode: "three" }, 'job j, setting mode: "three" is none of its choices\n  fix: one of: one, two'],
  ];
  for (const [given, message] of messages) {
    assert.throws(
      () => readSettings("j", kinds, given),
      (error) => error instanceof EngineError && error.message === message && error.exitStatus === 2,
    );
  }
});
