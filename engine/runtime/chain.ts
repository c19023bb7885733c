/**
 * Drives the operators of one subtask: records go from one to the next by direct calls; watermarks, ends and barriers
 * pass in order, each operator's results before its own. It knows no channels: edges are outputs that it is given.
 */
import type { TaskPlan } from "../dataflow/plan.ts";
import type { Steps } from "../operators/operator.ts";
import type { Batch } from "../records/batch.ts";
import type { Load } from "../sources/load.ts";
import type { Polled } from "../sources/source.ts";
import type { ChainHost, ChainNode } from "./chain-node.ts";
import { type ChainEdge, wiredNodes } from "./chain-wiring.ts";
import { TurnMeter } from "./operator-metrics.ts";

/** How far a watermark or the end has come: the operator `at`, which may be suspended in `steps`. */
type Passing =
  | { is: "nothing" }
  | { is: "watermark"; at: number; steps: Steps | undefined }
  | { is: "end"; at: number; stage: "watermark" | "end" | "busy"; steps: Steps | undefined }
  | { is: "ended" };

export class Chain {
  readonly nodes: readonly ChainNode[];
  readonly meter: TurnMeter;
  readonly #host: ChainHost;
  readonly #source: ChainNode | undefined;
  /** Those that make watermarks of their own, and those that may be woken. */
  readonly #makers: readonly ChainNode[];
  readonly #wakers: readonly ChainNode[];
  #headMs = Number.NEGATIVE_INFINITY;
  #headDueMs = Number.NaN;
  #headIsIdle = false;
  #passing: Passing = { is: "nothing" };

  constructor(
    task: TaskPlan,
    host: ChainHost,
    edges: readonly ChainEdge[],
    externalInputs: readonly number[] = [0],
  ) {
    this.#host = host;
    this.meter = new TurnMeter(() => host.preciseMs());
    this.nodes = wiredNodes(task, host, this.meter, edges, externalInputs);
    this.#source = this.nodes[0]!.source ? this.nodes[0] : undefined;
    this.#makers = this.nodes.filter((node) => node.machine?.outputWatermarkMs || node.machine?.isIdle);
    this.#wakers = this.nodes.filter((node) => node.machine?.onWake);
  }

  /** Opens those behind first, so that what an operator emits as it opens finds them open. */
  open(): void {
    for (const node of this.nodes.toReversed()) {
      node.call(() => (node.source ? node.source.open(node) : node.machine!.open?.(node)));
    }
  }

  /** An operator is in the middle of its results: nothing else may reach the chain before `resume` is through. */
  get isSuspended(): boolean {
    return (
      this.#passing.is !== "nothing" && this.#passing.is !== "ended" && this.#passing.steps !== undefined
    );
  }

  get isEnding(): boolean {
    return this.#passing.is === "end" || this.#passing.is === "ended";
  }

  /** Asks the source for more, and hands that on with the watermark behind it. */
  poll(nowMs: number, rowsMax?: number): Polled {
    const node = this.#source!;
    node.wakeWanted = false;
    const source = node.source!;
    const polled = node.call(() => source.poll(nowMs, rowsMax));
    if (polled.is === "batch") {
      node.metrics.batchesIn++;
      node.out.emit(polled.batch);
    }
    if (polled.is === "waiting") this.#setIdle(polled.idle);
    else this.#setIdle(false);
    this.watermark(source.watermarkMs, source.dueMs);
    return polled;
  }

  setLoad(load: Load): void {
    this.#source?.source?.setLoad?.(load);
  }

