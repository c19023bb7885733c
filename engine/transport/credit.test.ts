import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { CreditPool } from "./credit-pool.ts";
import { ReceiveCredit } from "./receive-credit.ts";
import { SendCredit } from "./send-credit.ts";

const boundBytes = 1 << 20;

type ToSender = { readonly is: "grant" | "reclaim"; readonly bytes: number; readonly window: number };
type ToReceiver = { readonly is: "batch" | "returned" | "want"; readonly bytes: number };

/** Both sides of one channel and the frames between them, which come in order and when the test says so. */
class Channel {
  readonly sender = new SendCredit();
  readonly receiver: ReceiveCredit;
  readonly toSender: ToSender[] = [];
  readonly toReceiver: ToReceiver[] = [];
  readonly queue: number[] = [];
  #refused: readonly [bytes: number, recordBytes: number] | undefined;

  constructor(pool: CreditPool, nowMs: number) {
    const frames = {
      grant: (bytes: number, window: number) => this.toSender.push({ is: "grant", bytes, window }),
      reclaim: (bytes: number) => this.toSender.push({ is: "reclaim", bytes, window: 0 }),
    };
    this.receiver = new ReceiveCredit(pool, frames, nowMs);
  }

  /** As a link does: the whole if it fits, else a part if that is worth it, else asks for what one record takes. */
  send(wantedBytes: number, wantedRecordBytes: number): number {
    const { sender } = this;
    // What was refused goes first.
    const [bytes, recordBytes] = this.#refused ?? [wantedBytes, wantedRecordBytes];
    const room = Math.min(sender.available, sender.frameBytes);
    const part = Math.floor(room / recordBytes) * recordBytes || recordBytes;
    const sent = bytes <= room ? bytes : sender.isWorthwhile() && part <= sender.available ? part : 0;
    this.#refused = sent > 0 ? undefined : [bytes, recordBytes];
    if (sent > 0) {
      sender.spend(sent);
      this.toReceiver.push({ is: "batch", bytes: sent });
    } else if (sender.want(recordBytes)) this.toReceiver.push({ is: "want", bytes: recordBytes });
    return sent;
  }

  deliverToSender(): void {
    const frame = this.toSender.shift();
    if (frame?.is === "grant") this.sender.grant(frame.bytes, frame.window);
    else if (frame) this.toReceiver.push({ is: "returned", bytes: this.sender.giveBack(frame.bytes) });
  }

  deliverToReceiver(nowMs: number): void {
    const frame = this.toReceiver.shift();
    if (frame?.is === "batch") {
      assert.ok(this.receiver.received(frame.bytes, nowMs), "more sent than granted");
      this.queue.push(frame.bytes);
    } else if (frame?.is === "want") assert.ok(this.receiver.want(frame.bytes, nowMs));
    else if (frame) assert.ok(this.receiver.returned(frame.bytes, nowMs));
  }

  consume(nowMs: number, rttMs: number): void {
    const bytes = this.queue.shift();
    if (bytes !== undefined) this.receiver.consumed(bytes, nowMs, rttMs);
  }

  /** In the queue or on the way there. */
  get inFlight(): number {
    const onTheWay = this.toReceiver.reduce((sum, { is, bytes }) => sum + (is === "batch" ? bytes : 0), 0);
    return onTheWay + this.queue.reduce((sum, bytes) => sum + bytes, 0);
  }

  settle(nowMs: number): void {
    while (this.toSender.length + this.toReceiver.length + this.queue.length > 0) {
      this.deliverToSender();
      this.deliverToReceiver(nowMs);
      this.consume(nowMs, 1);
    }
  }
}

const anyMove = fc.tuple(
  fc.nat(3),
  fc.constantFrom("send", "to-sender", "to-receiver", "consume"),
  fc.integer({ min: 1, max: 200_000 }),
  fc.integer({ min: 1, max: 100_000 }),
  fc.nat(40),
);

