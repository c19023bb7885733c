/** One line of a benchmark: what was asked, what was measured, and the bar that it is held to. */
export type Row = {
  what: string;
  asked: string;
  measured: string;
  bar: string;
  met: boolean;
  figures: Record<string, number>;
};

export const milliseconds = (value: number) => `${value.toFixed(3)} ms`;
export const percent = (ratio: number) => `${(ratio * 100).toFixed(ratio < 0.01 ? 3 : 1)} %`;
export const rate = (bitsPerSecond: number) =>
  bitsPerSecond >= 1e9
    ? `${(bitsPerSecond / 1e9).toFixed(2)} Gbit/s`
    : `${(bitsPerSecond / 1e6).toFixed(2)} Mbit/s`;

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
