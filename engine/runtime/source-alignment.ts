/** What a worker tells of its sources' event time, and what it lets them do after what it is told of all. */
import { isNews, mayEmit, type SourceTime, slowest } from "../time/alignment.ts";
import type { Chain } from "./chain.ts";
import type { Subtask } from "./subtask.ts";

export class SourceAlignment {
  readonly #aheadMs: number;
  #slowestMs = Number.NEGATIVE_INFINITY;
  #told: SourceTime = null;

  constructor(aheadMs: number) {
    this.#aheadMs = aheadMs;
  }

  heard(slowestMs: SourceTime): void {
    this.#slowestMs = slowestMs ?? Number.POSITIVE_INFINITY;
  }

  mayPoll(chain: Chain): boolean {
    return mayEmit(chain.eventTimeMs, this.#slowestMs, this.#aheadMs);
  }

  /** What is to be told of these now; undefined: nothing. */
  news(subtasks: Iterable<Subtask>): SourceTime | undefined {
    const now = slowest(Array.from(subtasks, timeOf));
    if (!isNews(this.#told, now, this.#aheadMs)) return undefined;
    this.#told = now;
    return now;
  }
}

function timeOf({ inputs, state, chain }: Subtask): SourceTime {
  const isAtWork = inputs === undefined && state === "running" && !chain.isIdle;
  return isAtWork && Number.isFinite(chain.eventTimeMs) ? chain.eventTimeMs : null;
}
