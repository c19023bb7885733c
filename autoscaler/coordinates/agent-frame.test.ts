import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import {
  decodeFrame,
  encodeFrame,
  frameBytesMax,
  type Notice,
  parseAddress,
  writeHeld,
} from "./agent-frame.ts";

const secret = Buffer.from("ours");
const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const whole32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const plain = <Shape>(model: { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> }) =>
  fc.record(model, { noNullPrototype: true });
const notice: fc.Arbitrary<Notice> = plain({
  name: fc.stringMatching(/^[a-z][a-z0-9-]{0,40}$/),
  address: fc
    .tuple(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.integer({ min: 1, max: 65_535 }))
    .map(([ip, port]) => `${ip.join(".")}:${port}`),
  born: whole32,
  revision: whole32,
  ageMs: fc.integer({ min: 0, max: 65_535 }).map((tenths) => tenths * 100),
  advert: plain({
    position: fc.array(float, { maxLength: 8 }),
    ...{ height: float, adjustment: float, error: float, samples: whole32 },
  }),
});
const frame = plain({
  kind: fc.constantFrom("probe" as const, "answer" as const),
  sequence: whole32,
  known: fc.nat(65_535),
  notices: fc.array(notice, { minLength: 1, maxLength: 6 }),
});

test("what one agent writes another of its group reads, and a stranger does not", () => {
  fc.assert(
    fc.property(frame, fc.integer({ min: 0, max: 4_000_000 }), (written, heldUs) => {
      const bytes = encodeFrame(written, secret);
      writeHeld(bytes, heldUs / 1000);
      const read = decodeFrame(bytes, secret);
      assert.ok(read);
      assert.ok(Math.abs(read.heldMs - heldUs / 1000) < 1e-6);
      assert.deepEqual(read, { ...written, heldMs: read.heldMs });
      assert.equal(decodeFrame(bytes, Buffer.from("theirs")), undefined);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("a datagram in which any bit was flipped, or which was cut, is refused unless it only says how long it was held", () => {
  fc.assert(
    fc.property(frame, fc.nat(), fc.nat(), (written, flip, cut) => {
      const bytes = encodeFrame(written, secret);
      assert.equal(decodeFrame(bytes.subarray(0, cut % bytes.length), secret), undefined);
      const bit = flip % (bytes.length * 8);
      const damaged = Uint8Array.from(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const isHeld = bit >> 5 === 3;
      assert.equal(decodeFrame(damaged, secret) === undefined, !isHeld);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("any bytes at all are refused, and nothing is thrown", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_500 }), (bytes) => {
      assert.equal(decodeFrame(bytes, secret), undefined);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("of more notices than one datagram holds the first ones are sent", () => {
  const one: Notice = {
    ...{ name: "n", address: "10.0.0.1:4747", born: 1, revision: 1, ageMs: 0 },
    advert: { position: [1, 2, 3, 4, 5, 6, 7, 8], height: 0, adjustment: 0, error: 1, samples: 3 },
  };
  const notices = Array.from({ length: 100 }, (_, index) => ({ ...one, name: `n${index}` }));
  const bytes = encodeFrame({ kind: "probe", sequence: 1, known: 0, notices }, secret);
  assert.ok(bytes.length <= frameBytesMax);
  const read = decodeFrame(bytes, secret);
  assert.ok(read && read.notices.length > 10);
  assert.deepEqual(read.notices, notices.slice(0, read.notices.length));
});

test("an advert of numbers that are none is refused", () => {
  const advert = { position: [Number.NaN], height: 0, adjustment: 0, error: 1, samples: 3 };
  const notices = [{ name: "n", address: "10.0.0.1:4747", born: 1, revision: 1, ageMs: 0, advert }];
  assert.equal(
    decodeFrame(encodeFrame({ kind: "probe", sequence: 1, known: 0, notices }, secret), secret),
    undefined,
  );
});

test("an address that is none is refused with what it should look like", () => {
  for (const wrong of ["10.0.0.1", "10.0.0.256:1", "10.0.0.1:0", "::1:80", "10.0.0.1:70000"])
    assert.throws(() => parseAddress(wrong), /not an IPv4 address and port, such as/);
});

test("the seal is an HMAC-SHA256 of everything but itself and the holding time", () => {
  const advert = { position: [1, 2], height: 0, adjustment: 0, error: 1, samples: 3 };
  const notices = [{ name: "n", address: "10.0.0.1:4747", born: 1, revision: 1, ageMs: 0, advert }];
  const bytes = encodeFrame({ kind: "probe", sequence: 1, known: 0, notices }, secret);
  const hmac = createHmac("sha256", secret).update(bytes.subarray(0, 4)).update(bytes.subarray(16)).digest();
  assert.deepEqual([...bytes.subarray(4, 12)], [...hmac.subarray(0, 8)]);
});
