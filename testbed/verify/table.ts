/** The report as text: a line that says it all, then the pairs, worst first, then what a reader must know. */
import { columns, inWords, names } from "./cells.ts";
import { type Check, type Checks, properties } from "./checks.ts";
import type { PairVerdict } from "./judge.ts";
import type { VerificationReport } from "./report.ts";

export type TableChoice = {
  /** Rows at most. */
  worst: number;
  /** Every pair in a row of its own. */
  full: boolean;
};

type Row = { name: string; pair: PairVerdict };

export function reportText(report: VerificationReport, choice: TableChoice): string {
  const rows = rowsOf(report.pairs, choice.full);
  const shown = choice.full ? rows : rows.slice(0, choice.worst);
  const hidden = rows.length - shown.length;
  return [
    headline(report),
    "",
    ...table(shown),
    ...(hidden > 0 ? [`… and ${hidden} more rows, no worse than these; --full shows every pair`] : []),
    ...together(report),
    "",
    ...notes(report).map((note) => `- ${note}`),
  ].join("\n");
}

function headline({
  lab,
  verdict,
  pairsMeasured,
  pairsOff,
  pairsOfAll,
  because,
}: VerificationReport): string {
  const count = `${pairsMeasured} of ${pairsOfAll} pairs measured`;
  if (verdict === "ok") return `${lab}: ${count}, all as asked`;
  if (pairsOff > 0) return `${lab}: ${count}, ${pairsOff} OFF`;
  return `${lab}: ${count}; OFF: ${because ?? "pairs that are each as asked are not so together, see below"}`;
}

/** Pairs that are as asked and ask the same are one row, with the worst that any of them measured. */
function rowsOf(pairs: readonly PairVerdict[], full: boolean): Row[] {
  const arrow = ({ from, to }: PairVerdict) => `${from} → ${to}`;
  if (full) return pairs.map((pair) => ({ name: arrow(pair), pair }));
  const groups = Map.groupBy(pairs, (pair) =>
    pair.verdict === "off" ? arrow(pair) : `${pair.verdict} ${JSON.stringify(pair.asked)}`,
  );
  return [...groups.values()].map((members) => {
    const [pair] = members as [PairVerdict];
    if (members.length === 1) return { name: arrow(pair), pair };
    const name = `${arrow(pair)} and ${members.length - 1} alike`;
    return { name, pair: { ...pair, checks: worstChecks(members) } };
  });
}

/** Of each property the worst that was measured. */
function worstChecks(members: readonly PairVerdict[]): Checks {
  const worst: Checks = {};
  const weight = ({ verdict, strain }: Check) => (verdict === "unmeasured" ? -1 : strain);
  for (const { checks } of members) {
    for (const property of properties) {
      const [check, known] = [checks[property], worst[property]];
      if (check && (!known || weight(check) > weight(known))) worst[property] = check;
    }
  }
  return worst;
}

function table(rows: readonly Row[]): string[] {
  const cells = rows.map(({ name, pair }) => [
    name,
    ...columns.map(({ cell }) => cell(pair.checks)),
    pair.verdict === "off" ? "OFF" : pair.verdict,
  ]);
  const titles = ["asked → measured (worst)", ...columns.map(({ title }) => title), "verdict"];
  const used = titles.map((_, column) => column === 0 || cells.some((row) => row[column] !== ""));
  const lines = [titles, ...cells].map((row) => row.filter((_, column) => used[column]));
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}

function together({ pools }: VerificationReport): string[] {
  if (pools.length === 0) return [];
  const lines = pools.map(({ property, pairs, check }) => {
    const samples = check.samples.toLocaleString("en");
    return `  ${names[property]} of ${pairs} pairs, ${samples} probes: ${inWords(property, check)}  ${check.verdict === "off" ? "OFF" : check.verdict}`;
  });
  return ["", "together, where the same is asked:", ...lines];
}

function notes(report: VerificationReport): string[] {
  const { coverage, pairs, pairsReachable, unmeasuredNodes, impairments, late, remarks, fabric } = report;
  const expected = impairments.filter((each) => each.expected).map(({ name }) => name);
  const ignored = impairments.filter((each) => !each.expected).map(({ name }) => name);
  const sample = `${coverage.nodes} of ${coverage.nodesOfAll} nodes and ${coverage.sets} of ${coverage.setsOfAll} sets of conditions`;
  return [
    `${report.probesSent.toLocaleString("en")} probes and ${report.transfers} transfers in ${report.seconds.toFixed(1)} s, fabric ${fabric.kind}`,
    late !== undefined &&
      `THE FABRIC WAS LATE since the lab began, so its records must not be trusted: ${late}`,
    late !== undefined && `while measuring: ${report.lateNow ?? "it kept up"}`,
    pairs.length < pairsReachable &&
      `a sample (seed ${report.seed}) of ${sample}; --pairs N or --all measures more`,
    ...unmeasuredNodes.map(({ name, why }) => `${name} was not measured: ${why}`),
    expected.length > 0 && `expected with the impairments in force: ${expected.join(", ")}`,
    ignored.length > 0 &&
      `expected as the topology says, without the impairments in force: ${ignored.join(", ")}`,
    ...(report.because !== undefined ? [report.because] : []),
    ...remarks,
    "delays include the probe's own time at the asked rates; (a–b) is where the ratio lies, with 99 % for all of them at once",
  ].filter((note) => note !== false);
}
