/** What the `.json` files of a run hold, as docs/records.md says it; tolerant in the same way as its lines. */
import { z } from "zod";

const number = z.number().optional().catch(undefined);
const text = z.string().optional().catch(undefined);
const texts = z
  .array(z.unknown())
  .catch([])
  .transform((all) => all.map((each) => (typeof each === "string" ? each : JSON.stringify(each))));
const anything = z.record(z.string(), z.unknown()).optional().catch(undefined);

export const manifestDocument = z.object({
  format: number,
  experiment: text,
  run: text,
  condition: text,
  parameters: anything,
  repeat: number,
  seed: number,
  startedAt: text,
  file: text,
  fingerprint: text,
  plan: z
    .looseObject({
      job: z.looseObject({ use: text }).optional().catch(undefined),
      operator: text,
      load: z
        .looseObject({
          steps: z
            .array(z.object({ ratePerSecond: z.number(), forMs: z.number() }))
            .optional()
            .catch(undefined),
        })
        .optional()
        .catch(undefined),
      autoscaler: z
        .looseObject({
          ...{ model: text, policy: text, min: number, max: number, how: text, shares: text },
          dryRun: z.boolean().optional().catch(undefined),
        })
        .optional()
        .catch(undefined),
      measure: z.looseObject({ lagMsMax: number }).optional().catch(undefined),
      durationMs: number,
    })
    .optional()
    .catch(undefined),
  brume: z
    .object({ version: text, commit: text, dirty: z.boolean().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  node: text,
  machine: anything,
  lab: z
    .looseObject({
      name: text,
      fabric: z.looseObject({ kind: text, because: text }).optional().catch(undefined),
      nodes: z
        .array(z.looseObject({ name: z.string(), role: text, device: text, speed: number }))
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
  notEnforced: texts,
});
export type Manifest = z.infer<typeof manifestDocument>;

export const summaryDocument = z.object({
  outcome: text,
  because: text,
  seconds: number,
  rescales: number,
  meanTaken: number,
  backlogSeconds: number,
  nodeSeconds: number,
  warnings: texts,
});
export type Summary = z.infer<typeof summaryDocument>;

const check = z.object({
  asked: number,
  measured: z.number().nullish().catch(undefined),
  interval: z.unknown().optional(),
  samples: number,
  strain: number,
  verdict: text,
  why: text,
});
export type LinkCheck = z.infer<typeof check>;

export const verifyDocument = z.object({
  verdict: text,
  because: text,
  late: text,
  lateNow: text,
  remarks: texts,
  pairsMeasured: number,
  pairsOff: number,
  pairsOfAll: number,
  pairs: z
    .array(
      z
        .object({
          from: z.string(),
          to: z.string(),
          verdict: text,
          strain: number,
          checks: z
            .record(z.string(), check.optional().catch(undefined))
            .catch({})
            .transform((all) => all as Record<string, LinkCheck | undefined>),
        })
        .nullable()
        .catch(null),
    )
    .catch([])
    .transform((all) => all.filter((each) => each !== null)),
});
export type Verification = z.infer<typeof verifyDocument>;
