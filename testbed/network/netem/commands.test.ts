import assert from "node:assert/strict";
import { test } from "node:test";
import { batches, type Command } from "./command.ts";
import { netemCommands, netemPortCommands, netemTables, netemUpdate } from "./commands.ts";
import { sketchNetwork, sketchPlacement } from "./test-network.ts";

const typed = (commands: readonly Command[]): string[] =>
  commands.map(({ where, tool, words }) => `${where === "fabric" ? "" : `${where.node}: `}${tool} ${words}`);

const open = "htb rate 100000000000bit ceil 100000000000bit burst 125000000 cburst 125000000 quantum 1514";

test("two nodes and one delayed direction become exactly these commands", () => {
  const nodes = ["a", "b"];
  const network = sketchNetwork(nodes, { pairs: { "a>b": { delayMs: 25 } } });
  const port = (name: string, mark: string): string[] => [
    `tc qdisc add dev ${name} root handle 1: htb default 0`,
    `tc filter add dev ${name} parent 1: protocol all prio 1 fw`,
    `tc qdisc add dev ${name} clsact`,
    `tc filter add dev ${name} ingress protocol ipv6 prio 1 u32 match ip6 protocol 58 0xff match u8 0x84 0xfc at 40 action pass`,
    `tc filter add dev ${name} ingress protocol ipv6 prio 1 u32 match ip6 protocol 58 0xff match u8 0x88 0xfc at 40 action pass`,
    `tc filter add dev ${name} ingress protocol ip prio 2 u32 match u32 0 0 action skbedit mark ${mark} continue`,
    `tc filter add dev ${name} ingress protocol ipv6 prio 3 u32 match u32 0 0 action skbedit mark ${mark} continue`,
  ];
  assert.deepEqual(typed(netemCommands(network, sketchPlacement(nodes))), [
    "ip link add name lab type bridge forward_delay 0 stp_state 0 mcast_snooping 0",
    "ip link set dev lab addrgenmode none up",
    "ip link set dev host addrgenmode none master lab up",
    "ip link set dev n0 addrgenmode none master lab up",
    "a: ip link set dev eth0 gso_max_segs 1 arp on",
    "ip link set dev n1 addrgenmode none master lab up",
    "b: ip link set dev eth0 gso_max_segs 1 arp on",
    ...port("n0", "0x11002"),
    ...port("n1", "0x11003"),
    `tc class replace dev n0 parent 1: classid 1:1 ${open}`,
    `tc class replace dev n1 parent 1: classid 1:1 ${open}`,
    `tc class replace dev n1 parent 1:1 classid 1:1002 ${open}`,
    "tc qdisc replace dev n1 parent 1:1002 handle 1002: netem limit 100000 delay 25000us loss random 0% corrupt 0% rate 100gbit",
  ]);
});

test("a lab of any size is one ip and one tc process in the fabric namespace", () => {
  const nodes = Array.from({ length: 20 }, (_, index) => `w${index}`);
  const network = sketchNetwork(nodes, { pairs: { "w0>w1": { delayMs: 1 } }, down: { w3: 1e6 } });
  const fabric = batches(netemCommands(network, sketchPlacement(nodes))).filter(
    ({ where }) => where === "fabric",
  );
  assert.deepEqual(
    fabric.map(({ tool }) => tool),
    ["ip", "tc"],
  );
});

test("a rate is a line under the delay, whose queue is the rate's round trip and 50 ms", () => {
  const nodes = ["a", "b"];
  const network = sketchNetwork(nodes, { pairs: { "a>b": { delayMs: 25, rateBitsPerSecond: 10e6 } } });
  const commands = typed(netemCommands(network, sketchPlacement(nodes)));
  // 10 Mbit/s × 100 ms = 125,000 bytes, 83 frames of 1,514.
  assert.equal(
    commands.at(-1),
    "tc qdisc replace dev n1 parent 1002:1 handle 2002: netem limit 83 delay 0us loss random 0% corrupt 0% rate 10000000bit",
  );
});

test("CoDel stands under the delay and the class keeps the rate", () => {
  const nodes = ["a", "b"];
  const queue = { discipline: "codel", ecn: true, limitBytes: 60_000 } as const;
  const network = sketchNetwork(nodes, { pairs: { "a>b": { delayMs: 5, rateBitsPerSecond: 1e6, queue } } });
  const commands = typed(netemCommands(network, sketchPlacement(nodes)));
  assert.equal(
    commands.at(-3),
    "tc class replace dev n1 parent 1:1 classid 1:1002 htb rate 1000000bit ceil 1000000bit burst 3028 cburst 3028 quantum 1514",
  );
  assert.equal(
    commands.at(-1),
    "tc qdisc replace dev n1 parent 1002:1 handle 3002: codel limit 40 target 5ms interval 100ms ecn",
  );
});

