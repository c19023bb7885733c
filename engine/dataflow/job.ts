/** What a job file exports: `export default defineJob({ … })`. */
import type { Flow } from "./flow.ts";
import type { SettingKinds, SettingValues } from "./settings.ts";

export type JobDefinition<Kinds extends SettingKinds = SettingKinds> = {
  /** Letters, digits and dashes. */
  readonly name: string;
  /** One line on what it does. */
  readonly summary: string;
  readonly settings: Kinds;
  /** Writes the job's operators on `flow`. It must come to the same for the same settings, wherever it is called. */
  build(flow: Flow, settings: SettingValues<Kinds>): void;
};

/** Only gives `build` the types of its settings. */
export function defineJob<const Kinds extends SettingKinds>(job: JobDefinition<Kinds>): JobDefinition<Kinds> {
  return job;
}
