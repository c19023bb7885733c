/**
 * A worker without its edges: messages, elements and time in; messages, elements and blobs out. It holds at most one
 * attempt of one job, and what still comes from or for another attempt is ignored. See `worker-attempt.ts`.
 */
import type { Part } from "../checkpoint/part.ts";
import type { Store } from "../checkpoint/store.ts";
import type { JobPlan } from "../dataflow/plan.ts";
import type { SinkFiles } from "../operators/operator.ts";
import type { MemoryState, StateSettings } from "../state/memory-state.ts";
import type { StateBackend } from "../state/state-backend.ts";
import type { Accept, Transport } from "../transport/link.ts";
import type { Channel } from "./channel-layout.ts";
import { failureOf } from "./failure.ts";
import type { Deployment, FromWorker, JobSpec, ToWorker } from "./messages.ts";
import { type Restored, restore } from "./restore.ts";
import type { CheckpointOrder } from "./subtask.ts";
import type { SubtaskSnapshot } from "./subtask-snapshot.ts";
import { takeTurn } from "./turn.ts";
import { type Deployed, receiversOn, WorkerAttempt } from "./worker-attempt.ts";
import { workerFigures } from "./worker-metrics.ts";

export type WorkerEffects = {
  /** Wall-clock ms. */
  nowMs(): number;
  /** For accounting and time slices: finer, from any origin. */
  preciseMs(): number;
  send(message: FromWorker): void;
  readonly transport: Transport;
  readonly store: Store;
  readonly files: SinkFiles;
  /** The state of one operator in one subtask; in memory if left out. */
  makeState?(settings: StateSettings, backend: StateBackend): MemoryState;
  /** The job file is loaded already. */
  plan(job: JobSpec): JobPlan;
  /** Long work calls it now and then: who holds himself to a share of a core sleeps here. */
  rest?(): void;
  /** Something came in from outside of `step`. */
  wantTurn(): void;
};

export type WorkerSettings = { readonly name: string };

/** Also what keeps the coordinator from taking the worker for lost. */
const metricsEveryMs = 1000;
/** Encoding of snapshots may take so much of a turn, so that records do not wait for it. */
const encodeSliceMs = 1;

export class WorkerCore {
  readonly #name: string;
  readonly #effects: WorkerEffects;
  /** Nothing of attempts up to this one, but for the one at hand, is heard any more. */
  #attemptNumber = 0;
  #attempt: WorkerAttempt | undefined;
  readonly #orders = new Map<number, CheckpointOrder>();
  #snapshots: { deployed: Deployed; snapshot: SubtaskSnapshot }[] = [];
  #metricsAtMs = Number.NEGATIVE_INFINITY;

  constructor({ name }: WorkerSettings, effects: WorkerEffects) {
    this.#name = name;
    this.#effects = effects;
  }

  readonly accept: Accept = (from, attempt) =>
    attempt === this.#attemptNumber ? this.#attempt?.links.accept(from) : undefined;

  onMessage(message: ToWorker): void {
    if (message.is === "deploy") this.#deploy(message.deployment);
    else if (message.is === "cancel") this.#cancel(message.attempt);
    else if (message.is === "shut-down") this.#release();
    else if (message.attempt === this.#attemptNumber && this.#attempt !== undefined) {
      this.#onAttemptMessage(this.#attempt, message);
    }
    this.#effects.wantTurn();
  }

  /** The coordinator is gone: another one, or the same, begins anew. */
  onDisconnected(): void {
    this.#release();
  }

  close(): void {
    this.#release();
  }

