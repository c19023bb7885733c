import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { schema } from "../records/schema.ts";
import type { AggregateSpec } from "./aggregates/aggregate-spec.ts";
import type { PlainRow } from "./operator-harness-for-tests.ts";
import { inOrder, WindowCluster } from "./window-cluster-for-tests.ts";
import { windowOperator } from "./window-operator.ts";
import type { WindowContents, WindowOperatorConfig } from "./window-operator-config.ts";
import { WindowReference } from "./window-reference-for-tests.ts";

const input = schema({ key: "utf8", value: "integer" });
const listed: WindowContents = {
  is: "rows",
  output: { key: "utf8", start: "float64", end: "float64", values: "utf8" },
  process(rows, { startMs, endMs }, out) {
    const values: number[] = [];
    let key = "";
    for (const row of rows) {
      values.push(row.value as number);
      key = row.key as string;
    }
    assert.equal(values.length, rows.count);
    out.emit({ key, start: startMs, end: endMs, values: values.join() });
  },
};
const summed: AggregateSpec[] = [
  { is: "count", as: "count" },
  { is: "min", column: "value", as: "least" },
];
const row = (key: string, value: number, $time: number): PlainRow => ({ key, value, $time });

type Row = { key: number; time: number };
type Step =
  | { is: "rows"; rows: Row[] }
  | { is: "watermark"; by: number; subtasks: number | undefined }
  | { is: "restore"; parallelism: number; from: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant("rows" as const),
      rows: fc.array(
        fc.record({ key: fc.integer({ min: 0, max: 5 }), time: fc.integer({ min: -50, max: 50 }) }),
        { maxLength: 20 },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant("watermark" as const),
      by: fc.integer({ min: 0, max: 30 }),
      subtasks: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
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

interface Reference {
  readonly late: PlainRow[];
  add(key: unknown, row: PlainRow): void;
  watermark(key: unknown, watermarkMs: number): void;
  take(): { key: unknown; startMs: number; endMs: number; rows: PlainRow[] }[];
}

/** Runs the same steps through subtasks and through a reference, and compares after each step. */
function compare(
  config: Omit<WindowOperatorConfig, "input" | "key">,
  reference: Reference,
  steps: readonly Step[],
) {
  const full = { input, key: "key", late: true, ...config };
  const cluster = new WindowCluster(() => windowOperator(full), 2, { schema: input, key: "key" });
  const keys = [0, 1, 2, 3, 4, 5].map((key) => `key ${key}`);
  const late: PlainRow[] = [];
  let watermarkMs = -60;
  let value = 0;
  for (const one of [...steps, { is: "watermark" as const, by: 500, subtasks: undefined }]) {
    if (one.is === "rows") {
      const rows = one.rows.map(({ key, time }) => row(`key ${key}`, value++, watermarkMs + time));
      for (const each of rows) reference.add(each.key, each);
      cluster.rows(rows);
    } else if (one.is === "watermark") {
      watermarkMs += one.by;
      const owners = cluster.ownersOf(keys.map((key) => row(key, 0, 0)));
      for (const [index, key] of keys.entries()) {
        if (owners[index]! < (one.subtasks ?? 3)) reference.watermark(key, watermarkMs);
      }
      cluster.watermark(watermarkMs, one.subtasks);
    } else {
      late.push(...cluster.take("late"));
      cluster.restore(one.parallelism);
      watermarkMs -= one.from;
    }
    const fired = reference.take().map(({ key, startMs, endMs, rows }): PlainRow => {
      const values = rows.map((each) => each.value as number);
      return full.contents.is === "rows"
        ? { key, start: startMs, end: endMs, values: values.join(), $time: endMs - 1 }
        : {
            key,
            windowStart: startMs,
            windowEnd: endMs,
            count: values.length,
            least: Math.min(...values),
            $time: endMs - 1,
          };
    });
    // Of merged sessions, the order of records is that of the sessions.
    const sorted = (rows: PlainRow[]) =>
      inOrder(
        rows.map((each) => ({
          ...each,
          ...("values" in each ? { values: `${each.values}`.split(",").sort().join() } : {}),
        })),
      );
    assert.deepEqual(sorted(cluster.take()), sorted(fired));
    late.push(...cluster.take("late"));
  }
  assert.deepEqual(inOrder(late), inOrder(reference.late));
}

const contents = fc.constantFrom<WindowContents>(listed, { is: "aggregates", aggregates: summed });

test("windows of all their records, sliding and late, restored at any parallelism, hold what plain lists hold", () => {
  const shape = fc.record({
    size: fc.integer({ min: 1, max: 20 }),
    slide: fc.integer({ min: 1, max: 20 }),
    lateness: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 })),
  });
  fc.assert(
    fc.property(
      shape,
      contents,
      fc.array(step, { maxLength: 16 }),
      ({ size, slide, lateness }, held, steps) => {
        const window = { is: "sliding", sizeMs: size, slideMs: slide } as const;
        compare(
          { window, contents: held, latenessMs: lateness },
          new WindowReference(size, slide, 0, lateness),
          steps,
        );
      },
    ),
    { numRuns: 150 },
  );
});

