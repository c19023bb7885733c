/** The drawing by tiers: a box for each group of nodes, a column for each tier, a curve for each bundle of pairs. */
import { cutColour, delayClass, roleColour } from "./colour.ts";
import { columnsOf } from "./columns.ts";
import { describe, type Figures } from "./figures.ts";
import type { Graph, Line } from "./graph.ts";
import type { Group } from "./groups.ts";
import { around, overlap, placeFree, type Rectangle } from "./rectangles.ts";
import { marginPx, page, titlePx } from "./svg-page.ts";
import { escaped, px, textWidth } from "./svg-text.ts";

const columnTitlePx = 24;
/** Between columns: room for curves and their figures. */
const gapPx = 190;
/** Columns longer than this take boxes of one line, so that a hundred nodes fit a page. */
const tallBoxesMost = 14;

/** With more lines than this their figures would cover the lines; colour and tooltip still say them. */
const labelledLinesMost = 100;

/** Beyond this a line leaves its picture. */
const bowMostPx = 400;

type Box = Rectangle & { group: number; column: number };

export function tiersSvg(graph: Graph, subtitle: string): string {
  const columns = columnsOf(graph);
  const dense = columns.some(({ groups }) => groups.length > tallBoxesMost);
  const rowGap = dense ? 6 : 26;
  const sizes = graph.groups.map((group) => boxSize(group, dense));
  const columnHeights = columns.map(({ groups }) =>
    groups.reduce((sum, group) => sum + sizes[group]!.height + rowGap, -rowGap),
  );
  const tallest = Math.max(...columnHeights);
  const top = titlePx + columnTitlePx + 10;
  const boxes: Box[] = [];
  const titles: string[] = [];
  let x = marginPx;
  for (const [column, { title, groups }] of columns.entries()) {
    const width = Math.max(...groups.map((group) => sizes[group]!.width), textWidth(title));
    titles.push(`<text class="soft" x="${px(x)}" y="${titlePx + 20}">${escaped(title)}</text>`);
    // Few boxes beside a long column spread out over its height, near what they are joined to.
    const spare = (tallest - columnHeights[column]!) / (groups.length + 1);
    let y = top + spare;
    for (const group of groups) {
      boxes[group] = { x, y, width: sizes[group]!.width, height: sizes[group]!.height, group, column };
      y += sizes[group]!.height + rowGap + spare;
    }
    x += width + gapPx;
  }
  const inColumn = graph.lines.some(({ from, to }) => boxes[from]!.column === boxes[to]!.column);
  const widthPx = x - gapPx + marginPx + (inColumn ? 90 : 0);
  const taken: Rectangle[] = boxes.map(({ x, y, width, height }) => ({ x, y, width, height }));
  const bounds = { x: 0, y: titlePx + columnTitlePx, width: widthPx, height: tallest + 60 };
  const curves = graph.lines.map((line) => clearCurve(line, boxes));
  // Lines that bow around boxes may reach below the last one.
  const lowest = Math.max(top + tallest, ...curves.flatMap((curve) => samples(curve).map(({ y }) => y)));
  bounds.height = lowest - bounds.y + 30;
  const drawn = graph.lines.map((line, index) => drawLine(line, curves[index]!, taken, bounds));
  return page({
    title: graph.name,
    subtitle,
    widthPx,
    heightPx: lowest + 10,
    body: [
      ...titles,
      ...drawn.map(({ curve }) => curve),
      ...boxes.map((box) => drawBox(box, graph.groups[box.group]!, dense)),
      ...(drawn.length > labelledLinesMost ? [] : drawn.map(({ label }) => label)),
    ],
    figures: [
      ...graph.lines.map(({ figures }) => figures),
      ...graph.groups.flatMap(({ within }) => within ?? []),
    ],
    roles: graph.groups.map(({ nodes }) => nodes[0]!.role),
    notes: graph.notes,
  });
}

const withinText = (within: Figures): string => `among them ${describe(within)}`;

function boxSize(group: Group & { within?: Figures }, dense: boolean): { width: number; height: number } {
  const within = group.within ? withinText(group.within) : "";
  if (dense) {
    const line =
      textWidth(group.label) + 10 + textWidth([group.subtitle, within].filter(Boolean).join("; "), 10);
    return { width: line + 24, height: 20 };
  }
  const width = Math.max(textWidth(group.label) * 1.06, textWidth(group.subtitle), textWidth(within)) + 26;
  return { width, height: within === "" ? 42 : 58 };
}

function drawBox(box: Box, group: Group & { within?: Figures }, dense: boolean): string {
  const { x, y, width, height } = box;
  const role = group.nodes[0]!.role;
  const names = group.nodes.map(({ name }) => name).join(", ");
  const frame =
    `<rect class="box" x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${height}" rx="5"/>` +
    `<rect x="${px(x)}" y="${px(y)}" width="5" height="${height}" rx="2" fill="${roleColour(role)}"/>`;
  const within = group.within ? withinText(group.within) : undefined;
  const text = dense
    ? `<text class="text" x="${px(x + 12)}" y="${px(y + 14)}"><tspan class="name">${escaped(group.label)}</tspan>` +
      `<tspan class="soft small" dx="8">${escaped([group.subtitle, within].filter(Boolean).join("; "))}</tspan></text>`
    : `<text class="text name" x="${px(x + 14)}" y="${px(y + 17)}">${escaped(group.label)}</text>` +
      `<text class="soft" x="${px(x + 14)}" y="${px(y + 33)}">${escaped(group.subtitle)}</text>` +
      (within ? `<text class="soft" x="${px(x + 14)}" y="${px(y + 49)}">${escaped(within)}</text>` : "");
  return `<g><title>${escaped(names)}</title>${frame}${text}</g>`;
}

