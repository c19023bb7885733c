/** One drawing of a topology, by its format and layout. */
import type { Network } from "#testbed/network/conditions.ts";
import type { Topology } from "#testbed/topology/topology.ts";
import { graphOf, isSummarised } from "./graph.ts";
import { mermaid } from "./mermaid.ts";
import { placeByCoordinates, placeOnCircle } from "./points.ts";
import { circleSvg, coordinatesSvg } from "./svg-points.ts";
import { tiersSvg } from "./svg-tiers.ts";

export const drawingFormats = ["svg", "mermaid"] as const;
export type DrawingFormat = (typeof drawingFormats)[number];
export const layouts = ["tiers", "coordinates", "circle"] as const;
export type Layout = (typeof layouts)[number];

/** Tiers where groups summarise the lab, coordinates where nearly every node differs from every other. */
export function fittingLayout(topology: Topology, network: Network): Layout {
  return isSummarised(topology, network) ? "tiers" : "coordinates";
}

/** `network` is compiled from `topology`. Mermaid lays out for itself, so `layout` is of SVG alone. */
export function draw(topology: Topology, network: Network, format: DrawingFormat, layout: Layout): string {
  if (format === "mermaid") return mermaid(graphOf(topology, network));
  const subtitle = summary(topology, network);
  switch (layout) {
    case "tiers":
      return tiersSvg(graphOf(topology, network), subtitle);
    case "coordinates":
      return coordinatesSvg(topology.name, subtitle, placeByCoordinates(topology, network), network);
    case "circle":
      return circleSvg(topology.name, subtitle, placeOnCircle(topology, network), network);
  }
}

function summary(topology: Topology, network: Network): string {
  const switches = topology.nodes.length - network.nodes.length;
  return [
    `${network.nodes.length} nodes`,
    ...(switches > 0 ? [`${switches} switches`] : []),
    ...(topology.links.length > 0 ? [`${topology.links.length} links`] : []),
    ...(topology.events.length > 0 ? [`${topology.events.length} events`] : []),
    "one-way delays",
  ].join(", ");
}
