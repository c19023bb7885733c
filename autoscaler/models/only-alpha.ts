/** The least that a model can say: every seat adds the same. MST(n) = α·n. */
import { RunningMedian } from "../math/running-median.ts";
import type { World } from "../observation.ts";
import type { ThroughputModel } from "./model.ts";
import { MstSamples } from "./mst-samples.ts";

/** What is said to be off before samples tell. */
const deviationBefore = 0.2;

export function onlyAlpha({ job }: World): ThroughputModel {
  const seen = new MstSamples(job);
  let alphas = new RunningMedian(100);
  return {
    name: "only-alpha",
    observe(observation) {
      if (!seen.observe(observation)) return;
      alphas = new RunningMedian(100);
      for (const { configuration, mst } of seen.samples) alphas.add(mst / configuration.seats.length);
    },
    predict({ seats }) {
      const alpha = alphas.median;
      if (alpha === undefined || seats.length === 0) return undefined;
      const mst = alpha * seats.length;
      const half = 1.645 * (alphas.count < 4 ? deviationBefore : Math.max(0.02, alphas.deviation / alpha));
      return { mst, low: mst * Math.max(0, 1 - half), high: mst * (1 + half), coefficients: { alpha } };
    },
  };
}
