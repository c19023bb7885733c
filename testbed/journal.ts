/**
 * A lab's journal: one JSON object a line, each step written before it runs and again when it is done. What a lab
 * owns is read back from it alone, whatever became of the topology file or of the process that wrote it.
 */
import { appendFileSync, readFileSync, truncateSync } from "node:fs";
import type { Step } from "./steps.ts";
import type { NodeSpec } from "./topology/topology.ts";

export type JournalLine = { at: string; phase: "will" | "did"; step: Step };

/** `spec`: what it is made from, where that is more than a namespace of this machine. */
export type OwnedNode = { number: number; made: boolean; spec?: NodeSpec };

/** What the journal says exists or may exist. */
export type Owned = {
  keeper: boolean;
  /** It said so. One whose start was cut short may be alive and never serve: whoever it tells that it is ready is gone. */
  keeperReady: boolean;
  /** Name → number, for nodes made or begun. A number is never given to another node of the same lab. */
  nodes: Map<string, OwnedNode>;
  nextNumber: number;
  /** Name → device class, for limits set or begun to be set or removed. */
  limits: Map<string, { device: string; cores: number; made: boolean }>;
  hostsWritten: boolean;
  networkSet: boolean;
  timelineSet: boolean;
};

export function fold(lines: readonly JournalLine[]): Owned {
  const owned: Owned = {
    keeper: false,
    keeperReady: false,
    nodes: new Map(),
    nextNumber: 0,
    limits: new Map(),
    hostsWritten: false,
    networkSet: false,
    timelineSet: false,
  };
  for (const { phase, step } of lines) {
    switch (step.do) {
      case "adopt-topology":
        owned.networkSet &&= !step.network;
        owned.timelineSet &&= !step.timeline;
        break;
      case "start-keeper":
        owned.keeper = true;
        owned.keeperReady = phase === "did";
        // A new keeper has nothing of what the one before it held.
        for (const node of owned.nodes.values()) node.made = false;
        owned.networkSet = false;
        owned.timelineSet = false;
        break;
      case "create-node":
        owned.nodes.set(step.node, {
          number: step.number,
          made: phase === "did",
          ...(step.spec && { spec: step.spec }),
        });
        owned.nextNumber = Math.max(owned.nextNumber, step.number + 1);
        nodesMoved(owned);
        break;
      case "remove-node":
        if (phase === "did") owned.nodes.delete(step.node);
        else owned.nodes.set(step.node, { ...owned.nodes.get(step.node), number: step.number, made: false });
        nodesMoved(owned);
        break;
      case "limit-node":
        owned.limits.set(step.node, { device: step.device, cores: step.cores, made: phase === "did" });
        break;
      case "unlimit-node": {
        const limit = owned.limits.get(step.node);
        if (phase === "did") owned.limits.delete(step.node);
        else if (limit) limit.made = false;
        break;
      }
      case "set-network":
        owned.networkSet = phase === "did";
        break;
      case "set-timeline":
        owned.timelineSet = phase === "did";
        break;
      case "write-hosts":
        owned.hostsWritten = phase === "did";
        break;
      default:
        step satisfies never;
    }
  }
  return owned;
}

/** Names and pairs have to be told anew, even if nobody lives to do it in the same provisioning. */
function nodesMoved(owned: Owned): void {
  owned.hostsWritten = false;
  owned.networkSet = false;
}

export function readJournal(path: string): JournalLine[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return text
    .slice(0, wholeLines(text))
    .split("\n")
    .flatMap((line, index) => {
      if (line === "") return [];
      try {
        return [JSON.parse(line) as JournalLine];
      } catch (error) {
        throw new Error(`${path}:${index + 1}: not a line of a journal`, { cause: error });
      }
    });
}

/** A writer that was cut short may leave a part of a line, which speaks of a step that had not begun. */
function wholeLines(text: string): number {
  return text.lastIndexOf("\n") + 1;
}

export type Journal = { record(phase: "will" | "did", step: Step): void };

/**
 * Appends synchronously: when `record` returns the kernel has the line, and a kill of this process cannot take it
 * back. Only a crash of the machine can, and that takes everything that the line speaks of with it.
 */
export function openJournal(path: string, now: () => Date): Journal {
  dropPartOfLine(path);
  return {
    record(phase, step) {
      appendFileSync(
        path,
        `${JSON.stringify({ at: now().toISOString(), phase, step } satisfies JournalLine)}\n`,
      );
    },
  };
}

/** Or the next line would be glued to it, and the journal be unreadable from then on. */
function dropPartOfLine(path: string): void {
  try {
    const bytes = readFileSync(path);
    const whole = bytes.lastIndexOf("\n") + 1;
    if (whole < bytes.length) truncateSync(path, whole);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
