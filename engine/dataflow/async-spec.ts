/** Calls to something outside, as a job writes them, and how they are planned. */
import { type AsyncCallSettings, asyncCall } from "../operators/async-call.ts";
import type { Fields, RowOf, Schema } from "../records/schema.ts";
import { type Duration, durationMs } from "../units.ts";
import { eventTime, type OperatorSpec } from "./operator-spec.ts";
import { readsOf } from "./stateless-specs.ts";

export type AsyncSpec<F extends Fields, Out extends Fields> = {
  readonly output: Out;
  /** Any number of results. `signal` is aborted when the time for an answer is over. */
  readonly call: (
    row: RowOf<F>,
    ask: { readonly attempt: number; readonly signal: AbortSignal },
  ) => Promise<readonly RowOf<Out>[]>;
  /** Results in the order of records; otherwise as answers come, but never across a watermark. */
  readonly ordered: boolean;
  /** Most calls at the same time. */
  readonly capacity: number;
  /** For one attempt. */
  readonly timeout: Duration;
  /** Further attempts, and the pause before each. */
  readonly retry?: { readonly attempts: number; readonly delay: Duration };
  /** When the last attempt has failed; "fail" begins again from the last checkpoint. */
  readonly onFailure?: "fail" | "drop";
};

export function asyncSpec(full: Schema, output: Schema, spec: AsyncSpec<Fields, Fields>): OperatorSpec {
  const { call, ordered, capacity, retry, onFailure } = spec;
  const settings: Omit<AsyncCallSettings, "input"> = {
    output,
    call,
    ordered,
    capacity,
    timeoutMs: durationMs(spec.timeout),
    ...(retry ? { retry: { attempts: retry.attempts, delayMs: durationMs(retry.delay) } } : {}),
    ...(onFailure ? { onFailure } : {}),
  };
  return {
    name: "async",
    outputs: { "": output },
    // Which records are late is decided downstream, so their times go along.
    reads: () => [new Set([...readsOf(full, undefined), eventTime])],
    resolve: ([input]) => ({
      outputs: { "": output },
      make: () => asyncCall({ ...settings, input: input! }),
    }),
  };
}
