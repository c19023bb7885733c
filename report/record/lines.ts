/**
 * What a line of each `.jsonl` file of a run holds, as docs/records.md says it. A field of another type counts as absent
 * and unknown ones are passed over, so that records of an older or a newer brume can still be read.
 */
import { z } from "zod";

const number = z.number().optional().catch(undefined);
const text = z.string().optional().catch(undefined);
/** Three years: what is later is a damaged figure, and no axis could show it beside others. */
const latestMs = 1e11;
const t = z.number().min(0).max(latestMs);

/** Each element that is as it should be; others are passed over. */
function listOf<Element extends z.ZodType>(element: Element) {
  return z
    .array(element.nullable().catch(null))
    .catch([])
    .transform((all) => all.filter((each): each is NonNullable<typeof each> => each !== null));
}

const seat = z.object({ node: z.string(), share: number });
const configuration = z.object({ seats: listOf(seat) });
const optionalConfiguration = configuration.optional().catch(undefined);
export type Configuration = z.infer<typeof configuration>;

const prediction = z.object({
  mst: z.number(),
  low: number,
  high: number,
  binds: z.object({ resource: text, node: text, text }).optional().catch(undefined),
});
export type Prediction = z.infer<typeof prediction>;

/** By model; a model whose prediction cannot be read is left out, as one that could not say is. */
const predictions = z
  .record(z.string(), prediction.optional().catch(undefined))
  .optional()
  .catch(undefined)
  .transform((all) => {
    const told = Object.entries(all ?? {}).filter(([, each]) => each !== undefined);
    return Object.fromEntries(told) as Record<string, Prediction>;
  });

export const metricLine = z.object({
  t,
  state: text,
  attempt: number,
  parallelism: number,
  asked: number,
  taken: number,
  lagMs: number,
  sourceBackpressured: number,
  seats: listOf(
    z.object({
      subtask: number,
      node: z.string(),
      share: number,
      in: number,
      out: number,
      bytesIn: number,
      busy: number,
      backpressured: number,
      idle: number,
      stateBytes: number,
      queuedBytes: number,
    }),
  ),
});
export type MetricLine = z.infer<typeof metricLine>;

const tick = z.object({
  t,
  is: z.literal("tick"),
  state: text,
  asked: number,
  taken: number,
  configuration: optionalConfiguration,
  predictions,
  decision: z
    .object({
      do: z.string(),
      to: optionalConfiguration,
      because: text,
      predicted: prediction.optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});
export type Tick = z.infer<typeof tick>;

const outcome = z.object({
  t,
  is: z.literal("outcome"),
  from: optionalConfiguration,
  to: optionalConfiguration,
  outcome: text,
  because: text,
  standStillMs: number,
});
export type OutcomeLine = z.infer<typeof outcome>;

const mst = z.object({
  t,
  is: z.literal("mst"),
  configuration,
  mst: z.number(),
  low: number,
  high: number,
  how: text,
  predictions,
});
export type MstLine = z.infer<typeof mst>;

export const decisionLine = z.discriminatedUnion("is", [tick, outcome, mst]);

const rtt = z.object({
  t,
  is: z.literal("rtt"),
  pairs: listOf(
    z.object({
      from: z.string(),
      to: z.string(),
      estimatedMs: number,
      lowMs: number,
      highMs: number,
      measuredMs: number,
    }),
  ),
});
const moved = z.object({ t, is: z.literal("moved"), node: z.string(), byMs: number });
const coordinates = z.object({ t, is: z.literal("coordinates") });
export const networkLine = z.discriminatedUnion("is", [rtt, moved, coordinates]);
export type RttLine = z.infer<typeof rtt>;
export type MovedLine = z.infer<typeof moved>;

export const checkpointLine = z.object({
  t,
  checkpoint: number,
  kind: text,
  outcome: text,
  because: text,
  startedT: number,
  durationMs: number,
  bytes: number,
  alignmentMs: number,
});
export type CheckpointLine = z.infer<typeof checkpointLine>;

export const eventLine = z.object({
  t,
  event: z.string(),
  text: z.string().catch(""),
  detail: z.unknown().optional(),
});
export type EventLine = z.infer<typeof eventLine>;

const histogram = z.object({
  count: z.number(),
  sumMs: number,
  minMs: z.number().nullish().catch(undefined),
  maxMs: z.number().nullish().catch(undefined),
  buckets: listOf(z.tuple([z.number(), z.number()])),
});
export type HistogramRecord = z.infer<typeof histogram>;
export const latencyLine = z.object({ t, attempt: z.number().catch(1), latency: histogram });
export type LatencyLine = z.infer<typeof latencyLine>;
