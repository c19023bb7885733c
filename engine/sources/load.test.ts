import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { generatedSchema, generatedSource } from "./generated.ts";
import { type Load, loadAfter, pacingOf, rateAt } from "./load.ts";
import { prunedTo, SourceHarness } from "./source-for-tests.ts";

const columns = ["number"];
const epochMs = 1_700_000_000_000;
const none: Load = { anchors: [] };
const operator = "";

const sourcesOf = (parallelism: number, outOfOrderMs = 0, restore: readonly Uint8Array[] = []) =>
  Array.from({ length: parallelism }, (_, subtask) => {
    const spec = generatedSource({ keys: 5, rate: "by-load", splits: 16, outOfOrderMs });
    return new SourceHarness(spec.make(columns, prunedTo(generatedSchema, columns), true), {
      ...{ subtask, parallelism, restore },
    });
  });

const steady = (ratePerSecond: number) => ({ fromMs: epochMs, steps: [{ ratePerSecond, forMs: 0 }] });

test("without a load a source waits, keeps nobody waiting, and does not end", () => {
  const [{ source }] = sourcesOf(1) as [SourceHarness];
  assert.deepEqual(source.poll(epochMs), {
    ...{ is: "waiting", untilMs: Number.POSITIVE_INFINITY, idle: true },
  });
  assert.deepEqual(source.metrics?.(), {});
  source.setLoad?.(loadAfter(none, steady(0), [operator]));
  assert.deepEqual(source.poll(epochMs + 5), { is: "waiting", untilMs: epochMs + 205, idle: false });
  assert.equal(source.watermarkMs, epochMs + 5, "event time goes on at rate 0");
});

test("without `fresh` each load goes on where the one before would have been, to the fraction of a record", () => {
  // 1.5 records by then: the next one is half a record away.
  let load = loadAfter(none, { ...steady(1) }, [operator]);
  load = loadAfter(load, { ...steady(10), fromMs: epochMs + 1500 }, [operator]);
  const pacing = pacingOf(load, operator)!;
  assert.deepEqual(
    [0, 1, 2, 3].map((number) => pacing.dueAfterMs(number) - epochMs),
    [0, 1000, 1550, 1650],
  );
  assert.deepEqual([rateAt(load, epochMs), rateAt(load, epochMs + 1500)], [1, 10]);
});

test("steps that a later load cuts off are never due", () => {
  const steps = [
    { ratePerSecond: 10, forMs: 1000 },
    { ratePerSecond: 1000, forMs: 0 },
  ];
  let load = loadAfter(none, { fromMs: epochMs, steps }, [operator]);
  load = loadAfter(load, { ...steady(10), fromMs: epochMs + 500 }, [operator]);
  assert.equal(pacingOf(load, operator)!.dueBy(epochMs + 2000), 21);
});

test("a fresh load forgets what is overdue: the next record is the foremost position, due at once", () => {
  const load = loadAfter(none, steady(1000), [operator]);
  const [{ source }] = sourcesOf(1) as [SourceHarness];
  source.setLoad?.(load);
  const [first] = new Array(1).fill(0).map(() => source.poll(epochMs + 10));
  assert.ok(first?.is === "batch");
  const { position } = source.metrics!() as { position: number };
  assert.equal(position, 11);
  const fresh = loadAfter(
    load,
    { fromMs: epochMs + 60_000, steps: [{ ratePerSecond: 10, forMs: 0 }], fromNumbers: { [operator]: 500 } },
    [operator],
  );
  assert.equal(fresh.anchors.length, 1);
  source.setLoad?.(fresh);
  const next = source.poll(epochMs + 60_100);
  assert.ok(next.is === "batch");
  assert.deepEqual([...(next.batch.columns[0] as Float64Array).subarray(0, next.batch.rowCount)], [500, 501]);
  assert.equal(next.batch.dueMs, epochMs + 60_000);
});

test("a load that makes no sense is refused and leaves the former one", () => {
  assert.throws(() => loadAfter(none, { fromMs: 0, steps: [] }, []), /no rate at all/);
  assert.throws(() => loadAfter(none, steady(-1), []), /records per second/);
});

const anyRate = fc.constantFrom(0, 1, 3.7, 100, 5000);
const anyEvent = fc.record({
  afterMs: fc.integer({ min: 1, max: 3000 }),
  what: fc.oneof(
    { weight: 3, arbitrary: fc.constant("poll" as const) },
    fc.record({
      rates: fc.array(fc.tuple(anyRate, fc.integer({ min: 1, max: 500 })), { minLength: 1, maxLength: 3 }),
      fresh: fc.boolean(),
      /** So late it comes to the subtasks. */
      underwayMs: fc.integer({ min: 0, max: 300 }),
    }),
    fc.constant("restart" as const),
  ),
});

test("whatever loads come, however late, and through restarts: no record comes twice or is older than a watermark", () => {
  fc.assert(
    fc.property(
      fc.array(anyEvent, { maxLength: 25 }),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(0, 40),
      (events, parallelism, outOfOrderMs) => {
        let load = none;
        let nowMs = epochMs;
        let sources = sourcesOf(parallelism, outOfOrderMs);
        /** By subtask; over a restart the greatest, as operators remember what they have seen. */
        let promised = sources.map(() => Number.NEGATIVE_INFINITY);
        const seen = new Set<number>();
        const poll = (inForce: Load) => {
          const due = pacingOf(inForce, operator)?.dueBy(nowMs) ?? 0;
          for (const [at, { source }] of sources.entries()) {
            for (let polled = source.poll(nowMs); polled.is === "batch"; polled = source.poll(nowMs)) {
              const { columns: made, times, rowCount, dueMs } = polled.batch;
              for (let row = 0; row < rowCount; row++) {
                const number = (made[0] as Float64Array)[row]!;
                assert.ok(!seen.has(number), `record ${number} twice`);
                seen.add(number);
                assert.ok(number < due, `record ${number} of ${due} that are due`);
                assert.ok(times![row]! >= promised[at]!, `${times![row]! - promised[at]!} ms behind`);
              }
              assert.ok(dueMs <= nowMs);
              assert.ok(source.watermarkMs >= promised[at]! && source.watermarkMs <= nowMs);
              promised[at] = source.watermarkMs;
            }
            promised[at] = Math.max(promised[at]!, source.watermarkMs);
          }
        };
        for (const { afterMs, what } of events) {
          nowMs += afterMs;
          if (what === "restart") {
            const restore = sources.flatMap((source) => source.snapshot());
            const most = Math.max(...promised);
            parallelism = (parallelism % 3) + 1;
            sources = sourcesOf(parallelism, outOfOrderMs, restore);
            promised = sources.map(() => most);
            for (const { source } of sources) source.setLoad?.(load);
          } else if (what !== "poll") {
            const positions = sources.map(({ source }) => Number(source.metrics!().position ?? 0));
            const before = load;
            const steps = what.rates.map(([ratePerSecond, forMs]) => ({ ratePerSecond, forMs }));
            const fromNumbers = { [operator]: Math.max(...positions) };
            load = loadAfter(load, { fromMs: nowMs, steps, ...(what.fresh ? { fromNumbers } : {}) }, [
              operator,
            ]);
            nowMs += what.underwayMs;
            poll(before);
            for (const { source } of sources) source.setLoad?.(load);
          }
          poll(load);
        }
      },
    ),
  );
});
