/** Names at the ends of lines, moved apart where they would cover one another. */
import type { RenderFunction } from "@observablehq/plot";
import { ownMark } from "./draw.ts";

export type EndLabel = {
  text: string;
  /** In the units of the y axis. */
  y: number;
  colour: string;
  /** Where its line ends, in the units of the x axis, for a leader; default the right edge. */
  x?: number;
};

const lineHeight = 14;

export function endLabels(labels: readonly EndLabel[]): RenderFunction {
  return ownMark(({ x, y, right, top, bottom, element }) => {
    const wanted = labels.map((label) => ({ label, at: y(label.y) })).filter(({ at }) => Number.isFinite(at));
    wanted.sort((one, other) => one.at - other.at);
    const placed = apart(
      wanted.map(({ at }) => at),
      lineHeight,
      top + 4,
      bottom - 4,
    );
    return wanted.flatMap(({ label, at }, index) => {
      const end = label.x === undefined ? right : x(label.x);
      const own = placed[index]!;
      const text = element(
        "text",
        { x: right + 14, y: own, dy: "0.32em", "text-anchor": "start", fill: label.colour },
        label.text,
      );
      const leader = element("path", {
        d: `M${end + 5},${at}L${right + 11},${own}`,
        fill: "none",
        stroke: label.colour,
        "stroke-opacity": 0.5,
      });
      return [leader, text];
    });
  });
}

/** Moves sorted places at least `gap` apart within the bounds, each as little as may be: groups that touch share their centre. */
export function apart(places: readonly number[], gap: number, from: number, until: number): number[] {
  type Block = { sum: number; count: number; start: number };
  const blocks: Block[] = [];
  const startOf = ({ sum, count }: Block) => {
    const length = (count - 1) * gap;
    return Math.max(from, Math.min(until - length, sum / count));
  };
  for (const place of places) {
    let block: Block = { sum: place, count: 1, start: 0 };
    block.start = startOf(block);
    for (
      let before = blocks.at(-1);
      before && before.start + before.count * gap > block.start;
      before = blocks.at(-1)
    ) {
      blocks.pop();
      const merged = {
        // Where the first of the block would have to start for each member to be where it wants.
        sum: before.sum + block.sum - block.count * before.count * gap,
        count: before.count + block.count,
        start: 0,
      };
      merged.start = startOf(merged);
      block = merged;
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ start, count }) =>
    Array.from({ length: count }, (_, index) => start + index * gap),
  );
}
