import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fold, type JournalLine, type Owned } from "./journal.ts";
import { keepingMtu, plan } from "./plan.ts";
import { limitName, type Step } from "./steps.ts";
import type { NodeSpec, Topology } from "./topology/topology.ts";
import { nodeOf, topologyOf } from "./topology-for-tests.ts";
import { UserError } from "./user-error.ts";

const capacity = 1000;

/** What the steps do, without a machine: everything that a provisioning could leave behind. */
class PretendedMachine {
  readonly journal: JournalLine[] = [];
  topology: Topology | undefined;
  keeper = false;
  nodes = new Map<string, number>();
  network = "";
  timeline = "";
  limits = new Map<string, string>();
  hosts = "";
  /** Over the whole life of the lab. */
  nameOfNumber = new Map<number, string>();

  owned(): Owned {
    return fold(this.journal);
  }

  plan(topology: Topology): Step[] {
    const before = this.topology;
    return plan({ topology, ...(before && { before }), keeperAlive: this.keeper, capacity }, this.owned());
  }

  record(phase: "will" | "did", step: Step): void {
    const line = JSON.stringify({ at: "", phase, step } satisfies JournalLine);
    this.journal.push(JSON.parse(line) as JournalLine);
  }

  act(step: Step, wanted: Topology): void {
    switch (step.do) {
      case "adopt-topology":
        this.topology = wanted;
        break;
      case "start-keeper":
        this.keeper = true;
        break;
      case "limit-node":
        this.limits.set(step.node, limitName(step));
        break;
      case "unlimit-node":
        this.limits.delete(step.node);
        break;
      case "create-node":
        assert.ok(this.keeper, "a node is made by a keeper");
        assert.equal(
          this.nameOfNumber.get(step.number) ?? step.node,
          step.node,
          `number ${step.number} is another's`,
        );
        this.nameOfNumber.set(step.number, step.node);
        this.nodes.set(step.node, step.number);
        break;
      case "remove-node":
        assert.ok(this.keeper, "a node is removed by a keeper");
        this.nodes.delete(step.node);
        break;
      case "write-hosts":
        this.hosts = this.#names();
        break;
      case "set-network":
        this.network = this.#networkOf(this.topology);
        break;
      case "set-timeline":
        this.timeline = JSON.stringify(this.topology?.events);
        break;
      default:
        step satisfies never;
    }
  }

  killKeeper(): void {
    this.keeper = false;
    this.nodes.clear();
    this.network = "";
    this.timeline = "";
  }

  assertHas(wanted: Topology): void {
    assert.deepEqual([...this.nodes.keys()].sort(), wanted.nodes.map(({ name }) => name).sort());
    const devices = wanted.nodes
      .filter(({ device }) => device !== "none")
      .map(({ name, device, cores = 1 }) => [name, limitName({ device, cores })]);
    assert.deepEqual([...this.limits].sort(), devices.sort());
    assert.equal(this.hosts, this.#names());
    assert.equal(this.network, this.#networkOf(wanted));
    assert.equal(this.timeline, JSON.stringify(wanted.events));
  }

  /** Whoever reads the journal alone knows of everything that is there. */
  assertAllIsOwned(): void {
    const owned = this.owned();
    for (const [name, number] of this.nodes) assert.equal(owned.nodes.get(name)?.number, number);
    for (const [name, device] of this.limits)
      assert.ok(owned.limits.has(name), `${name} is limited to ${device}`);
    if (this.keeper) assert.ok(owned.keeper);
  }

  #names(): string {
    return JSON.stringify([...this.nodes].sort());
  }

  #networkOf(topology: Topology | undefined): string {
    return JSON.stringify([topology?.pairs, topology?.nodes.map(({ name }) => name), [...this.nodes].sort()]);
  }
}

