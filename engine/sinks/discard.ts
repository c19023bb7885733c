/**
 * Counts rows and lets go of them; with `digest`, also sums a hash of each, so that runs can be compared. It takes all
 * columns either way: results that are only counted cost what results cost.
 */
import type { SinkSpec } from "../dataflow/sink-spec.ts";
import type { OperatorList } from "../state/operator-list.ts";
import { RowDigest } from "./row-digest.ts";

export const discardSink = ({ digest: isWanted = false }: { digest?: boolean } = {}): SinkSpec => ({
  name: "discard",
  make: () => {
    const digest = new RowDigest();
    let list: OperatorList;
    return {
      open({ state }) {
        list = state.list("counted", "split");
        for (const bytes of list.entries) {
          digest.merge([...new Float64Array(bytes.slice().buffer)] as [number, number, number]);
        }
      },
      onBatch(batch) {
        if (isWanted) digest.add(batch);
        else digest.rows += batch.rowCount;
      },
      // Part of the checkpoint: what is done again after a failure is not counted twice.
      onBarrier() {
        list.replace([new Uint8Array(new Float64Array(digest.parts).buffer)]);
      },
      metrics: () => ({ rows: digest.rows, ...(isWanted && { digest: digest.text }) }),
    };
  },
});
