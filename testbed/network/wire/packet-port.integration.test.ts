import assert from "node:assert/strict";
import type { Socket } from "node:dgram";
import { test } from "node:test";
import { addressesOf } from "#testbed/hosts-file.ts";
import { interfaceBase, Namespaces, nodeMac } from "#testbed/keeper/namespaces.ts";
import { datagramPort, datagramSocket } from "#testbed/linux/datagram-for-tests.ts";
import { inNamespace } from "#testbed/linux/namespace.ts";
import { asRoot } from "#testbed/linux/root-for-tests.ts";
import { close, eventfd, signalEvent } from "#testbed/linux/syscalls.ts";
import { nodeNumber, subnet6 } from "#testbed/network/addresses.ts";
import { emptyNamespace } from "#testbed/nodes/netns-body.ts";
import { allocatePacketMemory, frameHeaderBytes, writeNames } from "./packet-memory.ts";
import { PacketPort } from "./packet-port.ts";

const subnet = { network: 0x0a820000, prefix: 20, prefix6: subnet6("packet port") };
const frames = 64;
const addressOf = (node: number) => addressesOf(subnet, nodeNumber(node));

type Taken = { from: number; bytes: Uint8Array; stampSecond: number; stampNs: number };

asRoot(import.meta.filename, () => {
  /** Two nodes, and the port in the place of a wire. */
  class Stage {
    readonly namespaces = new Namespaces({ subnet, ipv6: true, mtuBytes: 1500, arp: false });
    readonly memory = allocatePacketMemory(1500, 3, 1024, frames);
    readonly wakeFd = eventfd();
    readonly released: number[] = [];
    readonly port: PacketPort;
    readonly #sockets: Socket[] = [];

    constructor() {
      for (const node of [0, 1]) {
        this.namespaces.join(node, emptyNamespace());
        writeNames(this.memory, node, interfaceBase + node, nodeMac(node));
      }
      writeNames(this.memory, 2, 9999, nodeMac(2)); // No such interface.
      this.port = inNamespace(
        this.namespaces.fabricFd,
        () => new PacketPort(this.memory, this.wakeFd, (slot) => this.released.push(slot)),
      );
    }

    socket(node: number, family: "v4" | "v6" = "v4"): Socket {
      const { socket } = this.namespaces.within(node, () => datagramSocket(addressOf(node)[family]));
      this.#sockets.push(socket);
      return socket;
    }

    slotOffset(slot: number): number {
      return this.memory.slots.offset + slot * this.memory.slots.slotBytes;
    }

    /** What the port has received, in order; copies of the packets. */
    take(): Taken[] {
      const found: Taken[] = [];
      for (let frame = this.port.next(); frame >= 0; frame = this.port.next()) {
        if (this.port.isInternet(frame)) {
          const data = frame + frameHeaderBytes;
          found.push({
            from: this.port.interfaceIndex(frame) - interfaceBase,
            bytes: new Uint8Array(this.memory.buffer).slice(data, data + this.port.packetBytes(frame)),
            stampSecond: this.port.stampSeconds(frame),
            stampNs: this.port.stampNanoseconds(frame),
          });
        }
        this.port.done(frame);
      }
      return found;
    }

    queue(slot: number, packet: Uint8Array, to: number): void {
      new Uint8Array(this.memory.buffer).set(packet, this.slotOffset(slot));
      this.port.queue(slot, this.slotOffset(slot), packet.length, to);
    }

    end(): void {
      for (const socket of this.#sockets) socket.close();
      for (const node of [0, 1]) this.namespaces.remove(node);
      close(this.namespaces.fabricFd);
    }
  }

  const heard = (socket: Socket, count: number): Promise<string[]> =>
    new Promise((resolve) => {
      const messages: string[] = [];
      const timer = setTimeout(() => resolve(messages), 2000); // What came until then; the test says what is missing.
      socket.on("message", (message) => {
        messages.push(message.toString());
        if (messages.length < count) return;
        clearTimeout(timer);
        resolve(messages);
      });
    });

  async function onStage(act: (stage: Stage) => Promise<void>): Promise<void> {
    const stage = new Stage();
    try {
      await act(stage);
    } finally {
      stage.end();
    }
  }

  for (const family of ["v4", "v6"] as const) {
    test(`a packet over IP${family} is received whole with its sender and its time, and delivered`, () =>
      onStage(async (stage) => {
        const [sender, receiver] = [stage.socket(0, family), stage.socket(1, family)];
        const beforeMs = Date.now();
        sender.send("hello", datagramPort, addressOf(1)[family]);
        const [packet, ...more] = stage.take();
        assert.ok(packet);
        assert.deepEqual(more, []);
        assert.equal(packet.from, 0);
        assert.equal(packet.bytes.length, (family === "v4" ? 20 : 40) + 8 + 5);
        // The clock of Date has steps of a millisecond, and its own process may have been put aside.
        const stampMs = packet.stampSecond * 1e3 + packet.stampNs / 1e6;
        assert.ok(stampMs >= beforeMs - 1 && stampMs <= Date.now() + 1, `${stampMs - beforeMs} ms`);
        stage.queue(3, packet.bytes, 1);
        assert.deepEqual(stage.released, [], "the slot is the kernel's until the batch leaves");
        const answer = heard(receiver, 1);
        stage.port.flush();
        assert.deepEqual(stage.released, [3]);
        assert.deepEqual(await answer, ["hello"]);
        assert.deepEqual(stage.take(), [], "what the port sends it does not receive");
        assert.equal(stage.port.refused, 0);
      }));
  }

  test("a refused packet counts, and those before and behind it are delivered", () =>
    onStage(async (stage) => {
      const [sender, receiver] = [stage.socket(0), stage.socket(1)];
      for (const text of ["one", "two", "three", "four"]) sender.send(text, datagramPort, addressOf(1).v4);
      const packets = stage.take().map(({ bytes }) => bytes);
      const answer = heard(receiver, 3);
      for (const [slot, to] of [
        [0, 1],
        [1, 2],
        [2, 1],
        [3, 2],
      ] as const)
        stage.queue(slot, packets[slot]!, to);
      stage.queue(4, packets[1]!, 1);
      stage.port.flush();
      assert.deepEqual(await answer, ["one", "three", "two"]);
      assert.equal(stage.port.refused, 2);
      assert.deepEqual(stage.released, [0, 1, 2, 3, 4]);
    }));

  test("packets for a node whose link has just gone are refused and nothing else", () =>
    onStage(async (stage) => {
      const [sender, receiver] = [stage.socket(1), stage.socket(1 - 1)];
      sender.send("late", datagramPort, addressOf(0).v4);
      sender.send("well", datagramPort, addressOf(0).v4);
      const [late, well] = stage.take().map(({ bytes }) => bytes) as [Uint8Array, Uint8Array];
      stage.namespaces.unlink(1);
      const answer = heard(receiver, 1);
      stage.queue(0, late, 1);
      stage.queue(1, well, 0);
      stage.port.flush();
      assert.deepEqual(await answer, ["well"]);
      assert.equal(stage.port.refused, 1);
    }));

  test("more packets than one batch holds all leave, in order", () =>
    onStage(async (stage) => {
      const [sender, receiver] = [stage.socket(0), stage.socket(1)];
      const answer = heard(receiver, 300);
      let slot = 0;
      for (let round = 0; round < 6; round++) {
        // A ring's worth at a time, so that the ring also begins anew a few times.
        for (let index = 0; index < 50; index++)
          sender.send(String(round * 50 + index), datagramPort, addressOf(1).v4);
        for (const { bytes } of stage.take()) stage.queue(slot++, bytes, 1);
      }
      stage.port.flush();
      assert.deepEqual(
        await answer,
        Array.from({ length: 300 }, (_, index) => String(index)),
      );
      assert.deepEqual(
        stage.released,
        Array.from({ length: 300 }, (_, index) => index),
      );
    }));

  test("what the ring had no room for is counted once", () =>
    onStage(async (stage) => {
      const sender = stage.socket(0);
      stage.port.takeRingDrops();
      for (let index = 0; index < frames + 36; index++) sender.send("x", datagramPort, addressOf(1).v4);
      assert.equal(stage.take().length, frames);
      assert.equal(stage.port.takeRingDrops(), 36);
      assert.equal(stage.port.takeRingDrops(), 0);
    }));

  test("a wait ends with a packet, with a wake-up, or with its time, and says whether somebody called", () =>
    onStage(async (stage) => {
      const sender = stage.socket(0);
      const startNs = stage.port.nowNs();
      assert.equal(stage.port.wait(2e6), false);
      assert.ok(stage.port.nowNs() - startNs >= 2e6);
      sender.send("x", datagramPort, addressOf(1).v4);
      assert.equal(stage.port.wait(Number.POSITIVE_INFINITY), false);
      stage.take();
      signalEvent(stage.wakeFd);
      assert.equal(stage.port.wait(Number.POSITIVE_INFINITY), true);
    }));

  test("a stamp of the kernel, moved by the clocks' offset, lies between the looks at the clock around its packet", () =>
    onStage(async (stage) => {
      const sender = stage.socket(0);
      const baseSecond = Math.floor(Date.now() / 1000);
      sender.send("warm", datagramPort, addressOf(1).v4);
      stage.take();
      const beforeNs = stage.port.nowNs();
      sender.send("x", datagramPort, addressOf(1).v4);
      const afterNs = stage.port.nowNs();
      const [packet] = stage.take();
      const atNs =
        (packet!.stampSecond - baseSecond) * 1e9 + packet!.stampNs + stage.port.monotonicOffsetNs(baseSecond);
      const toleranceNs = 1e6; // The kernel steers real time, and may put us aside between two looks at it.
      assert.ok(
        atNs >= beforeNs - toleranceNs && atNs <= afterNs + toleranceNs,
        `${atNs - beforeNs} of ${afterNs - beforeNs} ns`,
      );
    }));

  test("the clocks go on, and real time is what everybody else takes it for", () =>
    onStage(async ({ port }) => {
      const baseSecond = Math.floor(Date.now() / 1000);
      const beforeMs = Date.now();
      const realMs = baseSecond * 1000 + port.realTimeNs(baseSecond) / 1e6;
      assert.ok(realMs >= beforeMs && realMs <= Date.now() + 1);
      const [now, cpu] = [port.nowNs(), port.threadCpuNs()];
      while (port.threadCpuNs() === cpu);
      assert.ok(port.nowNs() > now);
    }));
});