test("every source has an equal guarantee of a down link, and together they do not exceed it", () => {
  const nodes = ["a", "b", "c", "d", "e"];
  const network = sketchNetwork(nodes, { down: { e: 20e6 } });
  const classes = typed(netemCommands(network, sketchPlacement(nodes))).filter((line) =>
    line.includes("dev n4 parent 1:1 "),
  );
  assert.equal(classes.filter((line) => line.startsWith("tc class")).length, 4);
  for (const line of classes.filter((text) => text.startsWith("tc class"))) {
    assert.match(line, /rate 5000000bit ceil 20000000bit/);
  }
});

test("an up link stands in the node's namespace and lets the host and who-has answers pass", () => {
  const nodes = ["a", "b"];
  const network = sketchNetwork(nodes, { up: { a: 10e6 }, pairs: { "a>b": { delayMs: 50 } } });
  const inNode = netemCommands(network, sketchPlacement(nodes)).filter(
    ({ where, tool }) => where !== "fabric" && tool === "tc",
  );
  assert.deepEqual(typed(inNode), [
    "a: tc qdisc add dev eth0 root handle 1: htb default 1",
    "a: tc class add dev eth0 parent 1: classid 1:1 htb rate 100gbit",
    "a: tc qdisc add dev eth0 parent 1:1 handle 2: fq_codel",
    "a: tc filter add dev eth0 parent 2: protocol all prio 1 handle 1 flow map key dst and 0x3ff divisor 1024",
    "a: tc filter add dev eth0 parent 1: protocol arp prio 1 u32 match u32 0 0 flowid 1:0",
    "a: tc filter add dev eth0 parent 1: protocol ip prio 2 u32 match ip dst 10.200.0.1/32 flowid 1:0",
    "a: tc filter add dev eth0 parent 1: protocol ipv6 prio 3 u32 match ip6 dst fd00:b::1/128 flowid 1:0",
    "a: tc filter add dev eth0 parent 1: protocol ipv6 prio 3 u32 match ip6 protocol 58 0xff match u8 0x84 0xfc at 40 flowid 1:0",
    "a: tc filter add dev eth0 parent 1: protocol ipv6 prio 3 u32 match ip6 protocol 58 0xff match u8 0x88 0xfc at 40 flowid 1:0",
    "a: tc class replace dev eth0 parent 1: classid 1:1 htb rate 10000000bit ceil 10000000bit burst 12500 cburst 12500 quantum 1514",
    "a: tc qdisc replace dev eth0 parent 1:1 handle 2: fq_codel limit 124 quantum 1514 drop_batch 1 target 100s interval 100s noecn",
  ]);
});

test("packets go from port to inner link to inner link to port", () => {
  const nodes = ["a", "b", "c"];
  const inner = [
    { name: "x", rateBitsPerSecond: 1e6 },
    { name: "y", rateBitsPerSecond: 2e6 },
  ];
  const network = sketchNetwork(nodes, { inner, paths: { "a>c": [0, 1], "b>c": [1] } });
  const turns = typed(netemCommands(network, sketchPlacement(nodes))).flatMap((line) => {
    const match =
      /dev (\S+) ingress protocol ip prio 10 u32 ht 10:4: match ip dst 10.200.0.4\/32.* dev (\S+)$/.exec(
        line,
      );
    return match ? [`${match[1]} to ${match[2]}`] : [];
  });
  assert.deepEqual(turns.sort(), ["n0 to s0a", "n1 to s1a", "s0b to s1a", "s1b to n2"]);
});

test("where sources part on an inner link the filter tells them by their mark", () => {
  const nodes = ["a", "b", "c"];
  const inner = [
    { name: "x", rateBitsPerSecond: 1e6 },
    { name: "y", rateBitsPerSecond: 2e6 },
  ];
  const network = sketchNetwork(nodes, { inner, paths: { "a>c": [0, 1], "b>c": [0] } });
  const lines = typed(netemCommands(network, sketchPlacement(nodes))).filter((line) =>
    line.includes("dev s0b ingress"),
  );
  assert.ok(
    lines.some((line) =>
      line.includes("match mark 0x11002 0xffffffff action mirred egress redirect dev s1a"),
    ),
  );
  assert.ok(
    lines.some((line) => line.includes("match mark 0x11003 0xffffffff action mirred egress redirect dev n2")),
  );
});

