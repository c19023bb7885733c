/** Reads a run's folder. Whatever is missing is left out and said; nothing here fails for what a killed run lacks. */
import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { z } from "zod";
import {
  type Manifest,
  manifestDocument,
  type Summary,
  summaryDocument,
  type Verification,
  verifyDocument,
} from "./documents.ts";
import {
  type CheckpointLine,
  checkpointLine,
  decisionLine,
  type EventLine,
  eventLine,
  type LatencyLine,
  latencyLine,
  type MetricLine,
  type MovedLine,
  type MstLine,
  metricLine,
  networkLine,
  type OutcomeLine,
  type RttLine,
  type Tick,
} from "./lines.ts";
import { codeOf, readLines } from "./read-lines.ts";

export type Run = {
  folder: string;
  experiment: string;
  run: string;
  condition: string;
  manifest?: Manifest;
  /** `manifest.json` whole, for those who look up a parameter. */
  parameters?: unknown;
  summary?: Summary;
  verification?: Verification;
  metrics: MetricLine[];
  ticks: Tick[];
  outcomes: OutcomeLine[];
  msts: MstLine[];
  rtts: RttLine[];
  moves: MovedLine[];
  checkpoints: CheckpointLine[];
  events: EventLine[];
  latencies: LatencyLine[];
  /** What of the record could not be read. */
  unread: string[];
};

/** Any of these makes a folder a run's. */
export const recordFiles = [
  "manifest.json",
  "metrics.jsonl",
  "decisions.jsonl",
  "events.jsonl",
  "summary.json",
] as const;

/** Of the records that are written now: `manifest.json` says it of its own. */
const formatRead = 1;

export async function readRun(folder: string): Promise<Run> {
  const path = resolve(folder);
  const unread: string[] = [];
  const named = `${basename(dirname(path))}/${basename(path)}`;
  const document = async <Document>(file: string, schema: z.ZodType<Document>) => {
    const read = await readDocument(join(path, file), `${named}/${file}`, schema);
    if (read && "warning" in read) unread.push(read.warning);
    return read && "value" in read ? read : undefined;
  };
  const lines = async <Line>(file: string, schema: z.ZodType<Line>): Promise<Line[]> => {
    const read = await readLines(join(path, file), `${named}/${file}`, schema);
    unread.push(...(read?.warnings ?? []));
    return read?.lines ?? [];
  };
  const manifest = await document("manifest.json", manifestDocument);
  // One that cannot be read has been told of already.
  if (!manifest && unread.length === 0)
    unread.push(`${named}/manifest.json: not there, so the run's parameters are not known`);
  const format = manifest?.value.format ?? formatRead;
  if (format !== formatRead)
    unread.push(
      `${named}/manifest.json: is of format ${format}, and this brume reads ${formatRead}: figures may be missing or wrong`,
    );
  const summary = await document("summary.json", summaryDocument);
  const verification = await document("verify.json", verifyDocument);
  const decisions = await lines("decisions.jsonl", decisionLine);
  const network = await lines("network.jsonl", networkLine);
  const run = manifest?.value.run ?? basename(path);
  return {
    folder: path,
    experiment: manifest?.value.experiment ?? basename(dirname(path)),
    run,
    condition: manifest?.value.condition ?? run.replace(/\.?\d+$/, ""),
    ...(manifest ? { manifest: manifest.value, parameters: manifest.raw } : {}),
    ...(summary ? { summary: summary.value } : {}),
    ...(verification ? { verification: verification.value } : {}),
    metrics: await lines("metrics.jsonl", metricLine),
    ticks: decisions.filter((line) => line.is === "tick"),
    outcomes: decisions.filter((line) => line.is === "outcome"),
    msts: decisions.filter((line) => line.is === "mst"),
    rtts: network.filter((line) => line.is === "rtt"),
    moves: network.filter((line) => line.is === "moved"),
    checkpoints: await lines("checkpoints.jsonl", checkpointLine),
    events: await lines("events.jsonl", eventLine),
    latencies: await lines("latency.jsonl", latencyLine),
    unread,
  };
}

type Read<Document> = { value: Document; raw: unknown } | { warning: string };

async function readDocument<Document>(
  path: string,
  name: string,
  schema: z.ZodType<Document>,
): Promise<Read<Document> | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    return code === "ENOENT" ? undefined : { warning: `${name}: cannot be read (${code})` };
  }
  try {
    const raw: unknown = JSON.parse(text);
    const read = schema.safeParse(raw);
    return read.success
      ? { value: read.data, raw }
      : { warning: `${name}: is not as docs/records.md says; left out` };
  } catch {
    return { warning: `${name}: is not JSON; left out` };
  }
}
