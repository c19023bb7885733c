/** Rows on rates: TCP flows over limited links, links that flows share, and what the wire carries at most. */
import { withLab } from "./bench-lab.ts";
import { flood, tcpGoodputs } from "./flows.ts";
import { median, percent, type Row, rate } from "./row.ts";

export async function rateRows(seconds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const delay of ["0ms", "25ms"]) {
    for (const megabits of [1, 10, 100, 500]) {
      const yaml = `name: bench-rate\nnodes: { a: {}, b: {} }\nnetwork: { pairs: [{ delay: ${delay} }, { from: a, to: b, rate: ${megabits}Mbit/s }] }\n`;
      const [goodput] = await withLab(yaml, (lab) => tcpGoodputs(lab, [{ from: "a", to: "b" }], seconds));
      const share = goodput! / (megabits * 1e6);
      rows.push({
        what: `one TCP flow, ${delay} each way`,
        asked: rate(megabits * 1e6),
        measured: `${rate(goodput!)}, ${percent(share)}`,
        bar: "90–100 %",
        met: share >= 0.9 && share <= 1,
        figures: { megabits, share },
      });
    }
  }
  return rows;
}

export async function sharingRow(seconds: number): Promise<Row> {
  const yaml =
    "name: bench-share\nnodes: { a: {}, b: {}, c: {} }\nnetwork: { access: { a: { up: 50Mbit/s } }, pairs: [{ delay: 5ms }] }\n";
  const goodputs = await withLab(yaml, (lab) =>
    tcpGoodputs(
      lab,
      [
        { from: "a", to: "b" },
        { from: "a", to: "c" },
      ],
      seconds,
    ),
  );
  const mean = (goodputs[0]! + goodputs[1]!) / 2;
  const apart = Math.abs(goodputs[0]! - goodputs[1]!) / mean;
  return {
    what: "two TCP flows on one access link",
    asked: "50 Mbit/s together",
    measured: `${goodputs.map(rate).join(" and ")}, ${percent(apart)} apart`,
    bar: "share it within 10 %",
    met: apart <= 0.1,
    figures: { apart, together: mean * 2 },
  };
}

/** The best of some runs: on a machine with few cores the sender and the receiver take from the wire's. */
export async function limitRows(seconds: number): Promise<Row[]> {
  const yaml = "name: bench-limit\nnodes: { a: {}, b: {} }\nnetwork: { pairs: [{ delay: 1ms }] }\n";
  return await withLab(yaml, async (lab) => {
    const goodputs: number[] = [];
    const packets: number[] = [];
    const costsUs: number[] = [];
    for (let run = 0; run < 3; run++) {
      goodputs.push((await tcpGoodputs(lab, [{ from: "a", to: "b" }], seconds))[0]!);
      const {
        delivered,
        seconds: sending,
        cpuSeconds,
      } = await flood(lab, { from: "a", to: "b" }, seconds, 18);
      packets.push(delivered / sending);
      costsUs.push((cpuSeconds / delivered) * 1e6);
    }
    return [
      {
        what: "the wire's own limit, TCP",
        asked: "as much as it carries",
        measured: `median of 3: ${rate(median(goodputs))}, best ${rate(Math.max(...goodputs))}`,
        bar: "≥ 1 Gbit/s",
        met: median(goodputs) >= 1e9,
        figures: { median: median(goodputs), best: Math.max(...goodputs) },
      },
      {
        what: "the wire's own limit, 46-byte packets",
        asked: "as many as one core sends",
        measured: `median of 3: ${Math.round(median(packets))} a second, best ${Math.round(Math.max(...packets))}; ${median(costsUs).toFixed(1)} µs of the wire's CPU each`,
        bar: "≥ 200,000 a second",
        met: median(packets) >= 200_000,
        figures: { median: median(packets), best: Math.max(...packets), cpuMicroseconds: median(costsUs) },
      },
    ];
  });
}
