/** How much a subtask does before the next one of its worker has its turn. */

/**
 * Elements that are taken of input. Behind most batches comes a watermark, and other workers send too: if a source had a turn
 * for each element, the queues behind it would always be full, and what they hold in no core's cache.
 */
const elementsPerTurn = 8;

/** `step` does one piece of work if there is any. Returns whether there was. */
export function takeTurn(takesInput: boolean, step: () => boolean, isLate: () => boolean): boolean {
  if (!step()) return false;
  if (!takesInput) return true;
  for (let steps = 1; steps < elementsPerTurn && !isLate(); steps++) if (!step()) break;
  return true;
}
