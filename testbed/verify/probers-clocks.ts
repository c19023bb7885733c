/** The clocks of a measurement's probers: asked for the time over and over, those of one machine counted as one clock. */
import {
  type Exchange,
  type MachineClock,
  type Offset,
  offsetOf,
  otherClock,
  sameClock,
} from "./machine-clocks.ts";
import type { ProberProcess } from "./prober-process.ts";

/** Of the machine that measures. */
export type OwnClock = { bootId: string; baseSecond: number; nowMs(): number };

/** What was found of each other machine, by its boot. */
type Look = { offsets: Map<string, Offset>; roundTripMs: number };

/** So many tell a fast way from a slow one, where they do not take too long. */
const exchangesMost = 60;
const exchangesLeast = 8;
const exchangingMs = 200;

export class ProbersClocks {
  readonly #own: OwnClock;
  readonly #probers: readonly ProberProcess[];

  constructor(probers: readonly ProberProcess[], own: OwnClock) {
    this.#probers = probers;
    this.#own = own;
  }

  /** Whether all probers are of the machine that measures. */
  get areOurs(): boolean {
    return this.#probers.every(({ hello }) => hello.bootId === this.#own.bootId);
  }

  async look(): Promise<Look> {
    const others = this.#probers.filter(({ hello }) => hello.bootId !== this.#own.bootId);
    const asked = await Promise.all(
      others.map(async (prober) => ({ prober, exchanges: await this.#exchanges(prober) })),
    );
    const offsets = new Map<string, Offset>();
    for (const [machine, of] of Map.groupBy(asked, ({ prober }) => prober.hello.bootId)) {
      const exchanges = of.flatMap(({ prober, exchanges }) => {
        const shiftNs = this.#shiftNs(prober);
        return exchanges.map((each) => ({
          ...each,
          heardNs: each.heardNs + shiftNs,
          saidNs: each.saidNs + shiftNs,
        }));
      });
      offsets.set(machine, offsetOf(exchanges));
    }
    const trips = asked.map(({ exchanges }) =>
      Math.min(...exchanges.map(({ askedNs, answeredNs }) => answeredNs - askedNs)),
    );
    return { offsets, roundTripMs: Math.max(0, ...trips) / 1e6 };
  }

  clocks(before: Look, after: Look = before): MachineClock[] {
    return this.#probers.map((prober) => {
      const { bootId } = prober.hello;
      const shiftNs = this.#shiftNs(prober);
      if (bootId === this.#own.bootId) return sameClock(bootId, shiftNs);
      return otherClock(bootId, before.offsets.get(bootId)!, after.offsets.get(bootId)!, shiftNs);
    });
  }

  /** From where a prober counts to where the first of its machine does, or we, where it is ours. */
  #shiftNs({ hello }: ProberProcess): number {
    const first =
      hello.bootId === this.#own.bootId
        ? this.#own.baseSecond
        : this.#probers.find((other) => other.hello.bootId === hello.bootId)!.hello.baseSecond;
    return (hello.baseSecond - first) * 1e9;
  }

  async #exchanges(prober: ProberProcess): Promise<Exchange[]> {
    const exchanges: Exchange[] = [];
    const endMs = this.#own.nowMs() + exchangingMs;
    while (
      exchanges.length < exchangesLeast ||
      (exchanges.length < exchangesMost && this.#own.nowMs() < endMs)
    )
      exchanges.push(await prober.exchange());
    return exchanges;
  }
}
