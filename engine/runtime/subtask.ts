/**
 * One subtask: a chain with its input gate, its output gates and its checkpoints. `step` does one bounded piece of work:
 * one element of input, one poll of the source, or one thing that was waiting.
 */
import { RowsPerTurn } from "../operators/rows-per-turn.ts";
import type { FrozenState } from "../state/frozen-state.ts";
import type { Chain } from "./chain.ts";
import { Fifo } from "./fifo.ts";
import { giveElement } from "./give-element.ts";
import type { Replay } from "./in-flight.ts";
import type { InputGate } from "./input-gate.ts";
import type { ToWorker } from "./messages.ts";
import type { Barrier, OutputGate } from "./output-gate.ts";
import type { SubtaskSnapshot } from "./subtask-snapshot.ts";
import { checkMove, isActive, isThrough, type SubtaskState } from "./subtask-state.ts";
import { SubtaskTimes } from "./subtask-times.ts";

export type CheckpointOrder = Extract<ToWorker, { is: "checkpoint" }>;

export type SubtaskParts = {
  readonly chain: Chain;
  /** Undefined for sources. */
  readonly inputs: InputGate | undefined;
  readonly outputs: readonly OutputGate[];
  readonly replays: readonly Replay[];
  freeze(): readonly FrozenState[];
  /** Between batches: a state backend makes room. */
  settle(): void;
  /** The source may be so far ahead of the others. */
  mayPoll(): boolean;
  nowMs(): number;
  preciseMs(): number;
  makeSnapshot(barrier: Barrier, alignmentMs: number): SubtaskSnapshot;
  onSnapshot(snapshot: SubtaskSnapshot): void;
  onEnded(): void;
};

export class Subtask {
  readonly chain: Chain;
  readonly inputs: InputGate | undefined;
  readonly outputs: readonly OutputGate[];
  readonly times: SubtaskTimes;
  snapshot: SubtaskSnapshot | undefined;
  readonly #parts: SubtaskParts;
  #state: SubtaskState = { is: "deployed" };
  #pollAtMs = Number.NEGATIVE_INFINITY;
  readonly #pollRows = new RowsPerTurn();
  /** NaN when there was nothing to be had. */
  #polledMs = Number.NaN;
  /** For sources, and for subtasks that no barrier reaches any more. */
  #order: CheckpointOrder | undefined;
  #takenUpTo = 0;

  constructor(parts: SubtaskParts) {
    this.#parts = parts;
    this.chain = parts.chain;
    this.inputs = parts.inputs;
    this.outputs = parts.outputs;
    this.times = new SubtaskTimes(parts.preciseMs());
  }

  get state(): SubtaskState["is"] {
    return this.#state.is;
  }

