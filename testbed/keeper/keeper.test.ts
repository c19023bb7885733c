import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createFolder, LabFolder } from "#testbed/lab.ts";
import { conditionsOf } from "#testbed/network/compile.ts";
import type { Network } from "#testbed/network/conditions.ts";
import type { TimelineEvent, Topology } from "#testbed/topology/topology.ts";
import { nodeOf, topologyOf } from "#testbed/topology-for-tests.ts";
import { UserError } from "#testbed/user-error.ts";
import { SimulatedClock } from "./clock-for-tests.ts";
import { HeldSecrets } from "./held-secrets.ts";
import { Keeper } from "./keeper.ts";
import type { Answers } from "./server.ts";

const root = mkdtempSync(join(tmpdir(), "brume-keeper-"));
after(() => rmSync(root, { recursive: true, force: true }));
let labs = 0;

/** A keeper of pretended nodes and a pretended fabric, which notes what is asked of it and never does two things at once. */
class Stage {
  readonly clock = new SimulatedClock();
  readonly folder = new LabFolder(`lab${labs++}`, root);
  readonly did: string[] = [];
  readonly logged: string[] = [];
  readonly failures: string[] = [];
  readonly up = new Set<number>();
  network: Network | undefined;
  /** How long a change of a link takes. */
  takesMs = 0;
  /** What becomes of a body that is taken away. */
  removing: Promise<string | undefined> = Promise.resolve(undefined);
  fabricFails = false;
  logFails = false;
  busy = false;
  readonly answers: Answers;

  constructor(events: readonly TimelineEvent[] = [], names = ["a", "b", "c"]) {
    createFolder(this.folder);
    this.write(
      topologyOf(
        names.map((name) => nodeOf(name)),
        { events },
      ),
    );
    const keeper = new Keeper({
      folder: this.folder,
      bodyOf: (_name, number) => {
        const end = { in: "namespace", fd: 100 + number } as const;
        return {
          create: async () => end,
          start: async () => end,
          vanish: async () => void this.did.push(`vanish ${number}`),
          freeze: async () => undefined,
          thaw: async () => undefined,
          remove: async () => this.removing,
        };
      },
      namespaces: {
        join: (node) => {
          assert.ok(!this.up.has(node), "it is made once");
          this.up.add(node);
        },
        isJoined: (node) => this.up.has(node),
        unlink: (node) => void this.did.push(`unlink ${node}`),
        remove: (node) => void this.up.delete(node),
        fdOf: (node) => (this.up.has(node) ? 100 + node : undefined),
      },
      fabric: {
        kind: "wire",
        attach: (node) => this.alone(`attach ${node}`),
        detach: (node) => this.alone(`detach ${node}`),
        apply: async (network) => {
          await this.alone("network");
          if (this.fabricFails) throw new Error("the fabric is broken");
          this.network = network;
          return 0;
        },
        pairCounters: () => undefined,
        report: () => undefined,
        end: async () => undefined,
      },
      fabricBecause: "a test",
      nodesAtFirst: names.length,
      mtuRoutes: { apply: () => undefined, forget: () => undefined },
      log: (what, _lateMs, failed) => {
        if (this.logFails) throw new Error("no space left");
        this.logged.push(failed === undefined ? what : `${what}: ${failed}`);
      },
      secrets: new HeldSecrets(),
      clock: this.clock,
      failed: (error) => void this.failures.push(String(error)),
      end: () => undefined,
    });
    this.answers = keeper.answers();
  }

  write(topology: Topology): void {
    this.folder.write("topology.json", topology);
  }

  async alone(what: string): Promise<void> {
    assert.equal(this.busy, false, `${what} while something else is being done`);
    this.busy = true;
    this.did.push(what);
    if (this.takesMs > 0) await this.clock.sleep(this.takesMs);
    this.busy = false;
  }

  async begin(): Promise<void> {
    const orders = ["a", "b", "c"].map((node, number) => this.answers["POST /create-node"]({ node, number }));
    await this.waitFor(Promise.all(orders));
    await this.waitFor(this.answers["POST /network"](undefined));
    await this.waitFor(this.answers["POST /timeline"](undefined));
  }

  /** Lets the clock go on only as far as the order needs. */
  async waitFor<Result>(order: Result | Promise<Result>): Promise<Result> {
    let open = true;
    const settle = () => {
      open = false;
    };
    Promise.resolve(order).then(settle, settle);
    for (let round = 0; open && round < 1000; round++) await this.clock.advance(round === 0 ? 0 : 1);
    return await order;
  }

  async act(node: string, action: "start" | "crash" | "pause" | "resume", forMs?: number): Promise<void> {
    await this.waitFor(this.answers["POST /act"]({ node, action, ...(forMs !== undefined && { forMs }) }));
  }