const devices = fc.constantFrom<Partial<NodeSpec>>(
  { device: "none" },
  { device: "pi3b" },
  { device: "pi4b" },
  { device: "pi4b", cores: 3 },
);
const anyTopology = fc
  .tuple(
    fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c", "d"), devices), {
      selector: ([name]) => name,
      minLength: 1,
    }),
    fc.nat(1),
    fc.nat(1),
  )
  .map(([nodes, delayMs, atMs]) => {
    const names = nodes.map(([name]) => name);
    return topologyOf(
      nodes.map(([name, device]) => ({ ...nodeOf(name), ...device })),
      {
        pairs: [{ from: names, to: names, change: { delayMs } }],
        events: [{ atMs, nodes: [], do: "crash" }],
      },
    );
  });

const cuts = ["before it is recorded", "before it is done", "before it is recorded as done"] as const;
const anyAttempt = fc.record({
  /** Of a few that come again and again, since a file is seldom another one altogether. */
  file: fc.nat(2),
  /** How many steps are done, and where the next one is cut short. */
  steps: fc.oneof({ weight: 2, arbitrary: fc.constant(99) }, { weight: 3, arbitrary: fc.nat(8) }),
  cut: fc.constantFrom(...cuts),
  keeperDies: fc.oneof(
    { weight: 4, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
});

test("whatever provisionings were cut short before, the next one reaches what it wants, and then plans nothing", () => {
  fc.assert(
    fc.property(
      fc.array(anyTopology, { minLength: 3, maxLength: 3 }),
      fc.array(anyAttempt, { maxLength: 6 }),
      (files, attempts) => {
        const machine = new PretendedMachine();
        const last = files[0]!;
        for (const { file, steps, cut, keeperDies } of attempts) {
          const topology = files[file]!;
          for (const [index, step] of machine.plan(topology).entries()) {
            if (index === steps && cut === cuts[0]) break;
            machine.record("will", step);
            if (index === steps && cut === cuts[1]) break;
            machine.act(step, topology);
            if (index === steps) break;
            machine.record("did", step);
          }
          machine.assertAllIsOwned();
          if (keeperDies) machine.killKeeper();
        }
        for (const step of machine.plan(last)) {
          machine.record("will", step);
          machine.assertAllIsOwned();
          machine.act(step, last);
          machine.record("did", step);
          machine.assertAllIsOwned();
        }
        machine.assertHas(last);
        assert.deepEqual(machine.plan(last), []);
      },
    ),
    { seed: 3, numRuns: 1000 },
  );
});

function provisioned(topology: Topology): PretendedMachine {
  const machine = new PretendedMachine();
  for (const step of machine.plan(topology)) {
    machine.record("will", step);
    machine.act(step, topology);
    machine.record("did", step);
  }
  return machine;
}

test("a new lab is adopted before its keeper starts, nodes come before hosts and network, the timeline is last", () => {
  const steps = new PretendedMachine().plan(topologyOf([nodeOf("a", "pi4b"), nodeOf("b")]));
  assert.deepEqual(
    steps.map((step) => step.do),
    [
      "adopt-topology",
      "start-keeper",
      "limit-node",
      "create-node",
      "create-node",
      "write-hosts",
      "set-network",
      "set-timeline",
    ],
  );
});

test("a node that leaves is removed before one that joins is made, and keeps its number to itself", () => {
  const machine = provisioned(topologyOf([nodeOf("a"), nodeOf("b")]));
  const steps = machine.plan(topologyOf([nodeOf("a"), nodeOf("c")]));
  assert.deepEqual(
    steps.filter((step) => "number" in step).map(({ do: what, node, number }) => [what, node, number]),
    [
      ["remove-node", "b", 1],
      ["create-node", "c", 2],
    ],
  );
});

test("a change of conditions alone touches no node and does not restart the timeline", () => {
  const nodes = [nodeOf("a"), nodeOf("b")];
  const events = [{ atMs: 5, nodes: ["a"], do: "crash" as const }];
  const machine = provisioned(topologyOf(nodes, { events }));
  const slower = topologyOf(nodes, { events, pairs: [{ from: ["a"], to: ["b"], change: { delayMs: 9 } }] });
  assert.deepEqual(machine.plan(slower), [
    { do: "adopt-topology", network: true, timeline: false, because: "the topology changed" },
    { do: "set-network", because: "the conditions changed" },
  ]);
});

test("switches are points of links and no nodes to make", () => {
  const steps = new PretendedMachine().plan(topologyOf([nodeOf("a"), nodeOf("sw", "none", "switch")]));
  assert.deepEqual(
    steps.flatMap((step) => (step.do === "create-node" ? [step.node] : [])),
    ["a"],
  );
});

test("a change of the device class is a new limit with the old one as its reason", () => {
  const machine = provisioned(topologyOf([nodeOf("a", "pi3b")]));
  const steps = machine.plan(topologyOf([nodeOf("a", "pi4b")]));
  assert.ok(
    steps.some(
      (step) => step.do === "limit-node" && step.device === "pi4b" && step.because === "was one core of pi3b",
    ),
  );
});

test("a node that is made anew is limited anew, for its processor may be another one", () => {
  const boxOf = (arch: string): NodeSpec => ({ ...nodeOf("a", "pi3b"), kind: "docker", settings: { arch } });
  const machine = provisioned(topologyOf([boxOf("x86_64")]));
  assert.deepEqual(machine.plan(topologyOf([boxOf("x86_64")])), []);
  const steps = machine.plan(topologyOf([boxOf("aarch64")])).map((step) => step.do);
  assert.deepEqual(
    steps.filter((step) => step.endsWith("-node")),
    ["remove-node", "limit-node", "create-node"],
  );
});

for (const [change, name, was, is] of [
  [{ mtuBytes: 9000 }, "mtu", "1500", "9000"],
  [{ seed: 2 }, "seed", "1", "2"],
  [{ fabric: "netem" }, "fabric", "auto", "netem"],
  [{ subnet: "10.7.0.0/16" }, "subnet", "chosen by brume", "10.7.0.0/16"],
] as const) {
  test(`a running lab refuses another ${name} instead of ignoring it`, () => {
    const machine = provisioned(topologyOf([nodeOf("a")]));
    assert.throws(
      () => machine.plan(topologyOf([nodeOf("a")], change)),
      (error) => {
        assert.ok(error instanceof UserError && error.code === "lab-fixed" && error.exitStatus === 2);
        assert.ok(
          error.message.startsWith(`${name}: lab has ${was}, the file now says ${is}, `),
          error.message,
        );
        return true;
      },
    );
  });
}

test("a file that leaves the mtu open keeps a running lab's smaller one, and no larger one", () => {
  const small = topologyOf([nodeOf("a")], { mtuBytes: 1450, mtuIsDefault: true });
  const large = topologyOf([nodeOf("a")], { mtuIsDefault: true });
  assert.equal(keepingMtu(large, small).mtuBytes, 1450);
  assert.equal(keepingMtu(small, large).mtuBytes, 1450);
  assert.equal(keepingMtu(large, undefined).mtuBytes, 1500);
  assert.equal(keepingMtu(topologyOf([nodeOf("a")]), small).mtuBytes, 1500);
});

test("a lab whose keeper is gone takes another mtu, but no other subnet", () => {
  const machine = provisioned(topologyOf([nodeOf("a")]));
  machine.killKeeper();
  assert.ok(machine.plan(topologyOf([nodeOf("a")], { mtuBytes: 9000 })).length > 0);
  assert.throws(() => machine.plan(topologyOf([nodeOf("a")], { subnet: "10.7.0.0/16" })), UserError);
});

test("a range that has no number left refuses a new node, the numbers of nodes that left included", () => {
  const owned = fold([]);
  owned.nextNumber = 5;
  const wanted = { topology: topologyOf([nodeOf("a")]), keeperAlive: false };
  assert.doesNotThrow(() => plan({ ...wanted, capacity: 6 }, owned));
  assert.throws(
    () => plan({ ...wanted, capacity: 5 }, owned),
    (error) => error instanceof UserError && error.code === "lab-full",
  );
});
