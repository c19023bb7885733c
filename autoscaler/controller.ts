/**
 * Observe, predict, decide, act, as a loop that somebody else turns: `tick()` looks once, lets every model learn and
 * predict, asks the policy, starts what it decided, and records all of it. It knows no engine and no clock but its ports.
 */
import { type ControllerState, moved } from "./controller-state.ts";
import type { DecisionLine } from "./decision-record.ts";
import { hasCapacities, shareByCapacity } from "./models/capacity-shares.ts";
import type { ThroughputModel } from "./models/model.ts";
import { type NetworkView, networkView, noNetwork } from "./network-view.ts";
import type { Configuration, MeasuredMst, Observation, World } from "./observation.ts";
import { ObservationHistory } from "./observation-history.ts";
import { failedLately } from "./policies/failed-lately.ts";
import type { Decision, Outcome, Policy, PolicyInput } from "./policies/policy.ts";
import { withoutLost } from "./policies/replacing-lost.ts";
import { nameOf, nodesOf } from "./policies/seats.ts";
import { PredictionBook } from "./prediction-book.ts";
import { whyNot } from "./target-check.ts";

export type ControllerPorts = {
  /** Since the run's start, in ms. */
  now(): number;
  /** Undefined when nothing could be seen. */
  observe(): Promise<Observation | undefined>;
  /** A rescale that failed is an outcome; a rejection counts as one that left nothing running. */
  act(to: Configuration): Promise<Outcome>;
  record(line: DecisionLine): void;
};

export type ControllerOptions = {
  readonly world: World;
  readonly models: readonly ThroughputModel[];
  /** Whose predictions the policy goes by. */
  readonly model: string;
  readonly policy: Policy;
  readonly bounds: PolicyInput["bounds"];
  /** Looks, predicts and decides, but acts on nothing. */
  readonly dryRun: boolean;
  /** After a (re)start, in which nothing is learnt and nothing decided. */
  readonly warmUpMs: number;
  /** Figures that are older are none. */
  readonly staleMs: number;
  /** How far back policies see. */
  readonly historyMs: number;
};

const outcomesKept = 50;
/** After a rescale that failed: before what ran is tried again. Doubled each time. */
const againAfterMs = 5_000;
const longestWaitMs = 600_000;

export class Controller {
  readonly #ports: ControllerPorts;
  readonly #options: ControllerOptions;
  readonly #model: ThroughputModel;
  readonly #history: ObservationHistory;
  readonly #book: PredictionBook;
  #outcomes: Outcome[] = [];
  #state: ControllerState = { is: "starting" };
  #acting: Promise<void> | undefined;
  #ticking: Promise<Decision> | undefined;
  /** Why the last look failed. */
  #blind: string | undefined;
  #lastGood: Configuration | undefined;
  #network: NetworkView = networkView(noNetwork);

  constructor(ports: ControllerPorts, options: ControllerOptions) {
    this.#ports = ports;
    this.#options = options;
    const model = options.models.find(({ name }) => name === options.model);
    if (model === undefined) throw new Error(`no model is called ${options.model}`);
    this.#model = model;
    this.#history = new ObservationHistory(options.historyMs);
    this.#book = new PredictionBook(options.models);
  }

  get state(): ControllerState {
    return this.#state;
  }

  /** Until the rescale that is going on has an outcome; undefined when none is. Never rejects. */
  get acting(): Promise<void> | undefined {
    return this.#acting;
  }

