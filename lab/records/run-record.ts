/** The folder of one run while it is being written: docs/records.md says what stands in it. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DecisionLine } from "#autoscaler/decision-record.ts";
import { makeFolder } from "#engine/checkpoint/stores/make-folder.ts";
import type { VerificationReport } from "#testbed/verify/report.ts";
import type { CheckpointLine, EventLine, LatencyLine, MetricsLine } from "./lines.ts";
import type { Manifest } from "./manifest.ts";
import { replaceJson } from "./replaced-file.ts";
import type { Summary } from "./summary.ts";
import { WholeLines } from "./whole-lines.ts";
import { writing } from "./written.ts";

type Lines = {
  metrics: MetricsLine;
  /** They have their own `t`. */
  decisions: DecisionLine;
  network: object;
  checkpoints: CheckpointLine;
  events: EventLine;
  latency: LatencyLine;
};

const lineFiles = ["metrics", "decisions", "network", "checkpoints", "events", "latency"] as const;

/** A line, and the file that it went to. */
export type RecordedLine = {
  [Name in keyof Lines]: { readonly file: Name; readonly line: Lines[Name] & { readonly t: number } };
}[keyof Lines];

/** For whoever ran an experiment. */
const fix = "make room there, or name a folder that can be written with --out";

export type HearRecord = (recorded: RecordedLine) => void;

/** Its `t` is monotonic: somebody who sets the machine's clock does not move what was recorded. */
export type RecordClock = {
  /** In ms since the epoch. */
  wallMs(): number;
  /** Of a clock that nobody sets. */
  monotonicMs(): number;
};

export class RunRecord {
  readonly folder: string;
  readonly #clock: RecordClock;
  readonly #startMonotonicMs: number;
  readonly #startWallMs: number;
  readonly #files = new Map<keyof Lines, WholeLines>();
  readonly #hear: HearRecord;
  #failure: unknown;

  /** An earlier record of the same name goes only now that a new one has begun. `hear` is told each line, too. */
  constructor(folder: string, clock: RecordClock, hear: HearRecord = () => undefined) {
    this.folder = folder;
    this.#clock = clock;
    this.#hear = hear;
    this.#startMonotonicMs = clock.monotonicMs();
    this.#startWallMs = clock.wallMs();
    this.#writing(() => {
      makeFolder(dirname(folder));
      if (existsSync(folder)) {
        // Moved out of the way first: removing takes a while, and half an old record is not to be read as a new one.
        const old = `${folder}.old`;
        rmSync(old, { recursive: true, force: true });
        renameSync(folder, old);
        rmSync(old, { recursive: true, force: true });
      }
      mkdirSync(folder);
      for (const name of lineFiles) this.#files.set(name, new WholeLines(join(folder, `${name}.jsonl`)));
    });
  }

  #writing<Result>(work: () => Result): Result {
    return writing(this.folder, fix, work);
  }

  get startedAt(): Date {
    return new Date(this.#startWallMs);
  }

  /** Since the run's start. */
  nowMs(): number {
    return this.#clock.monotonicMs() - this.#startMonotonicMs;
  }

  /** When something was, by a time of day that a process of this machine told. Never before the start. */
  sinceStartMs(wallMs: number): number {
    const agoMs = this.#clock.wallMs() - wallMs;
    return Math.max(0, this.nowMs() - agoMs);
  }

  /**
   * `t`: now, unless it was at another moment. What cannot be written is thrown by `check`: lines come from the engine's
   * and the network's own callbacks as well, where an error would be nobody's.
   */
  add<Name extends keyof Lines>(name: Name, line: Lines[Name], t = this.nowMs()): void {
    // First in the line, for those who read it as it is.
    const timed = Object.assign({ t: 0 }, line, { t: Math.round(t) });
    try {
      this.#files.get(name)!.add(timed);
    } catch (error) {
      this.#failure ??= error;
    }
    this.#hear({ file: name, line: timed } as unknown as RecordedLine);
  }

  /** Throws where a line could not be written. */
  check(): void {
    this.#writing(() => {
      if (this.#failure !== undefined) throw this.#failure;
    });
  }

  event(event: EventLine["event"], text: string, detail?: unknown): void {
    this.add("events", { event, text, ...(detail === undefined ? {} : { detail }) });
  }

  manifest(manifest: Manifest): void {
    this.#writing(() => replaceJson(join(this.folder, "manifest.json"), manifest));
  }

  verification(report: VerificationReport): void {
    this.#writing(() => replaceJson(join(this.folder, "verify.json"), report));
  }

  /** The last that is written. */
  end(summary: Summary): void {
    this.event(
      "end",
      summary.because === undefined ? summary.outcome : `${summary.outcome}: ${summary.because}`,
    );
    for (const file of this.#files.values()) file.close();
    this.check();
    this.#writing(() => replaceJson(join(this.folder, "summary.json"), summary));
  }
}