  async impose(name: string, delayMs: number, forMs?: number): Promise<void> {
    const rules = [{ from: ["a"], to: ["b"], change: { delayMs } }];
    await this.waitFor(this.answers["POST /impose"]({ name, rules, ...(forMs !== undefined && { forMs }) }));
  }

  state(node: string): string | undefined {
    return this.status().nodes.find(({ name }) => name === node)?.state;
  }

  status() {
    return this.answers["GET /status"](undefined) as Exclude<
      ReturnType<Answers["GET /status"]>,
      Promise<unknown>
    >;
  }

  felt(from: string, to: string) {
    return conditionsOf(this.network!, from, to);
  }
}

test("a timeline's conditions begin and end when they should, and are recorded", async () => {
  const stage = new Stage([
    { atMs: 100, pairs: { from: ["a"], to: ["b"], change: { delayMs: 9 } }, forMs: 50 },
  ]);
  await stage.begin();
  await stage.clock.advance(99);
  assert.equal(stage.felt("a", "b").delayMs, 0);
  await stage.clock.advance(2);
  assert.equal(stage.felt("a", "b").delayMs, 9);
  await stage.clock.advance(60);
  assert.equal(stage.felt("a", "b").delayMs, 0);
  assert.deepEqual(stage.logged, ["the timeline starts", "event 1 begins", "event 1 ends"]);
  assert.equal(stage.status().timeline.done, 2);
});

test("a pause that ends inside another pause leaves the node paused, and so with crashes", async () => {
  const stage = new Stage([
    { atMs: 0, nodes: ["a"], do: "pause", forMs: 100 },
    { atMs: 10, nodes: ["a"], do: "pause", forMs: 20 },
    { atMs: 0, nodes: ["b"], do: "crash", forMs: 100 },
    { atMs: 10, nodes: ["b"], do: "crash", forMs: 20 },
  ]);
  await stage.begin();
  await stage.clock.advance(50);
  assert.deepEqual([stage.state("a"), stage.state("b")], ["paused", "down"]);
  await stage.clock.advance(60);
  assert.deepEqual([stage.state("a"), stage.state("b")], ["running", "running"]);
});

test("the end of a crash by hand does not end a crash that came after a start by hand", async () => {
  const stage = new Stage();
  await stage.begin();
  await stage.act("a", "crash", 100);
  await stage.act("a", "start");
  await stage.act("a", "crash");
  await stage.clock.advance(1000);
  assert.equal(stage.state("a"), "down");
});

test("a crash or a pause by hand for a while ends by itself", async () => {
  const stage = new Stage();
  await stage.begin();
  await stage.act("a", "crash", 100);
  await stage.act("b", "pause", 100);
  await stage.clock.advance(99);
  assert.deepEqual([stage.state("a"), stage.state("b")], ["down", "paused"]);
  await stage.clock.advance(10);
  assert.deepEqual([stage.state("a"), stage.state("b")], ["running", "running"]);
});

test("an impairment imposed anew is not ended by the time of the one before it", async () => {
  const stage = new Stage();
  await stage.begin();
  await stage.impose("slow", 10, 100);
  await stage.clock.advance(50);
  await stage.impose("slow", 20, 200);
  await stage.clock.advance(100);
  assert.equal(stage.felt("a", "b").delayMs, 20);
  await stage.clock.advance(200);
  assert.equal(stage.felt("a", "b").delayMs, 0);
});

test("an impairment that was lifted and imposed without an end stays", async () => {
  const stage = new Stage();
  await stage.begin();
  await stage.impose("slow", 10, 100);
  await stage.waitFor(stage.answers["POST /lift"]({ name: "slow" }));
  await stage.impose("slow", 20);
  await stage.clock.advance(1000);
  assert.equal(stage.felt("a", "b").delayMs, 20);
});

test("an impairment for a while that is imposed anew without an end stays", async () => {
  const stage = new Stage();
  await stage.begin();
  await stage.impose("slow", 10, 100);
  await stage.impose("slow", 20);
  await stage.clock.advance(1000);
  assert.equal(stage.felt("a", "b").delayMs, 20);
});

test("a broken fabric at the end of an impairment goes into the record, and the lab goes on", async () => {
  const stage = new Stage();
  await stage.begin();
  await stage.impose("slow", 10, 100);
  stage.fabricFails = true;
  await stage.clock.advance(200);
  assert.ok(stage.logged.includes("slow ends: the fabric is broken"), stage.logged.join());
  stage.fabricFails = false;
  await stage.impose("other", 30);
  assert.equal(stage.felt("a", "b").delayMs, 30);
});