  /** Does not wait for a rescale that it starts. One that is asked for while another looks is that other one. */
  tick(): Promise<Decision> {
    this.#ticking ??= this.#tick().finally(() => {
      this.#ticking = undefined;
    });
    return this.#ticking;
  }

  async #tick(): Promise<Decision> {
    const observation = await this.#look();
    const nowMs = this.#ports.now();
    const state = this.#state;
    const seen = observation && nowMs - observation.atMs <= this.#options.staleMs ? observation : undefined;
    if (seen !== undefined) this.#learn(seen, nowMs);
    const [decision, failures] = this.#decide(seen, observation, nowMs);
    const { dryRun } = this.#options;
    if (decision.do === "rescale") this.#book.foretell(decision.to, this.#network);
    const predictions =
      seen && this.#book.dueFor(seen.configuration, this.#network, nowMs, decision.do === "rescale");
    this.#ports.record({
      t: nowMs,
      is: "tick",
      state: state.is,
      ...(seen && figures(seen)),
      ...(predictions && { predictions }),
      decision,
      ...(dryRun && { dryRun: true as const }),
    });
    if (decision.do === "rescale" && !dryRun) this.#act(decision.to, failures, nowMs);
    return decision;
  }

  /** The highest rate that what runs sustains was searched for from outside; every model learns from it. */
  measured(measured: MeasuredMst & { readonly how: string }): void {
    const { how, ...mst } = measured;
    const observation = this.#history.amendNewest({ mst });
    if (observation === undefined) throw new Error("something was measured of a job that was never seen");
    const { configuration } = observation;
    const predictions = this.#book.foretold(configuration);
    this.#ports.record({ t: this.#ports.now(), is: "mst", configuration, ...mst, how, predictions });
    for (const model of this.#options.models) model.observe(observation, this.#network);
  }

  async #look(): Promise<Observation | undefined> {
    this.#blind = undefined;
    try {
      return await this.#ports.observe();
    } catch (error) {
      this.#blind = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }

  #learn(seen: Observation, nowMs: number): void {
    this.#network = networkView(seen.network);
    if (!this.#history.add(seen)) return;
    this.#book.foretell(seen.configuration, this.#network);
    // What was measured before a rescale ended or the job broke says nothing of what it does now.
    const anew = !("sinceMs" in this.#state) || seen.atMs > this.#state.sinceMs;
    const steady = anew && seen.steadyMs >= this.#options.warmUpMs;
    this.#state = moved(this.#state, { event: "seen", steady, atMs: nowMs });
    if (this.#state.is !== "observing") return;
    this.#lastGood = seen.configuration;
    for (const model of this.#options.models) model.observe(seen, this.#network);
  }

  /** With how many rescales failed in a row before it, where it is one back to what ran. */
  #decide(
    seen: Observation | undefined,
    any: Observation | undefined,
    nowMs: number,
  ): [Decision, failures: number] {
    const state = this.#state;
    if (state.is === "acting") return [stay(`the rescale to ${nodesOf(state.to)} is going on`), 0];
    if (state.is === "waiting") return this.#back(state, seen, nowMs);
    if (seen === undefined) {
      const age = any && `the newest figures are ${Math.round((nowMs - any.atMs) / 1000)} s old`;
      const blind = this.#blind && `nothing was seen: ${this.#blind}`;
      return [stay(age ?? blind ?? "nothing was seen"), 0];
    }
    if (state.is === "starting") return [stay("nothing new was seen"), 0];
    const usable = this.#usable(seen);
    const lost = seen.configuration.seats.some(({ node }) => !usable.nodes.some(({ name }) => name === node));
    // A job with a seat on a lost node never becomes steady.
    if (state.is === "settling" && !lost) {
      const left = Math.ceil((this.#options.warmUpMs - seen.steadyMs) / 1000);
      return [stay(`warming up${left > 0 ? ` for another ${left} s` : ""}`), 0];
    }
    return [this.#checked(this.#options.policy.decide(this.#input(usable)), usable, nowMs), 0];
  }

  /** What ran before the failure; on other nodes where some of its own are gone. */
  #back(
    state: ControllerState & { is: "waiting" },
    seen: Observation | undefined,
    nowMs: number,
  ): [Decision, number] {
    const { failures, untilMs } = state;
    const why = `${failures === 1 ? "the last rescale" : `the last ${failures} rescales`} failed`;
    if (nowMs < untilMs) {
      const left = Math.ceil((untilMs - nowMs) / 1000);
      return [stay(`${why}; back to ${nodesOf(state.backTo)} in ${left} s`), failures];
    }
    const usable = this.#usable(seen ?? this.#history.all.at(-1));
    const whole = whyNot(state.backTo, usable, this.#options.bounds) === undefined;
    const { bounds } = this.#options;
    const to = whole
      ? state.backTo
      : withoutLost({ world: usable, network: this.#network, bounds }, state.backTo);
    if (to === undefined) return [stay(`${why}, and no node is left to go back to`), failures];
    return [{ do: "rescale", to, because: `${why}: back to ${nodesOf(to)}` }, failures];
  }

  #checked(decision: Decision, usable: World, nowMs: number): Decision {
    if (decision.do === "stay") return decision;
    const because = whyNot(decision.to, usable, this.#options.bounds);
    if (because !== undefined) return stay(`refused what ${this.#options.policy.name} decided: ${because}`);
    const againMs = failedLately(this.#outcomes, nowMs).get(nameOf(decision.to));
    if (againMs !== undefined) {
      const left = Math.ceil((againMs - nowMs) / 1000);
      return stay(`${nodesOf(decision.to)} failed lately and may be tried again in ${left} s`);
    }
    return decision;
  }

  #act(to: Configuration, failures: number, nowMs: number): void {
    const from = this.#history.all.at(-1)?.configuration ?? to;
    this.#state = moved(this.#state, { event: "acts", to, atMs: nowMs });
    this.#acting = this.#ports
      .act(to)
      .catch(
        (error: unknown): Outcome => ({
          atMs: this.#ports.now(),
          from,
          to,
          is: "failed",
          because: error instanceof Error ? error.message : String(error),
        }),
      )
      .then((outcome) => this.#acted(outcome, failures));
  }

  #acted(outcome: Outcome, failures: number): void {
    this.#acting = undefined;
    this.#outcomes = [...this.#outcomes, outcome].slice(-outcomesKept);
    const { is, from, to, because, standStillMs } = outcome;
    const atMs = this.#ports.now();
    this.#ports.record({
      t: atMs,
      is: "outcome",
      from,
      to,
      outcome: is,
      ...(because !== undefined && { because }),
      ...(standStillMs !== undefined && { standStillMs }),
    });
    if (is !== "failed") {
      this.#state = moved(this.#state, { event: "acted", atMs });
      return;
    }
    const waitMs = Math.min(longestWaitMs, againAfterMs * 2 ** failures);
    const backTo = this.#lastGood ?? from;
    this.#state = moved(this.#state, { event: "broke", backTo, failures: failures + 1, atMs, waitMs });
  }

  #usable(seen: Observation | undefined): World {
    const { world } = this.#options;
    if (seen?.lost === undefined || seen.lost.length === 0) return world;
    const lost = new Set(seen.lost);
    return { ...world, nodes: world.nodes.filter(({ name }) => !lost.has(name)) };
  }

  #input(world: World): PolicyInput {
    const [model, network] = [this.#model, this.#network];
    return {
      world,
      history: this.#history.all,
      network,
      predict: (configuration) => model.predict(configuration, network),
      ...(hasCapacities(model) && {
        capacities: (nodes, totalPerSecond) => model.capacities(nodes, network, totalPerSecond),
        share: (nodes) => ({ seats: shareByCapacity(nodes, network, model) }),
      }),
      bounds: this.#options.bounds,
      outcomes: this.#outcomes,
    };
  }
}

function figures(seen: Observation) {
  const { askedPerSecond: asked, takenPerSecond: taken, lagMs, sourceBackpressured, configuration } = seen;
  return {
    ...(asked !== undefined && { asked }),
    ...(taken !== undefined && { taken }),
    ...(lagMs !== undefined && { lagMs }),
    ...(sourceBackpressured !== undefined && { sourceBackpressured }),
    configuration,
  };
}

const stay = (because: string): Decision => ({ do: "stay", because });
