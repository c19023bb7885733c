/** first, last, argMax and argMin: columns of the one record that leads. */
import type { Batch } from "../../records/batch.ts";
import type { BatchBuilder } from "../../records/batch-builder.ts";
import type { ColumnSpec } from "../../records/schema.ts";
import { specialise } from "../../records/specialise.ts";
import type { RowColumns } from "../../state/row-columns.ts";
import type { AggregateProgram, Cells, Place } from "./aggregate-program.ts";
import { cellFromBatch, cellFromCells, cellToBuilder, layCells } from "./cells.ts";
import type { Numbers } from "./counting.ts";

export type Pick = {
  /** The input's column that decides; -1 for event time. */
  readonly by: number;
  readonly largest: boolean;
  /** Of equals, the smaller one in these columns. */
  readonly ties: readonly number[];
  /** Whether of complete equals the one that came last leads. */
  readonly lastOfEquals: boolean;
  readonly take: readonly { readonly column: number; readonly spec: ColumnSpec }[];
};

/** Keeps [the leader's value, negated where the smallest leads], [its ties…], [its columns…]. NaN: no leader yet. */
export function pickProgram(place: Place, pick: Pick): AggregateProgram {
  const { ties } = pick;
  const bestAt = place.float64;
  const tiesAt = bestAt + 1;
  const { cells, end } = layCells(
    pick.take.map(({ spec }) => spec),
    { float64: tiesAt + ties.length, bytes: place.bytes },
  );
  const sign = pick.largest ? 1 : -1;
  const lead = specialise(leadLoop);
  const merge = specialise(leadLoop);
  const alike = new Float64Array(0);
  // Few records become leaders: those that do are noted, and each column is copied in a loop of its own.
  let leaderRows = new Int32Array(0);
  let leaders = new Int32Array(0);
  const makeRoom = (rows: number) => {
    if (leaders.length >= rows) return;
    leaderRows = new Int32Array(rows);
    leaders = new Int32Array(rows);
  };
  return {
    float64: end.float64 - place.float64,
    bytes: end.bytes - place.bytes,
    width: cells.length,
    init(table: RowColumns, from: number, to: number) {
      table.float64[bestAt]!.fill(Number.NaN, from, to);
    },
    add(table: RowColumns, rows: Int32Array, batch: Batch, from: number, to: number) {
      makeRoom(to - from);
      const values = (pick.by < 0 ? (batch.times ?? alike) : batch.columns[pick.by]) as Numbers;
      const count = lead(
        table.float64[bestAt]!,
        table.float64.slice(tiesAt, tiesAt + ties.length),
        rows,
        values,
        pick.by < 0 ? undefined : batch.valid[pick.by],
        ties.map((column) => batch.columns[column] as Numbers),
        from,
        to,
        sign,
        pick.lastOfEquals,
        leaderRows,
        leaders,
      );
      for (let index = 0; index < cells.length; index++) {
        cellFromBatch(cells[index]!, table, leaderRows, batch, pick.take[index]!.column, leaders, count);
      }
    },
    merge(table: RowColumns, rows: Int32Array, source: Cells, from: number, to: number) {
      makeRoom(to - from);
      const count = merge(
        table.float64[bestAt]!,
        table.float64.slice(tiesAt, tiesAt + ties.length),
        rows,
        source.float64[bestAt]!,
        undefined,
        source.float64.slice(tiesAt, tiesAt + ties.length),
        from,
        to,
        1,
        pick.lastOfEquals,
        leaderRows,
        leaders,
      );
      for (const cell of cells) {
        for (let index = 0; index < count; index++) {
          cellFromCells(cell, table, leaderRows[index]!, source, leaders[index]!);
        }
      }
    },
    result(source: Cells, from: number, to: number, builder: BatchBuilder, column: number) {
      for (const [index, cell] of cells.entries()) {
        cellToBuilder(cell, source, from, to, builder, column + index);
      }
    },
  };
}

/** Returns how many leaders were noted. Values beyond the end of `values` (no event time) all count as 0. */
function leadLoop(
  best: Float64Array,
  bestTies: readonly Float64Array[],
  rows: Int32Array,
  values: Numbers,
  valid: Uint8Array | undefined,
  ties: readonly Numbers[],
  from: number,
  to: number,
  sign: number,
  lastOfEquals: boolean,
  leaderRows: Int32Array,
  leaders: Int32Array,
): number {
  let count = 0;
  for (let index = from; index < to; index++) {
    const value = index < values.length ? values[index]! * sign : 0;
    const row = rows[index]!;
    if (value <= best[row]!) {
      if (value < best[row]!) continue;
      let order = 0;
      for (let tie = 0; tie < ties.length && order === 0; tie++) {
        order = ties[tie]![index]! - bestTies[tie]![row]!;
      }
      if (order > 0 || (order === 0 && !lastOfEquals)) continue;
    }
    // What cannot be compared, NaN or null, never leads.
    if (Number.isNaN(value) || (valid !== undefined && valid[index] === 0)) continue;
    best[row] = value;
    for (let tie = 0; tie < ties.length; tie++) bestTies[tie]![row] = ties[tie]![index]!;
    leaderRows[count] = row;
    leaders[count++] = index;
  }
  return count;
}
