/**
 * When to sleep and when to wait awake. A core that has slept wakes late, by microseconds on bare metal and by a tenth
 * of a millisecond in some virtual machines, so a sleep ends early by what wake-ups were late by, and the rest is
 * waited for awake. Awake time is rationed: a thread of real-time priority that never sleeps starves what else runs
 * on its core, and the kernel then takes the core away from it for 50 ms at a time.
 */

/** More would spend a core on waiting. */
const earlyMostNs = 200e3;
const earlyLeastNs = 10e3;
const marginNs = 5e3;
/** Towards a later wake-up the estimate moves faster than back, and so settles near the 85th percentile. */
const rise = 0.12;
const fall = 0.02;
/** Share of the time that may be waited awake, and how much of it can be saved up. */
const awakeShare = 0.25;
const awakeMostNs = 400e3;

export class WakeUps {
  #lateNs = 45e3;
  #awakeNs = awakeMostNs;
  #lastNs = 0;
  #idleSinceNs = -1;

  /** How long before the time it is for a sleep should end. */
  get earlyNs(): number {
    return Math.min(Math.max(this.#lateNs + marginNs, earlyLeastNs), earlyMostNs);
  }

  /** A packet that came first ended the sleep early and says nothing. */
  learn(wantedNs: number, wokeNs: number): void {
    const lateNs = Math.min(wokeNs - wantedNs, earlyMostNs);
    if (lateNs < 0) return;
    this.#lateNs += (lateNs - this.#lateNs) * (lateNs > this.#lateNs ? rise : fall);
  }

  /** Called once a round with the time: the ration grows by it. */
  pass(nowNs: number): void {
    this.#awakeNs = Math.min(this.#awakeNs + (nowNs - this.#lastNs) * awakeShare, awakeMostNs);
    this.#lastNs = nowNs;
  }

  /** Whether to wait awake, asked once for each round that had nothing to do. */
  stayAwake(nowNs: number): boolean {
    if (this.#idleSinceNs >= 0) this.#awakeNs -= nowNs - this.#idleSinceNs;
    this.#idleSinceNs = nowNs;
    if (this.#awakeNs > 0) return true;
    this.#idleSinceNs = -1;
    return false;
  }

  /** A round had work, or a sleep began: what passes until the next question is not awake waiting. */
  working(): void {
    this.#idleSinceNs = -1;
  }
}
