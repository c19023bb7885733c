import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { schema } from "../records/schema.ts";
import { OperatorHarness, type PlainRow } from "./operator-harness-for-tests.ts";
import { inOrder, WindowCluster } from "./window-cluster-for-tests.ts";
import { windowJoin } from "./window-join.ts";
import { type WindowJoinConfig, windowJoinOutput } from "./window-join-config.ts";

const people = schema({ id: "integer", name: "utf8", city: "utf8?" });
const offers = schema({ offer: "int32", seller: "integer" });
const config: WindowJoinConfig = {
  left: people,
  right: offers,
  leftKey: "id",
  rightKey: "seller",
  window: { is: "tumbling", sizeMs: 10 },
  result: {
    is: "columns",
    left: [
      { column: "name", as: "name" },
      { column: "city", as: "city" },
      { column: "id", as: "id" },
    ],
    right: [{ column: "offer", as: "offer" }],
    windowStart: "start",
    windowEnd: "end",
  },
  late: true,
};

type Kept = { key: number; timeMs: number; row: PlainRow };
type Window = { startMs: number; endMs: number };

/** A join the plain way: everything on time is kept forever, and every pair is looked at for every window. */
class JoinReference {
  readonly late: [PlainRow[], PlainRow[]] = [[], []];
  readonly #sides: [Kept[], Kept[]] = [[], []];
  readonly #watermarks = new Map<number, number>();
  readonly #windowsOf: (kept: readonly Kept[]) => Window[];
  readonly #isLate: (one: Kept, kept: readonly Kept[], watermarkMs: number) => boolean;
  readonly #forgets: boolean;
  #pairs: PlainRow[] = [];

  /** `forgets`: records belong to one window alone, and are gone with it. */
  constructor(
    windowsOf: (kept: readonly Kept[]) => Window[],
    isLate: (one: Kept, kept: readonly Kept[], watermarkMs: number) => boolean,
    forgets = false,
  ) {
    this.#windowsOf = windowsOf;
    this.#isLate = isLate;
    this.#forgets = forgets;
  }

  add(side: 0 | 1, one: Kept): void {
    const live = this.#sides.flat().filter(({ key }) => key === one.key);
    if (this.#isLate(one, live, this.#watermarks.get(one.key) ?? -Infinity)) this.late[side].push(one.row);
    else this.#sides[side].push(one);
  }

  watermark(key: number, watermarkMs: number): void {
    const before = this.#watermarks.get(key) ?? -Infinity;
    if (watermarkMs <= before) return;
    this.#watermarks.set(key, watermarkMs);
    const [lefts, rights] = this.#sides.map((side) => side.filter((each) => each.key === key)) as [
      Kept[],
      Kept[],
    ];
    for (const { startMs, endMs } of this.#windowsOf([...lefts, ...rights])) {
      if (endMs <= before || endMs > watermarkMs) continue;
      const inside = ({ timeMs }: Kept) => timeMs >= startMs && timeMs < endMs;
      for (const left of lefts.filter(inside)) {
        for (const right of rights.filter(inside)) {
          const { name, city, id } = left.row;
          this.#pairs.push({
            name,
            city,
            id,
            offer: right.row.offer,
            start: startMs,
            end: endMs,
            $time: endMs - 1,
          });
        }
      }
      if (this.#forgets) {
        for (const at of [0, 1] as const) {
          this.#sides[at] = this.#sides[at].filter((each) => each.key !== key || !inside(each));
        }
      }
    }
  }

  take(): PlainRow[] {
    const pairs = this.#pairs;
    this.#pairs = [];
    return pairs;
  }
}

function slidingReference(size: number, slide: number): JoinReference {
  const windowsOf = (kept: readonly Kept[]) => {
    const starts = new Set<number>();
    for (const { timeMs } of kept) {
      for (let start = Math.floor(timeMs / slide) * slide; start + size > timeMs; start -= slide)
        starts.add(start);
    }
    return [...starts].map((startMs) => ({ startMs, endMs: startMs + size }));
  };
  return new JoinReference(windowsOf, (one, _, watermarkMs) => {
    const windows = windowsOf([one]);
    return windows.length > 0 && windows.every(({ endMs }) => endMs <= watermarkMs);
  });
}

