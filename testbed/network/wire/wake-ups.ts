/**
 * How early a sleep must end so that a packet leaves on time. A core that has slept wakes late, by microseconds on
 * bare metal and by a tenth of a millisecond in some virtual machines; what it was late by is learnt from sleeps
 * that a timer ended, and the rest of the wait is spent awake.
 */

/** More would spend a core on waiting. */
const earlyMostNs = 250e3;
const earlyLeastNs = 15e3;
/** The learnt lateness fades by this share a wake-up, so that one bad moment is paid for only for a while. */
const fading = 0.02;
const marginNs = 5e3;

export class WakeUps {
  earlyNs = 50e3;
  #lateNs = 45e3;

  /** A packet that came first ended the sleep early and says nothing. */
  learn(wantedNs: number, wokeNs: number): void {
    const lateNs = wokeNs - wantedNs;
    if (lateNs < 0) return;
    this.#lateNs = Math.max(this.#lateNs * (1 - fading), Math.min(lateNs, earlyMostNs));
    this.earlyNs = Math.min(Math.max(this.#lateNs + marginNs, earlyLeastNs), earlyMostNs);
  }
}
