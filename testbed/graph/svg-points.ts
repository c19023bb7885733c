/** The drawings that show every node as a dot: by coordinates and on a circle. */
import type { Network } from "#testbed/network/conditions.ts";
import { cutColour, delayClass, roleColour } from "./colour.ts";
import type { Point } from "./embedding.ts";
import { describe, figuresOf, merged } from "./figures.ts";
import { between, type Line, nearest, notesOn } from "./graph.ts";
import type { Placed, Placement } from "./points.ts";
import { placeFree, type Rectangle } from "./rectangles.ts";
import { marginPx, page, titlePx } from "./svg-page.ts";
import { escaped, px, textWidth } from "./svg-text.ts";

const dotPx = 5;
const labelPx = 11;
/** A full mesh of 20 nodes; more lines than that hide each other. */
const linesMost = 190;

export function coordinatesSvg(
  name: string,
  subtitle: string,
  placement: Placement,
  network: Network,
): string {
  const count = placement.placed.length;
  const area = {
    x: marginPx + 40,
    y: titlePx + 24,
    width: count > 30 ? 1160 : 860,
    height: count > 30 ? 760 : 560,
  };
  const fit = fitted(placement, area);
  const points = below(apart(placement.placed.map(({ point }) => fit(point))), area.y);
  const heightPx = Math.max(...points.map(({ y }) => y)) + 40;
  const widthPx = area.x + area.width + 60;
  const lines = linesOf(placement.placed, network);
  const taken = points.map(({ x, y }) => ({
    x: x - dotPx - 1,
    y: y - dotPx - 1,
    width: 2 * dotPx + 2,
    height: 2 * dotPx + 2,
  }));
  const labels = placement.placed.map(({ node }, index) =>
    label(node.name, points[index]!, taken, widthPx, heightPx),
  );
  return page({
    title: name,
    subtitle: `${subtitle}; ${placement.says}`,
    widthPx,
    heightPx,
    body: [
      ...grid(placement, fit, widthPx, heightPx),
      ...lines.kept.map((line) => straight(line, points, lines.kept.length)),
      ...placement.placed.map((entry, index) => dot(entry, points[index]!)),
      ...labels,
    ],
    figures: lines.kept.map(({ figures }) => figures),
    roles: placement.placed.map(({ node }) => node.role),
    notes: lines.notes,
  });
}

export function circleSvg(name: string, subtitle: string, placement: Placement, network: Network): string {
  const { placed } = placement;
  const widest = Math.max(...placed.map(({ node }) => textWidth(node.name, labelPx)));
  const radius = Math.max(180, (placed.length * 17) / (2 * Math.PI));
  const centre = { x: marginPx + widest + 16 + radius, y: titlePx + 20 + widest + radius };
  const points = placed.map(({ point }) => ({
    x: centre.x + radius * point.x,
    y: centre.y + radius * point.y,
  }));
  const lines = linesOf(placed, network);
  const labels = placed.map(({ node, point }, index) => {
    const degrees = (Math.atan2(point.y, point.x) * 180) / Math.PI;
    const left = point.x < -1e-9;
    const { x, y } = points[index]!;
    return (
      `<text class="text label" font-size="${labelPx}" style="font-size:${labelPx}px" text-anchor="${left ? "end" : "start"}" ` +
      `transform="translate(${px(x)} ${px(y)}) rotate(${px(left ? degrees + 180 : degrees)})" x="${left ? -10 : 10}" y="4">${escaped(node.name)}</text>`
    );
  });
  return page({
    title: name,
    subtitle: `${subtitle}; ${placement.says}`,
    widthPx: 2 * centre.x,
    heightPx: centre.y + radius + widest + 20,
    body: [
      ...lines.kept.map((line) => chord(line, points, centre, lines.kept.length)),
      ...placed.map((entry, index) => dot(entry, points[index]!)),
      ...labels,
    ],
    figures: lines.kept.map(({ figures }) => figures),
    roles: placed.map(({ node }) => node.role),
    notes: lines.notes,
  });
}

/** Between places of the drawing. Directions that differ are one line here, coloured by the slower. */
function linesOf(placed: readonly Placed[], network: Network): { kept: Line[]; notes: string[] } {
  const size = network.nodes.length;
  const figures = (from: Placed, to: Placed) =>
    figuresOf(network.conditions[network.pairs[from.index * size + to.index]!]!);
  const lines: Line[] = [];
  for (const [a, from] of placed.entries()) {
    for (let b = a + 1; b < placed.length; b++) {
      const found = between(a, b, figures(from, placed[b]!), figures(placed[b]!, from));
      const [one, other] = found;
      if (one)
        lines.push({
          from: a,
          to: b,
          both: true,
          figures: other ? merged(one.figures, other.figures) : one.figures,
        });
    }
  }
  const kept = lines.length > linesMost ? nearest(lines, placed.length) : lines;
  return { kept, notes: notesOn(placed.length, lines, kept) };
}

function stroke(line: Line, count: number): string {
  const colour = line.figures.cut ? cutColour : delayClass(line.figures.delayMs.most).colour;
  return `stroke="${colour}" stroke-width="${count > 60 ? 1.2 : 1.6}" stroke-opacity="${count > 60 ? 0.65 : 0.85}" fill="none"`;
}

function straight(line: Line, points: readonly Point[], count: number): string {
  const [from, to] = [points[line.from]!, points[line.to]!];
  const path = `M${px(from.x)} ${px(from.y)}L${px(to.x)} ${px(to.y)}`;
  return `<path d="${path}" ${stroke(line, count)}><title>${escaped(describe(line.figures))}</title></path>`;
}

