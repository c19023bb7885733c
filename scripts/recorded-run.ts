/** Reads of a run's record what it takes to judge models in it, and says what of it cannot be used. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { BelievedLine, DecidedLine, MomentLine, RecordedRun } from "#autoscaler/models/replay.ts";
import type { World } from "#autoscaler/observation.ts";
import { EngineError } from "#engine/engine-error.ts";
import { loadPlanner } from "#engine/processes/job-planner.ts";
import type { RunPlan } from "#lab/experiment/experiment.ts";
import type { Manifest } from "#lab/records/manifest.ts";
import { jobShape } from "#lab/run/job-shape.ts";
import { accessRates, worldOf } from "#lab/run/world.ts";
import { readLines } from "#report/record/read-lines.ts";
import type { VerificationReport } from "#testbed/verify/report.ts";

export type ReadRecord = { readonly warnings: readonly string[] } & (
  | { readonly name: string; readonly run: RecordedRun }
  | { readonly unusable: string }
);

const number = z.number().optional();
const manifest = z.looseObject({
  experiment: z.string(),
  run: z.string(),
  plan: z.looseObject({
    job: z.looseObject({ use: z.string(), settings: z.record(z.string(), z.string()) }),
    operator: z.string(),
    engine: z.looseObject({
      checkpoints: z.looseObject({ everyMs: z.number(), store: z.string(), mode: z.string() }),
      bufferBytes: z.number(),
      flushMs: z.number(),
    }),
    measure: z.looseObject({ warmUpMs: z.number() }),
    topology: z.looseObject({
      nodes: z.array(z.looseObject({ name: z.string(), role: z.string(), device: z.string() })),
      access: z.array(z.looseObject({ node: z.string() })),
    }),
  }),
  lab: z
    .looseObject({ nodes: z.array(z.looseObject({ name: z.string(), role: z.string(), speed: number })) })
    .optional(),
});

const verification = z.looseObject({
  pairs: z
    .array(z.looseObject({ from: z.string(), to: z.string(), checks: z.record(z.string(), z.unknown()) }))
    .optional(),
});

const configuration = z.looseObject({
  seats: z.array(z.looseObject({ node: z.string(), share: z.number() })),
});
const line = { t: z.number() };
const moment = z.looseObject({
  ...line,
  state: z.string(),
  attempt: z.number(),
  seats: configuration.shape.seats,
  nodes: z.record(z.string(), z.looseObject({ cpu: number })),
});
const decided = z.union([
  z.looseObject({ ...line, is: z.literal("mst"), configuration, mst: z.number() }),
  z.looseObject({
    ...line,
    is: z.literal("tick"),
    decision: z.looseObject({ do: z.string(), to: configuration.optional() }),
  }),
  z.looseObject({ ...line, is: z.string().refine((is) => is !== "mst" && is !== "tick") }),
]);
const believed = z.looseObject({
  ...line,
  is: z.string(),
  pairs: z.array(z.looseObject({ from: z.string(), to: z.string() })).optional(),
});

export async function recordedRun(folder: string): Promise<ReadRecord> {
  const warnings: string[] = [];
  const begun = documentOf<Manifest>(folder, "manifest.json", manifest);
  if ("why" in begun) return { warnings, unusable: begun.why };
  const { plan, experiment, run } = begun.document;
  const world = await worldBefore(begun.document).catch((error: unknown) => {
    if (!(error instanceof EngineError)) throw error;
    return `its job cannot be made: ${error.message.replaceAll("\n  fix: ", "; ")}`;
  });
  if (typeof world === "string") return { warnings, unusable: world };
  const name = `${experiment}/${run}`;
  const lines = async <Line>(file: string, schema: z.ZodType): Promise<Line[]> => {
    const read = await readLines(join(folder, file), `${name}/${file}`, schema as z.ZodType<Line>);
    warnings.push(...(read?.warnings ?? []));
    return read?.lines ?? [];
  };
  const verified = documentOf<VerificationReport>(folder, "verify.json", verification);
  if ("why" in verified && !verified.isMissing)
    warnings.push(`${name}: ${verified.why}; links count as asked`);
  return {
    warnings,
    name,
    run: {
      world,
      access: accessRates(plan.topology, "document" in verified ? verified.document : undefined),
      warmUpMs: plan.measure.warmUpMs,
      moments: await lines<MomentLine>("metrics.jsonl", moment),
      decisions: await lines<DecidedLine>("decisions.jsonl", decided),
      network: await lines<BelievedLine>("network.jsonl", believed),
    },
  };
}

type ReadDocument<Document> =
  | { readonly document: Document }
  | { readonly why: string; readonly isMissing: boolean };

/** `schema` asks for what is used here; the rest of it is what brume wrote. */
function documentOf<Document>(folder: string, file: string, schema: z.ZodType): ReadDocument<Document> {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(join(folder, file), "utf8"));
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return { why: isMissing ? `it has no ${file}` : `its ${file} cannot be read`, isMissing };
  }
  const read = schema.safeParse(raw);
  if (read.success) return { document: read.data as Document };
  const where = read.error.issues[0]?.path.join(".") ?? "";
  const what = where === "" ? `its ${file}` : `${where} in its ${file}`;
  return { why: `${what} is not as docs/records.md says`, isMissing: false };
}

/** What models were told when the run began. */
async function worldBefore(manifest: Manifest): Promise<World> {
  const plan = manifest.plan as RunPlan;
  const planner = await loadPlanner(plan.job.use);
  const shape = jobShape(
    planner({ ...plan.job, parallelism: 1, maxParallelism: 128, parallelismOf: {} }),
    plan.operator,
  );
  const named = (role: string) =>
    plan.topology.nodes.filter((node) => node.role === role).map(({ name }) => name);
  const workers = (manifest.lab?.nodes ?? []).filter(({ role }) => role === "worker");
  const fastest = Math.max(...workers.map(({ speed = 0 }) => speed));
  const speeds = new Map(
    workers.flatMap(({ name, speed }) => (speed === undefined ? [] : [[name, speed / fastest] as const])),
  );
  const store = plan.engine.checkpoints.store === "minio" ? named("store")[0] : undefined;
  return worldOf({ plan, shape, sources: named("generator"), speeds, store });
}
