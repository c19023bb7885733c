/** What the HTTP API asks of the coordinator; `coordinator-process.ts` gives it. Documents are plain JSON values. */
import type { LoadReport, LoadRequest } from "../coordinator/job-load.ts";
import type { RescaleReport, RescaleRequest } from "../coordinator/rescale.ts";
import type { CheckpointMode } from "../runtime/messages.ts";

export type SavepointRequest = { readonly mode?: CheckpointMode };
export type SavepointReport = { readonly savepoint: string };

export interface JobControl {
  job(): unknown;
  plan(): unknown;
  workers(): unknown;
  checkpoints(): unknown;
  metrics(): MetricsDocument;
  savepoint(request: SavepointRequest): Promise<SavepointReport>;
  stop(request: SavepointRequest): Promise<SavepointReport>;
  rescale(request: RescaleRequest): Promise<RescaleReport>;
  load(): LoadReport;
  setLoad(request: LoadRequest): Promise<LoadReport>;
  cancel(): Promise<void>;
}

export type MetricsDocument = {
  readonly atMs: number;
  readonly job: string;
  readonly state: string;
  /** By worker, the last that it sent. */
  readonly workers: Readonly<Record<string, unknown>>;
  readonly coordinator: Readonly<Record<string, number>>;
};
