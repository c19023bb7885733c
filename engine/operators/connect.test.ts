import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "../engine-error.ts";
import { schema } from "../records/schema.ts";
import { broadcastProcess } from "./broadcast-process.ts";
import { coProcess } from "./connect.ts";
import { OperatorHarness } from "./operator-harness-for-tests.ts";
import { value } from "./process/state-specs.ts";

const orders = schema({ order: "integer", item: "utf8" });
const payments = schema({ of: "integer", paid: "float64" });
const output = schema({ text: "utf8" });

type Open = { item: string; paid: number | null };
const openOf = (state: object) => (state as { open: Open }).open;

const joining = () =>
  coProcess({
    inputs: [orders, payments],
    keys: ["order", "of"],
    output,
    function: {
      state: { open: value({ item: "utf8", paid: "float64?" }) },
      onFirst({ item }, { key, state, timers, timeMs }, out) {
        const open = openOf(state);
        open.item = item as string;
        timers.event(timeMs + 10);
        if (open.paid !== null) out.emit({ text: `${key} ${open.item} was paid ${open.paid}` });
      },
      onSecond({ paid }, { key, state }, out) {
        const open = openOf(state);
        open.paid = paid as number;
        out.emit({ text: open.item === "" ? `${key} waits` : `${key} ${open.item} paid ${open.paid}` });
      },
      onTimer(timeMs, { key, state }, out) {
        out.emit({ text: `${key} ${openOf(state).item} at ${timeMs}` });
      },
    },
  });
const texts = (harness: OperatorHarness) => harness.take().map(({ text }) => text);

test("two streams share the state and the timers of each key, over a restore too", () => {
  const first = new OperatorHarness(joining());
  first.rows(orders, [{ order: 1, item: "pen", $time: 5 }], 0);
  first.rows(payments, [{ of: 2, paid: 3.5, $time: 6 }], 1);
  assert.deepEqual(texts(first), ["2 waits"]);
  const second = new OperatorHarness(joining(), { restore: [first.snapshot()] });
  second.rows(payments, [{ of: 1, paid: 1, $time: 7 }], 1);
  second.rows(orders, [{ order: 2, item: "ink", $time: 8 }], 0);
  assert.deepEqual(texts(second), ["1 pen paid 1", "2 ink was paid 3.5"]);
  assert.deepEqual(texts(second.watermark(16)), ["1 pen at 15"]);
});

test("keys of different types are refused by name", () => {
  const settings = { inputs: [orders, orders], keys: ["order", "item"], output } as const;
  const user = { onFirst: () => {}, onSecond: () => {} };
  assert.throws(
    () => coProcess({ ...settings, function: user }),
    (error: Error) => error instanceof EngineError && /order is integer, item is utf8/.test(error.message),
  );
});

const rules = schema({ item: "utf8", most: "integer" });
const limiting = (keyed: boolean) =>
  broadcastProcess({
    inputs: [orders, rules],
    ...(keyed && { key: "order" }),
    output,
    function: {
      state: keyed ? { seen: value({ count: "integer" }) } : {},
      broadcast: ["most"],
      onRow({ item, order }, context, out) {
        const seen = keyed ? ((context.state as unknown as { seen: { count: number } }).seen.count += 1) : 0;
        out.emit({
          text: `${order} ${item} ${context.broadcast.most!.get(item as string) ?? "any"} ${seen}`,
        });
      },
      onBroadcast({ item, most }, { broadcast }) {
        broadcast.most!.set(item as string, most as number);
      },
    },
  });

test("every subtask sees the broadcast state, with keys or without, and after a restore at another parallelism", () => {
  for (const keyed of [true, false]) {
    const firsts = [0, 1].map((subtask) => new OperatorHarness(limiting(keyed), { subtask, parallelism: 2 }));
    for (const first of firsts) first.rows(rules, [{ item: "pen", most: 3 }], 1);
    const restore = firsts.map((first) => first.snapshot());
    for (const subtask of [0, 1, 2]) {
      const harness = new OperatorHarness(limiting(keyed), { subtask, parallelism: 3, restore });
      harness.rows(
        orders,
        [
          { order: 1, item: "pen" },
          { order: 1, item: "ink" },
        ],
        0,
      );
      assert.deepEqual(texts(harness), keyed ? ["1 pen 3 1", "1 ink any 2"] : ["1 pen 3 0", "1 ink any 0"]);
    }
  }
});
