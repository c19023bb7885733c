/** A lab's counters in Prometheus' text format. Pure: the numbers come from the keeper. */
import { counterNames } from "#testbed/network/wire/counters.ts";
import type { KeeperStatus, PairReport } from "./protocol.ts";

const gauges: ReadonlySet<string> = new Set(["queuedBytes", "delayMaxNs"]);

export function metricsText(lab: string, status: KeeperStatus, pairs: readonly PairReport[]): string {
  const lines: string[] = [];
  for (const name of counterNames) {
    const metric = `brume_pair_${snakeCase(name)}${gauges.has(name) ? "" : "_total"}`;
    lines.push(`# TYPE ${metric} ${gauges.has(name) ? "gauge" : "counter"}`);
    for (const pair of pairs)
      lines.push(`${metric}${labels({ lab, from: pair.from, to: pair.to })} ${pair[name]}`);
  }
  for (const [name, value] of Object.entries(status.wire ?? {})) {
    const metric = `brume_wire_${snakeCase(name)}`;
    lines.push(`# TYPE ${metric} gauge`, `${metric}${labels({ lab })} ${value}`);
  }
  lines.push("# TYPE brume_node_up gauge");
  for (const { name, state } of status.nodes) {
    lines.push(`brume_node_up${labels({ lab, node: name })} ${state === "running" ? 1 : 0}`);
  }
  lines.push(
    "# TYPE brume_lab_late gauge",
    `brume_lab_late${labels({ lab })} ${status.late === undefined ? 0 : 1}`,
    "",
  );
  return lines.join("\n");
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function labels(values: Readonly<Record<string, string>>): string {
  const escaped = (value: string) => value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
  const list = Object.entries(values).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${list.join(",")}}`;
}
