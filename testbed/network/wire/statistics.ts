/** How the packet loop itself is doing, in memory that its thread writes and the others read. */

export const statistic = {
  realTime: 0,
  delivered: 1,
  late: 2,
  latenessMaxNs: 3,
  latenessSumNs: 4,
  ringDrops: 5,
  overload: 6,
  refused: 7,
  unroutable: 8,
  cpuNs: 9,
  slotsFree: 10,
} as const;
const fields = 16;

/** A packet this much behind its due time counts as late: a tenth of a percent of them spoils a figure's p99. */
export const lateAboveNs = 1e6;

export type WireReport = { [Name in keyof typeof statistic]: number };

export function statisticsMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(fields * 8);
}

export class WireStatistics {
  readonly #values: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#values = new Float64Array(memory);
  }

  set(which: number, value: number): void {
    this.#values[which] = value;
  }

  add(which: number, value: number): void {
    this.#values[which]! += value;
  }

  delivered(lateNs: number): void {
    const values = this.#values;
    values[statistic.delivered]!++;
    values[statistic.latenessSumNs]! += lateNs;
    if (lateNs > lateAboveNs) values[statistic.late]!++;
    if (lateNs > values[statistic.latenessMaxNs]!) values[statistic.latenessMaxNs] = lateNs;
  }

  report(): WireReport {
    const entries = Object.entries(statistic).map(([name, index]) => [name, this.#values[index]!]);
    return Object.fromEntries(entries) as WireReport;
  }
}

/** A handful happens while a fresh process warms up; it moves no figure. */
const fewLate = 10;

/** Why a record of this lab must not be trusted, in words; undefined when the wire kept up. */
export function whyLate(report: WireReport): string | undefined {
  const reasons = [
    report.late > Math.max(fewLate, report.delivered / 1000) &&
      `${report.late} of ${report.delivered} packets left over 1 ms late`,
    report.ringDrops > 0 && `${report.ringDrops} packets came faster than the wire took them`,
    report.overload > 0 && `${report.overload} packets found no memory free`,
  ].filter((reason) => reason !== false);
  return reasons.length === 0 ? undefined : reasons.join("; ");
}
