/**
 * Jitter shapes as netem's tables. netem draws an entry at random and adds entry / 8192 × jitter to the delay. The
 * tables are ours rather than those of iproute2: a trace needs one anyway, /usr/lib/tc is not there on every
 * machine, and netem's entries end at four deviations, which takes the tail and a part of the spread off a Pareto.
 */
import { createHash } from "node:crypto";
import type { Jitter } from "#testbed/network/conditions.ts";
import { quantile, type Shape } from "./quantile.ts";

/** NETEM_DIST_SCALE. */
const unit = 8192;
const largest = 32767;
/** Each delay keeps a copy in the kernel (2 bytes an entry), and a lab has a delay for each pair. */
const entries = 1024;
const traceEntries = 4096;

export type Table = { name: string; text: string };
export type NetemJitter = { jitterMs: number; table: Table };

const shapes = new Map<Shape, { reach: number; table: Table }>();

/** What to write after `delay`: entries are stretched over all 16 bits, and the jitter shrinks to match. */
export function netemJitter(jitter: Jitter): NetemJitter {
  if (jitter.distribution === "trace") {
    const { reach, table } = tableOf("trace", traceDeviations(jitter.offsetsMs ?? [0]));
    return { jitterMs: (reach * unit) / largest, table };
  }
  const shape = jitter.distribution;
  const known = shapes.get(shape) ?? tableOf(shape, shapeDeviations(shape));
  shapes.set(shape, known);
  return { jitterMs: (jitter.spreadMs * known.reach * unit) / largest, table: known.table };
}

/** Evenly spaced quantiles, then centred and scaled so that the table itself has the mean and spread asked for. */
function shapeDeviations(shape: Shape): number[] {
  const raw = Array.from({ length: entries }, (_, index) => quantile(shape, (index + 0.5) / entries));
  const mean = raw.reduce((sum, value) => sum + value, 0) / entries;
  const deviation = Math.sqrt(raw.reduce((sum, value) => sum + (value - mean) ** 2, 0) / entries);
  const wanted = shape === "uniform" ? 1 / Math.sqrt(3) : 1;
  return raw.map((value) => ((value - mean) / deviation) * wanted);
}

function traceDeviations(offsetsMs: readonly number[]): number[] {
  if (offsetsMs.length <= traceEntries) return [...offsetsMs];
  return Array.from(
    { length: traceEntries },
    (_, index) => offsetsMs[Math.floor(((index + 0.5) / traceEntries) * offsetsMs.length)]!,
  );
}

function tableOf(name: string, deviations: readonly number[]): { reach: number; table: Table } {
  const reach = deviations.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  const numbers = deviations.map((value) => Math.round((value / reach) * largest));
  const lines = [`# ${name}: entry / ${unit} x jitter is added to the delay`];
  for (let at = 0; at < numbers.length; at += 16) lines.push(numbers.slice(at, at + 16).join(" "));
  const text = `${lines.join("\n")}\n`;
  const suffix = name === "trace" ? `-${createHash("sha256").update(text).digest("hex").slice(0, 12)}` : "";
  return { reach, table: { name: `brume-${name}${suffix}`, text } };
}
