import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EventQueue } from "./event-queue.ts";
import { Random } from "./random.ts";
import { SimulatedFiles } from "./simulated-files.ts";
import { SimulatedNetwork } from "./simulated-network.ts";
import { SimulatedStore } from "./simulated-store.ts";
import { Trace } from "./trace.ts";

function world(seed = 1) {
  const queue = new EventQueue(0);
  const random = new Random(seed);
  const trace = new Trace(() => queue.nowMs);
  const drain = () => {
    while (queue.step()) {}
  };
  return { queue, random, trace, drain };
}

test("events happen in the order of their times, equal ones in the order of asking", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const queue = new EventQueue(0);
      const happened: [number, number][] = [];
      for (const [index, atMs] of times.entries()) queue.at(atMs, () => happened.push([atMs, index]));
      while (queue.step()) {}
      const wanted = [...times.entries()].sort(([a, one], [b, other]) => one - other || a - b);
      assert.deepEqual(
        happened,
        wanted.map(([index, atMs]) => [atMs, index]),
      );
    }),
  );
});

test("a seed repeats its numbers, and numbers fill their range", () => {
  const drawn = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 1000 }, () => random.between(1, 6));
  };
  assert.deepEqual(drawn(5), drawn(5));
  assert.notDeepEqual(drawn(5), drawn(6));
  assert.deepEqual([...new Set(drawn(5))].sort(), [1, 2, 3, 4, 5, 6]);
});

function connection(seed: number) {
  const parts = world(seed);
  const network = new SimulatedNetwork(parts.queue, parts.random, parts.trace, 5);
  const got: { up: number[]; down: number[]; closed: string[] } = { up: [], down: [], closed: [] };
  const ends = network.connect<number, number>(
    { onMessage: (message) => got.up.push(message), onClosed: () => got.closed.push("up") },
    { onMessage: (message) => got.down.push(message), onClosed: () => got.closed.push("down") },
  );
  return { ...parts, network, got, ends };
}

test("a connection keeps the order, and the other end hears of its closing after the last message", () => {
  for (let seed = 1; seed < 50; seed++) {
    const { ends, got, drain } = connection(seed);
    for (let message = 0; message < 20; message++) ends.up.send(message);
    ends.up.close();
    drain();
    assert.deepEqual(got.down, [...Array(20).keys()]);
    assert.deepEqual(got.closed, ["down"]);
  }
});

test("a cut connection loses what is under way, and both ends hear of it once", () => {
  const { ends, got, network, drain } = connection(3);
  ends.up.send(1);
  network.cutOne();
  ends.up.send(2);
  drain();
  assert.deepEqual(got.down, []);
  assert.deepEqual(got.closed.sort(), ["down", "up"]);
  network.cutOne();
  drain();
  assert.equal(got.closed.length, 2);
});

test("messages of two connections overtake each other", () => {
  const overtaken = Array.from({ length: 20 }, (_, seed) => {
    const { queue, random, trace, drain } = world(seed);
    const network = new SimulatedNetwork(queue, random, trace, 5);
    const order: string[] = [];
    const open = (name: string) =>
      network.connect<string, string>(
        { onMessage: () => {}, onClosed: () => {} },
        { onMessage: () => order.push(name), onClosed: () => {} },
      ).up;
    const [one, other] = [open("one"), open("other")];
    one.send("");
    other.send("");
    drain();
    return order[0] === "other";
  });
  assert.equal(new Set(overtaken).size, 2);
});

test("a failing store has done what it denies in some cases, and in others not", () => {
  const { queue, random, trace, drain } = world();
  const store = new SimulatedStore(queue, random, trace, {
    meanDelayMs: 1,
    errorRatio: 0.5,
    errorsUntilMs: Infinity,
  });
  const seen = store.seenBy(() => true);
  const outcomes = new Set<string>();
  for (let name = 0; name < 50; name++) {
    seen.put(`${name}`, new Uint8Array(1), (error) =>
      outcomes.add(`${error === undefined} ${store.blobs.has(`${name}`)}`),
    );
  }
  drain();
  assert.deepEqual([...outcomes].sort(), ["false false", "false true", "true true"]);
});

test("a process that is gone gets no answer, though what it asked for may have been done", () => {
  const { queue, random, trace, drain } = world();
  const store = new SimulatedStore(queue, random, trace, { meanDelayMs: 1, errorRatio: 0, errorsUntilMs: 0 });
  let answers = 0;
  const seen = store.seenBy(() => false);
  for (let name = 0; name < 50; name++) seen.put(`${name}`, new Uint8Array(1), () => answers++);
  drain();
  assert.equal(answers, 0);
  assert.ok(store.blobs.size > 0 && store.blobs.size < 50, `${store.blobs.size}`);
});

test("a machine that loses power keeps what was synced and at most a part of the rest", () => {
  const lengths = new Set<number>();
  for (let seed = 1; seed < 30; seed++) {
    const files = new SimulatedFiles();
    const own = files.seenBy("w", () => true);
    own.append("a", new Uint8Array(10));
    own.sync("a");
    own.append("a", new Uint8Array(10));
    files.crash("other", new Random(seed));
    assert.equal(files.contents(() => true).get("a")?.length, 20);
    files.crash("w", new Random(seed));
    lengths.add(files.contents(() => true).get("a")!.length);
  }
  assert.ok(Math.min(...lengths) >= 10 && lengths.size > 3);
});

test("publishing twice is no error, publishing what never was is", () => {
  const own = new SimulatedFiles().seenBy("w", () => true);
  own.append("pending", new Uint8Array(1));
  own.publish("pending", "final");
  own.publish("pending", "final");
  assert.throws(() => own.publish("nothing", "never"), /no file nothing/);
  assert.deepEqual(own.list(""), ["final"]);
});