  /** Gives an operator a batch that is lent until this returns. */
  deliver(operator: number, input: number, batch: Batch): void {
    if (this.#headIsIdle) this.#setIdle(false);
    this.nodes[operator]!.take(batch, input);
    this.#askMakers();
  }

  /** The watermark of all that feeds the chain. Infinity is left to `end`. False: suspended. */
  watermark(watermarkMs: number, dueMs: number): boolean {
    if (watermarkMs > this.#headMs && watermarkMs !== Number.POSITIVE_INFINITY) {
      this.#headMs = watermarkMs;
      this.#headDueMs = dueMs;
      this.#passing = { is: "watermark", at: 0, steps: undefined };
      if (!this.resume()) return false;
    }
    return this.#askMakers();
  }

  /** All that feeds the chain is silent for now. */
  idle(isIdle: boolean): boolean {
    this.#setIdle(isIdle);
    return !this.isSuspended;
  }

  /** No more input. False: not through with it yet; `resume` goes on. */
  end(): boolean {
    this.#passing = { is: "end", at: 0, stage: "watermark", steps: undefined };
    return this.resume();
  }

  /** Goes on with what is suspended. True when there is nothing left to go on with. */
  resume(): boolean {
    const passing = this.#passing;
    if (passing.is === "watermark") {
      for (; passing.at < this.nodes.length; passing.at++) {
        const node = this.nodes[passing.at]!;
        if (passing.steps === undefined) passing.steps = this.#rise(node);
        if (!this.#run(node, passing)) return false;
        this.#handOn(node, node.machine?.outputWatermarkMs?.() ?? node.watermarkMs);
      }
      this.#passing = { is: "nothing" };
    } else if (passing.is === "end") {
      for (; passing.at < this.nodes.length; passing.at++) {
        if (!this.#endNode(this.nodes[passing.at]!, passing)) return false;
        passing.stage = "watermark";
      }
      this.#passing = { is: "ended" };
    }
    return true;
  }

  /** Upstream first: what an operator emits here reaches those behind it before they have their own turn. */
  barrier(checkpoint: number): void {
    for (const node of this.nodes) {
      node.call(() => (node.source ?? node.machine!).onBarrier?.(checkpoint));
    }
  }

  complete(checkpoint: number): void {
    for (const node of this.nodes) {
      node.call(() => (node.source ?? node.machine!).onCheckpointComplete?.(checkpoint));
    }
  }

  /** When `wake` is wanted; -Infinity for at once. */
  nextWakeMs(): number {
    let leastMs = Number.POSITIVE_INFINITY;
    for (const node of this.#wakers) {
      if (node.wakeWanted) return Number.NEGATIVE_INFINITY;
      const wakeMs = node.machine!.nextWakeMs?.() ?? Number.POSITIVE_INFINITY;
      if (wakeMs < leastMs) leastMs = wakeMs;
    }
    return leastMs;
  }

  /** Wakes the operators whose time has come. */
  wake(nowMs: number): void {
    for (const node of this.#wakers) {
      const operator = node.machine!;
      if (!node.wakeWanted && !((operator.nextWakeMs?.() ?? Number.POSITIVE_INFINITY) <= nowMs)) continue;
      node.wakeWanted = false;
      node.call(() => operator.onWake!(nowMs));
    }
    this.#askMakers();
  }

  /** The source asks to be polled before its time. */
  get sourceWoke(): boolean {
    return this.#source?.wakeWanted === true;
  }

  get isFull(): boolean {
    for (const node of this.#wakers) if (node.machine!.isFull?.()) return true;
    return false;
  }

  /** The watermark that the first operator was given. */
  get watermarkMs(): number {
    return this.isEnding ? this.nodes[0]!.handedOnMs : this.#headMs;
  }

  /** How far it is: a source's own watermark, or that of timestamps which operators behind it assign. */
  get eventTimeMs(): number {
    return Math.max(this.#headMs, this.nodes.at(-1)!.handedOnMs);
  }

  get isIdle(): boolean {
    return this.#headIsIdle;
  }

  /** Closes all of them, whatever some of them throw, and returns the first of that. */
  close(): unknown {
    let first: unknown;
    if (this.isSuspended) {
      const { steps } = this.#passing as { steps: Steps };
      try {
        steps.return();
      } catch (error) {
        first = error;
      }
    }
    for (const node of this.nodes) {
      try {
        (node.source ?? node.machine!).close?.();
      } catch (error) {
        first ??= error;
      }
    }
    return first;
  }

  #setIdle(isIdle: boolean): void {
    if (isIdle === this.#headIsIdle) return;
    this.#headIsIdle = isIdle;
    // Silence may let a watermark rise that waited for it, behind the point where streams meet.
    if (this.#passing.is !== "nothing") return;
    this.#passing = { is: "watermark", at: 0, steps: undefined };
    this.resume();
  }

  /** A watermark that an operator made while it worked starts on its way behind it. */
  #askMakers(): boolean {
    if (this.#makers.length === 0 || this.#passing.is !== "nothing") return !this.isSuspended;
    for (const node of this.#makers) {
      const operator = node.machine!;
      const rises = (operator.outputWatermarkMs?.() ?? Number.NEGATIVE_INFINITY) > node.handedOnMs;
      if (!rises && (operator.isIdle?.() ?? node.isIdle) === node.isIdle) continue;
      this.#passing = { is: "watermark", at: this.nodes.indexOf(node), steps: undefined };
      if (!this.resume()) return false;
    }
    return true;
  }

  /** Gives an operator the least watermark of those that feed it, if that rose. */
  #rise(node: ChainNode): Steps | undefined {
    let leastMs = Number.POSITIVE_INFINITY;
    let mostMs = Number.NEGATIVE_INFINITY;
    let dueMs = Number.NaN;
    const consider = (ms: number, due: number, isIdle: boolean) => {
      if (ms > mostMs) mostMs = ms;
      if (!isIdle && ms < leastMs) {
        leastMs = ms;
        dueMs = due;
      }
    };
    if (node.isHead) consider(this.#headMs, this.#headDueMs, this.#headIsIdle);
    for (const feeder of node.feeders) consider(feeder.handedOnMs, feeder.watermarkDueMs, feeder.isIdle);
    node.isIdle = node.machine?.isIdle?.() ?? leastMs === Number.POSITIVE_INFINITY;
    const watermarkMs = leastMs === Number.POSITIVE_INFINITY ? mostMs : leastMs;
    if (!(watermarkMs > node.watermarkMs)) return undefined;
    node.watermarkMs = watermarkMs;
    node.watermarkDueMs = dueMs;
    return node.machine?.onWatermark && node.call(() => node.machine!.onWatermark!(watermarkMs));
  }

  #endNode(node: ChainNode, passing: Extract<Passing, { is: "end" }>): boolean {
    const { machine } = node;
    if (machine && passing.stage === "watermark") {
      if (passing.steps === undefined && node.watermarkMs !== Number.POSITIVE_INFINITY) {
        node.watermarkMs = Number.POSITIVE_INFINITY;
        passing.steps = node.call(() => machine.onWatermark?.(Number.POSITIVE_INFINITY));
      }
      if (!this.#run(node, passing)) return false;
      passing.stage = "end";
      passing.steps = node.call(() => machine.onEnd?.());
    }
    if (passing.stage === "end") {
      if (!this.#run(node, passing)) return false;
      passing.stage = "busy";
    }
    if (machine?.isBusy?.()) return false;
    this.#handOn(node, Number.POSITIVE_INFINITY);
    return true;
  }

  #handOn(node: ChainNode, watermarkMs: number): void {
    if (watermarkMs > node.handedOnMs) {
      node.handedOnMs = watermarkMs;
      for (const edge of node.edges) edge.watermark(watermarkMs, node.watermarkDueMs);
    }
    for (const edge of node.edges) edge.idle(node.isIdle);
  }

  /** Runs an operator's steps while there is room for what they emit, and time. */
  #run(node: ChainNode, passing: { steps: Steps | undefined }): boolean {
    const { steps } = passing;
    if (steps === undefined) return true;
    const { stepsMs = Number.POSITIVE_INFINITY } = this.#host;
    const untilMs = this.#host.preciseMs() + stepsMs;
    for (;;) {
      if (!this.#host.hasRoom()) return false;
      if (node.call(() => steps.next()).done) break;
      if (this.#host.preciseMs() >= untilMs) return false;
    }
    passing.steps = undefined;
    return true;
  }
}
