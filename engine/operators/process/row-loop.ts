/** The loop over a batch that calls a user's function for each row; every operator takes a copy of its own. */
import type { Cursor } from "../../records/cursor.ts";
import { specialise } from "../../records/specialise.ts";
import type { Emitter, EmitterEnd } from "../emitter.ts";

export type RowFunction<Context> = (row: Cursor, context: Context, out: Emitter) => void;

export type RowLoop<Context> = (
  onRow: RowFunction<Context>,
  cursor: Cursor,
  at: { row: number },
  context: Context,
  out: EmitterEnd,
  rowCount: number,
  times: Float64Array | undefined,
) => void;

export const rowLoop = <Context>(): RowLoop<Context> =>
  specialise<RowLoop<Context>>((onRow, cursor, at, context, out, rowCount, times) => {
    for (let row = 0; row < rowCount; row++) {
      cursor.$row = row;
      at.row = row;
      out.timeMs = times === undefined ? Number.NaN : times[row]!;
      onRow(cursor, context, out);
    }
  });
