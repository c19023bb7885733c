/**
 * What an operator is to the runtime: a state machine of one subtask, fed with batches, watermarks, timers and
 * checkpoints by one thread. It does no I/O and reads no clock but the context's. One file per operator; `map.ts` is
 * the plainest.
 */
import type { Batch } from "../records/batch.ts";
import type { OperatorState } from "../state/operator-state.ts";

/** Where an operator puts its results. A batch is lent until `emit` returns. */
export interface Output {
  emit(batch: Batch): void;
}

export type OperatorContext = {
  /** The operator's id in the job; sinks name what they write by it. */
  readonly operator?: string;
  /** Which start of the job this is: what a former one left unfinished has a lower number. */
  readonly attempt?: number;
  readonly subtask: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** The key groups that this subtask owns; undefined for all of them. */
  readonly keyGroups?: readonly number[];
  readonly out: Output;
  /** The output of this name; one that nobody takes swallows what it gets. */
  side(name: string): Output;
  readonly state: OperatorState;
  /** Wall-clock ms: real, or the simulator's. */
  nowMs(): number;
  /** The watermark that the operator has seen; -Infinity before the first. */
  readonly watermarkMs: number;
  /** When the newest watermark was due at its source, for the latency of what it sets off; NaN where nothing is paced. */
  readonly watermarkDueMs: number;
  /** The operator wants `onWake` soon, because something outside answered (an async call, a source's socket). */
  wake(): void;
  /** Files of a sink; their folder is the sink's setting. */
  readonly files: SinkFiles;
  /** Long work calls it every millisecond or so: a worker that holds itself to a share of a core sleeps here. */
  rest?(): void;
};

/**
 * Work in steps, for results that may be many: it yields after each batch that it emitted, and goes on when the
 * outputs have room. Nothing else reaches the operator before it is through.
 */
export type Steps = Generator<undefined, void, undefined>;

export interface Operator {
  /** State is there already: restored or empty. */
  open?(context: OperatorContext): void;
  /** `input` is 0, or 1 for the second input of a join or connect. */
  onBatch(batch: Batch, input: number): void;
  /** The watermark of all inputs has risen to `watermarkMs` (Infinity at the end of all input). The runtime hands it on. */
  onWatermark?(watermarkMs: number): Steps | undefined;
  /** When `onWake` is wanted by the clock; Infinity for never. Asked after every call into the operator. */
  nextWakeMs?(): number;
  onWake?(nowMs: number): void;
  /** No input will come any more; after the last watermark. */
  onEnd?(): Steps | undefined;
  /** A checkpoint's barrier passes: what is not in the state by the end of this call is not in the checkpoint. */
  onBarrier?(checkpoint: number): void;
  /** The checkpoint is complete everywhere: what was prepared for it can be made visible. May be called again after a restore. */
  onCheckpointComplete?(checkpoint: number): void;
  /** Whether results are still outstanding (async calls), so that the end must wait. */
  isBusy?(): boolean;
  /** It takes no more batches for now (async calls outstanding): its chain gets none until it has woken. */
  isFull?(): boolean;
  /**
   * The watermark to hand on, where it is not the one that came in: who waits for answers holds it back, who assigns
   * event time makes its own. Asked after every call into the operator; at the end, Infinity is handed on once not busy.
   */
  outputWatermarkMs?(): number;
  /** Nothing is expected for now, so that what lies downstream need not wait; only for operators that assign event time. */
  isIdle?(): boolean;
  /** Figures of its own, for metrics (late records dropped, latency histograms). */
  metrics?(): Readonly<Record<string, unknown>>;
  close?(): void;
}

/** How a two-phase sink keeps files. `publish` renames, and is no error when it was done before. */
export interface SinkFiles {
  append(name: string, bytes: Uint8Array): void;
  /** Makes what was appended survive a crash. */
  sync(name: string): void;
  publish(pending: string, final: string): void;
  remove(name: string): void;
  /** Names under a folder. */
  list(folder: string): string[];
}
