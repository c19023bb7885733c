/**
 * Roofline: what a configuration sustains is set by its tightest resource: the CPU of a seat, the window of its channels
 * over their round trip, a link, checkpoints. What each resource bears per record is learnt from all ticks; what physics
 * leaves open is fitted to measured throughputs. docs/models.md has the formulas.
 */
import type { NetworkView } from "../network-view.ts";
import type { Configuration, JobFacts, Observation, World } from "../observation.ts";
import type { CapacityModel } from "./capacity-shares.ts";
import { plain, TickCleaner } from "./clean-tick.ts";
import { type Cycle, Cycles, isSaturated, warmUpMsOf } from "./cycles.ts";
import { KeyGroups } from "./key-groups.ts";
import type { Prediction, ThroughputModel } from "./model.ts";
import { Anchors } from "./roofline-anchors.ts";
import { CalibrationLearner, calibrationOf } from "./roofline-calibration.ts";
import { seatCapacities } from "./roofline-capacities.ts";
import { CostLearner } from "./roofline-costs.ts";
import { intervalOf } from "./roofline-interval.ts";
import { type Job, sustained } from "./roofline-physics.ts";
import { type Problem, problemOf } from "./roofline-problem.ts";
import { ResultLearner } from "./roofline-results.ts";
import { expectedLargest, SkewLearner } from "./roofline-skew.ts";
import { bindsOf } from "./roofline-text.ts";

/** Sources that were not held up, and yet gave less than was asked, are at their own limit. */
const sourcesShort = { heldUpMost: 0.1, busyMost: 0.8, askedOverTaken: 1.05 } as const;

export function roofline({ job, nodes }: World): ThroughputModel & CapacityModel {
  return new Roofline(job, nodes);
}

class Roofline implements ThroughputModel, CapacityModel {
  readonly name = "roofline";
  readonly #facts: JobFacts;
  readonly #cleaner = new TickCleaner();
  readonly #cycles: Cycles;
  readonly #costs: CostLearner;
  readonly #results: ResultLearner;
  readonly #skew = new SkewLearner();
  readonly #calibration = new CalibrationLearner();
  readonly #groups = new KeyGroups();
  /** Until something new is seen. */
  #anchors: Anchors | undefined;
  #sourcesMost: number | undefined;
  /** Of the last question about capacities, until something new is seen. */
  #asked: { nodes: readonly string[]; network: NetworkView; problem: Problem } | undefined;
  #paces: { nodes: readonly string[]; values: readonly number[] } | undefined;

  constructor(job: JobFacts, nodes: World["nodes"]) {
    this.#facts = job;
    this.#cycles = new Cycles(job);
    this.#costs = new CostLearner(nodes, job);
    this.#results = new ResultLearner(job);
  }

