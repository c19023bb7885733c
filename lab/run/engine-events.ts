/** What a run's timeline says of what the engine tells. Pure. */
import type { CoordinatorEvent } from "#engine/coordinator/coordinator-event.ts";
import type { EventLine } from "#lab/records/lines.ts";

/** Undefined for what has a record of its own, or happens all the time. */
export function engineEvent(told: CoordinatorEvent): EventLine | undefined {
  const engine = (text: string): EventLine => ({ event: "engine", text });
  switch (told.event) {
    case "moved":
      return engine(`${told.from} → ${told.to}${told.because === "" ? "" : `: ${told.because}`}`);
    case "worker-joined":
      return engine(`worker ${told.worker} joined`);
    case "worker-lost":
      return engine(`worker ${told.worker} is lost: ${told.because}`);
    case "worker-refused":
      return engine(`worker ${told.worker} is refused: ${told.because}`);
    case "attempt":
      return engine(`attempt ${told.attempt}${told.restore === undefined ? "" : ` from ${told.restore}`}`);
    case "checkpoint-failed":
      return { event: "checkpoint-failed", text: `checkpoint ${told.checkpoint}: ${told.because}` };
    case "store-trouble":
      return { event: "warning", text: `store, ${told.doing}: ${told.because}` };
    case "ended":
      return engine(`ended: ${told.state}`);
    case "checkpoint-started":
    case "checkpoint-completed":
    case "blobs-removed":
      return undefined;
    default:
      told satisfies never;
      return undefined;
  }
}
