/** The conditions of a rule, a link or an event, from how the file writes them to what a pair feels. */
import type { ConditionChange, Jitter, Loss, Queue } from "#testbed/network/conditions.ts";
import { type DelayTrace, readTrace } from "./delay-trace.ts";
import type { Findings } from "./findings.ts";
import type { FileConditions } from "./schema-conditions.ts";
import { conditionKeys } from "./schema-conditions.ts";
import type { SideFiles } from "./side-files.ts";
import type { Path } from "./yaml-tree.ts";

/** Ethernet's packet; a queue that holds none drops everything, and its rate would never be seen. */
const fullPacketBytes = 1500;

/** Present members of the file's conditions become members of the change; mistakes are noted, not thrown. */
export function readConditions(
  file: FileConditions,
  path: Path,
  findings: Findings,
  sides: SideFiles,
): ConditionChange {
  const change: ConditionChange = { ...file.delay };
  const shape =
    file.jitter === undefined ? undefined : readJitter(file.jitter, [...path, "jitter"], findings, sides);
  if (shape) {
    change.jitter = shape.jitter;
    if (shape.meanMs !== undefined && !file.delay) change.delayMs = shape.meanMs;
    if (file.delay && "delayMs" in file.delay) {
      checkJitterFits(shape.jitter, file.delay.delayMs, [...path, "jitter"], findings);
    }
  }
  const loss = file.loss === undefined ? undefined : readLoss(file.loss, [...path, "loss"], findings);
  if (loss) change.loss = loss;
  if (file.duplicate !== undefined) change.duplicateRatio = file.duplicate;
  if (file.corrupt !== undefined) change.corruptRatio = file.corrupt;
  if (file.rate !== undefined) change.rateBitsPerSecond = file.rate;
  if (file.queue !== undefined) change.queue = readQueue(file.queue, file.rate, [...path, "queue"], findings);
  if (file.mtu !== undefined) change.mtuBytes = file.mtu;
  if (file.cut !== undefined) change.cut = file.cut;
  return change;
}

export function hasConditions(file: FileConditions): boolean {
  return Object.keys(conditionKeys).some((key) => file[key as keyof FileConditions] !== undefined);
}

export function readQueue(
  file: NonNullable<FileConditions["queue"]>,
  rateBitsPerSecond: number | undefined,
  path: Path,
  findings: Findings,
): Queue {
  const written = "limitBytes" in file || "limitMs" in file ? { limit: file } : file;
  const queue: Queue = { discipline: written.discipline ?? "drop-tail", ecn: written.ecn ?? false };
  const { limit } = written;
  if (!limit) return queue;
  if ("limitMs" in limit && rateBitsPerSecond === undefined) {
    const what = "queue: a limit as a time needs one rate beside it";
    findings.refuse(path, "no-sense", what, "add a rate, or write the limit as a size such as 64KB");
    return queue;
  }
  const limitBytes =
    "limitMs" in limit
      ? Math.round((limit.limitMs / 1000) * ((rateBitsPerSecond ?? 0) / 8))
      : limit.limitBytes;
  if (limitBytes < fullPacketBytes) {
    const what = `queue: a limit of ${limitBytes} bytes holds no full packet`;
    findings.refuse(path, "out-of-range", what, `write at least ${fullPacketBytes}B`);
  }
  return { limitBytes, ...queue };
}

/** Delays below zero do not exist: cut off there, mean and spread would both be other than asked. */
export function jitterFits({ distribution, offsetsMs, spreadMs }: Jitter, delayMs: number): boolean {
  const most = distribution === "trace" ? -(offsetsMs?.[0] ?? 0) : spreadMs;
  // Half a microsecond of grace: a trace's own mean is rounded to the nanosecond.
  return most <= delayMs + 5e-4;
}

function checkJitterFits(jitter: Jitter, delayMs: number, path: Path, findings: Findings): void {
  if (jitterFits(jitter, delayMs)) return;
  const fix = `a delay varies by at most itself: lower the jitter, or raise the delay above ${jitterReachMs(jitter)}ms`;
  findings.refuse(
    path,
    "no-sense",
    `jitter: ${jitterReachMs(jitter)}ms is more than the delay of ${delayMs}ms`,
    fix,
  );
}

