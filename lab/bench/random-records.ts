/** Records of a key and a payload of random bytes, as fast as they are taken: nothing in them can be made smaller. */
import type { SourceSpec } from "#engine/dataflow/source-spec.ts";
import type { OperatorContext } from "#engine/operators/operator.ts";
import { Batch, type BytesColumn } from "#engine/records/batch.ts";
import { type Schema, schema } from "#engine/records/schema.ts";
import { mix } from "#engine/sources/mix.ts";
import type { Polled, Source } from "#engine/sources/source.ts";

const recordSchema = schema({ key: "int32", payload: "bytes" });

export const keyBytes = 4;
/** State by key is not what fills the memory. */
const keyMask = 0xffff;
const batchBytes = 131_072;

/** `payloadBytes` are a multiple of 4. */
export function randomRecords(payloadBytes: number): SourceSpec<typeof recordSchema.fields> {
  return {
    name: `random records of ${payloadBytes} bytes`,
    schema: recordSchema,
    make: (_columns, pruned) => new RandomRecords(pruned, payloadBytes),
  };
}

class RandomRecords implements Source {
  readonly watermarkMs = Number.NEGATIVE_INFINITY;
  readonly dueMs = Number.NaN;
  readonly #keys: Int32Array;
  readonly #words: Int32Array;
  readonly #batch: Batch;
  #drawn = 0;

  constructor(pruned: Schema, payloadBytes: number) {
    if (payloadBytes % 4 !== 0) throw new Error(`a payload of ${payloadBytes} bytes is not of whole words`);
    const rows = Math.max(1, Math.floor(batchBytes / (keyBytes + payloadBytes)));
    const bytes = new Uint8Array(rows * payloadBytes);
    const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => row * payloadBytes);
    const payload: BytesColumn = { offsets, bytes };
    this.#keys = new Int32Array(rows);
    this.#words = new Int32Array(bytes.buffer);
    const all = { key: this.#keys, payload };
    const columns = pruned.columns.map(({ name }) => all[name as keyof typeof all]);
    this.#batch = new Batch(pruned, rows, columns, undefined);
  }

  /** Subtasks draw different ones. Nothing is kept: after a restart the draws begin anew, which harms no rate. */
  open({ subtask }: OperatorContext): void {
    this.#drawn = mix(subtask);
  }

  poll(): Polled {
    let word = this.#drawn;
    for (let at = 0; at < this.#keys.length; at++) this.#keys[at] = mix(word++) & keyMask;
    for (let at = 0; at < this.#words.length; at++) this.#words[at] = mix(word++);
    this.#drawn = word | 0;
    return { is: "batch", batch: this.#batch };
  }
}
