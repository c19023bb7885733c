/** What a run's timeline says of what befell its lab: the topology's events, and what was done by hand. Pure. */
import type { EventLine } from "#lab/records/lines.ts";
import type { PairRule } from "#testbed/network/conditions.ts";
import { meanLoss } from "#testbed/network/features.ts";
import type { Topology } from "#testbed/topology/topology.ts";

type Told = { readonly what: string; readonly failed?: string };

/** An event of links is known to the lab by its number alone, which tells a reader of the record nothing. */
export function labEvent({ what, failed }: Told, { nodes, events }: Topology): EventLine {
  const number = /^event (\d+) begins$/.exec(what)?.[1];
  const begun = number === undefined ? undefined : events[Number(number) - 1];
  const more = begun && "pairs" in begun ? `: ${ruleText(begun.pairs, nodes.length)}` : "";
  const text = `${what}${more}${failed === undefined ? "" : `: failed: ${failed}`}`;
  return { event: isOfNode(what) ? "node" : "network", text };
}

/** As the keeper words it: `dsp1: crash`. */
const isOfNode = (what: string): boolean => /^\S+: (start|crash|pause|resume)$/.test(what);

function ruleText({ from, to, change }: PairRule, all: number): string {
  const { delayMs, addDelayMs, jitter, loss, duplicateRatio, corruptRatio, rateBitsPerSecond } = change;
  const percent = (ratio: number) => `${Number((ratio * 100).toPrecision(3))} %`;
  const told = [
    delayMs !== undefined && `delay ${delayMs} ms`,
    addDelayMs !== undefined && `delay +${addDelayMs} ms`,
    jitter && `jitter ${jitter.spreadMs} ms`,
    loss && `loss ${percent(meanLoss(loss))}`,
    duplicateRatio !== undefined && `duplicates ${percent(duplicateRatio)}`,
    corruptRatio !== undefined && `corruption ${percent(corruptRatio)}`,
    rateBitsPerSecond !== undefined && `rate ${rateBitsPerSecond / 1e6} Mbit/s`,
    change.queue && "another queue",
    change.mtuBytes !== undefined && `MTU ${change.mtuBytes} B`,
    change.cut === true && "cut",
  ].filter((each) => typeof each === "string");
  const ends = [
    from.length < all ? ` from ${named(from)}` : "",
    to.length < all ? ` to ${named(to)}` : "",
  ].join("");
  return `${told.join(", ")}${ends || " between all"}`;
}

const namesMost = 5;

function named(nodes: readonly string[]): string {
  const left = nodes.length - namesMost;
  return left > 0 ? `${nodes.slice(0, namesMost).join(", ")} and ${left} more` : nodes.join(", ");
}
