/**
 * Tells that the node's own path has moved from that one peer's has: most of the peers measured of late surprise, all
 * to one side and by about as much.
 */

const recentMax = 5;
const surprisesToMove = 3;
/** How unlike the surprises of one move may be; peers whose path is changed by something else are not counted. */
const alikeRatio = 0.5;
/** Less is a busy machine. */
const leastMoveMs = 1;
/** For so many samples after that, each surprise is believed at once. */
const underWaySamples = 64;

export class OwnMove {
  /** The last word on each of the peers measured last, latest last; 0 for as usual. */
  #recent: { readonly peer: string; readonly surpriseMs: number }[] = [];
  #underWay = 0;

  /** A move was noticed lately, so a surprise is more likely to be part of it than a spike. */
  get isUnderWay(): boolean {
    return this.#underWay > 0;
  }

  /** By how much the node has moved: said once for each move. */
  note(peer: string, surpriseMs: number): number | undefined {
    if (this.#underWay > 0) this.#underWay--;
    const others = this.#recent.filter((each) => each.peer !== peer).slice(1 - recentMax);
    this.#recent = [...others, { peer, surpriseMs }];
    if (Math.abs(surpriseMs) < leastMoveMs) return undefined;
    const alike = this.#recent
      .map((each) => each.surpriseMs)
      .filter((each) => Math.abs(each - surpriseMs) <= alikeRatio * Math.abs(surpriseMs));
    if (alike.length < surprisesToMove) return undefined;
    this.#recent = [];
    this.#underWay = underWaySamples;
    return alike.toSorted((a, b) => a - b)[alike.length >> 1]!;
  }
}