test("a record that cannot be written stops neither the lab nor its timeline", async () => {
  const stage = new Stage([
    { atMs: 10, nodes: ["a"], do: "crash" },
    { atMs: 20, nodes: ["b"], do: "crash" },
  ]);
  await stage.begin();
  stage.logFails = true;
  await stage.clock.advance(100);
  assert.deepEqual([stage.state("a"), stage.state("b")], ["down", "down"]);
  assert.deepEqual(stage.failures, ["Error: no space left", "Error: no space left"]);
});

test("orders and deeds never change the lab at the same time", async () => {
  const events: TimelineEvent[] = [5, 15, 25, 35].map((atMs) => ({ atMs, nodes: ["b"], do: "restart" }));
  const stage = new Stage([...events, { atMs: 20, nodes: ["a"], do: "partition", forMs: 30 }]);
  stage.takesMs = 4;
  await stage.begin();
  for (let round = 0; round < 8; round++) {
    void stage.act(round % 2 === 0 ? "b" : "c", round % 4 < 2 ? "crash" : "start");
    void stage.impose("slow", round);
    await stage.clock.advance(7);
  }
  await stage.clock.advance(1000);
  assert.ok(stage.did.length > 20); // Stage.alone throws, and so fails orders and logs, when two overlap.
  assert.deepEqual(
    stage.logged.filter((line) => line.includes("while something else")),
    [],
  );
});

test("what only reads is answered while something is being done", async () => {
  const stage = new Stage();
  await stage.begin();
  stage.takesMs = 1000;
  void stage.act("a", "crash");
  await stage.clock.advance(10);
  assert.equal(stage.busy, true);
  assert.equal(stage.status().nodes.length, 3);
  await stage.clock.advance(2000);
});

test("a timeline that starts anew ends what the one before has begun, and leaves what was done by hand", async () => {
  const stage = new Stage([
    { atMs: 0, nodes: ["a"], do: "crash" },
    { atMs: 0, nodes: ["b"], do: "partition" },
  ]);
  await stage.begin();
  await stage.act("c", "crash");
  await stage.impose("slow", 10);
  await stage.clock.advance(10);
  assert.equal(stage.felt("b", "a").cut, true);
  stage.write(topologyOf(["a", "b", "c"].map((name) => nodeOf(name))));
  await stage.waitFor(stage.answers["POST /timeline"](undefined));
  assert.deepEqual(
    ["a", "c"].map((node) => stage.state(node)),
    ["running", "down"],
  );
  assert.equal(stage.felt("b", "a").cut, undefined);
  assert.equal(stage.felt("a", "b").delayMs, 10);
});

test("a timeline that starts anew while the old one is at work performs nothing more of the old one", async () => {
  const stage = new Stage([
    { atMs: 0, nodes: ["a"], do: "crash" },
    { atMs: 1, nodes: ["b"], do: "crash" },
    { atMs: 2, nodes: ["c"], do: "crash" },
  ]);
  await stage.begin();
  stage.takesMs = 50;
  await stage.clock.advance(5); // a is on its way down, b and c are due.
  stage.write(topologyOf(["a", "b", "c"].map((name) => nodeOf(name))));
  const order = stage.answers["POST /timeline"](undefined);
  await stage.clock.advance(1000);
  await order;
  const states = ["a", "b", "c"].map((node) => stage.state(node));
  assert.equal(states[2], "running", "c was never touched");
  assert.ok(!stage.did.includes("detach 2"));
  assert.deepEqual(states, ["running", "running", "running"]);
});

test("a partition cuts the node from nodes that joined after it began", async () => {
  const stage = new Stage([{ atMs: 0, nodes: ["a"], do: "partition" }]);
  await stage.begin();
  await stage.clock.advance(10);
  stage.write(topologyOf(["a", "b", "c", "d"].map((name) => nodeOf(name))));
  await stage.waitFor(stage.answers["POST /create-node"]({ node: "d", number: 3 }));
  await stage.waitFor(stage.answers["POST /network"](undefined));
  assert.equal(stage.felt("a", "d").cut, true);
  assert.equal(stage.felt("d", "a").cut, true);
});

test("a node that leaves takes its impairments along and keeps nobody else from changing", async () => {
  const stage = new Stage([{ atMs: 0, nodes: ["c"], do: "partition" }]);
  await stage.begin();
  await stage.impose("slow", 10);
  await stage.clock.advance(10);
  stage.write(topologyOf(["a", "b"].map((name) => nodeOf(name))));
  await stage.waitFor(stage.answers["POST /remove-node"]({ node: "c", number: 2 }));
  await stage.waitFor(stage.answers["POST /network"](undefined));
  assert.equal(stage.felt("a", "b").delayMs, 10);
  assert.deepEqual(
    stage.status().impairments.map(({ name }) => name),
    ["slow"],
  );
});

