import assert from "node:assert/strict";
import { test } from "node:test";
import { schema } from "../../records/schema.ts";
import { OperatorHarness } from "../operator-harness-for-tests.ts";
import { keyedProcess } from "../process.ts";
import type { ProcessFunction } from "./functions.ts";
import { list, map, reducing, type StateSpecs, type Ttl, value } from "./state-specs.ts";

const input = schema({ key: "integer", does: "utf8" });
const output = schema({ key: "integer", saw: "utf8" });

/** "set" touches all state, "get" tells what is there. */
const harnessOf = (ttl: Ttl, restore: ConstructorParameters<typeof OperatorHarness>[1] = {}) => {
  const specs = {
    value: value({ number: "integer" }, ttl),
    list: list("utf8", ttl),
    map: map("integer", "utf8", ttl),
    total: reducing("int32", (total, number) => total + number, ttl),
  } satisfies StateSpecs;
  const user: ProcessFunction<typeof input.fields, typeof output.fields, number, typeof specs> = {
    state: specs,
    onRow({ does }, { key, state }, out) {
      if (does === "set") {
        state.value.number = 1;
        state.list.add("a");
        state.map.set(7, "b");
        state.total.add(2);
      } else if (does === "get") {
        const saw = [
          state.value.$isSet && state.value.number,
          state.list.get(),
          state.map.entries(),
          state.total.get() ?? null,
        ];
        out.emit({ key, saw: JSON.stringify(saw) });
      }
    },
  };
  const operator = keyedProcess({ input, key: "key", output, function: user as unknown as ProcessFunction });
  return new OperatorHarness(operator, restore);
};

const at = (harness: OperatorHarness, nowMs: number, does: string, key = 1) => {
  harness.nowMs = nowMs;
  return harness
    .rows(input, [{ key, does }])
    .take()
    .map(({ saw }) => JSON.parse(saw as string));
};
const all = [1, ["a"], [[7, "b"]], 2];
const nothing = [false, [], [], null];

test("state is there until its time is over and never seen afterwards; reading does not prolong it", () => {
  const harness = harnessOf({ ttlMs: 100 });
  at(harness, 0, "set");
  assert.deepEqual(at(harness, 60, "get"), [all]);
  assert.deepEqual(at(harness, 99, "get"), [all]);
  assert.deepEqual(at(harness, 100, "get"), [nothing]);
});

test("with refresh at reads, state that is read lives on", () => {
  const harness = harnessOf({ ttlMs: 100, refresh: "read" });
  at(harness, 0, "set");
  assert.deepEqual(at(harness, 60, "get"), [all]);
  assert.deepEqual(at(harness, 150, "get"), [all]);
  assert.deepEqual(at(harness, 250, "get"), [nothing]);
});

test("what is written again after its time begins anew", () => {
  const harness = harnessOf({ ttlMs: 100 });
  at(harness, 0, "set");
  at(harness, 200, "set");
  assert.deepEqual(at(harness, 201, "get"), [all]);
});

test("the end of its time is part of a checkpoint", () => {
  const first = harnessOf({ ttlMs: 100 });
  at(first, 0, "set");
  const second = harnessOf({ ttlMs: 100 }, { restore: [first.snapshot()] });
  assert.deepEqual(at(second, 99, "get"), [all]);
  const third = harnessOf({ ttlMs: 100 }, { restore: [first.snapshot(2)] });
  assert.deepEqual(at(third, 100, "get"), [nothing]);
});

test("state of keys that never come again is cleaned up by the work for others", () => {
  const harness = harnessOf({ ttlMs: 100 });
  for (let key = 0; key < 5000; key++) at(harness, 0, "set", key);
  const full = harness.snapshot(1).part.bytes.full;
  for (let key = 10_000; key < 15_000; key++) at(harness, 1000, "set", key);
  for (let key = 20_000; key < 25_000; key++) at(harness, 2000, "set", key);
  const { full: after } = harness.snapshot(2).part.bytes;
  assert.ok(after < full * 1.7, `${after} bytes after ${full}`);
});
