import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ArrivingStream, LeavingStream } from "./held-streams.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What a holder takes of an input: each byte once, in order. */
class Taker {
  taken = Buffer.alloc(0);
  ended = false;

  take(at: number, bytes: Buffer): void {
    const known = this.taken.length - at;
    if (known < 0 || known >= bytes.length) return;
    this.taken = Buffer.concat([this.taken, bytes.subarray(known)]);
  }
}

test("input that is written across lost links arrives once and in order, with its end", async () => {
  const piece = fc.uint8Array({ minLength: 1, maxLength: 100 });
  /** Of the sends on a link, so many arrive before it is lost, and of those so many are acknowledged. */
  const link = fc.record({ arrive: fc.nat({ max: 5 }), acknowledged: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 12 }),
      fc.array(link, { maxLength: 6 }),
      async (pieces, links) => {
        const stream = new LeavingStream();
        const taker = new Taker();
        const use = (arrive: number, acknowledge: boolean) => {
          let left = arrive;
          stream.resume(
            {
              bytes: (at, bytes) => {
                if (left-- <= 0) return;
                taker.take(at, bytes);
                if (acknowledge) setImmediate(() => stream.acknowledge(taker.taken.length));
              },
              end: (at) => {
                if (left-- > 0 && at === taker.taken.length) taker.ended = true;
              },
            },
            taker.taken.length,
          );
        };
        for (const [index, each] of pieces.entries()) {
          const cut = links[index];
          if (cut) {
            stream.interrupt();
            use(cut.arrive, cut.acknowledged);
          }
          stream.write(each);
          await turn();
        }
        stream.end();
        await turn();
        stream.interrupt();
        use(Number.POSITIVE_INFINITY, true);
        await turn();
        assert.deepEqual(taker.taken, Buffer.concat(pieces));
        assert.ok(taker.ended);
      },
    ),
    { numRuns: 60 },
  );
});

test("whoever writes faster than the other side takes has to wait", async () => {
  const stream = new LeavingStream();
  let sent = 0;
  stream.resume({ bytes: (_at, bytes) => (sent += bytes.length), end: () => undefined }, 0);
  let written = false;
  stream.write(Buffer.alloc(3 * 2 ** 20), () => (written = true));
  await turn();
  assert.deepEqual([sent, written], [2 ** 20, false]);
  stream.acknowledge(2 ** 20);
  assert.equal(sent, 2 * 2 ** 20);
  stream.acknowledge(2 * 2 ** 20);
  stream.acknowledge(3 * 2 ** 20);
  await turn();
  assert.ok(written);
});

test("output that is sent again is taken once, and a gap is an error", () => {
  const stream = new ArrivingStream(() => undefined);
  stream.arrive(0, Buffer.from("hello"));
  stream.arrive(2, Buffer.from("llo there"));
  stream.arrive(0, Buffer.from("he"));
  assert.equal(stream.place, 11);
  assert.equal(String(stream.read()), "hello there");
  assert.throws(() => stream.arrive(12, Buffer.from("x")), /missing/);
});

test("output is acknowledged only when somebody reads it", async () => {
  const told: number[] = [];
  const stream = new ArrivingStream((at) => told.push(at));
  const chunk = Buffer.alloc(2 ** 17);
  stream.arrive(0, chunk);
  stream.arrive(2 ** 17, chunk);
  assert.deepEqual(told, []);
  stream.resume();
  await turn();
  await turn();
  assert.deepEqual(told.at(-1), 2 ** 18);
});
