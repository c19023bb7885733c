/** The kernel's clocks in nanoseconds, counted from a second of our own choosing so that a double holds them exactly. */
import { shareMemory } from "./shared-memory.ts";
import { clockGettime } from "./syscalls.ts";

const realTime = 0;
const monotonic = 1;

export class KernelClocks {
  /** Of the clock that can be set, since 1970: from here `realTimeNs` counts. */
  readonly baseSecond: number;
  readonly #memory = shareMemory({ time: 16 });

  constructor(baseSecond = Math.floor(Date.now() / 1000)) {
    this.baseSecond = baseSecond;
  }

  /** The clock by which the kernel stamps packets; somebody may set it. */
  realTimeNs(): number {
    return this.#read(realTime, this.baseSecond);
  }

  /** The clock that nobody sets. */
  monotonicNs(): number {
    return this.#read(monotonic, 0);
  }

  #read(clock: number, baseSecond: number): number {
    const { words, at, address } = this.#memory;
    clockGettime(clock, address(at.time));
    const word = at.time >> 2;
    return ((words[word]! >>> 0) - baseSecond) * 1e9 + words[word + 2]!;
  }
}
