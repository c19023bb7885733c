/** Puts together what several processes of agents report one by one, so that a listener hears of all nodes at once. Pure. */
import type { NetworkReport } from "./network-report.ts";

export class ReportRounds {
  readonly #emit: (report: NetworkReport) => void;
  readonly #pending = new Map<string, NetworkReport>();
  readonly #costs = new Map<string, NetworkReport["cost"]>();
  #places: ReadonlySet<string> = new Set();

  constructor(emit: (report: NetworkReport) => void) {
    this.#emit = emit;
  }

  /** Those that report from now on. */
  expect(places: Iterable<string>): void {
    this.#places = new Set(places);
    for (const place of this.#costs.keys()) if (!this.#places.has(place)) this.#costs.delete(place);
  }

  /** A round is over when all have reported, or one for the second time. */
  hear(place: string, report: NetworkReport): void {
    if (this.#pending.has(place)) this.#end();
    this.#pending.set(place, report);
    this.#costs.set(place, report.cost);
    if ([...this.#places].every((each) => this.#pending.has(each))) this.#end();
  }

  #end(): void {
    const reports = [...this.#pending.values()];
    const costs = [...this.#costs.values()];
    this.#pending.clear();
    this.#emit({
      nodes: Object.assign({}, ...reports.map(({ nodes }) => nodes)),
      pairs: reports.flatMap(({ pairs }) => pairs),
      moves: reports.flatMap(({ moves }) => moves),
      cost: {
        cpuMs: costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
        residentBytes: costs.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
      },
    });
  }
}
