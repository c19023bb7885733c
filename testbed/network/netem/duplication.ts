/**
 * A chance as a chain of `gact` actions. netem's own duplication cannot be used: since 2025 kernels refuse it in a
 * tree with any other netem ("cannot mix duplicating netems"), and each port here has one per source.
 */

/** A stage lets a packet on to the next action either once in `odds` times or all but once in `odds` times. */
export type Stage = { passes: "one-in" | "all-but-one-in"; odds: number };

/** The kernel's own bound for a probability's odds. */
const largestOdds = 10_000;

/** Up to four stages whose product is within a thousandth of the ratio, for ratios of at least one in 10,000. */
export function chanceStages(ratio: number): Stage[] {
  const stages: Stage[] = [];
  let left = Math.min(ratio, 1);
  if (left < 0.5) {
    const odds = Math.min(largestOdds, Math.floor(1 / left));
    stages.push({ passes: "one-in", odds });
    left *= odds;
  }
  while (left < 1 - 1 / largestOdds && stages.length < 4) {
    const odds = Math.min(largestOdds, Math.ceil(1 / (1 - left) - 1e-9));
    stages.push({ passes: "all-but-one-in", odds });
    left /= 1 - 1 / odds;
  }
  return stages;
}

export function chanceOf(stages: readonly Stage[]): number {
  return stages.reduce(
    (product, { passes, odds }) => product * (passes === "one-in" ? 1 / odds : 1 - 1 / odds),
    1,
  );
}

/**
 * The actions that send a copy through the same class. The copy carries a mark of its own on its way, or it would
 * meet this filter again and could be copied without end; its class is named by priority instead.
 */
export function duplicateActions(ratio: number, port: string, classId: string, mark: number): string[] {
  const chance = chanceStages(ratio).map(({ passes, odds }) =>
    passes === "one-in"
      ? `action gact pass random netrand pipe ${odds}`
      : `action gact pipe random netrand pass ${odds}`,
  );
  return [
    ...chance,
    `action skbedit priority ${classId} mark ${copyMark}`,
    `action mirred egress mirror dev ${port}`,
    `action skbedit mark 0x${mark.toString(16)}`,
  ];
}

/** Nobody's class. */
const copyMark = "0xd";
