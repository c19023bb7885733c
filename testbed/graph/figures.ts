/** What a line of the drawing stands for: the conditions of one pair, or of all pairs that it bundles. */
import type { ConditionChange, Jitter, Loss } from "#testbed/network/conditions.ts";

type Range = { least: number; most: number };

export type Figures = {
  delayMs: Range;
  jitterMs: Range;
  lossRatio: Range;
  /** 0 where nothing limits it. */
  rateBitsPerSecond: Range;
  cut: boolean;
};

const exactly = (value: number): Range => ({ least: value, most: value });

/** The loss that a long run of packets sees; for bursts, weighted by the time spent in each state. */
function meanLoss(loss: Loss | undefined): number {
  if (!loss) return 0;
  if (loss.model === "random") return loss.ratio;
  const bad = loss.enter + loss.leave > 0 ? loss.enter / (loss.enter + loss.leave) : 0;
  return bad * loss.lossBad + (1 - bad) * loss.lossGood;
}

export function figuresOf(conditions: ConditionChange): Figures {
  const jitter: Jitter | undefined = conditions.jitter;
  return {
    delayMs: exactly((conditions.delayMs ?? 0) + (conditions.addDelayMs ?? 0)),
    jitterMs: exactly(jitter?.spreadMs ?? 0),
    lossRatio: exactly(meanLoss(conditions.loss)),
    rateBitsPerSecond: exactly(conditions.rateBitsPerSecond ?? 0),
    cut: conditions.cut ?? false,
  };
}

export function merged(a: Figures, b: Figures): Figures {
  const join = (one: Range, other: Range): Range => ({
    least: Math.min(one.least, other.least),
    most: Math.max(one.most, other.most),
  });
  return {
    delayMs: join(a.delayMs, b.delayMs),
    jitterMs: join(a.jitterMs, b.jitterMs),
    lossRatio: join(a.lossRatio, b.lossRatio),
    rateBitsPerSecond: join(a.rateBitsPerSecond, b.rateBitsPerSecond),
    cut: a.cut || b.cut,
  };
}

/** Nothing asked: such pairs get no line. */
export function isFree({ delayMs, jitterMs, lossRatio, rateBitsPerSecond, cut }: Figures): boolean {
  return !cut && [delayMs, jitterMs, lossRatio, rateBitsPerSecond].every(({ most }) => most === 0);
}

/** "25 ms ± 10 ms, 0.1 % loss, 100 Mbit/s" */
export function describe({ delayMs, jitterMs, lossRatio, rateBitsPerSecond, cut }: Figures): string {
  if (cut) return "cut";
  const parts: string[] = [];
  if (delayMs.most > 0 || jitterMs.most > 0) {
    parts.push(
      `${range(delayMs, milliseconds)} ms${jitterMs.most > 0 ? ` ± ${range(jitterMs, milliseconds)} ms` : ""}`,
    );
  }
  if (lossRatio.most > 0)
    parts.push(`${range(lossRatio, (ratio) => String(Number((100 * ratio).toPrecision(2))))} % loss`);
  if (rateBitsPerSecond.most > 0) parts.push(describeRate(rateBitsPerSecond.least || rateBitsPerSecond.most));
  return parts.join(", ") || "nothing asked";
}

function describeRate(bitsPerSecond: number): string {
  const [size, unit] =
    bitsPerSecond >= 1e9 ? [1e9, "Gbit/s"] : bitsPerSecond >= 1e6 ? [1e6, "Mbit/s"] : [1e3, "kbit/s"];
  return `${Number((bitsPerSecond / (size as number)).toPrecision(3))} ${unit}`;
}

/** A drawing is read at a glance: one digit after the point below 10, none above. */
const milliseconds = (ms: number): string => String(Number(ms.toFixed(ms < 10 ? 1 : 0)));

function range({ least, most }: Range, print: (value: number) => string): string {
  return print(least) === print(most) ? print(most) : `${print(least)}–${print(most)}`;
}