  /** Works until then at most, but for the piece at hand. True: there is more to do at once. */
  step(untilPreciseMs: number): boolean {
    this.#sendMetrics();
    const attempt = this.#attempt;
    if (attempt === undefined) return false;
    const isLate = () => this.#effects.preciseMs() >= untilPreciseMs;
    let worked = true;
    while (worked) {
      worked = false;
      for (const deployed of attempt.deployed) {
        const takesInput = deployed.subtask.inputs !== undefined;
        if (takeTurn(takesInput, () => this.#stepOne(deployed), isLate)) worked = true;
      }
      // What a subtask sends may end the attempt.
      if (attempt !== this.#attempt) return true;
      if (this.#encode()) worked = true;
      if (isLate()) break;
    }
    this.#tellSources(attempt);
    attempt.links.flush();
    return worked;
  }

  #tellSources({ alignment, deployed }: WorkerAttempt): void {
    const watermarkMs = alignment?.news(deployed.map(({ subtask }) => subtask));
    if (watermarkMs === undefined) return;
    this.#effects.send({ is: "source-watermark", attempt: this.#attemptNumber, watermarkMs });
  }

  nextWakeMs(): number {
    let leastMs = this.#metricsAtMs;
    for (const { subtask } of this.#attempt?.deployed ?? []) {
      leastMs = Math.min(leastMs, subtask.nextWakeMs());
    }
    return leastMs;
  }

  #deploy(deployment: Deployment): void {
    const { attempt } = deployment;
    if (attempt <= this.#attemptNumber) return;
    this.#release();
    this.#attemptNumber = attempt;
    const failed = (error: unknown) =>
      this.#effects.send({ is: "deploy-failed", attempt, error: failureOf(error, `worker ${this.#name}`) });
    try {
      const plan = this.#effects.plan(deployment.job);
      const receivers = receiversOn(this.#name, deployment);
      const build = (restored: readonly Restored[]) => {
        this.#attempt = new WorkerAttempt(
          { worker: this.#name, deployment, plan, effects: this.#effects, events: this.#events(attempt) },
          receivers,
          restored,
        );
        this.#effects.send({ is: "deployed", attempt });
      };
      if (deployment.restore === undefined) {
        build([]);
        return;
      }
      restore(this.#effects.store, deployment.restore, plan, receivers, (error, restored) => {
        if (attempt !== this.#attemptNumber || this.#attempt !== undefined) return;
        try {
          if (error) throw error;
          build(restored);
        } catch (cause) {
          failed(cause);
        }
      });
    } catch (error) {
      failed(error);
    }
  }

  #onAttemptMessage(
    attempt: WorkerAttempt,
    message: Exclude<ToWorker, { is: "deploy" | "cancel" | "shut-down" }>,
  ): void {
    if (message.is === "start") attempt.start(message.load);
    else if (message.is === "load") attempt.setLoad(message.load);
    else if (message.is === "checkpoint") this.#order(attempt, message);
    else if (message.is === "checkpoint-complete") this.#complete(attempt, message.checkpoint);
    else if (message.is === "checkpoint-aborted") this.#abort(attempt, message.checkpoint);
    else attempt.alignment?.heard(message.watermarkMs);
  }

  #order(attempt: WorkerAttempt, order: CheckpointOrder): void {
    // One at a time: orders of those before it are of no use any more.
    this.#orders.clear();
    this.#orders.set(order.checkpoint, order);
    for (const { subtask } of attempt.deployed) subtask.order(order);
    for (const { deployed, snapshot } of this.#snapshots) this.#storeIn(deployed, snapshot);
  }

  #complete(attempt: WorkerAttempt, checkpoint: number): void {
    const order = this.#orders.get(checkpoint);
    for (const deployed of attempt.deployed) {
      const { acknowledged, subtask } = deployed;
      if (acknowledged?.checkpoint === checkpoint && order?.incremental) deployed.base = acknowledged.part;
      if (subtask.state === "failed") continue;
      this.#guarded(deployed, () => subtask.chain.complete(checkpoint));
    }
  }

  #abort(attempt: WorkerAttempt, checkpoint: number): void {
    for (const { subtask } of attempt.deployed) subtask.abort(checkpoint);
    this.#snapshots = this.#snapshots.filter(({ snapshot }) => snapshot.checkpoint > checkpoint);
  }

  #cancel(attempt: number): void {
    if (attempt < this.#attemptNumber) return;
    this.#release();
    this.#attemptNumber = attempt;
    this.#effects.send({ is: "cancelled", attempt });
  }

  #release(): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.#snapshots = [];
    this.#orders.clear();
    // What a sink throws as it closes cannot harm results any more: they are committed, or will be made anew.
    attempt?.close();
  }

