import assert from "node:assert/strict";
import { test } from "node:test";
import { Controller, type ControllerOptions } from "./controller.ts";
import type { DecisionLine } from "./decision-record.ts";
import type { ThroughputModel } from "./models/model.ts";
import type { Configuration, Observation } from "./observation.ts";
import type { Decision, Outcome, Policy, PolicyInput } from "./policies/policy.ts";
import { nearAndFar, running, worldOf } from "./policies/policy-input-for-tests.ts";
import { evenly } from "./policies/seats.ts";

const world = nearAndFar(6, 0);
const on = (...nodes: string[]) => evenly(nodes);
const first = on("near1");

/** Time, sight, engine and policy in the test's hand. */
class Stage {
  nowMs = 0;
  startedMs = -60_000;
  configuration: Configuration = first;
  /** Undefined: nothing can be seen. */
  seen: ((observation: Observation) => Observation | undefined) | undefined;
  asked: PolicyInput[] = [];
  decision: Decision = { do: "stay", because: "calm" };
  outcomes: Outcome["is"][] = [];
  acts: Configuration[] = [];
  finish: (() => void) | undefined;
  learnt: Observation[] = [];
  readonly lines: DecisionLine[] = [];
  readonly controller: Controller;

  constructor(options: Partial<ControllerOptions> = {}) {
    const policy: Policy = {
      name: "told",
      decide: (input) => {
        this.asked.push(input);
        return this.decision;
      },
    };
    const model: ThroughputModel = {
      name: "counting",
      observe: (observation) => void this.learnt.push(observation),
      predict: ({ seats }) => {
        const mst = 1000 * seats.length + this.learnt.length;
        return { mst, low: mst, high: mst };
      },
    };
    const mute: ThroughputModel = { name: "mute", observe: () => {}, predict: () => undefined };
    this.controller = new Controller(
      {
        now: () => this.nowMs,
        observe: async () => this.observation(),
        act: (to) => this.act(to),
        record: (line) => this.lines.push(line),
      },
      {
        world: worldOf(world),
        models: [model, mute],
        model: "counting",
        policy,
        bounds: { min: 1, max: 5 },
        dryRun: false,
        warmUpMs: 5_000,
        staleMs: 3_000,
        historyMs: 60_000,
        ...options,
      },
    );
  }

  observation(): Observation | undefined {
    const nodes = this.configuration.seats.map(({ node }) => node);
    const one = running(world, { on: nodes, asked: 50, forMs: 1000 }).history[0]!;
    const { nowMs: atMs, configuration } = this;
    const observation = { ...one, configuration, atMs, steadyMs: atMs - this.startedMs };
    return this.seen ? this.seen(observation) : observation;
  }

  act(to: Configuration): Promise<Outcome> {
    this.acts.push(to);
    const from = this.configuration;
    return new Promise((resolve, reject) => {
      this.finish = () => {
        const is = this.outcomes.shift() ?? "done";
        if (is === "done") this.configuration = to;
        this.startedMs = this.nowMs;
        if (is === "failed") reject(new Error("no worker answered"));
        else resolve({ atMs: this.nowMs, from, to, is, standStillMs: 400 });
      };
    });
  }

  async tick(afterMs = 1000): Promise<Decision> {
    this.nowMs += afterMs;
    return await this.controller.tick();
  }

  async finished(): Promise<void> {
    this.finish!();
    await this.controller.acting;
  }

  rescale(to: Configuration): void {
    this.decision = { do: "rescale", to, because: "told" };
  }
}

test("a rescale goes from observing over acting and settling back, and each step is recorded", async () => {
  const stage = new Stage();
  await stage.tick();
  const stateIs = (): string => stage.controller.state.is;
  stage.rescale(on("near1", "near2"));
  await stage.tick();
  assert.equal(stateIs(), "acting");
  stage.decision = { do: "stay", because: "calm" };
  assert.match((await stage.tick()).because, /is going on/);
  await stage.finished();
  assert.equal(stateIs(), "settling");
  assert.match((await stage.tick()).because, /warming up for another 4 s/);
  const states: string[] = [];
  for (let tick = 0; tick < 6; tick++) {
    await stage.tick();
    states.push(stage.controller.state.is);
  }
  assert.deepEqual(states, ["settling", "settling", "settling", "observing", "observing", "observing"]);
  const kinds = stage.lines.map((line) => (line.is === "tick" ? line.state : line.is));
  assert.deepEqual(kinds.slice(0, 5), ["starting", "observing", "acting", "outcome", "settling"]);
});

test("nothing is learnt and nothing decided while a configuration warms up", async () => {
  const stage = new Stage();
  await stage.tick();
  stage.rescale(on("near1", "near2"));
  await stage.tick();
  const [learnt, asked] = [stage.learnt.length, stage.asked.length];
  await stage.finished();
  for (let tick = 0; tick < 4; tick++) await stage.tick();
  assert.deepEqual([stage.learnt.length, stage.asked.length], [learnt, asked]);
});

test("two ticks at once are one, and a tick during a rescale starts none", async () => {
  const stage = new Stage();
  await stage.tick();
  stage.rescale(on("near1", "near2"));
  stage.nowMs += 1000;
  await Promise.all([stage.controller.tick(), stage.controller.tick()]);
  await stage.tick();
  await stage.tick();
  assert.equal(stage.acts.length, 1);
});

