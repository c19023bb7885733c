/** What an element that came through a channel is to the chain: records, time that has passed, or silence. */
import type { Chain } from "./chain.ts";
import type { Consumed, InputGate } from "./input-gate.ts";

/** Barriers are none of its business: the gate holds them until the subtask takes its snapshot. */
export function giveElement(chain: Chain, inputs: InputGate, { input, element }: Consumed): void {
  const { watermarks } = inputs;
  if (element.is === "batch") {
    const { edge } = input.channel;
    watermarks.setActive(input.index);
    chain.deliver(edge.to.operator, edge.to.input, element.batch);
    inputs.release(input, element);
  } else if (element.is === "watermark") {
    if (watermarks.advance(input.index, element.ms, element.dueMs)) advance(chain, inputs);
  } else if (element.is === "end") {
    if (watermarks.advance(input.index, Number.POSITIVE_INFINITY, Number.NaN)) advance(chain, inputs);
  } else if (element.is === "idle") {
    if (watermarks.setIdle(input.index)) advance(chain, inputs);
  }
  if (element.is !== "batch" && !chain.isSuspended && watermarks.isIdle !== chain.isIdle) {
    chain.idle(watermarks.isIdle);
  }
}

function advance(chain: Chain, { watermarks }: InputGate): void {
  chain.watermark(watermarks.watermarkMs, watermarks.dueMs);
}
