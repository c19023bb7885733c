/**
 * Runs a plan to its end in the calling thread, one subtask for each task, with calls in the place of channels: for tests,
 * and to measure operators without a network. The chains are those that workers run.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { SinkFiles } from "../operators/operator.ts";
import type { Batch } from "../records/batch.ts";
import { Chain } from "../runtime/chain.ts";
import type { EdgeOutput } from "../runtime/chain-node.ts";
import { MemoryState, type StateSettings } from "../state/memory-state.ts";
import { WatermarkGate } from "../time/watermark-gate.ts";
import type { EdgePlan, JobPlan } from "./plan.ts";

export type InlineSettings = {
  /** Wall-clock ms. */
  readonly nowMs: () => number;
  /** For jobs with sinks that write files. */
  readonly filesOf?: (operatorId: string) => SinkFiles;
  /** In memory if left out. */
  readonly makeState?: (settings: StateSettings) => MemoryState;
};

/** What runs, for a look at figures afterwards. */
export type InlineRun = {
  readonly chains: readonly Chain[];
  readonly states: ReadonlyMap<string, MemoryState>;
};

/** Nothing can be done before something outside answers: look again after so long. */
const pauseMs = 1;

export async function runInline(plan: JobPlan, settings: InlineSettings): Promise<InlineRun> {
  const inline = new Inline(plan, settings);
  try {
    await inline.run();
  } finally {
    for (const chain of inline.chains) chain.close();
    for (const state of inline.states.values()) state.close();
  }
  return inline;
}

class Inline implements InlineRun {
  readonly chains: Chain[] = [];
  readonly states = new Map<string, MemoryState>();
  readonly #plan: JobPlan;
  readonly #nowMs: () => number;
  readonly #makeState: (settings: StateSettings) => MemoryState;
  readonly #sources: number[] = [];

  constructor(plan: JobPlan, { nowMs, filesOf, makeState }: InlineSettings) {
    this.#plan = plan;
    this.#makeState = makeState ?? ((wanted) => new MemoryState(wanted));
    this.#nowMs = nowMs;
    const { maxParallelism } = plan;
    const gates = plan.tasks.map((_, task) => new WatermarkGate(edgesInto(plan, task).length));
    for (const [task, taskPlan] of plan.tasks.entries()) {
      if (taskPlan.parallelism !== 1)
        throw new Error(`${taskPlan.name} has a parallelism of ${taskPlan.parallelism}`);
      const host = {
        subtask: 0,
        parallelism: 1,
        maxParallelism,
        nowMs,
        preciseMs: nowMs,
        stateOf: (operator: string) => this.#stateOf(operator),
        filesOf: (operator: string) => {
          if (filesOf === undefined) throw new Error(`${operator} wants files, and no folder was given`);
          return filesOf(operator);
        },
        hasRoom: () => true,
        wake: () => {},
      };
      const edges = plan.edges.flatMap((edge) => {
        if (edge.from.task !== task) return [];
        const { operator, output } = edge.from;
        const channel = edgesInto(plan, edge.to.task).indexOf(edge);
        return [{ operator, output, to: this.#edgeOutput(edge, gates[edge.to.task]!, channel) }];
      });
      this.chains.push(new Chain(taskPlan, host, edges));
      if ("source" in taskPlan.operators[0]!.make) this.#sources.push(task);
    }
  }

  async run(): Promise<void> {
    for (const chain of this.chains.toReversed()) chain.open();
    const running = new Set(this.#sources);
    while (running.size > 0) {
      let isWaiting = true;
      for (const task of running) {
        const polled = this.chains.some((chain) => chain.isFull)
          ? undefined
          : this.chains[task]!.poll(this.#nowMs());
        if (polled === undefined || polled.is === "waiting") continue;
        isWaiting = false;
        if (polled.is !== "end") continue;
        running.delete(task);
        this.chains[task]!.end();
      }
      this.#settle();
      if (!(await this.#wake()) && isWaiting) await sleep(pauseMs);
    }
    // An end that waits for answers goes on when it is resumed.
    while (!this.chains.every((chain) => chain.isEnding && chain.resume())) {
      if (!(await this.#wake())) await sleep(pauseMs);
    }
    for (const chain of this.chains) chain.barrier(1);
    for (const chain of this.chains) chain.complete(1);
  }

  /** Wakes operators that asked for it. Whether any did. */
  async #wake(): Promise<boolean> {
    let woke = false;
    for (const chain of this.chains) {
      if (!(chain.nextWakeMs() <= this.#nowMs())) continue;
      chain.wake(this.#nowMs());
      woke = true;
    }
    // Answers from outside come in turns of their own.
    if (woke) await sleep(0);
    return woke;
  }

  /** What goes on later may still refer to rows. */
  #settle(): void {
    if (this.chains.some((chain) => chain.isSuspended)) return;
    for (const state of this.states.values()) state.settle();
  }

  #stateOf(operator: string): MemoryState {
    const known = this.states.get(operator);
    if (known !== undefined) return known;
    const state = this.#makeState({ operator, maxParallelism: this.#plan.maxParallelism });
    this.states.set(operator, state);
    return state;
  }

  #edgeOutput({ to }: EdgePlan, gate: WatermarkGate, channel: number): EdgeOutput {
    return {
      emit: (batch: Batch) => {
        gate.setActive(channel);
        this.chains[to.task]!.deliver(to.operator, to.input, batch);
      },
      watermark: (watermarkMs, dueMs) => {
        gate.advance(channel, watermarkMs, dueMs);
        this.#advance(to.task, gate);
      },
      idle: (isIdle) => {
        if (isIdle) gate.setIdle(channel);
        else gate.setActive(channel);
        this.#advance(to.task, gate);
      },
    };
  }

  #advance(task: number, gate: WatermarkGate): void {
    const chain = this.chains[task]!;
    if (chain.isEnding) return;
    if (gate.watermarkMs === Number.POSITIVE_INFINITY) {
      chain.end();
      return;
    }
    chain.idle(gate.isIdle);
    chain.watermark(gate.watermarkMs, gate.dueMs);
  }
}

const edgesInto = ({ edges }: JobPlan, task: number): EdgePlan[] =>
  edges.filter(({ to }) => to.task === task);
