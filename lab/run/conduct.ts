/**
 * The hours of a run, from a job that was just started to the end of its time: looks at it every second, lets the
 * controller tick, climbs a ladder where that is asked for, and writes all of it down. What it touches comes in by `parts`.
 */
import type { Controller, ControllerPorts } from "#autoscaler/controller.ts";
import type { DecisionLine } from "#autoscaler/decision-record.ts";
import type { NetworkTable } from "#autoscaler/network-view.ts";
import type { Configuration, Observation } from "#autoscaler/observation.ts";
import type { Decision, Outcome } from "#autoscaler/policies/policy.ts";
import type { Engine } from "#engine/engine.ts";
import type { RunPlan } from "#lab/experiment/experiment.ts";
import type { RunRecord } from "#lab/records/run-record.ts";
import type { SummaryFigures } from "#lab/records/summary.ts";
import { UserError } from "#testbed/user-error.ts";
import { askedAt } from "./asked-rate.ts";
import { JobWatch } from "./job-watch.ts";
import { LadderClimb } from "./ladder-climb.ts";
import { LatencyLines } from "./latency-lines.ts";
import { jobStatus, type LiveStatus } from "./live-status.ts";
import { NodeUseWatch, type UsageReading } from "./node-use.ts";
import { checkpointLine, type Moment, metricsLine, observationOf, workOf } from "./observe.ts";
import { rescaleJob } from "./rescale-job.ts";

export type ConductParts = {
  readonly plan: RunPlan;
  /** How many source operators there are. */
  readonly inputs: number;
  readonly engine: Engine;
  readonly record: RunRecord;
  readonly figures: SummaryFigures;
  /** Cores that a node may use. */
  mayUse(node: string): number;
  /** What is known of nodes and links now. `lost`: nodes that run nothing. */
  look(): Promise<{
    readonly usage: Readonly<Record<string, UsageReading>>;
    readonly lost: readonly string[];
    readonly network: NetworkTable;
  }>;
  /** Every so often: what there is to record of the network. */
  recordNetwork(): void;
  makeController(ports: ControllerPorts): Controller;
  tell(status: LiveStatus): void;
  /** Resolved early by the run's end. */
  sleep(ms: number): Promise<void>;
  readonly signal: AbortSignal;
};

/** Workers tell twice a second what they did; what is four seconds old, with all that was late on its way, is of no use. */
export const staleMs = 4_000;
const lookEveryMs = 1_000;
const slowEveryMs = 5_000;
/** An engine that says nothing for so long does not come back: it would have given the job up itself. */
const silenceMsMax = 90_000;
/** An engine tells that a job is over when it has put its things away: so long after the job failed. */
const toldMsMax = 5_000;
/** A timer may fire a moment before its time: a run then needs no turn more, which would make it a second longer. */
const earlyMsMax = 5;
/** The last step of a load lasts for ever whatever it says. */
const forEverMs = Number.MAX_SAFE_INTEGER;

export class Conductor {
  readonly #parts: ConductParts;
  readonly #watch: JobWatch;
  readonly #nodes: NodeUseWatch;
  readonly #controller: Controller;
  readonly #latency: LatencyLines;
  readonly #climb: LadderClimb | undefined;
  #startedMs = 0;
  #moment: Moment | undefined;
  #observation: Observation | undefined;
  /** Of a search; else the load's steps say it. */
  #searchRate: number | undefined;
  #predicted: number | undefined;
  #tickedMs = Number.NEGATIVE_INFINITY;
  #slowMs = Number.NEGATIVE_INFINITY;
  #heardMs = 0;
  #isFinished = false;
  #over: { readonly error?: unknown } | undefined;
  /** Why the last rescale left nothing running. */
  #broken: string | undefined;

