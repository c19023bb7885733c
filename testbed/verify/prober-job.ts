/** The plan in the prober's words: endpoints with namespaces and addresses in place of the network's nodes. */
import type { NodeReport } from "#testbed/keeper/protocol.ts";
import { bytes4, bytes6, nodeNumber, type Subnet } from "#testbed/network/addresses.ts";
import type { MeasurementPlan } from "./plan-measurement.ts";
import type { Endpoint, ProbeJob } from "./prober/job.ts";

export type ProberJob = {
  job: ProbeJob;
  /** Endpoint → the network's node number. */
  nodeOf: number[];
};

export function proberJob(
  plan: MeasurementPlan,
  nodes: readonly string[],
  reports: readonly NodeReport[],
  subnet: Subnet,
  { seed, repeatsMs }: { seed: number; repeatsMs: number },
): ProberJob {
  const reportOf = new Map(reports.map((report) => [report.name, report]));
  const nodeOf = [...new Set(plan.couples.flatMap(({ a, b }) => [a, b]))].sort((a, b) => a - b);
  const endpointOf = new Map(nodeOf.map((node, endpoint) => [node, endpoint]));
  const speaks6 = new Set(plan.coupleJobs.flatMap(({ a, b, family }) => (family === 6 ? [a, b] : [])));
  const endpoints = nodeOf.map((node): Endpoint => {
    const { namespacePath, number } = reportOf.get(nodes[node]!) ?? {};
    if (namespacePath === undefined || number === undefined)
      throw new Error(`${nodes[node]} was planned without a namespace`);
    const v4 = [...bytes4(subnet, nodeNumber(number))];
    return { namespacePath, v4, ...(speaks6.has(node) && { v6: [...bytes6(subnet, nodeNumber(number))] }) };
  });
  const job: ProbeJob = {
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
  return { job, nodeOf };
}