test("figures that are missing, old or unreadable decide nothing and say so", async () => {
  const stage = new Stage();
  await stage.tick();
  stage.rescale(on("near1", "near2"));
  stage.seen = () => undefined;
  assert.deepEqual(await stage.tick(), { do: "stay", because: "nothing was seen" });
  stage.seen = (observation) => ({ ...observation, atMs: stage.nowMs - 8000 });
  assert.match((await stage.tick()).because, /the newest figures are 8 s old/);
  stage.seen = () => {
    throw new Error("connection refused");
  };
  assert.match((await stage.tick()).because, /nothing was seen: connection refused/);
  const last = stage.lines.at(-1)!;
  assert.ok(last.is === "tick" && last.asked === undefined && last.configuration === undefined);
  assert.equal(stage.acts.length, 0);
});

test("after a failure it goes back to what ran, later each time, and does not repeat the target at once", async () => {
  const stage = new Stage();
  await stage.tick();
  const target = on("near1", "near2");
  stage.rescale(target);
  stage.outcomes = ["failed", "failed", "done"];
  await stage.tick();
  await stage.finished();
  stage.seen = () => undefined;
  assert.equal(stage.controller.state.is, "waiting");
  assert.match((await stage.tick()).because, /the last rescale failed; back to near1 in 4 s/);
  await stage.tick(4000);
  assert.deepEqual(stage.acts.at(-1), first);
  await stage.finished();
  assert.match((await stage.tick()).because, /the last 2 rescales failed; back to near1 in 9 s/);
  await stage.tick(9000);
  await stage.finished();
  stage.seen = undefined;
  for (let tick = 0; tick < 6; tick++) await stage.tick();
  assert.match((await stage.tick()).because, /near1, near2 failed lately and may be tried again in/);
  assert.equal(stage.acts.length, 3);
  await stage.tick(120_000);
  assert.deepEqual(stage.acts.at(-1), target);
  const failure = stage.lines.find((line) => line.is === "outcome")!;
  assert.ok(failure.is === "outcome" && failure.because === "no worker answered");
});

test("the way back avoids nodes that were lost meanwhile", async () => {
  const stage = new Stage();
  await stage.tick();
  stage.rescale(on("near1", "near2"));
  stage.outcomes = ["failed"];
  await stage.tick();
  await stage.finished();
  stage.seen = (observation) => ({ ...observation, steadyMs: 0, lost: ["near1"] });
  await stage.tick(6000);
  assert.deepEqual(stage.acts.at(-1), on("near2"));
});

test("what a policy must not decide is refused with the reason", async () => {
  const stage = new Stage();
  stage.seen = (observation) => ({ ...observation, lost: ["near3"] });
  await stage.tick();
  stage.rescale(on("near1", "near3"));
  assert.match((await stage.tick()).because, /refused what told decided: near3 is lost/);
  stage.rescale(on("near1", "near2", "near4", "near5", "near6", "near6"));
  assert.match((await stage.tick()).because, /6 seats are not within 1 and 5/);
  assert.equal(stage.acts.length, 0);
  assert.ok(!stage.asked.at(-1)!.world.nodes.some(({ name }) => name === "near3"));
});

test("a dry run decides and records, and acts on nothing", async () => {
  const stage = new Stage({ dryRun: true });
  stage.rescale(on("near1", "near2"));
  for (let tick = 0; tick < 5; tick++) await stage.tick();
  assert.equal(stage.acts.length, 0);
  const last = stage.lines.at(-1)!;
  assert.ok(last.is === "tick" && last.dryRun && last.decision.do === "rescale");
});

test("a measured rate is recorded beside what was said before anything of that configuration was seen", async () => {
  const stage = new Stage();
  for (let tick = 0; tick < 3; tick++) await stage.tick();
  stage.rescale(on("near1", "near2"));
  await stage.tick();
  const before = stage.learnt.length;
  stage.decision = { do: "stay", because: "calm" };
  await stage.finished();
  // The engine hands out whole key groups: what runs is not quite what was asked for.
  const seats = [
    { node: "near1", share: 0.502 },
    { node: "near2", share: 0.498 },
  ];
  stage.configuration = { seats };
  for (let tick = 0; tick < 10; tick++) await stage.tick();
  stage.controller.measured({ mst: 1900, low: 1850, high: 1950, how: "search" });
  const line = stage.lines.at(-1)!;
  assert.ok(line.is === "mst");
  assert.deepEqual(line.configuration.seats, seats);
  assert.equal(line.predictions.counting?.mst, 2000 + before);
  assert.deepEqual(Object.keys(line.predictions), ["counting"]);
  assert.deepEqual(stage.learnt.at(-1)!.mst, { mst: 1900, low: 1850, high: 1950 });
  await stage.tick();
  assert.ok(stage.asked.at(-1)!.history.some(({ mst }) => mst?.mst === 1900));
});

test("predictions of what runs are recorded every fifth second, and with every decision", async () => {
  const stage = new Stage({ dryRun: true });
  const told: boolean[] = [];
  for (let tick = 0; tick < 11; tick++) {
    if (tick === 8) stage.rescale(on("near1", "near2"));
    if (tick === 9) stage.decision = { do: "stay", because: "calm" };
    await stage.tick();
    const line = stage.lines.at(-1)!;
    told.push(line.is === "tick" && line.predictions !== undefined);
  }
  assert.deepEqual(
    told.flatMap((is, tick) => (is ? [tick] : [])),
    [0, 5, 8],
  );
});
