/** Timers as a function sees them: those of the key that its operator stands on. */
import type { BytesColumn } from "../../records/batch.ts";
import type { TimerQueue, Timers } from "../../state/timer-queue.ts";
import type { TimerService } from "./functions.ts";
import type { KeyPosition } from "./keyed-handle.ts";

export function timerService(queue: TimerQueue | undefined, at: KeyPosition): TimerService {
  if (queue === undefined) {
    const refuse = () => {
      throw new TypeError("a function that sets timers needs onTimer");
    };
    return { event: refuse, deleteEvent: refuse, processing: refuse, deleteProcessing: refuse };
  }
  return {
    event: (timeMs) => add(queue.event, timeMs, at),
    deleteEvent: (timeMs) => remove(queue.event, timeMs, at),
    processing: (timeMs) => add(queue.processing, timeMs, at),
    deleteProcessing: (timeMs) => remove(queue.processing, timeMs, at),
  };
}

function add(timers: Timers, timeMs: number, { column, row }: KeyPosition): void {
  const wholeMs = whole(timeMs);
  if (!("offsets" in column)) timers.add(wholeMs, column[row]!);
  else timers.addBytes(wholeMs, column.bytes, column.offsets[row]!, column.offsets[row + 1]!);
}

function remove(timers: Timers, timeMs: number, { column, row }: KeyPosition): void {
  const wholeMs = whole(timeMs);
  if (!("offsets" in column)) timers.remove(wholeMs, column[row]!);
  else removeBytes(timers, wholeMs, column, row);
}

function removeBytes(timers: Timers, timeMs: number, { bytes, offsets }: BytesColumn, row: number): void {
  timers.removeBytes(timeMs, bytes, offsets[row]!, offsets[row + 1]!);
}

function whole(timeMs: number): number {
  const wholeMs = Math.ceil(timeMs);
  if (Number.isSafeInteger(wholeMs)) return wholeMs;
  throw new RangeError(`a timer at ${timeMs} ms: not a time`);
}
