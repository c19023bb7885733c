/** What models by busy time look at: per seat, records and busy time over the last while. */
import type { Observation } from "../observation.ts";
import { type CleanSeat, plain, TickCleaner } from "./clean-tick.ts";
import { sameConfiguration } from "./cycles.ts";

export type BusyTick = {
  readonly atMs: number;
  readonly seats: readonly CleanSeat[];
  readonly heldUp?: number;
  readonly lagMs?: number;
};

const warmUpMs = 2000;

/** Ticks of the configuration that runs, not older than `spanMs` before the newest. */
export class BusyTicks {
  readonly #spanMs: number;
  readonly #cleaner = new TickCleaner();
  #ticks: BusyTick[] = [];
  #last: Observation | undefined;

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  add(observation: Observation): void {
    const { atMs, configuration, steadyMs } = observation;
    const seats = this.#cleaner.clean(observation);
    const isSame = this.#last === undefined || sameConfiguration(this.#last.configuration, configuration);
    this.#last = observation;
    if (!(steadyMs >= warmUpMs)) return;
    const [heldUp, lagMs] = [plain(observation.sourceBackpressured), plain(observation.lagMs)];
    const tick = {
      atMs,
      seats,
      ...(heldUp === undefined ? {} : { heldUp }),
      ...(lagMs === undefined ? {} : { lagMs }),
    };
    this.#ticks = [...(isSame ? this.#ticks.filter((one) => one.atMs > atMs - this.#spanMs) : []), tick];
  }

  get ticks(): readonly BusyTick[] {
    return this.#ticks;
  }

  /** By seat, over ticks that have both figures; undefined for a seat that has none, or did nothing. */
  get perSeat(): readonly ({ readonly recordsIn: number; readonly busy: number } | undefined)[] {
    const count = this.#ticks.at(-1)?.seats.length ?? 0;
    return Array.from({ length: count }, (_, at) => {
      let [records, busy, ticks] = [0, 0, 0];
      for (const { seats } of this.#ticks) {
        const seat = seats[at];
        if (seat?.recordsIn === undefined || seat.busy === undefined) continue;
        records += seat.recordsIn;
        busy += seat.busy;
        ticks++;
      }
      return records > 0 && busy > 0 ? { recordsIn: records / ticks, busy: busy / ticks } : undefined;
    });
  }
}
