/** Cores to the quota and period that the kernel's CPU bandwidth control takes. */

/** Short, so that a throttled node stands still for milliseconds: measured in docs/decisions/cfs-period.md. */
const cfsPeriodUs = 5_000;
/** The kernel refuses quotas below 1 ms and periods above 1 s. */
const leastQuotaUs = 1_000;
const longestPeriodUs = 1_000_000;

type CpuBandwidth = { quotaUs: number; periodUs: number };

/** A small share needs a longer period: 0.1 core is 1 ms in 10 ms, since 0.5 ms in 5 ms cannot be asked for. */
export function cpuBandwidth(cores: number, periodUs = cfsPeriodUs): CpuBandwidth {
  if (!(cores > 0)) throw new Error(`not a number of cores: ${cores}`);
  const period = Math.min(longestPeriodUs, Math.max(periodUs, Math.ceil(leastQuotaUs / cores)));
  return { quotaUs: Math.max(leastQuotaUs, Math.round(cores * period)), periodUs: period };
}
