/** What one ordered pair should measure: its conditions, its rates and the sizes of packets worked into numbers. */
import { pairRate, segmentsOf } from "#testbed/network/compile.ts";
import type { Conditions, Loss, Network } from "#testbed/network/conditions.ts";
import { jitterShape } from "#testbed/network/wire/jitter-shape.ts";
import { quantile } from "#testbed/network/wire/quantiles.ts";

export type AskedJitter = {
  /** Standard deviation of the delay. */
  spreadMs: number;
  /** Fourth standardised moment: how unsure a measured spread is. */
  kurtosis: number;
  /** How far packets that are kept in order share one delay; 0 where each draws its own. */
  correlationMs: number;
};

export type Asked = {
  cut: boolean;
  /** Mean of what the delay and its jitter add, rates aside. */
  delayMs: number;
  jitter?: AskedJitter;
  lossRatio: number;
  /** By how much losses in bursts widen the scatter of a count: 1 for independent losses. */
  lossClustering: number;
  duplicateRatio: number;
  corruptRatio: number;
  reorders: boolean;
  /** The least rate on the way. */
  rateBitsPerSecond?: number;
  /** What each byte adds to the delay, over all rates on the way. */
  serialisationMsPerByte: number;
  mtuBytes?: number;
};

/** As the wire's in-order jitter cuts its time: epochs of this many standard deviations share a level. */
const epochSpreads = 4.5;

export function askedOf(network: Network, from: number, to: number, conditions: Conditions): Asked {
  const own = conditions.rateBitsPerSecond;
  const rates = segmentsOf(network, from, to).map(({ rateBitsPerSecond }) => rateBitsPerSecond);
  if (own !== undefined) rates.push(own);
  const rate = pairRate(network, from, to);
  const { meanMs, jitter } = delayOf(conditions);
  return {
    cut: conditions.cut === true || lossRatio(conditions.loss) >= 1,
    delayMs: meanMs,
    ...(jitter && { jitter }),
    lossRatio: lossRatio(conditions.loss),
    lossClustering: lossClustering(conditions.loss),
    duplicateRatio: conditions.duplicateRatio ?? 0,
    corruptRatio: conditions.corruptRatio ?? 0,
    reorders: conditions.jitter?.reorder === true,
    ...(rate !== undefined && { rateBitsPerSecond: rate }),
    serialisationMsPerByte: rates.reduce((sum, each) => sum + 8000 / each, 0),
    ...(conditions.mtuBytes !== undefined && { mtuBytes: conditions.mtuBytes }),
  };
}

/** A delay cannot fall below zero, so a wide jitter around a short delay has a greater mean and a smaller spread. */
function delayOf({ delayMs, jitter }: Conditions): { meanMs: number; jitter?: AskedJitter } {
  const shape = jitter && jitterShape(jitter);
  if (!jitter || !shape) return { meanMs: delayMs };
  const points = 4096;
  const values = Float64Array.from({ length: points }, (_, index) => {
    const deviationNs = shape.meanNs + shape.spreadNs * quantile(shape.table, (index + 0.5) / points);
    return Math.max(0, delayMs + deviationNs / 1e6);
  });
  const moment = (power: number, centre: number) =>
    values.reduce((sum, value) => sum + (value - centre) ** power, 0) / points;
  const meanMs = moment(1, 0);
  const variance = moment(2, meanMs);
  if (variance === 0) return { meanMs };
  const spreadMs = Math.sqrt(variance);
  const correlationMs = jitter.reorder ? 0 : (epochSpreads * shape.spreadNs) / 1e6;
  return { meanMs, jitter: { spreadMs, kurtosis: moment(4, meanMs) / variance ** 2, correlationMs } };
}

function lossRatio(loss: Loss | undefined): number {
  if (!loss) return 0;
  if (loss.model === "random") return loss.ratio;
  const badShare = loss.enter + loss.leave > 0 ? loss.enter / (loss.enter + loss.leave) : 0;
  return badShare * loss.lossBad + (1 - badShare) * loss.lossGood;
}

/** Variance of a count of losses against that of independent ones, from the chain's autocorrelation. */
function lossClustering(loss: Loss | undefined): number {
  if (!loss || loss.model === "random") return 1;
  const ratio = lossRatio(loss);
  const changes = loss.enter + loss.leave;
  if (ratio <= 0 || ratio >= 1 || changes <= 0) return 1;
  const badShare = loss.enter / changes;
  const stays = 1 - changes;
  const covariance = badShare * (1 - badShare) * (loss.lossBad - loss.lossGood) ** 2;
  return Math.max(1, 1 + (2 * covariance * stays) / (1 - stays) / (ratio * (1 - ratio)));
}
