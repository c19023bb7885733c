/** The report of a verification: the JSON document, which the text is made from too. See docs/verify.md. */

import type { Verdict } from "./checks.ts";
import type { PairVerdict, Pool } from "./judge.ts";
import type { Coverage } from "./sample-couples.ts";

export type VerificationReport = {
  lab: string;
  /** ISO 8601. */
  at: string;
  verdict: Exclude<Verdict, "unmeasured">;
  /** Why the verdict is "off" although every pair may be fine. */
  because?: string;
  fabric: { kind: "wire" | "netem"; because: string };
  /** Why figures from this lab must not be trusted, so far. */
  late?: string;
  /** The same, of the packets of this measurement alone. */
  lateNow?: string;
  /** What else a reader should know of this measurement. */
  remarks: string[];
  impairments: { name: string; expected: boolean }[];
  pairsMeasured: number;
  pairsOff: number;
  /** Between nodes that can be measured now. */
  pairsReachable: number;
  pairsOfAll: number;
  coverage: Coverage;
  unmeasuredNodes: { name: string; why: string }[];
  transfers: number;
  probesSent: number;
  seconds: number;
  seed: number;
  windowMs: number;
  /** Worst first. */
  pairs: PairVerdict[];
  pools: Pool[];
};

export function worstFirst(pairs: readonly PairVerdict[]): PairVerdict[] {
  const rank = { off: 0, ok: 1, unmeasured: 2 };
  return [...pairs].sort((a, b) => rank[a.verdict] - rank[b.verdict] || b.strain - a.strain);
}
