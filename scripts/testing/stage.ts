/** One stage of the test run: what it does, and what came of it. */
import type { Group } from "./test-files.ts";

/** What came of one file's tests, and what they took together. */
export type FileOutcome = { file: string; passed: number; failed: number; ms: number };

export type Outcome = {
  passed: number;
  failed: number;
  /** What was left out, each with its reason. */
  skipped: readonly string[];
  files?: readonly FileOutcome[];
  /** Files that failed and ran once more. */
  secondTry?: readonly string[];
  /** What a person needs to see: failures, warnings; empty when all is well. */
  output: string;
  /** Of its own work, where it also waited for other stages. */
  seconds?: number;
};

export type Stage = {
  name: string;
  group: Group;
  /** Makes labs: begins when all else is over, all of these together. What measures takes its turn among them: see `Turns`. */
  labs: boolean;
  run(): Promise<Outcome>;
};

export type Finished = Outcome & { stage: string; seconds: number };

export type StagesPace = { sideBySide: number; now: () => number; signal: AbortSignal };

/** First what makes no labs, so many at once, then what does; a stage that throws has failed. */
export async function runStages(
  stages: readonly Stage[],
  { sideBySide, now, signal }: StagesPace,
  onFinished: (finished: Finished) => void,
): Promise<Finished[]> {
  const finished: Finished[] = [];
  const runOne = async (stage: Stage): Promise<void> => {
    signal.throwIfAborted();
    const startedMs = now();
    const outcome = await stage.run().catch(brokenBy);
    const seconds = outcome.seconds ?? (now() - startedMs) / 1000;
    const done = { stage: stage.name, ...outcome, seconds };
    finished.push(done);
    onFinished(done);
  };
  const waiting = stages.filter(({ labs }) => !labs);
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await runOne(next);
  };
  await Promise.all(Array.from({ length: sideBySide }, worker));
  await Promise.all(stages.filter(({ labs }) => labs).map(runOne));
  signal.throwIfAborted();
  return finished;
}

function brokenBy(error: unknown): Outcome {
  const output = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { passed: 0, failed: 1, skipped: [], output };
}

export type Total = { passed: number; failed: number; skipped: number };

/** Where nothing may be left out, what was left out has failed. */
export function total(finished: readonly Finished[], skippingFails: boolean): Total {
  const sum = (count: (each: Finished) => number) =>
    finished.reduce((before, each) => before + count(each), 0);
  const skipped = sum((each) => each.skipped.length);
  const failed = sum((each) => each.failed);
  return {
    passed: sum((each) => each.passed),
    failed: skippingFails ? failed + skipped : failed,
    skipped: skippingFails ? 0 : skipped,
  };
}

export function totalLine({ passed, failed, skipped }: Total): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

export function stageLine({ stage, seconds, passed, failed, skipped, secondTry = [] }: Finished): string {
  const verdict = failed > 0 ? "FAILED" : "ok";
  const counts = totalLine({ passed, failed, skipped: skipped.length });
  const again = secondTry.length > 0 ? `, at the second try: ${secondTry.join(", ")}` : "";
  return `${verdict.padEnd(6)}  ${stage.padEnd(11)}  ${seconds.toFixed(1).padStart(6)} s  ${counts}${again}`;
}

const slowestTold = 12;

/** Where the time went. */
export function slowestFiles({ files = [] }: Outcome): string {
  return [...files]
    .sort((one, other) => other.ms - one.ms)
    .slice(0, slowestTold)
    .map(({ file, ms }) => `${(ms / 1000).toFixed(0)} s ${file}`)
    .join(", ");
}