function sessionReference(gap: number): JoinReference {
  const windowsOf = (kept: readonly Kept[]) => {
    const windows: Window[] = [];
    for (const { timeMs } of [...kept].sort((one, other) => one.timeMs - other.timeMs)) {
      const last = windows.at(-1);
      if (last && timeMs < last.endMs) last.endMs = Math.max(last.endMs, timeMs + gap);
      else windows.push({ startMs: timeMs, endMs: timeMs + gap });
    }
    return windows;
  };
  return new JoinReference(
    windowsOf,
    (one, kept, watermarkMs) => {
      const joins = windowsOf(kept).some(
        ({ startMs, endMs }) => startMs < one.timeMs + gap && one.timeMs < endMs,
      );
      return !joins && one.timeMs + gap <= watermarkMs;
    },
    true,
  );
}

type Step =
  | { is: "rows"; side: 0 | 1; rows: { key: number; timeMs: number }[] }
  | { is: "watermark"; by: number; subtasks: number | undefined }
  | { is: "restore"; parallelism: number; from: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      is: fc.constant("rows" as const),
      side: fc.constantFrom<0 | 1>(0, 1),
      rows: fc.array(
        fc.record({ key: fc.integer({ min: 0, max: 3 }), timeMs: fc.integer({ min: -15, max: 25 }) }),
        { maxLength: 20 },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant("watermark" as const),
      by: fc.integer({ min: 0, max: 20 }),
      subtasks: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant("restore" as const),
      parallelism: fc.integer({ min: 1, max: 3 }),
      from: fc.integer({ min: 0, max: 60 }),
    }),
  },
);

function compare(window: WindowJoinConfig["window"], reference: JoinReference, steps: readonly Step[]): void {
  const cluster = new WindowCluster(
    () => windowJoin({ ...config, window }),
    2,
    { schema: people, key: "id" },
    { schema: offers, key: "seller" },
  );
  const late: [PlainRow[], PlainRow[]] = [[], []];
  const keepLate = () => {
    late[0].push(...cluster.take("late-left"));
    late[1].push(...cluster.take("late-right"));
  };
  let watermarkMs = -60;
  let number = 0;
  for (const one of [...steps, { is: "watermark" as const, by: 500, subtasks: undefined }]) {
    if (one.is === "rows") {
      const rows = one.rows.map(({ key, timeMs }): PlainRow => {
        const $time = watermarkMs + timeMs;
        number++;
        return one.side === 0
          ? { id: key, name: `name ${number}`, city: number % 3 === 0 ? null : `city ${number}`, $time }
          : { offer: number, seller: key, $time };
      });
      for (const [index, row] of rows.entries()) {
        reference.add(one.side, { key: one.rows[index]!.key, timeMs: row.$time!, row });
      }
      cluster.rows(rows, one.side);
    } else if (one.is === "watermark") {
      watermarkMs += one.by;
      const owners = cluster.ownersOf([0, 1, 2, 3].map((id) => ({ id, name: "", city: null })));
      for (const [key, owner] of owners.entries()) {
        if (owner < (one.subtasks ?? 3)) reference.watermark(key, watermarkMs);
      }
      cluster.watermark(watermarkMs, one.subtasks);
    } else {
      keepLate();
      cluster.restore(one.parallelism);
      watermarkMs -= one.from;
    }
    assert.deepEqual(cluster.take(), inOrder(reference.take()));
    keepLate();
  }
  assert.deepEqual(late.map(inOrder), reference.late.map(inOrder));
}

test("a join over windows of disordered streams, restored at any parallelism, gives each pair that there is once a window", () => {
  const shape = fc.record({ size: fc.integer({ min: 1, max: 20 }), slide: fc.integer({ min: 1, max: 20 }) });
  fc.assert(
    fc.property(shape, fc.array(step, { maxLength: 16 }), ({ size, slide }, steps) => {
      compare({ is: "sliding", sizeMs: size, slideMs: slide }, slidingReference(size, slide), steps);
    }),
    { numRuns: 300 },
  );
});

test("a join over sessions pairs what falls into the session that both sides make together", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 15 }), fc.array(step, { maxLength: 16 }), (gap, steps) => {
      compare({ is: "session", gapMs: gap }, sessionReference(gap), steps);
    }),
    { numRuns: 300 },
  );
});

