/** The last checkpoints with their figures, for people and models. */
import type { Part } from "../checkpoint/part.ts";
import type { CheckpointKind, CheckpointMode } from "../runtime/messages.ts";

export type CheckpointRecord = {
  readonly checkpoint: number;
  readonly attempt: number;
  readonly kind: CheckpointKind;
  readonly mode: CheckpointMode;
  readonly startedMs: number;
  /** From the trigger to the durable manifest, or to the failure. */
  readonly durationMs: number;
  /** Of these, writing the manifest. */
  readonly manifestMs: number;
  /** Of the slowest subtask. */
  readonly syncMs: number;
  readonly asyncMs: number;
  readonly alignmentMs: number;
  /** `full` is what the checkpoint refers to, `incremental` what was stored for it, `inFlight` its records under way. */
  readonly bytes: { readonly full: number; readonly incremental: number; readonly inFlight: number };
  readonly manifest?: string;
  readonly failed?: string;
};

export class CheckpointHistory {
  readonly #records: CheckpointRecord[] = [];
  readonly #limit: number;
  #completed = 0;
  #failed = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(record: CheckpointRecord): void {
    if (record.failed === undefined) this.#completed++;
    else this.#failed++;
    this.#records.push(record);
    if (this.#records.length > this.#limit) this.#records.shift();
  }

  /** Oldest first. */
  get records(): readonly CheckpointRecord[] {
    return this.#records;
  }

  get counts(): { readonly completed: number; readonly failed: number } {
    return { completed: this.#completed, failed: this.#failed };
  }
}

/** Sums of bytes, and the slowest subtask's times, over the parts that have come. */
export function figuresOf(parts: Iterable<unknown>) {
  const bytes = { full: 0, incremental: 0, inFlight: 0 };
  const slowest = { syncMs: 0, asyncMs: 0, alignmentMs: 0 };
  for (const part of parts as Iterable<Part & { times?: Partial<typeof slowest> }>) {
    bytes.full += part.bytes.full;
    bytes.incremental += part.bytes.incremental;
    bytes.inFlight += part.bytes.inFlight;
    for (const name of ["syncMs", "asyncMs", "alignmentMs"] as const) {
      slowest[name] = Math.max(slowest[name], part.times?.[name] ?? 0);
    }
  }
  return { bytes, ...slowest };
}
