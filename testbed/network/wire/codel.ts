/**
 * Controlled delay (RFC 8289) for the queues of the shapers: when packets have waited longer than the target
 * for a whole interval, some are dropped (or marked), ever faster, until the standing queue is gone.
 */
import { RecordTable } from "./record-table.ts";

/** RFC 8289, section 4.4: 5 ms of standing queue, watched over 100 ms, suit paths of the open internet. */
const leastTargetNs = 5e6;
const leastIntervalNs = 100e6;
/** A queue of at most one full packet is never too long. */
const fullPacketBytes = 1500;

/** A slow link takes longer than 5 ms for one packet; a target below that would punish an empty queue. */
export function codelTargetNs(rateBitsPerSecond: number): number {
  return Math.max(leastTargetNs, (fullPacketBytes * 8e9) / rateBitsPerSecond);
}

/** Never so short that one packet of a slow link fills it: at least twice the target. */
export function codelIntervalNs(rateBitsPerSecond: number): number {
  return Math.max(leastIntervalNs, 2 * codelTargetNs(rateBitsPerSecond));
}

// A queue's record.
const words = 10;
const floats = words / 2;
/** When the wait will have been above the target for an interval; 0: it is below. */
const deadlineNs = 0;
const nextDropNs = 1;
const dropCount = 2;
/** The count with which the last time of dropping began. */
const startCount = 3;
const dropping = 8;

export class CodelQueues {
  readonly #queues = new RecordTable(0, words);

  /** For a queue that begins anew under a number that may have been used. */
  reset(queue: number): void {
    this.#queues.words.fill(0, queue * words, (queue + 1) * words);
  }

  /** Asked for each packet that leaves the queue: true when this one is to be dropped or marked. */
  condemns(
    queue: number,
    nowNs: number,
    waitedNs: number,
    bytesBehind: number,
    targetNs: number,
    intervalNs: number,
  ): boolean {
    this.#queues.reserve(queue + 1);
    const state = this.#queues.floats;
    const at = queue * floats;
    const isDropping = queue * words + dropping;
    if (waitedNs < targetNs || bytesBehind <= fullPacketBytes) {
      state[at + deadlineNs] = 0;
      this.#queues.words[isDropping] = 0;
      return false;
    }
    if (state[at + deadlineNs] === 0) state[at + deadlineNs] = nowNs + intervalNs;
    if (nowNs < state[at + deadlineNs]!) {
      this.#queues.words[isDropping] = 0;
      return false;
    }
    if (this.#queues.words[isDropping] === 1) {
      if (nowNs < state[at + nextDropNs]!) return false;
      const drops = state[at + dropCount]! + 1;
      state[at + dropCount] = drops;
      state[at + nextDropNs]! += intervalNs / Math.sqrt(drops);
      return true;
    }
    this.#queues.words[isDropping] = 1;
    // Soon after the last time the queue stood: go on near the drop rate that had been right then.
    const recent = state[at + dropCount]! - state[at + startCount]!;
    const drops = recent > 1 && nowNs - state[at + nextDropNs]! < 16 * intervalNs ? recent : 1;
    state[at + dropCount] = drops;
    state[at + startCount] = drops;
    state[at + nextDropNs] = nowNs + intervalNs / Math.sqrt(drops);
    return true;
  }
}