/** Sessions the plain way: a list of lists for each key, merged until nothing overlaps. */
class SessionReference implements Reference {
  readonly late: PlainRow[] = [];
  readonly #gap: number;
  readonly #lateness: number;
  #sessions: { key: unknown; startMs: number; endMs: number; rows: PlainRow[] }[] = [];
  readonly #watermarks = new Map<unknown, number>();
  #fired: ReturnType<Reference["take"]> = [];

  constructor(gap: number, lateness: number) {
    this.#gap = gap;
    this.#lateness = lateness;
  }

  add(key: unknown, one: PlainRow): void {
    const watermark = this.#watermarks.get(key) ?? -Infinity;
    const startMs = one.$time!;
    const endMs = startMs + this.#gap;
    const joined = this.#sessions.filter(
      (each) => each.key === key && each.startMs < endMs && startMs < each.endMs,
    );
    const session = {
      key,
      startMs: Math.min(startMs, ...joined.map((each) => each.startMs)),
      endMs: Math.max(endMs, ...joined.map((each) => each.endMs)),
      rows: [...joined.flatMap(({ rows }) => rows), one],
    };
    if (session.endMs + this.#lateness <= watermark) {
      this.late.push(one);
      return;
    }
    this.#sessions = [...this.#sessions.filter((each) => !joined.includes(each)), session];
    if (session.endMs <= watermark) this.#fired.push({ ...session });
  }

  watermark(key: unknown, watermarkMs: number): void {
    const before = this.#watermarks.get(key) ?? -Infinity;
    if (watermarkMs <= before) return;
    this.#watermarks.set(key, watermarkMs);
    const own = this.#sessions.filter((each) => each.key === key);
    this.#fired.push(...own.filter(({ endMs }) => endMs > before && endMs <= watermarkMs));
    this.#sessions = this.#sessions.filter(
      (each) => each.key !== key || each.endMs + this.#lateness > watermarkMs,
    );
  }

  take() {
    const fired = this.#fired;
    this.#fired = [];
    return fired;
  }
}

test("sessions of any disordered stream, merged, late and restored at any parallelism, are those of plain lists", () => {
  const shape = fc.record({
    gap: fc.integer({ min: 1, max: 15 }),
    lateness: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 })),
  });
  fc.assert(
    fc.property(shape, contents, fc.array(step, { maxLength: 16 }), ({ gap, lateness }, held, steps) => {
      const window = { is: "session", gapMs: gap } as const;
      compare({ window, contents: held, latenessMs: lateness }, new SessionReference(gap, lateness), steps);
    }),
    { numRuns: 200 },
  );
});
