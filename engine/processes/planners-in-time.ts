/**
 * Loads a job's module before the core gets the deployment that needs it, since the core plans within the call. Messages
 * behind it wait, so that they stay in order.
 */
import type { JobPlan } from "../dataflow/plan.ts";
import type { JobSpec, ToWorker } from "../runtime/messages.ts";
import type { Planner } from "./job-planner.ts";

export class PlannersInTime {
  private readonly load: (use: string) => Promise<Planner>;
  private readonly handOn: (message: ToWorker) => void;
  /** By what is to be loaded; a failure is thrown where the plan is asked for. */
  private readonly known = new Map<string, Planner>();
  private waiting: ToWorker[] = [];
  private isLoading = false;
  /** Rises when what waits is void. */
  private era = 0;

  constructor(load: (use: string) => Promise<Planner>, handOn: (message: ToWorker) => void) {
    this.load = load;
    this.handOn = handOn;
  }

  onMessage(message: ToWorker): void {
    this.waiting.push(message);
    if (!this.isLoading) void this.handOnAll();
  }

  /** The connection that they came by is gone. */
  forget(): void {
    this.waiting = [];
    this.era++;
  }

  plan(job: JobSpec): JobPlan {
    const planner = this.known.get(job.use);
    if (!planner) throw new Error(`${job.use} is not loaded`);
    return planner(job);
  }

  private async handOnAll(): Promise<void> {
    this.isLoading = true;
    for (let message = this.waiting.shift(); message; message = this.waiting.shift()) {
      const { era } = this;
      if (message.is === "deploy") await this.learn(message.deployment.job.use);
      if (era === this.era) this.handOn(message);
    }
    this.isLoading = false;
  }

  private async learn(use: string): Promise<void> {
    if (this.known.has(use)) return;
    const planner = await this.load(use).catch((error: unknown) => () => {
      throw error;
    });
    this.known.set(use, planner);
  }
}
