/**
 * How long a node's machine keeps it without hearing from the lab. While the machine is out of reach each renewal fails
 * and the next one tries again; the machine itself decides when it has waited long enough.
 */

export const defaultLeaseMs = 60_000;
const renewMostMs = 5000;

/** Often enough that a lost link can be found out and made again before the lease ends. */
export function renewEveryMs(leaseMs: number): number {
  return Math.min(renewMostMs, leaseMs / 6);
}