  #events(attempt: number) {
    const { send } = this.#effects;
    return {
      onSnapshot: (deployed: Deployed, snapshot: SubtaskSnapshot) => {
        this.#snapshots.push({ deployed, snapshot });
        this.#storeIn(deployed, snapshot);
      },
      onStored: (deployed: Deployed, checkpoint: number, part: Part) => {
        deployed.acknowledged = { checkpoint, part };
        send({ is: "acknowledge", attempt, checkpoint, subtask: deployed.id, part });
      },
      onDeclined: (deployed: Deployed, checkpoint: number, error: Error) => {
        const failure = failureOf(error, deployed.name);
        send({ is: "checkpoint-declined", attempt, checkpoint, subtask: deployed.id, error: failure });
      },
      onEnded: (deployed: Deployed) => {
        // The job may be over with this: its last figures come first.
        this.#sendMetrics(true);
        send({ is: "subtask-ended", attempt, subtask: deployed.id });
      },
      onLinkLost: (worker: string, channels: readonly Channel[], error: Error | undefined) =>
        this.#onLinkLost(worker, channels, error),
    };
  }

  #storeIn({ id, base }: Deployed, snapshot: SubtaskSnapshot): void {
    const order = this.#orders.get(snapshot.checkpoint);
    if (order === undefined) return;
    snapshot.storeIn(`${order.folder}/${id.task}-${id.subtask}`, order.incremental ? base : undefined);
  }

  /** Records do not wait for a whole snapshot, and a snapshot does not wait until there are no records. */
  #encode(): boolean {
    if (this.#snapshots.length === 0) return false;
    const untilMs = this.#effects.preciseMs() + encodeSliceMs;
    let wantsMore = false;
    this.#snapshots = this.#snapshots.filter(({ snapshot }) => {
      wantsMore = snapshot.encode(untilMs) || wantsMore;
      return !snapshot.store();
    });
    return wantsMore;
  }

  #stepOne(deployed: Deployed): boolean {
    let worked = false;
    this.#guarded(deployed, () => {
      worked = deployed.subtask.step();
    });
    return worked;
  }

  /** What a subtask throws ends it, and is told. */
  #guarded({ id, name, subtask }: Deployed, what: () => void): void {
    try {
      what();
    } catch (error) {
      const { current } = subtask.chain.meter;
      const place = current === undefined ? "" : `, operator ${current.name} (${current.id})`;
      const input = current?.recordsIn ? `, in the batch that ends with its record ${current.recordsIn}` : "";
      subtask.fail();
      const failure = failureOf(error, `${name}${place}${input}`);
      this.#effects.send({ is: "subtask-failed", attempt: this.#attemptNumber, subtask: id, error: failure });
    }
  }

  #onLinkLost(worker: string, channels: readonly Channel[], cause: Error | undefined): void {
    for (const { id, name, subtask } of this.#attempt?.deployed ?? []) {
      const isConcerned = channels.some(
        ({ edge, from, to }) =>
          (edge.from.task === id.task && from === id.subtask) ||
          (edge.to.task === id.task && to === id.subtask),
      );
      if (!isConcerned || subtask.isThrough || subtask.state === "failed") continue;
      subtask.fail();
      const why = cause === undefined ? "it was closed there" : cause.message;
      const message = `${name}: the connection with worker ${worker} is gone: ${why}`;
      const error = { code: "channel-lost", message, userError: false };
      this.#effects.send({ is: "subtask-failed", attempt: this.#attemptNumber, subtask: id, error });
    }
  }

  #sendMetrics(isWanted = false): void {
    const nowMs = this.#effects.nowMs();
    if (nowMs < this.#metricsAtMs && !isWanted) return;
    this.#metricsAtMs = nowMs + metricsEveryMs;
    const attempt = this.#attempt?.deployment.attempt ?? 0;
    this.#effects.send({ is: "metrics", attempt, atMs: nowMs, metrics: workerFigures(this.#attempt) });
  }
}