test("after a restore a window fires for the keys alone for which it had not fired", () => {
  const cluster = new WindowCluster(
    () => windowJoin({ ...config, window: { is: "sliding", sizeMs: 20, slideMs: 10 } }),
    2,
    { schema: people, key: "id" },
    { schema: offers, key: "seller" },
  );
  const ids = Array.from({ length: 20 }, (_, id) => id);
  const persons = ids.map((id) => ({ id, name: `${id}`, city: null, $time: 15 }));
  const owners = cluster.ownersOf(persons);
  const of = (subtask: number) => ids.filter((id) => owners[id] === subtask);
  const fired = () => cluster.take().map(({ id, start }) => `${id} from ${start}`);
  const named = (some: readonly number[], start: number) => some.map((id) => `${id} from ${start}`);
  cluster.rows(persons, 0);
  cluster.rows(
    ids.map((id) => ({ offer: id, seller: id, $time: 15 })),
    1,
  );
  cluster.watermark(20, 1);
  assert.deepEqual(fired().sort(), named(of(0), 0).sort());
  cluster.restore(1);
  cluster.watermark(20);
  assert.deepEqual(fired().sort(), named(of(1), 0).sort());
  assert.ok(of(0).length > 0 && of(1).length > 0);
  cluster.watermark(30);
  assert.deepEqual(fired().sort(), named(ids, 10).sort());
});

test("more pairs than a batch holds come in several, with a pause behind each", () => {
  const operator = windowJoin(config);
  const harness = new OperatorHarness(operator);
  const rows = (count: number, row: (index: number) => PlainRow) =>
    Array.from({ length: count }, (_, index) => row(index));
  harness.rows(
    people,
    rows(100, (index) => ({ id: 1, name: `${index}`, city: "x", $time: 1 })),
    0,
  );
  harness.rows(
    offers,
    rows(128, (offer) => ({ offer, seller: 1, $time: 2 })),
    1,
  );
  const steps = operator.onWatermark?.(10);
  const sizes: number[] = [];
  while (!steps?.next().done) sizes.push(harness.take().length);
  sizes.push(harness.take().length);
  // Few at first, as nobody knows what they set off.
  assert.deepEqual(sizes.slice(0, 10), [16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 4096]);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    12_800,
  );
});

test("a function writes what it likes for each pair, and finds the window in its hands", () => {
  const operator = windowJoin({
    ...config,
    result: {
      is: "function",
      output: { text: "utf8" },
      join: (left, right, out, { startMs }) => {
        if (right.offer !== 2) out.emit({ text: `${left.name} ${right.offer} ${startMs}` });
      },
    },
  });
  const harness = new OperatorHarness(operator);
  harness.rows(people, [{ id: 1, name: "Ann", city: null, $time: 11 }], 0);
  harness.rows(
    offers,
    [1, 2, 3].map((offer) => ({ offer, seller: 1, $time: 15 })),
    1,
  );
  assert.deepEqual(inOrder(harness.end().take()), [
    { text: "Ann 1 10", $time: 19 },
    { text: "Ann 3 10", $time: 19 },
  ]);
});

test("keys of different types, unknown columns and names that come twice are refused", () => {
  assert.throws(() => windowJoin({ ...config, rightKey: "offer" }), {
    code: "different-keys",
    message: /int32/,
  });
  const result = {
    is: "columns",
    left: [{ column: "id", as: "id" }],
    right: [{ column: "seller", as: "id" }],
  } as const;
  assert.throws(() => windowJoinOutput({ ...config, result }), { code: "column-twice" });
  assert.throws(
    () => windowJoinOutput({ ...config, result: { ...result, right: [{ column: "x", as: "x" }] } }),
    {
      code: "unknown-column",
      message: /offer, seller/,
    },
  );
});

test("windows of many keys, which take over each other's room, hold no record of the one before", () => {
  const harness = new OperatorHarness(windowJoin(config));
  for (let window = 0; window < 5; window++) {
    const startMs = window * 10;
    // Every window has 2000 people of its own, and offers by those of the window before as well.
    const ids = Array.from({ length: 2000 }, (_, at) => window * 1000 + at);
    const rows = ids.map((id) => ({ id, name: `${window}`, city: id % 2 ? null : `${id}`, $time: startMs }));
    harness.rows(people, rows, 0);
    // Strangers' offers come first, in each window more, so that nothing lies where it lay before.
    const strangers = Array.from({ length: window * 3 }, () => ({ offer: 0, seller: -1 }));
    const known = ids.map((id) => ({ offer: id, seller: id - 500 }));
    const all = [...strangers, ...known].map((offer) => ({ ...offer, $time: startMs + 5 }));
    harness.rows(offers, all, 1);
    harness.watermark(startMs + 10);
    const expected = ids.slice(0, 1500).map((id) => [`${window}`, id % 2 ? null : `${id}`, id, id + 500]);
    const pairs = harness.take().map(({ name, city, id, offer }) => [name, city, id, offer]);
    assert.deepEqual(
      pairs.toSorted((one, other) => (one[2] as number) - (other[2] as number)),
      expected,
    );
  }
});
