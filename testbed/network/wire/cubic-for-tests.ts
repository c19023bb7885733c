/**
 * One TCP flow with CUBIC (RFC 9438) over a test wire, for what queues promise to TCP: window growth, loss found by
 * selective acknowledgements, one reduction per round trip. No handshake, no delayed acknowledgement, endless data.
 */
import { second, type TestWire } from "./emulator-for-tests.ts";

const packetBytes = 1500;
const ackBytes = 52;
const payloadBytes = 1448;
/** RFC 9438: how much a loss leaves of the window, and the cubic's steepness in packets per second cubed. */
const beta = 0.7;
const steepness = 0.4;
/** A packet is lost when one sent this many transmissions later has arrived. */
const reorderTolerance = 3;

type Sent = { sequence: number; atNs: number };

export class CubicFlow {
  readonly #wire: TestWire;
  readonly #from: number;
  readonly #to: number;
  #window = 10;
  #threshold = Infinity;
  #windowBeforeLoss = 0;
  #epochStartNs = 0;
  #roundTripNs = 0;
  #recoverUntil = -1;
  #nextSequence = 0;
  #transmissions = 0;
  #oldest = 0;
  /** By transmission, which is also the number on the packet; deleted when it arrived or is deemed lost. */
  readonly #outstanding = new Map<number, Sent>();
  readonly #lost: number[] = [];
  readonly #received = new Set<number>();
  /** Growth of the round trip over the least one seen, per acknowledgement. */
  readonly queueingMs: number[] = [];
  #leastRoundTripNs = Infinity;

  constructor(wire: TestWire, from: number, to: number) {
    this.#wire = wire;
    this.#from = from;
    this.#to = to;
  }

  /** Sends for so many seconds; returns the goodput, bits of payload per second. */
  run(seconds: number): number {
    const { emulator, deliveries } = this.#wire;
    const endNs = second * (1 + seconds);
    this.#send(second);
    for (;;) {
      let nowNs = emulator.nextDueNs();
      if (nowNs === Infinity) nowNs = this.#timeOut();
      if (nowNs > endNs) break;
      deliveries.length = 0;
      emulator.advance(nowNs);
      for (const { number, to } of deliveries.splice(0)) {
        if (to === this.#from) this.#acknowledged(number, nowNs);
        else this.#arrived(number, nowNs);
      }
    }
    return (this.#received.size * payloadBytes * 8) / seconds;
  }

  #arrived(transmission: number, nowNs: number): void {
    const sent = this.#outstanding.get(transmission);
    if (sent) this.#received.add(sent.sequence);
    this.#wire.send(this.#to, this.#from, nowNs, { bytes: ackBytes, number: transmission });
  }

  #acknowledged(transmission: number, nowNs: number): void {
    const sent = this.#outstanding.get(transmission);
    if (!sent) return;
    this.#outstanding.delete(transmission);
    this.#roundTripNs = nowNs - sent.atNs;
    this.#leastRoundTripNs = Math.min(this.#leastRoundTripNs, this.#roundTripNs);
    this.queueingMs.push((this.#roundTripNs - this.#leastRoundTripNs) / 1e6);
    for (; this.#oldest <= transmission - reorderTolerance; this.#oldest++) {
      const missing = this.#outstanding.get(this.#oldest);
      if (!missing) continue;
      this.#outstanding.delete(this.#oldest);
      this.#lost.push(missing.sequence);
      if (this.#oldest > this.#recoverUntil) this.#reduce(nowNs);
    }
    if (transmission > this.#recoverUntil) this.#grow(nowNs);
    this.#send(nowNs);
  }

  #reduce(nowNs: number): void {
    this.#recoverUntil = this.#transmissions;
    this.#windowBeforeLoss = this.#window;
    this.#window = Math.max(2, this.#window * beta);
    this.#threshold = this.#window;
    this.#epochStartNs = nowNs;
  }

  #grow(nowNs: number): void {
    if (this.#window < this.#threshold) {
      this.#window += 1;
      return;
    }
    const seconds = (nowNs + this.#roundTripNs - this.#epochStartNs) / second;
    const plateau = Math.cbrt((this.#windowBeforeLoss * (1 - beta)) / steepness);
    const cubic = this.#windowBeforeLoss + steepness * (seconds - plateau) ** 3;
    const rounds = (seconds * second) / this.#roundTripNs;
    const reno = this.#windowBeforeLoss * beta + ((3 * (1 - beta)) / (1 + beta)) * rounds;
    const target = Math.min(Math.max(cubic, reno), 1.5 * this.#window);
    this.#window += Math.max(0, target - this.#window) / this.#window;
  }

  #timeOut(): number {
    const sent = [...this.#outstanding.values()];
    this.#outstanding.clear();
    this.#lost.push(...sent.map(({ sequence }) => sequence));
    this.#oldest = this.#transmissions;
    const nowNs = Math.max(...sent.map(({ atNs }) => atNs)) + second / 5;
    this.#reduce(nowNs);
    this.#window = 1;
    this.#send(nowNs);
    return this.#wire.emulator.nextDueNs();
  }

  #send(nowNs: number): void {
    while (this.#outstanding.size < this.#window) {
      const sequence = this.#lost.shift() ?? this.#nextSequence++;
      if (this.#received.has(sequence)) continue;
      const number = this.#transmissions++;
      this.#outstanding.set(number, { sequence, atNs: nowNs });
      this.#wire.send(this.#from, this.#to, nowNs, { bytes: packetBytes, number });
    }
  }
}
