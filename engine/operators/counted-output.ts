/** An output that tells whether something went out, so that a long run of results can pause between batches. */
import type { Batch } from "../records/batch.ts";
import type { OperatorContext, Output } from "./operator.ts";

/** What results need of a context. */
export type ResultContext = Pick<OperatorContext, "out" | "side" | "watermarkDueMs">;

export class CountedOutput implements Output {
  #emitted = false;
  readonly #out: Output;

  constructor(out: Output) {
    this.#out = out;
  }

  emit(batch: Batch): void {
    this.#emitted = true;
    this.#out.emit(batch);
  }

  /** Since it was last asked. */
  hasEmitted(): boolean {
    const emitted = this.#emitted;
    this.#emitted = false;
    return emitted;
  }

  /** The context with this as its main output. It asks the context itself, whose class may have private fields. */
  within(context: OperatorContext): ResultContext {
    return {
      out: this,
      side: (name) => context.side(name),
      get watermarkDueMs() {
        return context.watermarkDueMs;
      },
    };
  }
}
