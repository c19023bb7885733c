/**
 * Tells "this node has moved" from "one path has moved": when most of the peers that were heard of lately surprise in
 * the same direction, it is the node's own access that changed.
 */
import type { Heard } from "./agent-window.ts";

/** By one node, as its own agent sees it; a longer way to everybody is positive. */
export type Move = { readonly byMs: number; readonly peers: number };

const withinMs = 10_000;
const peersToJudge = 3;
/** Of these the path has moved for sure; of the others one sample may do. */
const sureToJudge = 2;
const shareToMove = 0.6;
/** Less is a busy machine, not a moved node. */
const leastMoveMs = 2;

/** How far a path was from what was expected of it, 0 for not at all; `isSure` when that was confirmed. */
type Word = { byMs: number; isSure: boolean; atMs: number };

export class MoveDetector {
  /** The last word about each peer, of late. */
  readonly #words = new Map<string, Word>();
  #last = { side: 0, atMs: Number.NEGATIVE_INFINITY };

  /** Says so once for each move. */
  note(peer: string, { surpriseMs = 0, movedMs }: Heard, nowMs: number): Move | undefined {
    for (const [each, { atMs }] of this.#words) if (nowMs - atMs > withinMs) this.#words.delete(each);
    const isSure = movedMs !== undefined;
    // A path that has moved surprises nobody any more.
    if (!isSure && this.#words.get(peer)?.isSure) return undefined;
    this.#words.set(peer, { byMs: movedMs ?? surpriseMs, isSure, atMs: nowMs });
    const side = Math.sign(movedMs ?? surpriseMs);
    const moved = [...this.#words.values()].filter(({ byMs }) => byMs * side >= leastMoveMs);
    const isNode = moved.length >= peersToJudge && moved.length >= shareToMove * this.#words.size;
    if (!isNode || moved.filter((word) => word.isSure).length < sureToJudge) return undefined;
    this.#words.clear();
    const isKnown = this.#last.side === side && nowMs - this.#last.atMs < withinMs;
    this.#last = { side, atMs: nowMs };
    if (isKnown) return undefined; // The rest of its peers see it now.
    const inOrder = moved.map(({ byMs }) => byMs).sort((a, b) => a - b);
    return { byMs: inOrder[inOrder.length >> 1]!, peers: inOrder.length };
  }
}
