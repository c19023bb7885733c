/**
 * Flink's operator autoscaler as a model: the job's true processing rate is what it processes over how busy its busiest
 * subtask is, or, while a backlog is worked off, what it was seen to process; it scales linearly with parallelism.
 */
import type { World } from "../observation.ts";
import { BusyTicks } from "./busy-rates.ts";
import { cycleMsOf } from "./cycles.ts";
import { observedOrBusyRate, trueProcessingRate } from "./flink-formulas.ts";
import type { ThroughputModel } from "./model.ts";

/** The defaults of job.autoscaler.*: observed-true-processing-rate.{lag-threshold, switch-threshold, min-observations}. */
const observed = { lagMs: 30_000, switchAt: 0.15, ticks: 2 } as const;
const spanMsLeast = 15_000;
const deviation = 0.1;

export function flink({ job }: World): ThroughputModel {
  const busy = new BusyTicks(Math.max(spanMsLeast, cycleMsOf(job)));
  let running = 0;
  return {
    name: "flink",
    observe(observation) {
      busy.add(observation);
      running = observation.configuration.seats.length;
    },
    predict({ seats }) {
      const perSeat = busy.perSeat;
      const known = perSeat.flatMap((seat) => seat ?? []);
      if (known.length === 0 || known.length < perSeat.length || perSeat.length !== running) return undefined;
      const busiest = Math.max(...known.map((seat) => seat.busy));
      const total = known.reduce((sum, { recordsIn }) => sum + recordsIn, 0);
      const busyRate = trueProcessingRate(total, busiest);
      if (busyRate === undefined || seats.length === 0) return undefined;
      const catchingUp = busy.ticks.filter(({ lagMs }) => lagMs !== undefined && lagMs >= observed.lagMs);
      const seen = catchingUp.flatMap(({ seats: then }) => {
        const sum = then.reduce((all, { recordsIn }) => all + (recordsIn ?? Number.NaN), 0);
        return sum > 0 ? [sum] : [];
      });
      const rate =
        seen.length >= observed.ticks ? seen.reduce((sum, one) => sum + one, 0) / seen.length : undefined;
      const job = observedOrBusyRate(busyRate, rate, observed.switchAt);
      const mst = (job * seats.length) / running;
      const half = 1.645 * deviation * mst;
      return { mst, low: mst - half, high: mst + half, coefficients: { trueProcessingRate: job / running } };
    },
  };
}