function chord(line: Line, points: readonly Point[], centre: Point, count: number): string {
  const [from, to] = [points[line.from]!, points[line.to]!];
  // Bent to the middle, so that chords between neighbours do not run along the rim.
  const bent = {
    x: centre.x + ((from.x + to.x) / 2 - centre.x) * 0.45,
    y: centre.y + ((from.y + to.y) / 2 - centre.y) * 0.45,
  };
  const path = `M${px(from.x)} ${px(from.y)}Q${px(bent.x)} ${px(bent.y)} ${px(to.x)} ${px(to.y)}`;
  return `<path d="${path}" ${stroke(line, count)}><title>${escaped(describe(line.figures))}</title></path>`;
}

function dot({ node }: Placed, { x, y }: Point): string {
  const what = `${node.name}: ${node.role}${node.device === "none" ? "" : `, ${node.device}`}`;
  return `<circle class="halo" cx="${px(x)}" cy="${px(y)}" r="${dotPx}" fill="${roleColour(node.role)}"><title>${escaped(what)}</title></circle>`;
}

/** Beside its dot where there is room, else farther out with a line that leads to it. */
function label(name: string, at: Point, taken: Rectangle[], widthPx: number, heightPx: number): string {
  const size = { width: textWidth(name, labelPx) + 4, height: labelPx + 4 };
  const bounds = { x: 4, y: titlePx, width: widthPx - 8, height: heightPx - titlePx };
  const candidates = function* (): Generator<Rectangle> {
    for (let away = dotPx + 3; away < 160; away += 10) {
      for (let step = 0; step < 16; step++) {
        const angle = (step * Math.PI) / 8;
        const [right, down] = [Math.cos(angle), Math.sin(angle)];
        const centre = {
          x: at.x + right * (away + size.width / 2),
          y: at.y + down * (away + size.height / 2),
        };
        yield { x: centre.x - size.width / 2, y: centre.y - size.height / 2, ...size };
      }
    }
  };
  const place = placeFree(candidates(), taken, bounds);
  if (!place) return ""; // The dot's tooltip still names it.
  const centre = { x: place.x + size.width / 2, y: place.y + size.height / 2 };
  const far =
    Math.abs(centre.x - at.x) > size.width / 2 + 14 || Math.abs(centre.y - at.y) > size.height / 2 + 14;
  const edge = { x: Math.max(place.x, Math.min(at.x, place.x + size.width)), y: centre.y };
  const leader = far
    ? `<path d="M${px(at.x)} ${px(at.y)}L${px(edge.x)} ${px(edge.y)}" stroke="#8a919c" stroke-width="0.7"/>`
    : "";
  return `${leader}<text class="text halo label" font-size="${labelPx}" style="font-size:${labelPx}px" x="${px(place.x + 2)}" y="${px(place.y + 11)}">${escaped(name)}</text>`;
}

/** From the placement's own units to the sheet, keeping proportions. */
function fitted({ placed }: Placement, area: Rectangle): (point: Point) => Point {
  const xs = placed.map(({ point }) => point.x);
  const ys = placed.map(({ point }) => point.y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = Math.min(area.width / (right - left || 1), area.height / (bottom - top || 1));
  const shift = (area.width - (right - left) * scale) / 2;
  return ({ x, y }) => ({ x: area.x + shift + (x - left) * scale, y: area.y + (y - top) * scale });
}

/** Nodes at one place step aside until their dots are apart; a few pixels are less than the drawing's precision. */
function apart(points: readonly Point[]): Point[] {
  const least = 2 * dotPx + 4;
  const moved = points.map((point) => ({ ...point }));
  for (let round = 0; round < 60; round++) {
    let calm = true;
    for (let a = 0; a < moved.length; a++) {
      for (let b = a + 1; b < moved.length; b++) {
        const [one, other] = [moved[a]!, moved[b]!];
        const length = Math.hypot(other.x - one.x, other.y - one.y);
        if (length >= least) continue;
        calm = false;
        // Two at the very same spot part along a direction of their own: the golden angle spreads many of them.
        const angle = length > 1e-6 ? Math.atan2(other.y - one.y, other.x - one.x) : b * 2.399963;
        const push = (least - length) / 2 + 0.1;
        one.x -= Math.cos(angle) * push;
        one.y -= Math.sin(angle) * push;
        other.x += Math.cos(angle) * push;
        other.y += Math.sin(angle) * push;
      }
    }
    if (calm) break;
  }
  return moved;
}

/** Stepping aside may have moved dots into the title. */
function below(points: readonly Point[], top: number): Point[] {
  const shift = Math.max(0, top - Math.min(...points.map(({ y }) => y)));
  return points.map(({ x, y }) => ({ x, y: y + shift }));
}

function grid({ map }: Placement, fit: (point: Point) => Point, widthPx: number, heightPx: number): string[] {
  if (!map) return [];
  const shrink = Math.cos((((map.south + map.north) / 2) * Math.PI) / 180);
  const span = Math.max(map.east - map.west, map.north - map.south);
  const step = [30, 15, 5, 1].find((degrees) => span / degrees >= 4) ?? 1;
  const lines: string[] = [];
  for (
    let longitude = Math.ceil((map.west - step) / step) * step;
    longitude <= map.east + step;
    longitude += step
  ) {
    const { x } = fit({ x: longitude * shrink, y: 0 });
    if (x > 0 && x < widthPx) lines.push(`<path class="grid" d="M${px(x)} ${titlePx + 6}V${px(heightPx)}"/>`);
  }
  for (
    let latitude = Math.ceil((map.south - step) / step) * step;
    latitude <= map.north + step;
    latitude += step
  ) {
    const { y } = fit({ x: 0, y: -latitude });
    if (y > titlePx + 6 && y < heightPx) lines.push(`<path class="grid" d="M0 ${px(y)}H${px(widthPx)}"/>`);
  }
  return lines;
}
