/** How a subtask spends its time: at work, held up by its outputs, or without input. The three sum to all of it. */
export type Occupation = "busy" | "backpressured" | "idle";

export class SubtaskTimes {
  readonly ms: Record<Occupation, number> = { busy: 0, backpressured: 0, idle: 0 };
  #occupation: Occupation = "idle";
  #sinceMs: number;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  turnTo(occupation: Occupation, nowMs: number): void {
    this.ms[this.#occupation] += nowMs - this.#sinceMs;
    this.#occupation = occupation;
    this.#sinceMs = nowMs;
  }
}
