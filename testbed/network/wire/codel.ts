/**
 * Controlled delay (RFC 8289) for the queues of the shapers: when packets have waited longer than the target
 * for a whole interval, some are dropped (or marked), ever faster, until the standing queue is gone.
 */

/** RFC 8289, section 4.4: 5 ms of standing queue, watched over 100 ms, suit paths of the open internet. */
const targetNs = 5e6;
const intervalNs = 100e6;
/** A queue of at most one full packet is never too long. */
const fullPacketBytes = 1500;

/** A slow link takes longer than 5 ms for one packet; a target below that would punish an empty queue. */
export function codelTargetNs(rateBitsPerSecond: number): number {
  return Math.max(targetNs, (fullPacketBytes * 8e9) / rateBitsPerSecond);
}

/** Never so short that one packet of a slow link fills it: at least twice the target. */
export function codelIntervalNs(rateBitsPerSecond: number): number {
  return Math.max(intervalNs, 2 * codelTargetNs(rateBitsPerSecond));
}

/** The state of every queue, by its number. Grows with the queues. */
export class CodelQueues {
  /** When the wait will have been above the target for an interval; 0: it is below. */
  #deadlineNs = new Float64Array(0);
  #nextDropNs = new Float64Array(0);
  #drops = new Float64Array(0);
  #dropsBefore = new Float64Array(0);
  #dropping = new Uint8Array(0);

  reserve(queues: number): void {
    if (queues <= this.#dropping.length) return;
    const enlarge = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const larger = new Float64Array(queues);
      larger.set(old);
      return larger;
    };
    this.#deadlineNs = enlarge(this.#deadlineNs);
    this.#nextDropNs = enlarge(this.#nextDropNs);
    this.#drops = enlarge(this.#drops);
    this.#dropsBefore = enlarge(this.#dropsBefore);
    const dropping = new Uint8Array(queues);
    dropping.set(this.#dropping);
    this.#dropping = dropping;
  }

  reset(queue: number): void {
    this.#deadlineNs[queue] = 0;
    this.#nextDropNs[queue] = 0;
    this.#drops[queue] = 0;
    this.#dropsBefore[queue] = 0;
    this.#dropping[queue] = 0;
  }

  /** Asked for each packet that leaves the queue: true when this one is to be dropped or marked. */
  condemns(
    queue: number,
    nowNs: number,
    waitedNs: number,
    bytesBehind: number,
    target: number,
    interval: number,
  ): boolean {
    const tooLong = this.#waitsTooLong(queue, nowNs, waitedNs, bytesBehind, target, interval);
    if (!tooLong) {
      this.#dropping[queue] = 0;
      return false;
    }
    if (this.#dropping[queue] === 1) {
      const nextDropNs = this.#nextDropNs[queue]!;
      if (nowNs < nextDropNs) return false;
      const drops = this.#drops[queue]! + 1;
      this.#drops[queue] = drops;
      this.#nextDropNs[queue] = nextDropNs + interval / Math.sqrt(drops);
      return true;
    }
    this.#dropping[queue] = 1;
    // Soon after the last time the queue stood: go on near the drop rate that had been right then.
    const recent = this.#drops[queue]! - this.#dropsBefore[queue]!;
    const drops = recent > 1 && nowNs - this.#nextDropNs[queue]! < 16 * interval ? recent : 1;
    this.#drops[queue] = drops;
    this.#dropsBefore[queue] = drops;
    this.#nextDropNs[queue] = nowNs + interval / Math.sqrt(drops);
    return true;
  }

  #waitsTooLong(
    queue: number,
    nowNs: number,
    waitedNs: number,
    bytesBehind: number,
    target: number,
    interval: number,
  ): boolean {
    if (waitedNs < target || bytesBehind <= fullPacketBytes) {
      this.#deadlineNs[queue] = 0;
      return false;
    }
    if (this.#deadlineNs[queue] === 0) {
      this.#deadlineNs[queue] = nowNs + interval;
      return false;
    }
    return nowNs >= this.#deadlineNs[queue]!;
  }
}
