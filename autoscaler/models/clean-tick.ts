/** One tick without what cannot be: figures that are no numbers, negative, or contradict each other are left out. */

import { RunningMedian } from "../math/running-median.ts";
import type { Observation, SeatObservation } from "../observation.ts";

export type CleanSeat = {
  readonly node: string;
  readonly share: number;
  readonly recordsIn?: number;
  readonly recordsOut?: number;
  readonly bytesIn?: number;
  readonly busy?: number;
  /** Of what its node may use, the part that the seat used. */
  readonly cpu?: number;
  readonly stateBytes?: number;
};

/** Two counters of one reading may be apart by so much, since they are read one after the other. */
const bytesPerRecordApart = 1.6;
const busyMost = 1.03;
/** A node may use up what it saved before; more is a mistake. */
const cpuMost = 1.5;

export class TickCleaner {
  readonly #bytesPerRecord = new RunningMedian(101);

  get bytesPerRecord(): number | undefined {
    return this.#bytesPerRecord.median;
  }

  clean(observation: Observation): CleanSeat[] {
    const cleaned = observation.seats.map((seat) => this.#seat(seat, observation.takenPerSecond));
    const [first] = cleaned.filter(
      ({ recordsIn, bytesIn }) => recordsIn !== undefined && bytesIn !== undefined,
    );
    for (const { recordsIn, bytesIn } of first === undefined ? [] : cleaned.slice(0, 32))
      if (recordsIn !== undefined && bytesIn !== undefined && recordsIn > 0)
        this.#bytesPerRecord.add(bytesIn / recordsIn);
    return withCpu(cleaned, observation.cpu);
  }

  #seat(seat: SeatObservation, taken: number | undefined): CleanSeat {
    let recordsIn = plain(seat.recordsInPerSecond);
    let bytesIn = plain(seat.bytesInPerSecond);
    const recordsOut = plain(seat.recordsOutPerSecond);
    let busy = plain(seat.busy);
    const usual = this.#bytesPerRecord.count < 5 ? undefined : this.#bytesPerRecord.median;
    if (recordsIn !== undefined && bytesIn !== undefined && usual !== undefined) {
      const ratio = bytesIn / recordsIn / usual;
      const isNothing = bytesIn === 0 && recordsIn === 0;
      if (!isNothing && !(ratio < bytesPerRecordApart && ratio > 1 / bytesPerRecordApart))
        recordsIn = bytesIn = undefined;
    }
    // A seat works off what it had queued, but not for seconds at many times its part.
    if (recordsIn !== undefined && taken !== undefined && taken > 0 && recordsIn > 8 * seat.share * taken)
      recordsIn = bytesIn = undefined;
    if (busy !== undefined && (busy > busyMost || (busy === 0 && (recordsIn ?? 0) > 0))) busy = undefined;
    const stateBytes = plain(seat.stateBytes);
    return {
      node: seat.node,
      share: seat.share,
      ...(recordsIn === undefined ? {} : { recordsIn }),
      ...(recordsOut === undefined ? {} : { recordsOut }),
      ...(bytesIn === undefined ? {} : { bytesIn }),
      ...(busy === undefined ? {} : { busy: Math.min(1, busy) }),
      ...(stateBytes === undefined ? {} : { stateBytes }),
    };
  }
}

/** What several seats of a node used is theirs by the records that they took. */
function withCpu(seats: readonly CleanSeat[], cpu: Observation["cpu"]): CleanSeat[] {
  const together = new Map<string, { seats: number; records: number }>();
  for (const { node, recordsIn = Number.NaN } of seats) {
    const known = together.get(node) ?? { seats: 0, records: 0 };
    together.set(node, { seats: known.seats + 1, records: known.records + recordsIn });
  }
  return seats.map((seat) => {
    const used = plain(cpu[seat.node]);
    const here = together.get(seat.node)!;
    const part = here.seats === 1 ? 1 : (seat.recordsIn ?? Number.NaN) / here.records;
    const isIdle = used === 0 && (seat.recordsIn ?? 0) > 0;
    return used === undefined || used > cpuMost || isIdle || !Number.isFinite(part)
      ? seat
      : { ...seat, cpu: used * part };
  });
}

/** A rate or an amount; undefined when it cannot be one. */
export function plain(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined;
}