  observe(observation: Observation, network: NetworkView): void {
    this.#asked = this.#paces = this.#anchors = undefined;
    this.#groups.see(observation.configuration);
    const seats = this.#cleaner.clean(observation);
    if (observation.steadyMs >= warmUpMsOf(this.#facts)) this.#costs.tick(observation, seats);
    const cycle = this.#cycles.add(observation, seats);
    if (cycle !== undefined) this.#learnFrom(cycle, network);
    const { mst, low, high } = observation.mst ?? {};
    if (plain(mst) && plain(low) !== undefined && plain(high) !== undefined && low! <= high!) {
      const deviation = (high! - low!) / mst! / (2 * 1.645);
      this.#calibration.measured(
        this.#problem(observation.configuration, network),
        mst!,
        Math.min(0.3, deviation),
      );
    }
  }

  #learnFrom(cycle: Cycle, network: NetworkView): void {
    this.#costs.cycle(cycle.seats);
    this.#results.cycle(cycle);
    this.#skew.cycle(cycle);
    if (!(cycle.taken > 0)) return;
    const problem = this.#problem(cycle.configuration, network);
    const busiest = Math.max(...cycle.seats.map(({ busy }) => busy ?? 1));
    const { asked, taken, takenUsually, heldUp } = cycle;
    if (isSaturated(cycle)) this.#calibration.saturated(problem, taken);
    else if ((heldUp ?? 1) < 0.05) this.#calibration.carried(problem, taken);
    const isShort =
      asked !== undefined &&
      asked > takenUsually * sourcesShort.askedOverTaken &&
      busiest < sourcesShort.busyMost;
    if (isShort && heldUp !== undefined && heldUp < sourcesShort.heldUpMost) this.#sourcesMost = takenUsually;
    else if (taken > (this.#sourcesMost ?? Number.POSITIVE_INFINITY)) this.#sourcesMost = undefined;
  }

  predict(asked: Configuration, network: NetworkView): Prediction | undefined {
    if (asked.seats.length === 0) return undefined;
    const configuration = this.#groups.whole(asked);
    const job = this.#job();
    if (job === undefined) return undefined;
    const problem = this.#problem(configuration, network);
    const paces = problem.seats.map(({ node }) => this.#costs.pace(node));
    const paceOf = (node: string) => this.#costs.pace(node).value;
    const learnt = this.#calibration.learnt(job, paceOf);
    const calibration = calibrationOf(learnt.values);
    this.#anchors ??= new Anchors(learnt, job, paceOf);
    const values = paces.map(({ value }) => value);
    const { rate, use } = sustained(problem, values, job, calibration);
    const evenness = this.#evenness(problem, configuration, values);
    const { shift, deviation } = this.#anchors.of(problem, use.resource);
    const left = Math.exp(shift);
    const expected = rate * evenness * left;
    const interval = intervalOf({ problem, paces, job, learnt, deviation, use, rate });
    return {
      mst: expected,
      low: expected * Math.exp(-interval),
      high: expected * Math.exp(interval),
      binds: bindsOf(use, problem, job, calibration, rate),
      coefficients: {
        ...calibration,
        microsPerRecord: job.costs.perRecord * 1e6,
        microsPerResult: job.costs.perResult * 1e6,
        fixed: job.costs.fixed,
        microsPerStateByte: job.costs.perStateByte * 1e6,
        resultsPerRecord: job.ratio(rate),
        evenness,
        leftover: left,
        ...(use.seat === undefined ? {} : { pace: values[use.seat]! }),
        samples: this.#anchors.count,
        ...(job.bytesPerRecord === undefined ? {} : { bytesPerRecord: job.bytesPerRecord }),
      },
    };
  }

  capacities(nodes: readonly string[], network: NetworkView, totalPerSecond: number) {
    const job = this.#job();
    if (job === undefined) return undefined;
    // A search for shares asks for the same nodes many times.
    if (this.#asked?.nodes !== nodes || this.#asked.network !== network) {
      const loads = nodes.map(() => 1 / nodes.length);
      const seats = nodes.map((node, at) => ({ node, share: loads[at]! }));
      const problem = problemOf({ seats }, loads, network, this.#facts);
      this.#asked = { nodes, network, problem };
    }
    const paces = this.#pacesOf(nodes);
    const { values } = this.#calibration.learnt(job, (node) => this.#costs.pace(node).value);
    return seatCapacities(this.#asked.problem, paces, job, calibrationOf(values), totalPerSecond);
  }

  #pacesOf(nodes: readonly string[]): readonly number[] {
    if (this.#paces?.nodes !== nodes)
      this.#paces = { nodes, values: nodes.map((node) => this.#costs.pace(node).value) };
    return this.#paces.values;
  }

  #problem(configuration: Configuration, network: NetworkView): Problem {
    const loads = this.#skew.loads(configuration) ?? configuration.seats.map(({ share }) => share);
    return problemOf(configuration, loads, network, this.#facts);
  }

  /** Of seats that are about equally full, the one with the heaviest keys is full first. */
  #evenness(problem: Problem, configuration: Configuration, paces: readonly number[]): number {
    if (this.#skew.loads(configuration) !== undefined) return 1;
    const fills = problem.seats.map(({ load }, at) => load / paces[at]!);
    const fullest = Math.max(...fills);
    const near = problem.seats.filter((_, at) => fills[at]! > 0.95 * fullest);
    return 1 / (1 + expectedLargest(near.length) * this.#skew.deviation(near[0]!));
  }

  /** Undefined while it is not known what records cost. */
  #job(): Job | undefined {
    const costs = this.#costs.costs();
    if (costs === undefined) return undefined;
    const { bytesPerRecord } = this.#cleaner;
    const { bufferBytes, flushMs, windowMs, checkpointEveryMs } = this.#facts;
    return {
      costs,
      channels: this.#facts.sources.length,
      ratio: (rate) => this.#results.ratio(rate),
      stateBytes: (rate) => this.#results.stateBytes(rate),
      ...(bytesPerRecord === undefined ? {} : { bytesPerRecord }),
      ...(bufferBytes === undefined ? {} : { bufferBytes }),
      ...(flushMs === undefined ? {} : { flushSeconds: flushMs / 1000 }),
      ...(windowMs === undefined ? {} : { windowSeconds: windowMs / 1000 }),
      ...(checkpointEveryMs === undefined ? {} : { checkpointSeconds: checkpointEveryMs / 1000 }),
      ...(this.#sourcesMost === undefined ? {} : { sourcesMost: this.#sourcesMost }),
    };
  }
}
