/** What a worker has of one attempt of a job: its subtasks with their channels, checkpoints and state. */
import type { Part } from "../checkpoint/part.ts";
import type { JobPlan } from "../dataflow/plan.ts";
import type { SinkFiles } from "../operators/operator.ts";
import type { Load } from "../sources/load.ts";
import { MemoryState } from "../state/memory-state.ts";
import { Chain } from "./chain.ts";
import { type Channel, channelsOf } from "./channel-layout.ts";
import { endsOf, type Receiver } from "./in-flight.ts";
import { InputGate } from "./input-gate.ts";
import { Links } from "./links.ts";
import { connectLocally } from "./local-channel.ts";
import type { Deployment, SubtaskId } from "./messages.ts";
import { OutputGate } from "./output-gate.ts";
import type { Restored } from "./restore.ts";
import { SourceAlignment } from "./source-alignment.ts";
import { Subtask } from "./subtask.ts";
import { SubtaskSnapshot } from "./subtask-snapshot.ts";
import type { WorkerEffects } from "./worker-core.ts";

export type Deployed = {
  readonly id: SubtaskId;
  readonly name: string;
  readonly subtask: Subtask;
  readonly states: ReadonlyMap<string, MemoryState>;
  /** Of the last complete checkpoint, and of that which was acknowledged last. */
  base: Part | undefined;
  acknowledged: { checkpoint: number; part: Part } | undefined;
};

/** What the subtasks report. */
export type AttemptEvents = {
  onSnapshot(deployed: Deployed, snapshot: SubtaskSnapshot): void;
  onStored(deployed: Deployed, checkpoint: number, part: Part): void;
  onDeclined(deployed: Deployed, checkpoint: number, error: Error): void;
  onEnded(deployed: Deployed): void;
  onLinkLost(worker: string, channels: readonly Channel[], error: Error | undefined): void;
};

export type AttemptSettings = {
  readonly worker: string;
  readonly deployment: Deployment;
  readonly plan: JobPlan;
  readonly effects: WorkerEffects;
  readonly events: AttemptEvents;
};

/** Of `bufferBytes`: half for what comes from other workers, a quarter within this one, a quarter with senders. */
export const receiveShare = 1 / 2;
const localShare = 1 / 4;
const sendShare = 1 / 4;
const localBytesMin = 16_384;
/** As long as a turn of the worker. */
const stepsMs = 4;
const batchBytesMin = 16_384;

/** The subtasks that a deployment places on this worker. */
export function receiversOn(worker: string, { placement, assignments }: Deployment): Receiver[] {
  return placement.flatMap((workers, task) =>
    workers.flatMap((one, subtask) =>
      one === worker ? [{ task, subtask, subtaskOf: assignments[task]!.subtaskOf }] : [],
    ),
  );
}

export class WorkerAttempt {
  readonly deployment: Deployment;
  readonly deployed: readonly Deployed[];
  readonly links: Links;
  /** Undefined: sources are not aligned. */
  readonly alignment: SourceAlignment | undefined;
  readonly #settings: AttemptSettings;
  readonly #channels: readonly Channel[];
  readonly #outputGates: OutputGate[] = [];

  /** Opens everything, or throws and has closed it again. `restored` is by the order of `receivers`. */
  constructor(settings: AttemptSettings, receivers: readonly Receiver[], restored: readonly Restored[]) {
    const { deployment, plan, effects, events } = settings;
    this.#settings = settings;
    this.deployment = deployment;
    const { alignmentMs } = deployment.settings;
    this.alignment = alignmentMs === undefined ? undefined : new SourceAlignment(alignmentMs);
    this.#channels = channelsOf(plan);
    this.links = new Links({
      deployment,
      transport: effects.transport,
      receiveBytes: Math.floor(deployment.settings.bufferBytes * receiveShare),
      onActivity: () => effects.wantTurn(),
      onLost: events.onLinkLost,
    });
    const deployed: Deployed[] = [];
    this.deployed = deployed;
    try {
      for (const [at, receiver] of receivers.entries()) {
        this.#make(receiver, restored[at], (made) => deployed.push(made));
      }
    } catch (error) {
      this.close();
      throw error;
    }
    this.#connect();
  }

  start(load?: Load): void {
    if (load) this.setLoad(load);
    this.links.connect();
    // A connection from a worker that started before may be lost already.
    for (const { subtask } of this.deployed) if (subtask.state === "deployed") subtask.start();
  }

  setLoad(load: Load): void {
    for (const { subtask } of this.deployed) subtask.chain.setLoad(load);
  }

  /** Undefined when all went well, else the first that an operator threw. */
  close(): unknown {
    this.links.close();
    let first: unknown;
    for (const { subtask, states } of this.deployed) {
      first = subtask.close() ?? first;
      for (const state of states.values()) state.close();
    }
    return first;
  }

  workerOf(task: number, subtask: number): string {
    return this.deployment.placement[task]![subtask]!;
  }