export function jitterReachMs({ distribution, offsetsMs, spreadMs }: Jitter): number {
  return distribution === "trace" ? Math.round(-(offsetsMs?.[0] ?? 0) * 1e3) / 1e3 : spreadMs;
}

function readJitter(
  file: NonNullable<FileConditions["jitter"]>,
  path: Path,
  findings: Findings,
  sides: SideFiles,
): { jitter: Jitter; meanMs?: number } | undefined {
  if (typeof file === "number") return { jitter: { spreadMs: file, distribution: "normal", reorder: false } };
  const reorder = file.reorder ?? false;
  if (file.trace !== undefined) {
    const key =
      file.spread !== undefined ? "spread" : file.distribution !== undefined ? "distribution" : undefined;
    if (key) {
      const what = `jitter: ${key} and trace exclude each other`;
      const fix = "a trace brings its own spread: keep one of the two";
      findings.refuseKey([...path, key], "conflicting-keys", what, fix);
      return undefined;
    }
    const unit = file.unit ?? "ms";
    const trace = sides.read(file.trace, [...path, "trace"], "trace", unit, findings, (text, name) =>
      readTrace(text, name, unit),
    );
    return trace && fromTrace(trace, reorder);
  }
  if (file.unit !== undefined) {
    findings.refuseKey(
      [...path, "unit"],
      "conflicting-keys",
      "jitter: unit is for a trace",
      "remove it, or add trace: FILE",
    );
  }
  if (file.spread === undefined) {
    findings.refuse(
      path,
      "missing-key",
      "jitter: needs a spread or a trace",
      "add spread: 10ms or trace: FILE",
    );
    return undefined;
  }
  return { jitter: { spreadMs: file.spread, distribution: file.distribution ?? "normal", reorder } };
}

function fromTrace({ meanMs, spreadMs, offsetsMs }: DelayTrace, reorder: boolean) {
  return { jitter: { spreadMs, distribution: "trace" as const, reorder, offsetsMs }, meanMs };
}

function readLoss(
  file: NonNullable<FileConditions["loss"]>,
  path: Path,
  findings: Findings,
): Loss | undefined {
  if (typeof file === "number") return { model: "random", ratio: file };
  const { ratio, burst, enter, leave, good, bad } = file;
  const chain = (["enter", "leave", "good", "bad"] as const).filter((key) => file[key] !== undefined);
  if (ratio !== undefined && chain[0]) {
    const what = `loss: ratio and ${chain[0]} exclude each other`;
    findings.refuseKey(
      [...path, chain[0]],
      "conflicting-keys",
      what,
      "write ratio and burst, or enter, leave, good and bad",
    );
    return undefined;
  }
  if (ratio !== undefined)
    return burst === undefined ? { model: "random", ratio } : bursts(ratio, burst, path, findings);
  if (burst !== undefined) {
    findings.refuse(path, "missing-key", "loss: burst needs a ratio", "add ratio: 1%");
    return undefined;
  }
  if (enter === undefined || leave === undefined) {
    const fix = "write ratio: 1% (with burst: 5 for bursts), or enter: 1% and leave: 20%";
    findings.refuse(path, "missing-key", "loss: needs a ratio, or both enter and leave", fix);
    return undefined;
  }
  if (enter > 0 && leave === 0) {
    const what = "loss: leave of 0% never comes back from the first burst";
    findings.refuse(
      [...path, "leave"],
      "no-sense",
      what,
      "write cut: true for a link that is gone, or raise leave",
    );
  }
  return { model: "bursts", enter, leave, lossGood: good ?? 0, lossBad: bad ?? 1 };
}

/**
 * Gilbert's chain that loses `ratio` of all packets in runs of `burst` on average. With everything lost in the
 * bad state a run lasts 1/leave packets, and the share of bad packets is enter / (enter + leave).
 */
function bursts(ratio: number, burst: number, path: Path, findings: Findings): Loss | undefined {
  const leave = 1 / burst;
  const enter = (ratio * leave) / (1 - ratio);
  if (!(enter <= 1)) {
    const most = Math.floor((100 * burst) / (burst + 1));
    const what = `loss: ${Math.round(ratio * 1e4) / 100}% lost in bursts of ${burst} leaves no packets between the bursts`;
    findings.refuse(path, "no-sense", what, `with bursts of ${burst} at most ${most}% can be lost`);
    return undefined;
  }
  return { model: "bursts", enter, leave, lossGood: 0, lossBad: 1 };
}
