/** A lab's links measured before a job runs on them, and what a run has to say of links that are not as asked. */
import type { Lab } from "#testbed/open-lab.ts";
import { UserError } from "#testbed/user-error.ts";
import type { VerificationReport } from "#testbed/verify/report.ts";
import { defaultPairs, verifyLab } from "#testbed/verify/verify-lab.ts";

export async function verifyLinks(
  lab: Lab,
  seed: number,
  signal: AbortSignal,
): Promise<VerificationReport | undefined> {
  // One node has no links.
  if (lab.nodeNames().length < 2) return undefined;
  const clocks = { now: () => new Date(), nowMs: () => performance.now() };
  const measured = verifyLab(lab, { pairs: defaultPairs, seed }, { progress: () => undefined, ...clocks });
  const report = await unlessAborted(measured, signal);
  lab.folder.write("verify.json", report);
  return report;
}

/** Undefined: all is as asked. */
export function whyOff(report: VerificationReport): string | undefined {
  if (report.verdict === "ok") return undefined;
  const { pairsOff, pairsMeasured, because, pairs } = report;
  const worst = pairs[0];
  const where = worst?.verdict === "off" ? `, ${worst.from} → ${worst.to} the most` : "";
  return because ?? `${pairsOff} of ${pairsMeasured} measured pairs are not as asked${where}`;
}

export function refuseOff(lab: string, off: string): UserError {
  return new UserError(
    "links-off",
    `lab ${lab}: ${off}`,
    "free the machine of other work, or ask less of it; without --strict the run goes on and says so in its record",
  );
}

/** The measurement is not waited for: its lab is about to be taken away, and nobody wants to know what it then says. */
function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}
