/**
 * One watermark out of many channels: the least of those that are not idle, and never less than before. A watermark W
 * promises that no later record is older than W; a record of time W itself may still come.
 */
export class WatermarkGate {
  /** What the channels agree on; -Infinity before all of them have spoken, Infinity when all have ended. */
  watermarkMs = Number.NEGATIVE_INFINITY;
  /** When the watermark that raised the agreed one was due at its source, in wall-clock ms; NaN where nothing is paced. */
  dueMs = Number.NaN;
  readonly #byChannel: Float64Array;
  readonly #idle: Uint8Array;

  constructor(channels: number) {
    this.#byChannel = new Float64Array(channels).fill(Number.NEGATIVE_INFINITY);
    this.#idle = new Uint8Array(channels);
  }

  /** A channel's watermark, Infinity at its end. Returns whether the agreed one rose. The channel is active again. */
  advance(channel: number, watermarkMs: number, dueMs: number): boolean {
    this.#idle[channel] = 0;
    if (watermarkMs > this.#byChannel[channel]!) this.#byChannel[channel] = watermarkMs;
    return this.#agree(dueMs);
  }

  /** Nothing is to be expected of the channel for now, so that it holds nobody back. Returns whether the watermark rose. */
  setIdle(channel: number): boolean {
    this.#idle[channel] = 1;
    return this.#agree(this.dueMs);
  }

  /** A record came: the channel counts again, from the watermark that it had. */
  setActive(channel: number): void {
    this.#idle[channel] = 0;
  }

  /** Whether no channel is active, so that what lies downstream need not wait either. False when all have ended. */
  get isIdle(): boolean {
    let idle = false;
    for (let channel = 0; channel < this.#idle.length; channel++) {
      if (this.#byChannel[channel] === Number.POSITIVE_INFINITY) continue;
      if (this.#idle[channel] === 0) return false;
      idle = true;
    }
    return idle;
  }

  #agree(dueMs: number): boolean {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    let running = 0;
    let active = 0;
    for (let channel = 0; channel < this.#byChannel.length; channel++) {
      const watermarkMs = this.#byChannel[channel]!;
      // An ended channel agrees to anything, but must not end the time of an idle one that may come back.
      if (watermarkMs === Number.POSITIVE_INFINITY) continue;
      running++;
      if (watermarkMs > most) most = watermarkMs;
      if (this.#idle[channel] === 1) continue;
      active++;
      if (watermarkMs < least) least = watermarkMs;
    }
    // All idle: the furthest, as if the others had fallen idle first; the order in which they do makes no difference.
    const agreed = running === 0 ? Number.POSITIVE_INFINITY : active === 0 ? most : least;
    if (!(agreed > this.watermarkMs)) return false;
    this.watermarkMs = agreed;
    this.dueMs = dueMs;
    return true;
  }
}
