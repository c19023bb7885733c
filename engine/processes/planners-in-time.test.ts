import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Deployment, JobSpec, ToWorker } from "../runtime/messages.ts";
import { PlannersInTime } from "./planners-in-time.ts";

const spec = (use: string) => ({ use }) as JobSpec;
const deploy = (use: string): ToWorker => ({ is: "deploy", deployment: { job: spec(use) } as Deployment });
const start: ToWorker = { is: "start", attempt: 1 };

function subject() {
  const loads = new Map<string, PromiseWithResolvers<never>>();
  const handed: string[] = [];
  const planners = new PlannersInTime(
    (use) => {
      loads.set(use, Promise.withResolvers());
      return loads.get(use)!.promise;
    },
    (message) => void handed.push(message.is),
  );
  const loaded = async (use: string, planner: unknown) => {
    loads.get(use)!.resolve(planner as never);
    await turn();
  };
  return { planners, loads, handed, loaded };
}

test("what follows a deployment waits until its job is loaded, and keeps its order", async () => {
  const { planners, handed, loaded } = subject();
  planners.onMessage({ is: "cancel", attempt: 0 });
  planners.onMessage(deploy("a"));
  planners.onMessage(start);
  assert.deepEqual(handed, ["cancel"]);
  await loaded("a", () => "the plan");
  assert.deepEqual(handed, ["cancel", "deploy", "start"]);
  assert.equal(planners.plan(spec("a")) as unknown, "the plan");
});

test("a job is loaded once", async () => {
  const { planners, loads, handed, loaded } = subject();
  planners.onMessage(deploy("a"));
  await loaded("a", () => "plan");
  loads.clear();
  planners.onMessage(deploy("a"));
  await turn();
  assert.deepEqual([handed, loads.size], [["deploy", "deploy"], 0]);
});

test("a job that cannot be loaded fails where its plan is asked for", async () => {
  const { planners, loads, handed } = subject();
  planners.onMessage(deploy("a"));
  loads.get("a")!.reject(new Error("broken"));
  await turn();
  assert.deepEqual(handed, ["deploy"]);
  assert.throws(() => planners.plan(spec("a")), /broken/);
});

test("what a lost connection brought is not handed on when its job is loaded at last", async () => {
  const { planners, handed, loaded } = subject();
  planners.onMessage(deploy("a"));
  planners.onMessage(start);
  planners.forget();
  planners.onMessage({ is: "cancel", attempt: 1 });
  await loaded("a", () => "plan");
  assert.deepEqual(handed, ["cancel"]);
});
