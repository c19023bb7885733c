/**
 * The watermark that an operator has acted on, kept across restores for each key group: what fired before a checkpoint
 * does not fire again while the restored stream's time rises from the beginning.
 *
 * Per group and not per subtask, since subtasks may have been at different watermarks (an unaligned checkpoint overtakes
 * some), and one restored at another parallelism takes over groups of several.
 */
import { keyGroupOf } from "../state/key-groups.ts";
import type { KeyedTable } from "../state/keyed-table.ts";
import type { OperatorContext } from "./operator.ts";

export class SeenWatermark {
  /** Everything up to here was acted on, for all key groups. */
  watermarkMs: number;
  /** By key group: acted on before the restore. */
  readonly #floorMs: Float64Array;
  readonly #highestFloorMs: number;
  readonly #table: KeyedTable;
  readonly #owned: readonly number[];

  constructor({ state, maxParallelism, keyGroups }: OperatorContext) {
    this.#table = state.table("seen-watermark", "int32", { float64: 1 });
    this.#owned = keyGroups ?? Array.from({ length: maxParallelism }, (_, keyGroup) => keyGroup);
    this.#floorMs = new Float64Array(maxParallelism).fill(Number.NEGATIVE_INFINITY);
    for (const { rowCount, keyGroups: groups, float64 } of this.#table.blocks()) {
      for (let row = 0; row < rowCount; row++) {
        // All had ended, and nothing is left that could fire again: what is read on top of it is no late record.
        if (float64[0]![row] === Number.POSITIVE_INFINITY) continue;
        this.#floorMs[groups[row]!] = float64[0]![row]!;
      }
    }
    let lowest = Number.POSITIVE_INFINITY;
    let highest = Number.NEGATIVE_INFINITY;
    for (const keyGroup of this.#owned) {
      lowest = Math.min(lowest, this.#floorMs[keyGroup]!);
      highest = Math.max(highest, this.#floorMs[keyGroup]!);
    }
    this.watermarkMs = this.#owned.length === 0 ? Number.NEGATIVE_INFINITY : lowest;
    this.#highestFloorMs = highest;
  }

  /** The watermark rose, and what was due by it has been done. */
  rise(watermarkMs: number): void {
    if (watermarkMs > this.watermarkMs) this.watermarkMs = watermarkMs;
  }

  /** Whether some key groups had been further than the others: then each row's group is to be asked for. */
  get isUneven(): boolean {
    return this.watermarkMs < this.#highestFloorMs;
  }

  /** What was acted on for one key group. */
  of(keyGroup: number): number {
    return Math.max(this.watermarkMs, this.#floorMs[keyGroup]!);
  }

  /** To be called at each barrier. */
  save(): void {
    const table = this.#table;
    if (table.kind !== "integers") return;
    const keys = keysOfGroups(this.#floorMs.length);
    for (const keyGroup of this.#owned) {
      const row = table.rowFor(keys[keyGroup]!);
      table.float64[0]![row] = this.of(keyGroup);
    }
  }
}

const keysByMaxParallelism = new Map<number, Int32Array>();

/** For each key group the least number that falls into it: a key for what belongs to the group itself. */
function keysOfGroups(maxParallelism: number): Int32Array {
  const known = keysByMaxParallelism.get(maxParallelism);
  if (known) return known;
  const keys = new Int32Array(maxParallelism).fill(-1);
  for (let key = 0, found = 0; found < maxParallelism; key++) {
    const keyGroup = keyGroupOf(key, maxParallelism);
    if (keys[keyGroup] !== -1) continue;
    keys[keyGroup] = key;
    found++;
  }
  keysByMaxParallelism.set(maxParallelism, keys);
  return keys;
}