  get isThrough(): boolean {
    return isThrough(this.#state);
  }

  get hasRoom(): boolean {
    for (const output of this.outputs) if (!output.hasRoom) return false;
    return true;
  }

  start(): void {
    const replays = new Fifo<Replay>();
    for (const replay of this.#parts.replays) replays.push(replay);
    this.#move({ is: "replaying", replays });
  }

  order(order: CheckpointOrder): void {
    if (order.checkpoint > this.#takenUpTo) this.#order = order;
  }

  abort(checkpoint: number): void {
    this.#takenUpTo = Math.max(this.#takenUpTo, checkpoint);
    if (this.#order !== undefined && this.#order.checkpoint <= checkpoint) this.#order = undefined;
    this.inputs?.abort(checkpoint);
    if (this.snapshot !== undefined && this.snapshot.checkpoint <= checkpoint) this.dropSnapshot();
  }

  dropSnapshot(): void {
    this.snapshot?.abandon();
    this.snapshot = undefined;
  }

  fail(): void {
    this.#move({ is: "failed" });
    this.dropSnapshot();
  }

  /** Lets go of everything. Returns what an operator threw at that. */
  close(): unknown {
    this.dropSnapshot();
    this.inputs?.clear();
    for (const output of this.outputs) output.close();
    this.#move({ is: "closed" });
    return this.chain.close();
  }

  /** One piece of work. False: there was none to do. */
  step(): boolean {
    const { times } = this;
    times.turnTo("busy", this.#parts.preciseMs());
    const worked = this.#work();
    // What goes on later may still refer to rows.
    if (worked && !this.chain.isSuspended) this.#parts.settle();
    if (!worked) times.turnTo(this.hasRoom ? "idle" : "backpressured", this.#parts.preciseMs());
    return worked;
  }

  /** When `step` may find work that no message announces. */
  nextWakeMs(): number {
    let leastMs = Number.POSITIVE_INFINITY;
    // Held up, it goes on when an output or the chain announces room.
    if (isActive(this.#state) && this.hasRoom && !this.chain.isSuspended) {
      leastMs = this.chain.nextWakeMs();
      const mayPoll = this.state === "running" && this.inputs === undefined && !this.chain.isFull;
      if (mayPoll && this.#parts.mayPoll()) leastMs = Math.min(leastMs, this.#pollAtMs);
    }
    for (const output of this.outputs) leastMs = Math.min(leastMs, output.flushAtMs);
    return leastMs;
  }

  #work(): boolean {
    const nowMs = this.#parts.nowMs();
    let flushed = false;
    for (const output of this.outputs) {
      if (output.flushAtMs > nowMs) continue;
      output.flushDue();
      flushed = true;
    }
    return this.#workIn(this.#state, nowMs) || flushed;
  }

  #workIn(state: SubtaskState, nowMs: number): boolean {
    if (state.is === "running") return this.#run(nowMs);
    if (state.is === "replaying") return this.#replay(state.replays);
    if (state.is === "ending") return this.#goOnEnding(nowMs);
    if (state.is === "draining") {
      if (!this.hasRoom) return false;
      this.#move({ is: "ended" });
      this.#parts.onEnded();
      return true;
    }
    if (state.is === "ended" && this.#order !== undefined) {
      const { checkpoint, kind, mode } = this.#order;
      this.#snapshot({ is: "barrier", checkpoint, kind, mode }, false);
      return true;
    }
    return false;
  }

  #replay(replays: Fifo<Replay>): boolean {
    if (!this.hasRoom) return false;
    if (this.#resumes()) return true;
    const woke = this.#wakeIfDue(this.#parts.nowMs());
    if (this.chain.isFull || this.chain.isSuspended) return woke;
    const replay = replays.shift();
    if (replay === undefined) this.#move({ is: "running" });
    else this.chain.deliver(replay.operator, replay.input, replay.batch);
    return true;
  }

  #run(nowMs: number): boolean {
    if (this.chain.isSuspended) return this.hasRoom && this.#resumes();
    if (this.#passBarrier()) return true;
    if (!this.hasRoom) return false;
    const woke = this.#wakeIfDue(nowMs);
    if (this.chain.isSuspended || !this.hasRoom) return woke;
    const worked = this.inputs === undefined ? this.#poll(nowMs) : this.#consume(this.inputs);
    return worked || woke;
  }

  /** Goes on with a suspended operator, which leaves no time for anything else. */
  #resumes(): boolean {
    if (!this.chain.isSuspended) return false;
    this.chain.resume();
    return true;
  }

  #wakeIfDue(nowMs: number): boolean {
    if (!this.hasRoom || this.chain.isSuspended || !(this.chain.nextWakeMs() <= nowMs)) return false;
    this.chain.wake(nowMs);
    return true;
  }

  #poll(nowMs: number): boolean {
    if (this.chain.isFull || !this.#parts.mayPoll()) return false;
    if (nowMs < this.#pollAtMs && !this.chain.sourceWoke) return false;
    // What was polled before has been worked on, and waited for, until now.
    if (!Number.isNaN(this.#polledMs)) this.#pollRows.took(nowMs - this.#polledMs);
    this.#polledMs = nowMs;
    const polled = this.chain.poll(nowMs, this.#pollRows.rows);
    if (polled.is === "waiting") {
      this.#pollAtMs = polled.untilMs;
      this.#polledMs = Number.NaN;
      return false;
    }
    this.#pollAtMs = Number.NEGATIVE_INFINITY;
    if (polled.is === "end") this.#end();
    return true;
  }

  #consume(inputs: InputGate): boolean {
    const consumed = inputs.next(this.chain.isFull);
    if (consumed === undefined) {
      if (!inputs.isEnded) return false;
      this.#end();
      return true;
    }
    giveElement(this.chain, inputs, consumed);
    return true;
  }

  #end(): void {
    this.#move({ is: "ending" });
    if (!this.chain.isSuspended) this.#ended(this.chain.end());
  }

  #goOnEnding(nowMs: number): boolean {
    const woke = this.#wakeIfDue(nowMs);
    if (!this.hasRoom) return woke;
    const wasSuspended = this.chain.isSuspended;
    // A source may have come to its end while the watermark before it was still on its way.
    const isThrough = this.chain.isEnding ? this.chain.resume() : this.chain.resume() && this.chain.end();
    this.#ended(isThrough);
    return woke || isThrough || ((wasSuspended || this.chain.isSuspended) && this.hasRoom);
  }

  #ended(isThrough: boolean): void {
    if (!isThrough) return;
    for (const output of this.outputs) output.end();
    this.#move({ is: "draining" });
  }

  /** Takes the snapshot of a checkpoint that is due here. */
  #passBarrier(): boolean {
    if (this.inputs === undefined) {
      if (this.#order === undefined) return false;
      const { checkpoint, kind, mode } = this.#order;
      this.#snapshot({ is: "barrier", checkpoint, kind, mode }, true);
      return true;
    }
    const barrier = this.inputs.dueBarrier;
    if (barrier === undefined) return false;
    if (barrier.checkpoint <= this.#takenUpTo) this.inputs.abort(barrier.checkpoint);
    else this.#snapshot(barrier, true);
    return true;
  }

  #snapshot(barrier: Barrier, isRunning: boolean): void {
    this.#order = undefined;
    this.#takenUpTo = barrier.checkpoint;
    // One at a time: what is still at work for an older one, that one was given up.
    this.dropSnapshot();
    const snapshot = this.#parts.makeSnapshot(barrier, this.inputs?.alignmentMs ?? 0);
    this.chain.barrier(barrier.checkpoint);
    if (isRunning) {
      for (const output of this.outputs) output.barrier(barrier, snapshot.add.bind(snapshot));
    }
    if (isRunning && this.inputs !== undefined) this.inputs.pass(snapshot);
    else snapshot.done();
    snapshot.frozen(this.#parts.freeze());
    this.snapshot = snapshot;
    this.#parts.onSnapshot(snapshot);
    if (isRunning && barrier.kind === "stop") this.#move({ is: "stopped" });
  }

  #move(to: SubtaskState): void {
    checkMove(this.#state.is, to.is);
    this.#state = to;
  }
}
