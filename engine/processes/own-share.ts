/**
 * Holds a process to a share of one core, where the kernel does not: it counts the processor's time of all its threads
 * and sleeps for what it has had too much. Time that was not used does not add up, or rests would buy long bursts.
 */

export type OwnShareClocks = {
  /** Of all threads of the process, since any moment. */
  cpuUs(): number;
  nowMs(): number;
  sleep(ms: number): void;
};

/** So much work at a time, in wall-clock ms at the share: as a quota of the kernel that is short enough not to be seen. */
const periodMs = 5;
/** Between two looks at sockets and timers it sleeps no longer. */
const sleepMsMax = 20;
/** A shorter sleep costs more than it pays for. */
const sleepMsMin = 0.1;
/** What was had beyond this is forgiven, or compiling a job would cost many seconds of standing still. */
const debtMsMax = 1_000;

export class OwnShare {
  readonly share: number;
  readonly #clocks: OwnShareClocks;
  #cpuUs: number;
  #atMs: number;
  /** Processor's time in ms that may be had at once; below zero it is owed. */
  #creditMs = 0;

  constructor(share: number, clocks: OwnShareClocks) {
    this.share = share;
    this.#clocks = clocks;
    this.#cpuUs = clocks.cpuUs();
    this.#atMs = clocks.nowMs();
  }

  /** Of processor's time, as much as a turn should take. */
  get sliceMs(): number {
    return Math.max(0.2, periodMs * this.share);
  }

  /** Sleeps for what is owed, or a part of it: still owing, it says false, and sockets should have their turn. */
  rest(): boolean {
    this.#count();
    if (this.#creditMs >= 0) return true;
    this.#clocks.sleep(Math.min(sleepMsMax, Math.max(sleepMsMin, -this.#creditMs / this.share)));
    this.#count();
    return this.#creditMs >= 0;
  }

  #count(): void {
    const cpuUs = this.#clocks.cpuUs();
    const nowMs = this.#clocks.nowMs();
    const earned = (nowMs - this.#atMs) * this.share;
    const spent = (cpuUs - this.#cpuUs) / 1000;
    this.#cpuUs = cpuUs;
    this.#atMs = nowMs;
    const credit = this.#creditMs + earned - spent;
    this.#creditMs = Math.max(-debtMsMax * this.share, Math.min(periodMs * this.share, credit));
  }
}

const cell = new Int32Array(new SharedArrayBuffer(4));

export const processClocks: OwnShareClocks = {
  cpuUs() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  nowMs: () => performance.now(),
  sleep: (ms) => void Atomics.wait(cell, 0, 0, ms),
};