test("an update of one pair names that pair's delay and nothing else", () => {
  const nodes = ["a", "b", "c"];
  const before = sketchNetwork(nodes, {
    pairs: { "a>b": { delayMs: 25 }, "b>c": { delayMs: 3 } },
    up: { a: 1e6 },
  });
  const after = sketchNetwork(nodes, {
    pairs: { "b>c": { delayMs: 3 }, "a>b": { delayMs: 80 } },
    up: { a: 1e6 },
  });
  const changed = typed(netemUpdate(before, after, sketchPlacement(nodes)));
  assert.deepEqual(
    changed.filter((line) => line.startsWith("tc")),
    [
      "tc qdisc replace dev n1 parent 1:1002 handle 1002: netem limit 100000 delay 80000us loss random 0% corrupt 0% rate 100gbit",
    ],
  );
});

test("equal networks need no command", () => {
  const nodes = ["a", "b"];
  const sketch = { pairs: { "a>b": { delayMs: 5, duplicateRatio: 0.1 } }, down: { b: 1e6 }, up: { a: 1e6 } };
  const placement = sketchPlacement(nodes);
  assert.deepEqual(netemUpdate(sketchNetwork(nodes, sketch), sketchNetwork(nodes, sketch), placement), []);
});

test("conditions that end are made to do nothing, never deleted with the packets they hold", () => {
  const nodes = ["a", "b"];
  const felt = { delayMs: 25, rateBitsPerSecond: 1e6, mtuBytes: 900 };
  const before = sketchNetwork(nodes, { pairs: { "a>b": felt } });
  const changed = typed(netemUpdate(before, sketchNetwork(nodes), sketchPlacement(nodes)));
  assert.deepEqual(changed, [
    "tc filter del dev n1 egress protocol all prio 1 handle 0x11002 fw",
    "tc qdisc replace dev n1 parent 1002:1 handle 2002: netem limit 100000 delay 0us loss random 0% corrupt 0% rate 100000000000bit",
    "tc qdisc replace dev n1 parent 1:1002 handle 1002: netem limit 100000 delay 0us loss random 0% corrupt 0% rate 100gbit",
    `tc class replace dev n1 parent 1:1 classid 1:1002 ${open}`,
  ]);
});

test("a node that joins is plugged in and one that left is not mentioned", () => {
  const placement = sketchPlacement(["a", "b", "c"]);
  const before = sketchNetwork(["a", "b"], { pairs: { "a>b": { delayMs: 5 }, "b>a": { delayMs: 5 } } });
  const after = sketchNetwork(["a", "c"], { pairs: { "a>c": { delayMs: 7 } } });
  const changed = typed(netemUpdate(before, after, placement));
  assert.ok(changed.includes("ip link set dev n2 addrgenmode none master lab up"));
  assert.ok(changed.some((line) => line.includes("dev n2 parent 1:1002") && line.includes("delay 7000us")));
  assert.ok(changed.some((line) => line.includes("dev n0 parent 1:1003") && line.includes("delay 0us")));
  assert.ok(!changed.some((line) => line.includes("dev n1 ")));
});

test("a node that came back gets its port, its pairs and its up link again", () => {
  const nodes = ["a", "b"];
  const network = sketchNetwork(nodes, { pairs: { "a>b": { delayMs: 5 } }, up: { b: 1e6 } });
  const lines = typed(netemPortCommands(network, sketchPlacement(nodes), "b"));
  assert.ok(lines.includes("tc qdisc add dev n1 root handle 1: htb default 0"));
  assert.ok(lines.some((line) => line.includes("dev n1 parent 1:1002 handle 1002: netem")));
  assert.ok(lines.includes("b: tc qdisc add dev eth0 root handle 1: htb default 1"));
  assert.ok(!lines.some((line) => line.includes("dev n0 ") || line.includes("type bridge")));
});

test("only shapes that the network names become tables", () => {
  const nodes = ["a", "b", "c"];
  const normal = { spreadMs: 1, distribution: "normal", reorder: false } as const;
  const network = sketchNetwork(nodes, {
    pairs: {
      "a>b": { delayMs: 5, jitter: normal },
      "a>c": { delayMs: 9, jitter: { ...normal, spreadMs: 2 } },
    },
  });
  assert.deepEqual(
    netemTables(network).map(({ name }) => name),
    ["brume-normal"],
  );
});
