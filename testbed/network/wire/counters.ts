/**
 * What the wire did, per ordered pair, in memory that other threads read while it runs. One thread writes; a
 * reader may see a packet's count a moment before its bytes, never a torn number.
 *
 * For each pair, once nothing is in flight:
 * packets + duplicated = deliveredPackets + droppedLoss + droppedQueue + droppedCut + droppedOverload + droppedMtu.
 */

/** Index of each field. The first eight share a cache line: they are what an ordinary packet touches. */
export const field = {
  /** What arrived, copies not included. */
  packets: 0,
  bytes: 1,
  deliveredPackets: 2,
  deliveredBytes: 3,
  /** Added delay (due - arrival) of delivered packets: sum and maximum. */
  delaySumNs: 4,
  delayMaxNs: 5,
  /** Gauge: bytes waiting for a rate now, the packet being sent included. */
  queuedBytes: 6,
  droppedQueue: 7,
  droppedLoss: 8,
  droppedCut: 9,
  /** No slot was free, on arrival or for a copy. */
  droppedOverload: 10,
  droppedMtu: 11,
  corrupted: 12,
  duplicated: 13,
  /** Given "congestion experienced" instead of being dropped. */
  marked: 14,
} as const;

export type CounterName = keyof typeof field;
export type PairCounters = Record<CounterName, number>;

/** Two cache lines a pair. */
export const fieldsPerPair = 16;
export const counterNames = Object.keys(field) as CounterName[];

export class Counters {
  readonly nodeCapacity: number;
  /** For the emulator: `values[(from * nodeCapacity + to) * fieldsPerPair + field.x]`. */
  readonly values: Float64Array;

  static bytesFor(nodeCapacity: number): number {
    return nodeCapacity * nodeCapacity * fieldsPerPair * Float64Array.BYTES_PER_ELEMENT;
  }

  constructor(buffer: SharedArrayBuffer | ArrayBuffer, nodeCapacity: number) {
    const needed = Counters.bytesFor(nodeCapacity);
    if (buffer.byteLength < needed) {
      throw new Error(`counters of ${nodeCapacity} nodes need ${needed} bytes, not ${buffer.byteLength}`);
    }
    this.nodeCapacity = nodeCapacity;
    this.values = new Float64Array(buffer, 0, needed / Float64Array.BYTES_PER_ELEMENT);
  }

  readPair(from: number, to: number): PairCounters {
    const base = (from * this.nodeCapacity + to) * fieldsPerPair;
    const read = zeroCounters();
    for (const name of counterNames) read[name] = this.values[base + field[name]]!;
    return read;
  }

  /** Over all pairs: sums, and the maximum of `delayMaxNs`. */
  readTotal(): PairCounters {
    const total = zeroCounters();
    for (let base = 0; base < this.values.length; base += fieldsPerPair) {
      if (this.values[base] === 0) continue; // A pair that no packet has used.
      for (const name of counterNames) {
        const value = this.values[base + field[name]]!;
        total[name] = name === "delayMaxNs" ? Math.max(total[name], value) : total[name] + value;
      }
    }
    return total;
  }
}

export function droppedPackets(counters: PairCounters): number {
  const { droppedQueue, droppedLoss, droppedCut, droppedOverload, droppedMtu } = counters;
  return droppedQueue + droppedLoss + droppedCut + droppedOverload + droppedMtu;
}

function zeroCounters(): PairCounters {
  return Object.fromEntries(counterNames.map((name) => [name, 0])) as PairCounters;
}