type Point = { x: number; y: number };

function drawLine(
  line: Line,
  curve: Curve,
  taken: Rectangle[],
  bounds: Rectangle,
): { curve: string; label: string } {
  const colour = line.figures.cut ? cutColour : delayClass(line.figures.delayMs.most).colour;
  const text = describe(line.figures);
  const [a, b, c, d] = curve;
  const path = `M${px(a.x)} ${px(a.y)}C${px(b.x)} ${px(b.y)} ${px(c.x)} ${px(c.y)} ${px(d.x)} ${px(d.y)}`;
  const svg =
    `<g stroke="${colour}" fill="none" stroke-width="2"><title>${escaped(text)}</title><path d="${path}"/>` +
    `${line.both ? "" : arrowHead(pointOn(curve, 0.94), d, colour)}</g>`;
  const width = textWidth(text, 11) + 6;
  const places = function* (): Generator<Rectangle> {
    for (const share of [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8]) {
      const middle = pointOn(curve, share);
      // Opposite directions lie side by side: each keeps its figures on its outer side.
      for (const rise of d.x > a.x ? [-9, 9] : [9, -9]) yield around(middle.x, middle.y + rise, width, 14);
    }
  };
  // Without free room the colour and the tooltip still say it.
  const place = placeFree(places(), taken, bounds);
  const label = place
    ? `<text class="text halo label" font-size="11" style="font-size:11px" x="${px(place.x + 3)}" y="${px(place.y + 11)}">${escaped(text)}</text>`
    : "";
  return { curve: svg, label };
}

type Curve = readonly [Point, Point, Point, Point];

/** A cubic Bézier. Opposite directions of one pair bow apart; lines inside a column bulge to its right. */
function curveOf({ both }: Line, from: Box, to: Box): Curve {
  const middle = (box: Box): number => box.y + box.height / 2;
  if (from.column === to.column) {
    const right = (box: Box): number => box.x + box.width;
    const shift = both ? 0 : from.y < to.y ? -6 : 6;
    const bulge =
      Math.min(90, 30 + Math.abs(middle(from) - middle(to)) * 0.18) + (from.y < to.y ? 0 : both ? 0 : 26);
    const reach = Math.max(right(from), right(to)) + bulge;
    return [
      { x: right(from), y: middle(from) + shift },
      { x: reach, y: middle(from) + shift },
      { x: reach, y: middle(to) + shift },
      { x: right(to), y: middle(to) + shift },
    ];
  }
  const forward = from.column < to.column;
  const shift = both ? 0 : forward ? -6 : 6;
  const start = { x: forward ? from.x + from.width : from.x, y: middle(from) + shift };
  const end = { x: forward ? to.x : to.x + to.width, y: middle(to) + shift };
  const pull = (end.x - start.x) * 0.45;
  return [start, { x: start.x + pull, y: start.y }, { x: end.x - pull, y: end.y }, end];
}

/**
 * The curve bowed down just so far that it runs behind no box between its ends: behind one it would seem to end
 * there. Each try is one dense row lower; where no bow is enough the straight way is kept.
 */
function clearCurve(line: Line, boxes: readonly Box[]): Curve {
  const straight = curveOf(line, boxes[line.from]!, boxes[line.to]!);
  const others = boxes.filter(({ group }) => group !== line.from && group !== line.to);
  const hits = (curve: Curve): boolean =>
    samples(curve).some(({ x, y }) => others.some((box) => overlap(box, around(x, y, 4, 8))));
  const [start, first, second, end] = straight;
  for (let bow = 0; bow <= bowMostPx; bow += 26) {
    const bowed: Curve = [start, { x: first.x, y: first.y + bow }, { x: second.x, y: second.y + bow }, end];
    if (!hits(bowed)) return bowed;
  }
  return straight;
}

function samples(curve: Curve): Point[] {
  return Array.from({ length: 33 }, (_, step) => pointOn(curve, step / 32));
}

function pointOn([a, b, c, d]: Curve, share: number): Point {
  const rest = 1 - share;
  const mix = (axis: "x" | "y"): number =>
    rest ** 3 * a[axis] +
    3 * rest ** 2 * share * b[axis] +
    3 * rest * share ** 2 * c[axis] +
    share ** 3 * d[axis];
  return { x: mix("x"), y: mix("y") };
}

function arrowHead(before: Point, tip: Point, colour: string): string {
  const angle = Math.atan2(tip.y - before.y, tip.x - before.x);
  const wing = (turn: number): string =>
    `${px(tip.x - 8 * Math.cos(angle + turn))} ${px(tip.y - 8 * Math.sin(angle + turn))}`;
  return `<path d="M${px(tip.x)} ${px(tip.y)}L${wing(0.42)}L${wing(-0.42)}Z" fill="${colour}" stroke="none"/>`;
}
