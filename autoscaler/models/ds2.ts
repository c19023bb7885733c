/**
 * DS2 (Kalavri, Liagouris, Hoffmann, Dimitrova, Forshaw, Roscoe: Three steps is all you need, OSDI 2018): a subtask's
 * true rate is what it processes per second of useful time, in which it neither waits for input nor for output. The mean
 * of true rates is taken to be that of any further subtask: MST(n) = n · mean true rate.
 */
import type { World } from "../observation.ts";
import { BusyTicks } from "./busy-rates.ts";
import { cycleMsOf } from "./cycles.ts";
import type { ThroughputModel } from "./model.ts";

const spanMsLeast = 10_000;
/** The 90 % of a mean of few subtasks, where they hardly differ. */
const deviationLeast = 0.05;

export function ds2({ job }: World): ThroughputModel {
  const busy = new BusyTicks(Math.max(spanMsLeast, cycleMsOf(job)));
  return {
    name: "ds2",
    observe: (observation) => busy.add(observation),
    predict({ seats }) {
      const rates = busy.perSeat.flatMap((seat) => (seat === undefined ? [] : [seat.recordsIn / seat.busy]));
      if (rates.length === 0 || seats.length === 0) return undefined;
      const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
      const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length;
      const half = 1.645 * Math.max(deviationLeast, Math.sqrt(variance) / mean);
      const mst = mean * seats.length;
      return {
        mst,
        low: mst * Math.max(0, 1 - half),
        high: mst * (1 + half),
        coefficients: { trueRate: mean },
      };
    },
  };
}