  constructor(parts: ConductParts) {
    this.#parts = parts;
    const { plan, record } = parts;
    this.#watch = new JobWatch({ operator: plan.operator, staleMs });
    this.#nodes = new NodeUseWatch(parts.mayUse);
    this.#latency = new LatencyLines((line, t) => {
      record.add("latency", line, t);
      parts.figures.latency(line);
    });
    this.#controller = parts.makeController({
      now: () => record.nowMs(),
      observe: async () => this.#observation,
      act: (to) => this.#act(to),
      record: (line) => this.#recordDecision(line),
    });
    if (plan.autoscaler.policy === "ladder")
      this.#climb = new LadderClimb(plan.measure, askedAt(plan.load.steps, 0) * parts.inputs, {
        load: (rate) => this.#load(rate),
        measured: (result) => this.#controller.measured(result),
        warn: (text) => this.#warn(text),
      });
  }

  /** Until the run's time is over, the ladder is climbed, the job is over or the run is interrupted. */
  async run(): Promise<void> {
    const { engine, record, plan, signal, sleep } = this.#parts;
    engine.over.then(
      () => (this.#over = {}),
      (error: unknown) => (this.#over = { error }),
    );
    // Until then the sources have waited.
    if (this.#climb === undefined) await engine.load({ steps: plan.load.steps, fresh: true });
    this.#startedMs = record.nowMs();
    this.#heardMs = this.#startedMs;
    const everyMs = Math.min(lookEveryMs, plan.autoscaler.tickMs);
    try {
      for (let dueMs = this.#startedMs; !this.#isThrough(); ) {
        await this.#turn(dueMs);
        // A turn that took long is not made up for.
        dueMs = Math.max(dueMs + everyMs, record.nowMs());
        await sleep(Math.max(0, Math.min(dueMs, this.#endMs) - record.nowMs()));
      }
      // The job goes on in the middle of a rescale only if somebody waits for it; attempts come and go meanwhile.
      while (this.#controller.acting !== undefined && !signal.aborted) {
        await Promise.race([this.#controller.acting, sleep(lookEveryMs)]);
        await this.#look();
      }
      await this.#untilTold();
    } finally {
      if (!signal.aborted) await this.#controller.acting;
      this.#latency.write();
    }
    if (this.#over?.error !== undefined) throw this.#over.error;
    if (this.#over === undefined && this.#broken !== undefined && !signal.aborted)
      throw new UserError("job-failed", `the job failed: ${this.#broken}`, "");
    if (this.#over !== undefined) record.event("engine", "the job is over by itself");
    if (this.#climb !== undefined && !this.#isFinished && !signal.aborted)
      throw new UserError(
        "ladder-cut",
        `the ladder was not climbed to its end within ${plan.durationMs / 1000} s`,
        "give the experiment a longer duration, or fewer steps",
      );
  }

  get #endMs(): number {
    return this.#startedMs + this.#parts.plan.durationMs;
  }

  #isThrough(): boolean {
    const isLate = this.#parts.record.nowMs() >= this.#endMs - earlyMsMax;
    return this.#parts.signal.aborted || this.#over !== undefined || this.#isFinished || isLate;
  }

  /** The last look of a run. A job that does not run may be about to be over, which comes to be known a moment later. */
  async #untilTold(): Promise<void> {
    const { record, signal, sleep } = this.#parts;
    const endMs = record.nowMs() + toldMsMax;
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      // What is told at once may be from before the rescale that broke it.
      if ((await this.#look()) === "running" && (this.#broken === undefined || !isFirst)) {
        this.#broken = undefined;
        return;
      }
      if (this.#over !== undefined || record.nowMs() >= endMs) return;
      await sleep(lookEveryMs);
    }
  }

  /** `dueMs`: when it was to begin; what it waits for makes it late. */
  async #turn(dueMs: number): Promise<void> {
    await this.#look();
    if (dueMs - this.#tickedMs >= this.#parts.plan.autoscaler.tickMs) {
      this.#tickedMs = dueMs;
      await this.#tick();
    }
    await this.#climbOn();
    if (dueMs - this.#slowMs >= slowEveryMs) {
      this.#slowMs = dueMs;
      this.#parts.recordNetwork();
      this.#latency.write();
    }
    this.#tell();
  }

  /** The job's state; undefined where the engine does not answer. */
  async #look(): Promise<string | undefined> {
    const { record } = this.#parts;
    record.check();
    const [metrics, around] = await Promise.all([this.#askEngine(), this.#parts.look()]);
    if (metrics === undefined) return undefined;
    const t = record.sinceStartMs(metrics.atMs);
    const figures = this.#watch.see(metrics);
    const nodes = this.#nodes.see(record.nowMs(), around.usage);
    this.#moment = { figures, asked: this.#asked(), nodes };
    const observation = observationOf(this.#moment, t, around.network);
    this.#observation = observation && {
      ...observation,
      ...(around.lost.length > 0 && { lost: around.lost }),
    };
    const line = metricsLine(this.#moment);
    record.add("metrics", line, t);
    this.#parts.figures.metrics(t, line);
    this.#latency.see(figures.attempt, figures.latency, t);
    for (const each of figures.newCheckpoints) {
      const startedT = record.sinceStartMs(each.triggeredAtMs);
      record.add("checkpoints", checkpointLine(each, startedT), startedT + each.durationMs);
    }
    return metrics.state;
  }

  async #askEngine() {
    const { engine, record } = this.#parts;
    try {
      const metrics = await engine.metrics();
      this.#heardMs = record.nowMs();
      return metrics;
    } catch (error) {
      if (this.#over !== undefined || this.#parts.signal.aborted) return undefined;
      // A coordinator that died is brought back and takes the job over.
      if (record.nowMs() - this.#heardMs > silenceMsMax) throw error;
      const because = error instanceof Error ? error.message.split("\n")[0] : String(error);
      this.#warn(`the engine does not answer: ${because}`);
      return undefined;
    }
  }

  async #tick(): Promise<void> {
    const decision: Decision = await this.#controller.tick();
    if (decision.do === "stay" && decision.finished) this.#isFinished = this.#climb !== undefined;
  }

  async #climbOn(): Promise<void> {
    const moment = this.#moment;
    const observation = this.#observation;
    if (this.#climb === undefined || moment === undefined || observation === undefined) return;
    if (this.#controller.acting !== undefined || this.#isFinished || moment.figures.state !== "running")
      return;
    const { attempt, taken, sourceBackpressured, lagMs } = moment.figures;
    const sample = {
      ...{ atMs: observation.atMs, attempt },
      ...(taken !== undefined && { taken }),
      ...(sourceBackpressured !== undefined && { backpressured: sourceBackpressured }),
      ...(lagMs !== undefined && { lagMs }),
      work: workOf(observation),
    };
    await this.#climb.see(sample, observation.configuration);
  }

  /** Of all sources together, in records per second. */
  #asked(): number {
    const { plan, inputs, record } = this.#parts;
    return this.#searchRate ?? askedAt(plan.load.steps, record.nowMs() - this.#startedMs) * inputs;
  }

  async #load(rate: number): Promise<void> {
    const { engine, inputs, record } = this.#parts;
    await engine.load({ steps: [{ ratePerSecond: rate / inputs, forMs: forEverMs }], fresh: true });
    this.#searchRate = rate;
    record.event("load", `${rate.toFixed(0)} records/s asked, ${this.#climb?.doing}`);
  }

  async #act(to: Configuration): Promise<Outcome> {
    const { engine, plan, record } = this.#parts;
    this.#latency.write();
    const from = this.#observation?.configuration ?? { seats: [] };
    const parts = { engine, operator: plan.operator, record, warn: (text: string) => this.#warn(text) };
    const outcome = await rescaleJob(from, to, parts);
    this.#broken = outcome.is === "failed" ? (outcome.because ?? "nobody knows why") : undefined;
    return outcome;
  }

  #recordDecision(line: DecisionLine): void {
    const { record, figures, plan } = this.#parts;
    record.add("decisions", line, line.t);
    figures.decision(line);
    if (line.is === "tick") {
      this.#predicted = line.predictions?.[plan.autoscaler.model]?.mst ?? this.#predicted;
    } else if (line.is === "outcome") this.#predicted = undefined;
  }

  #warn(text: string): void {
    this.#parts.record.event("warning", text);
    this.#parts.figures.warning(text);
  }

  #tell(): void {
    const { plan, record, tell } = this.#parts;
    if (this.#moment === undefined) return;
    const { state, seats } = this.#moment.figures;
    const rungs = plan.autoscaler.max - Math.max(plan.autoscaler.min, seats.length) + 1;
    const doing = this.#controller.acting === undefined ? (this.#climb?.doing ?? state) : "rescaling";
    const leftMs = this.#climb ? this.#climb.leftMs(rungs) : Math.max(0, this.#endMs - record.nowMs());
    tell({
      ...jobStatus(this.#moment, this.#predicted),
      ...{ run: plan.run, atMs: record.nowMs(), doing: state === "running" ? doing : state },
      ...(leftMs !== undefined && { leftMs }),
    });
  }
}
