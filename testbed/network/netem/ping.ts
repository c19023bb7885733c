/** What a run of `ping` saw, from its own words. */

export type Pings = {
  sent: number;
  received: number;
  duplicates: number;
  timesMs: number[];
  /** Answers that came after one to a later question. */
  overtaken: number;
};

export function readPings(text: string): Pings {
  const totals = /(\d+) packets transmitted, (\d+) received(?:, \+(\d+) duplicates)?/.exec(text);
  if (!totals) throw new Error(`no summary of ping in: ${text}`);
  let newest = 0;
  let overtaken = 0;
  const timesMs: number[] = [];
  for (const [, sequence, time] of text.matchAll(/icmp_seq=(\d+) .*time=([\d.]+) ms/g)) {
    if (Number(sequence) < newest) overtaken++;
    newest = Math.max(newest, Number(sequence));
    timesMs.push(Number(time));
  }
  const [sent, received, duplicates] = totals.slice(1).map((number) => Number(number ?? 0)) as [
    number,
    number,
    number,
  ];
  return { sent, received, duplicates, timesMs, overtaken };
}
