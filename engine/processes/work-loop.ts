/**
 * Lets a core work in this thread: a slice at a time, between which the event loop serves sockets and timers, and not at
 * all while there is nothing to do.
 */
export type Working = {
  /** Works until there is nothing to do, or until this moment of `performance.now()`; whether more can be done at once. */
  step(untilMs: number): boolean;
  /** Wall-clock ms at which it wants to work though nothing happens; Infinity for never. */
  nextWakeMs(): number;
};

/** Of a process that holds itself to a share of a core: `OwnShare`. */
export type Resting = {
  readonly sliceMs: number;
  /** False: it has to rest on, but sockets have their turn between. */
  rest(): boolean;
};

/** Of work between two looks at the sockets: long against the look (some 10 µs), short against a link's delay. */
const sliceMs = 4;
const timerMsMax = 2 ** 31 - 1;

export class WorkLoop {
  private readonly core: Working;
  private readonly own: Resting | undefined;
  private soon: NodeJS.Immediate | undefined;
  private timer: NodeJS.Timeout | undefined;
  private timerAtMs = Infinity;
  private stopped = false;

  constructor(core: Working, own?: Resting) {
    this.core = core;
    this.own = own;
  }

  /** Something has happened. */
  work(): void {
    if (!this.stopped) this.soon ??= setImmediate(this.slice);
  }

  stop(): void {
    this.stopped = true;
    clearImmediate(this.soon);
    clearTimeout(this.timer);
  }

  private readonly slice = (): void => {
    this.soon = undefined;
    const isRested = this.own?.rest() ?? true;
    if (!isRested) this.work();
    else if (this.core.step(performance.now() + Math.min(sliceMs, this.own?.sliceMs ?? sliceMs))) this.work();
    else if (!this.stopped) this.sleep();
  };

  private sleep(): void {
    const atMs = this.core.nextWakeMs();
    if (atMs === this.timerAtMs) return;
    clearTimeout(this.timer);
    this.timerAtMs = atMs;
    if (atMs === Infinity) return;
    const waitMs = Math.min(timerMsMax, Math.max(0, Math.ceil(atMs - Date.now())));
    this.timer = setTimeout(() => {
      this.timerAtMs = Infinity;
      this.work();
    }, waitMs);
  }
}