  #make(receiver: Receiver, restored: Restored | undefined, made: (deployed: Deployed) => void): void {
    const { deployment, plan, effects, events } = this.#settings;
    const { task, subtask } = receiver;
    const taskPlan = plan.tasks[task]!;
    const states = new Map<string, MemoryState>();
    const backend = deployment.settings.state ?? { backend: "memory" };
    for (const { id } of taskPlan.operators) {
      const wanted = { operator: id, maxParallelism: plan.maxParallelism, restored: restored?.stateOf(id) };
      states.set(id, effects.makeState?.(wanted, backend) ?? new MemoryState(wanted));
    }
    const inputs = this.#inputGate(task, subtask);
    const outputs = this.#outputsOf(task, subtask);
    const isSingle = taskPlan.parallelism === 1;
    const keyGroups = [...receiver.subtaskOf.keys()].filter((group) => receiver.subtaskOf[group] === subtask);
    const chain = new Chain(
      taskPlan,
      {
        subtask,
        parallelism: taskPlan.parallelism,
        maxParallelism: plan.maxParallelism,
        ...(isSingle ? {} : { keyGroups }),
        attempt: deployment.attempt,
        nowMs: () => effects.nowMs(),
        preciseMs: () => effects.preciseMs(),
        stateOf: (operator) => states.get(operator)!,
        filesOf: (): SinkFiles => effects.files,
        stepsMs,
        ...(effects.rest ? { rest: () => effects.rest!() } : {}),
        hasRoom: () => outputs.every(({ gate }) => gate.hasRoom),
        wake: () => effects.wantTurn(),
      },
      outputs.map(({ gate, operator, output }) => ({ operator, output, to: gate })),
      [...new Set([0, ...plan.edges.filter(({ to }) => to.task === task).map(({ to }) => to.operator)])],
    );
    const deployed: Deployed = {
      id: { task, subtask },
      name: `${taskPlan.name} ${subtask + 1}/${taskPlan.parallelism}`,
      states,
      base: restored?.base,
      acknowledged: undefined,
      subtask: new Subtask({
        chain,
        inputs,
        outputs: outputs.map(({ gate }) => gate),
        replays: restored?.replays ?? [],
        freeze: () => [...states.values()].map((state) => state.freeze()),
        settle: () => {
          for (const state of states.values()) state.settle();
        },
        mayPoll: () => this.alignment?.mayPoll(chain) ?? true,
        nowMs: () => effects.nowMs(),
        preciseMs: () => effects.preciseMs(),
        makeSnapshot: (barrier, alignmentMs) =>
          new SubtaskSnapshot({
            barrier,
            alignmentMs,
            store: effects.store,
            endsOf: (channel) => endsOf(plan, channel),
            preciseMs: () => effects.preciseMs(),
            onStored: (part) => events.onStored(deployed, barrier.checkpoint, part),
            onFailed: (error) => events.onDeclined(deployed, barrier.checkpoint, error),
          }),
        onSnapshot: (snapshot) => events.onSnapshot(deployed, snapshot),
        onEnded: () => events.onEnded(deployed),
      }),
    };
    made(deployed);
    chain.open();
    for (const state of states.values()) state.finishRestore();
  }

  #inputGate(task: number, subtask: number): InputGate | undefined {
    const channels = this.#channels.filter(({ edge, to }) => edge.to.task === task && to === subtask);
    return channels.length === 0 ? undefined : new InputGate(channels, () => this.#settings.effects.nowMs());
  }

  #outputsOf(task: number, subtask: number): { gate: OutputGate; operator: number; output: string }[] {
    const { plan, deployment, effects } = this.#settings;
    const { batchRows, flushMs, bufferBytes } = deployment.settings;
    return plan.edges.flatMap((edge) => {
      if (edge.from.task !== task) return [];
      const channels = this.#channels.filter((channel) => channel.edge === edge && channel.from === subtask);
      const { subtaskOf } = deployment.assignments[edge.to.task]!;
      const gate = new OutputGate({
        edge,
        channels,
        subtaskOf,
        batchRows,
        batchBytes: Math.max(batchBytesMin, (bufferBytes * sendShare) / channels.length),
        flushMs,
        nowMs: () => effects.nowMs(),
      });
      this.#outputGates.push(gate);
      return [{ gate, operator: edge.from.operator, output: edge.from.output }];
    });
  }

  #connect(): void {
    const { worker, deployment } = this.#settings;
    const inputs = new Map(
      this.deployed.flatMap(({ subtask: { inputs: gate } }) =>
        gate === undefined ? [] : gate.channels.map((input) => [input.channel.id, { gate, input }] as const),
      ),
    );
    const outputs = this.#outputGates.flatMap(({ channels }) => channels);
    const locals = outputs.filter(({ channel: { id } }) => inputs.has(id)).length;
    const localBytes = (deployment.settings.bufferBytes * localShare) / Math.max(1, locals);
    for (const output of outputs) {
      const { id, edge, to } = output.channel;
      const local = inputs.get(id);
      if (local) {
        const bound = Math.max(localBytesMin, localBytes);
        connectLocally(output, local.gate, local.input, bound, () => this.#settings.effects.nowMs());
      } else this.links.addOutput(this.workerOf(edge.to.task, to), output);
    }
    for (const { gate, input } of inputs.values()) {
      const sender = this.workerOf(input.channel.edge.from.task, input.channel.from);
      if (sender !== worker) this.links.addInput(sender, gate, input);
    }
  }
}
