/** The plan in the probers' words: endpoints with addresses, each some prober's, in place of the network's nodes. */
import type { NodeReport } from "#testbed/keeper/protocol.ts";
import { bytes4, bytes6, nodeNumber, type Subnet } from "#testbed/network/addresses.ts";
import type { MeasuringJob } from "./measure.ts";
import type { MeasurementPlan } from "./plan-measurement.ts";
import type { Endpoint } from "./prober/job.ts";
import type { Place } from "./prober/orders.ts";

export type ProberJob = {
  job: MeasuringJob;
  /** By prober; none for one that the plan has no use for. */
  places: Place[][];
  /** Endpoint → the network's node number. */
  nodeOf: number[];
};

export function proberJob(
  plan: MeasurementPlan,
  nodes: readonly string[],
  reports: readonly NodeReport[],
  subnet: Subnet,
  proberOf: ReadonlyMap<string, number>,
  { seed, repeatsMs }: { seed: number; repeatsMs: number },
): ProberJob {
  const reportOf = new Map(reports.map((report) => [report.name, report]));
  const nodeOf = [...new Set(plan.couples.flatMap(({ a, b }) => [a, b]))].sort((a, b) => a - b);
  const endpointOf = new Map(nodeOf.map((node, endpoint) => [node, endpoint]));
  const speaks6 = new Set(plan.coupleJobs.flatMap(({ a, b, family }) => (family === 6 ? [a, b] : [])));
  const places = Array.from({ length: Math.max(0, ...proberOf.values()) + 1 }, (): Place[] => []);
  const endpoints = nodeOf.map((node, endpoint): Endpoint => {
    const name = nodes[node]!;
    const [report, prober] = [reportOf.get(name), proberOf.get(name)];
    if (!report || prober === undefined) throw new Error(`${name} was planned without a prober`);
    const { number, namespacePath } = report;
    places[prober]!.push({ endpoint, ...(namespacePath !== undefined && { namespacePath }) });
    const v4 = [...bytes4(subnet, nodeNumber(number))];
    return { v4, ...(speaks6.has(node) && { v6: [...bytes6(subnet, nodeNumber(number))] }) };
  });
  const job: MeasuringJob = {
    seed,
    endpoints,
    couples: plan.coupleJobs.map((each) => ({
      ...each,
      a: endpointOf.get(each.a)!,
      b: endpointOf.get(each.b)!,
    })),
    windowMs: plan.windowMs,
    patienceMs: plan.patienceMs,
    trains: plan.trainJobs.map((each) => ({
      ...each,
      from: endpointOf.get(each.from)!,
      to: endpointOf.get(each.to)!,
    })),
    repeatsMs,
  };
  return { job, places, nodeOf };
}