test("a node whose machine keeps silent is out of the lab at once, nobody waits for it, and what is left is told", async () => {
  const stage = new Stage();
  await stage.begin();
  const { promise, resolve: giveUp } = Promise.withResolvers<string | undefined>();
  stage.removing = promise;
  const removal = stage.answers["POST /remove-node"]({ node: "c", number: 2 });
  await stage.act("a", "crash");
  assert.deepEqual([...stage.up], [1]);
  assert.deepEqual([stage.state("a"), stage.state("c")], ["down", undefined]);
  giveUp("a folder");
  assert.deepEqual(await removal, { left: "a folder" });
});

test("a node that could not be taken away is made anew when it is wanted again", async () => {
  const stage = new Stage();
  await stage.begin();
  stage.removing = Promise.reject(new Error("no rights there"));
  await assert.rejects(stage.waitFor(stage.answers["POST /remove-node"]({ node: "c", number: 2 })));
  await stage.waitFor(stage.answers["POST /create-node"]({ node: "c", number: 2 }));
  assert.ok(stage.up.has(2));
});

test("an event that falls due while nodes are half changed is laid on the network that is in force", async () => {
  const stage = new Stage([{ atMs: 100, pairs: { from: ["a"], to: ["b"], change: { delayMs: 9 } } }]);
  await stage.begin();
  stage.write(topologyOf([nodeOf("sw", "none", "switch"), nodeOf("b"), nodeOf("a", "none", "switch")]));
  await stage.clock.advance(200);
  assert.deepEqual(stage.network?.nodes, ["a", "b", "c"]);
  assert.equal(stage.felt("a", "b").delayMs, 9);
});

test("an impairment of a node that the lab has not is refused and leaves nothing behind", async () => {
  const stage = new Stage();
  await stage.begin();
  const rules = [{ from: ["a"], to: ["nobody"], change: { delayMs: 5 } }];
  await assert.rejects(stage.waitFor(stage.answers["POST /impose"]({ name: "bad", rules })), (error) => {
    assert.ok(error instanceof UserError && error.code === "no-such-node");
    return true;
  });
  assert.deepEqual(stage.status().impairments, []);
});

test("a name of the timeline's own is refused to what is done by hand", async () => {
  const stage = new Stage();
  await stage.begin();
  await assert.rejects(
    stage.waitFor(stage.impose("event 1", 5)),
    (error) => error instanceof UserError && error.code === "name-reserved",
  );
});

test("an impairment by hand that has no name gets one that no other has", async () => {
  const stage = new Stage();
  await stage.begin();
  const rules = [{ from: ["a"], to: ["b"], change: { delayMs: 5 } }];
  const one = await stage.waitFor(stage.answers["POST /impose"]({ rules }));
  const two = await stage.waitFor(stage.answers["POST /impose"]({ rules }));
  assert.notEqual(one.name, two.name);
});

test("healing a node by hand ends its isolations, and clearing ends everything", async () => {
  const stage = new Stage([{ atMs: 0, nodes: ["a"], do: "partition" }]);
  await stage.begin();
  await stage.impose("slow", 5);
  await stage.clock.advance(10);
  const healed = await stage.waitFor(stage.answers["POST /lift"]({ node: "a" }));
  assert.deepEqual(healed.lifted, ["event 1: partition of a"]);
  const cleared = await stage.waitFor(stage.answers["POST /lift"]({}));
  assert.deepEqual(cleared.lifted, ["slow"]);
  assert.deepEqual(stage.felt("a", "b"), { delayMs: 0 });
});

test("a node that a killed provisioning left half made is attached when it is asked for again", async () => {
  const stage = new Stage();
  stage.up.add(0); // Its namespace is there, its link was never told to the fabric.
  await stage.waitFor(stage.answers["POST /create-node"]({ node: "a", number: 0 }));
  assert.ok(stage.did.includes("attach 0"));
});

test("a node that is asked for twice keeps its state", async () => {
  const stage = new Stage();
  await stage.begin();
  await stage.act("a", "pause");
  await stage.waitFor(stage.answers["POST /create-node"]({ node: "a", number: 0 }));
  assert.equal(stage.state("a"), "paused");
});

test("a node is cut off before its processes are ended", async () => {
  const stage = new Stage();
  await stage.begin();
  await stage.act("a", "pause");
  await stage.act("a", "crash");
  assert.deepEqual(stage.did.slice(-3), ["detach 0", "unlink 0", "vanish 0"]);
});
