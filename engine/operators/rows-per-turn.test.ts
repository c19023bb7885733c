import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { batchRows } from "../records/batch.ts";
import { RowsPerTurn } from "./rows-per-turn.ts";

test("whatever a row costs, some batches later they take about a turn each", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 20, noNaN: true }), fc.nat(4096), (rowMs, costlier) => {
      const perTurn = new RowsPerTurn();
      for (let batch = 0; batch < 12; batch++) perTurn.took(perTurn.rows * rowMs);
      const ms = perTurn.rows * rowMs;
      assert.ok(perTurn.rows === batchRows || (ms > 9 && ms <= 40), `${perTurn.rows} rows of ${rowMs} ms`);
      // All at once they cost much more: one long turn, or a few.
      for (let batch = 0; batch < 4; batch++) perTurn.took(perTurn.rows * (rowMs + costlier));
      assert.ok(perTurn.rows === 1 || perTurn.rows * (rowMs + costlier) <= 40);
    }),
  );
});
