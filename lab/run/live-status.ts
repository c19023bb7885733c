/** What a run looks like right now, for whoever watches. What is not known is left out. Pure. */
import type { Moment } from "./observe.ts";

export type LiveStatus = {
  readonly run: string;
  readonly atMs: number;
  /** What it is at: `provisioning`, `running`, `saturating`, … */
  readonly doing: string;
  readonly asked?: number;
  readonly taken?: number;
  /** What the model that decides believes that the running configuration can take. */
  readonly predicted?: number;
  readonly parallelism?: number;
  readonly nodes?: readonly string[];
  readonly sourceBackpressured?: number;
  readonly lagMs?: number;
  readonly checkpoint?: { readonly number: number; readonly durationMs: number; readonly bytes: number };
  /** Of this run alone. */
  readonly leftMs?: number;
};

export function jobStatus(
  { figures, asked }: Moment,
  predicted: number | undefined,
): Omit<LiveStatus, "run" | "atMs" | "doing"> {
  const { configuration, taken, sourceBackpressured, lagMs, lastCheckpoint } = figures;
  const nodes = configuration?.seats.map(({ node }) => node);
  return {
    ...(asked !== undefined && { asked }),
    ...(taken !== undefined && { taken }),
    ...(predicted !== undefined && { predicted }),
    ...(nodes !== undefined && { parallelism: nodes.length, nodes }),
    ...(sourceBackpressured !== undefined && { sourceBackpressured }),
    ...(lagMs !== undefined && { lagMs }),
    ...(lastCheckpoint !== undefined && {
      checkpoint: {
        number: lastCheckpoint.checkpoint,
        durationMs: lastCheckpoint.durationMs,
        bytes: lastCheckpoint.bytes,
      },
    }),
  };
}