test("whatever happens, no more is in flight than the bound, and every record gets through in the end", () => {
  fc.assert(
    fc.property(
      fc.array(anyMove, { maxLength: 300 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(60),
      (moves, count, rttMs) => {
        const pool = new CreditPool(boundBytes, count);
        let nowMs = 0;
        // Each comes when it is first used, however much others hold by then.
        const come = new Map<number, Channel>();
        const channelOf = (which: number): Channel => {
          const channel = come.get(which) ?? new Channel(pool, nowMs);
          come.set(which, channel);
          return channel;
        };
        for (const [which, move, bytes, recordBytes, laterMs] of moves) {
          nowMs += laterMs;
          const channel = channelOf(which % count);
          if (move === "send") channel.send(bytes, Math.min(bytes, recordBytes));
          else if (move === "to-sender") channel.deliverToSender();
          else if (move === "to-receiver") channel.deliverToReceiver(nowMs);
          else channel.consume(nowMs, rttMs);
          const inFlight = [...come.values()].reduce((sum, each) => sum + each.inFlight, 0);
          assert.ok(inFlight <= boundBytes && pool.freeBytes >= 0);
        }
        const channels = Array.from({ length: count }, (_, which) => channelOf(which));
        // No deadlock: once all is consumed, a record of any size that there can be goes out on every channel.
        for (const channel of channels) {
          // The first is what may have been refused before.
          for (const recordBytes of [1, 1, 50_000, 400_000]) {
            let sent = 0;
            for (let turn = 0; turn < 50 && sent === 0; turn++) {
              for (const each of channels) each.settle((nowMs += 10));
              sent = channel.send(recordBytes, recordBytes);
            }
            assert.ok(sent > 0, `a record of ${recordBytes} bytes`);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

/** A sender with more than enough to say on a pipe of this rate and delay; bytes a ms, from `fromMs` on. */
test("in a pool of a few records every channel goes on, also while others are not consumed", () => {
  const count = 6;
  const recordBytes = 1152;
  const batchBytes = 5 * recordBytes;
  fc.assert(
    fc.property(fc.array(anyMove, { minLength: 200, maxLength: 600 }), fc.nat(count - 1), (moves, last) => {
      // As of a worker with 16 KiB of buffers: a channel's even share is one record, and its floor less than one.
      const pool = new CreditPool(8192, count);
      let nowMs = 0;
      const channels = Array.from({ length: count }, () => new Channel(pool, nowMs));
      for (const [which, move, bytes, , laterMs] of moves) {
        const channel = channels[(which + bytes) % count]!;
        nowMs += laterMs;
        if (move === "send") channel.send(batchBytes, recordBytes);
        else if (move === "to-sender") channel.deliverToSender();
        else if (move === "to-receiver") channel.deliverToReceiver(nowMs);
        else channel.consume(nowMs, 50);
      }
      // A barrier is behind the last channel's next record: until that has come, the others' queues stand.
      const waited = channels[last]!;
      let sent = 0;
      for (let turn = 0; turn < 200 && sent === 0; turn++) {
        nowMs += 10;
        for (const channel of channels) {
          channel.deliverToSender();
          channel.deliverToReceiver(nowMs);
          if (channel !== waited) channel.send(batchBytes, recordBytes);
        }
        waited.consume(nowMs, 50);
        sent = waited.send(batchBytes, recordBytes);
      }
      assert.ok(sent >= recordBytes);
    }),
    { numRuns: 300 },
  );
});

test("a channel whose window was taken for another while it waited stands in line again when it consumes", () => {
  const recordBytes = 2000;
  const pool = new CreditPool(8192, 4);
  const nowMs = 0;
  const channels = Array.from({ length: 4 }, () => new Channel(pool, nowMs));
  const [one, two, three] = channels as [Channel, Channel, Channel];
  const exchange = (channel: Channel): void => {
    while (channel.toSender.length + channel.toReceiver.length > 0) {
      channel.deliverToSender();
      channel.deliverToReceiver(nowMs);
    }
  };
  // Its first record is in the queue, and the second is asked for.
  for (const channel of [one, two]) {
    for (let record = 0; record < 2; record++) {
      for (let trial = 0; trial < 2; trial++) {
        channel.send(recordBytes, recordBytes);
        exchange(channel);
      }
    }
  }
  // There is not enough for this one: the others' windows go down to their floors.
  three.send(4000, 4000);
  exchange(three);
  for (const channel of [one, two]) {
    channel.consume(nowMs, 50);
    exchange(channel);
  }
  for (let trial = 0; trial < 5; trial++) for (const channel of channels) exchange(channel);
  assert.equal(three.send(4000, 4000), 4000);
  exchange(three);
  three.consume(nowMs, 50);
  for (let trial = 0; trial < 5; trial++) for (const channel of channels) exchange(channel);
  for (const channel of [one, two]) assert.equal(channel.send(recordBytes, recordBytes), recordBytes);
});

test("a sender is not left waiting for a frame of the window that there was when more was to be sent", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 500, max: 2000 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 50, maxLength: 100 }),
      fc.integer({ min: 5, max: 200 }),
      (recordBytes, calmBatches, laterMs) => {
        let nowMs = 0;
        const pool = new CreditPool(8192, 6);
        const [channel] = Array.from({ length: 6 }, () => new Channel(pool, nowMs)) as [Channel];
        const sentWithin = (bytes: number, ms: number): number => {
          nowMs += ms;
          const sent = channel.send(bytes, recordBytes);
          channel.settle(nowMs);
          return sent;
        };
        // All that it can, and then some records now and then.
        for (let turn = 0; turn < 100; turn++) sentWithin(1 << 16, 10);
        for (const records of calmBatches) {
          let left = records * recordBytes;
          for (let trial = 0; trial < 20 && left > 0; trial++) left -= sentWithin(left, laterMs);
          assert.ok(left <= 0, `${left} bytes left with a credit of ${channel.sender.available}`);
        }
      },
    ),
    { numRuns: 300 },
  );
});

function throughput(
  bytesPerMs: number,
  oneWayMs: number,
  pool: CreditPool,
  consumePerMs: number,
  fromMs: number,
) {
  const channel = new Channel(pool, 0);
  const trip: { atMs: number; act: () => void }[] = [];
  let budget = 0;
  let appetite = 0;
  let consumed = 0;
  const untilMs = fromMs + 2000;
  for (let nowMs = 0; nowMs < untilMs; nowMs++) {
    while (trip[0] && trip[0].atMs <= nowMs) trip.shift()?.act();
    budget = Math.min(budget + bytesPerMs, 131_072 + bytesPerMs);
    for (let sent = 1; budget > 0 && sent > 0; ) {
      sent = channel.send(65_536, 100);
      budget -= sent;
    }
    appetite = Math.min(appetite + consumePerMs, 131_072 + consumePerMs);
    while (channel.queue[0] !== undefined && appetite >= channel.queue[0]) {
      appetite -= channel.queue[0];
      if (nowMs >= fromMs) consumed += channel.queue[0];
      channel.consume(nowMs, 2 * oneWayMs);
    }
    const frames = { down: channel.toReceiver.splice(0), up: channel.toSender.splice(0) };
    trip.push({
      atMs: nowMs + oneWayMs,
      act() {
        channel.toReceiver.unshift(...frames.down);
        channel.toSender.unshift(...frames.up);
        for (const _ of frames.down) channel.deliverToReceiver(this.atMs);
        for (const _ of frames.up) channel.deliverToSender();
      },
    });
  }
  return { bytesPerMs: consumed / (untilMs - fromMs), window: channel.receiver.window };
}

test("100 Mbit/s at 25 ms each way flow at 95 % of their rate after 600 ms, with 2 MB and with plenty", () => {
  for (const bound of [2 << 20, 64 << 20]) {
    const { bytesPerMs, window } = throughput(12_500, 25, new CreditPool(bound, 8), 1e9, 600);
    assert.ok(bytesPerMs >= 0.95 * 12_500, `${bytesPerMs} bytes/ms`);
    assert.ok(window <= 2 << 20, `a window of ${window}`);
  }
});

test("a slow consumer's window stays small, however fast the pipe", () => {
  const { bytesPerMs, window } = throughput(1e6, 0, new CreditPool(64 << 20, 1), 1000, 4000);
  assert.ok(bytesPerMs >= 950, `${bytesPerMs} bytes/ms`);
  assert.equal(window, 65_536);
});

test("with more channels than memory for their floors, these are half of its even shares", () => {
  const pool = new CreditPool(1000, 10);
  const channels = Array.from({ length: 10 }, () => new Channel(pool, 0));
  for (const { receiver } of channels) assert.equal(receiver.window, 50);
  assert.equal(pool.freeBytes, 500);
  for (const { receiver } of channels) receiver.close(0);
  // Whoever comes in their place has the floor.
  assert.equal(pool.freeBytes, 500);
});

test("a channel that comes late has its floor, though another one has taken all that it could get", () => {
  const pool = new CreditPool(8192, 3);
  const first = new Channel(pool, 0);
  for (let nowMs = 1; nowMs < 200; nowMs++) {
    first.send(1000, 1000);
    first.deliverToReceiver(nowMs);
    first.consume(nowMs, 25);
    first.deliverToSender();
  }
  assert.ok(first.receiver.heldBytes > 4 * pool.floorBytes, `${first.receiver.heldBytes} bytes held`);
  for (const _later of [2, 3]) assert.ok(new Channel(pool, 200).receiver.heldBytes >= pool.floorBytes);
  assert.ok(pool.freeBytes >= 0);
});

test("a record that no buffer can hold is refused", () => {
  const pool = new CreditPool(100_000, 1);
  assert.equal(new Channel(pool, 0).receiver.want(50_001, 0), false);
});

test("a sender that gives back what it was not asked for is found out", () => {
  const { receiver } = new Channel(new CreditPool(100_000, 1), 0);
  assert.equal(receiver.returned(1, 0), false);
  assert.equal(receiver.received(receiver.window, 0), true);
  assert.equal(receiver.received(1, 0), false);
});

test("sending without credit is a fault of ours and not silently done", () => {
  assert.throws(() => new SendCredit().spend(1), /credit of 0/);
});
