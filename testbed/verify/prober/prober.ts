/** A prober as its orders find it: first its sockets, then rounds that are prepared before the moment they begin at. */
import { KernelClocks } from "#testbed/linux/kernel-clocks.ts";
import type { Order, ProberCall, ProberCalls } from "./orders.ts";
import { prepareProbes } from "./probing.ts";
import { turnsPerSecond } from "./rehearsal.ts";
import { ProbeSockets } from "./sockets.ts";
import { prepareTransfers } from "./transferring.ts";

type Back<Call extends ProberCall> = ProberCalls[Call]["back"];

export class Prober {
  readonly #cpuMs: () => number;
  readonly #clocks = new KernelClocks();
  #sockets: ProbeSockets | undefined;
  /** What was between the clock of the stamps and the one that nobody sets when the sockets were opened. */
  #offsetNs = 0;
  #probe: ReturnType<typeof prepareProbes> | undefined;
  #transfer: ReturnType<typeof prepareTransfers> | undefined;

  constructor(cpuMs: () => number) {
    this.#cpuMs = cpuMs;
  }

  get baseSecond(): number {
    return this.#clocks.baseSecond;
  }

  nowNs(): number {
    return this.#clocks.realTimeNs();
  }

  /** `heardNs`: when the order came. */
  obey(order: Order, heardNs: number): Back<ProberCall> {
    switch (order.do) {
      case "rehearse":
        return { turnsPerSecond: turnsPerSecond(this.#clocks, this.#cpuMs) };
      case "open":
        return this.#open(order);
      case "introduce":
        this.#here().introduce(order.ports);
        return {};
      case "clock":
        return { heardNs, saidNs: this.nowNs() };
      case "prepareProbes":
        this.#probe = prepareProbes(order, this.#here());
        return {};
      case "probe":
        return prepared(this.#probe)(order.atNs);
      case "prepareTransfers":
        this.#transfer = prepareTransfers(order, this.#here());
        return {};
      case "transfer":
        return prepared(this.#transfer)(order.atNs);
      case "facts":
        return this.#facts();
    }
  }

  close(): void {
    this.#sockets?.close();
  }

  #open({ endpoints, here }: Extract<Order, { do: "open" }>): Back<"open"> {
    this.#sockets = new ProbeSockets(endpoints, this.#clocks);
    this.#offsetNs = this.#clocks.realTimeNs() - this.#clocks.monotonicNs();
    const sockets = this.#sockets;
    return { ports: here.map((place) => sockets.open(place)) };
  }

  #facts(): Back<"facts"> {
    const sockets = this.#here();
    const drops = sockets.opened().map((endpoint) => ({ endpoint, packets: sockets.drops(endpoint) }));
    return {
      cpuMs: this.#cpuMs(),
      clockSteppedMs: (this.#clocks.realTimeNs() - this.#clocks.monotonicNs() - this.#offsetNs) / 1e6,
      drops: drops.filter(({ packets }) => packets > 0),
      refusals: [...sockets.refusals],
    };
  }

  #here(): ProbeSockets {
    if (!this.#sockets) throw new Error("an order for sockets came before they were opened");
    return this.#sockets;
  }
}

function prepared<Run>(run: Run | undefined): Run {
  if (!run) throw new Error("a round was to begin that was not prepared");
  return run;
}
