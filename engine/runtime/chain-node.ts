/** One operator or source in a chain: its context, its outputs, and the calls into it with their accounting. */
import type { OperatorPlan } from "../dataflow/plan.ts";
import type { Operator, OperatorContext, Output, SinkFiles } from "../operators/operator.ts";
import type { Batch } from "../records/batch.ts";
import type { Source } from "../sources/source.ts";
import type { OperatorState } from "../state/operator-state.ts";
import { OperatorMetrics, type TurnMeter } from "./operator-metrics.ts";

/** What a chain takes from whoever runs it. */
export type ChainHost = {
  readonly subtask: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** Those that the subtask owns; left out for all of them. */
  readonly keyGroups?: readonly number[];
  readonly attempt?: number;
  /** Wall-clock ms: real, or the simulator's. */
  nowMs(): number;
  /** For accounting only: finer than `nowMs`, from any origin. */
  preciseMs(): number;
  stateOf(operatorId: string): OperatorState;
  filesOf(operatorId: string): SinkFiles;
  /** Steps of results wait for the next turn when they took so long; left out, for nothing but room. */
  readonly stepsMs?: number;
  /** Whether all outgoing edges take more; a suspended operator goes on when they do. */
  hasRoom(): boolean;
  /** See `OperatorContext`. */
  rest?(): void;
  /** An operator was woken from outside: the chain wants a turn soon. */
  wake(): void;
};

/** An outgoing edge as a chain sees it. */
export interface EdgeOutput extends Output {
  /** No later record of this edge is older. `dueMs` is when that was due at the source; NaN where nothing is paced. */
  watermark(watermarkMs: number, dueMs: number): void;
  /** Nothing is expected for now; the next record or watermark ends that, or `false`. */
  idle(isIdle: boolean): void;
}

const swallow: Output = { emit: () => {} };

export class ChainNode implements OperatorContext {
  readonly plan: OperatorPlan;
  readonly keyGroups?: readonly number[];
  readonly attempt: number;
  readonly metrics: OperatorMetrics;
  readonly machine: Operator | undefined;
  readonly source: Source | undefined;
  /** Those of the chain whose watermark this one waits for. */
  readonly feeders: ChainNode[] = [];
  /** It is the source, or takes edges from other tasks. */
  isHead = false;
  isIdle = false;
  readonly edges: EdgeOutput[] = [];
  out: Output = swallow;
  wakeWanted = false;
  watermarkMs = Number.NEGATIVE_INFINITY;
  watermarkDueMs = Number.NaN;
  /** What those behind it have been given. */
  handedOnMs = Number.NEGATIVE_INFINITY;
  readonly #outputs = new Map<string, Output>();
  readonly #host: ChainHost;
  readonly #meter: TurnMeter;

  constructor(plan: OperatorPlan, host: ChainHost, meter: TurnMeter) {
    this.plan = plan;
    this.#host = host;
    if (host.keyGroups) this.keyGroups = host.keyGroups;
    this.attempt = host.attempt ?? 0;
    this.#meter = meter;
    this.metrics = new OperatorMetrics(plan.id, plan.name);
    if ("source" in plan.make) this.source = plan.make.source();
    else this.machine = plan.make.operator();
  }

  get operator(): string {
    return this.plan.id;
  }
  get subtask(): number {
    return this.#host.subtask;
  }
  get parallelism(): number {
    return this.#host.parallelism;
  }
  get maxParallelism(): number {
    return this.#host.maxParallelism;
  }
  get state(): OperatorState {
    return this.#host.stateOf(this.plan.id);
  }
  get files(): SinkFiles {
    return this.#host.filesOf(this.plan.id);
  }
  nowMs(): number {
    return this.#host.nowMs();
  }
  rest(): void {
    this.#host.rest?.();
  }
  side(name: string): Output {
    return this.#outputs.get(name) ?? swallow;
  }
  wake(): void {
    this.wakeWanted = true;
    this.#host.wake();
  }

  /** Tells what takes the output of this name ("" for the main one). */
  connect(name: string, takers: readonly Output[]): void {
    const output =
      takers.length === 0
        ? swallow
        : takers.length === 1
          ? new OneTaker(this.metrics, takers[0]!)
          : new ManyTakers(this.metrics, takers);
    if (name === "") this.out = output;
    else this.#outputs.set(name, output);
  }

  take(batch: Batch, input: number): void {
    if (batch.rowCount === 0) return;
    const { metrics } = this;
    const caller = this.#meter.current;
    const startMs = this.#meter.turnTo(metrics);
    metrics.batchesIn++;
    metrics.recordsIn += batch.rowCount;
    const rows = batch.rowCount;
    this.machine!.onBatch(batch, input);
    metrics.tookBatch(rows, this.#meter.turnTo(caller) - startMs);
  }

  /** Any other call into the operator, at its expense. */
  call<Result>(what: () => Result): Result {
    const caller = this.#meter.current;
    this.#meter.turnTo(this.metrics);
    const result = what();
    this.#meter.turnTo(caller);
    return result;
  }
}

/** The input of an operator, as an output of the one before it. */
export class DirectOutput implements Output {
  readonly #node: ChainNode;
  readonly #input: number;

  constructor(node: ChainNode, input: number) {
    this.#node = node;
    this.#input = input;
  }

  emit(batch: Batch): void {
    this.#node.take(batch, this.#input);
  }
}

class OneTaker implements Output {
  readonly #metrics: OperatorMetrics;
  readonly #taker: Output;

  constructor(metrics: OperatorMetrics, taker: Output) {
    this.#metrics = metrics;
    this.#taker = taker;
  }

  emit(batch: Batch): void {
    this.#metrics.recordsOut += batch.rowCount;
    this.#taker.emit(batch);
  }
}

/** A taker may not write into a batch that is lent to it, so all get the same one. */
class ManyTakers implements Output {
  readonly #metrics: OperatorMetrics;
  readonly #takers: readonly Output[];

  constructor(metrics: OperatorMetrics, takers: readonly Output[]) {
    this.#metrics = metrics;
    this.#takers = takers;
  }

  emit(batch: Batch): void {
    this.#metrics.recordsOut += batch.rowCount;
    for (const taker of this.#takers) taker.emit(batch);
  }
}
