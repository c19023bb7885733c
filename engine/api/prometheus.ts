/**
 * Metrics as Prometheus text. Numbers become gauges named by their place in the document; the names and numbers that
 * tell one task, subtask, operator or worker from another become labels. Pure.
 */
import type { MetricsDocument } from "./job-control.ts";

type Labels = Readonly<Record<string, string>>;
type Samples = Map<string, string[]>;

/** What tells list members apart, in the order of the labels. */
const labelKeys = ["worker", "task", "subtask", "id", "operator", "name", "channel", "output"] as const;

export function prometheusText(metrics: MetricsDocument): string {
  const samples: Samples = new Map();
  const job: Labels = { job: metrics.job };
  add(samples, ["job_info"], { ...job, state: metrics.state }, 1);
  walk(samples, ["coordinator"], job, metrics.coordinator);
  for (const [worker, figures] of Object.entries(metrics.workers)) {
    walk(samples, ["worker"], { ...job, worker }, (figures as { metrics?: unknown }).metrics);
  }
  const lines: string[] = [];
  for (const [name, each] of samples) lines.push(`# TYPE ${name} gauge`, ...each);
  return `${lines.join("\n")}\n`;
}

function walk(samples: Samples, path: readonly string[], labels: Labels, value: unknown): void {
  if (typeof value === "number" || typeof value === "boolean") {
    add(samples, path, labels, Number(value));
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) {
      // Lists of numbers are histograms: bucket b counts what took up to 2^b.
      if (typeof each === "number") add(samples, path, { ...labels, up_to: `${2 ** index}` }, each);
      else walk(samples, path, labels, each);
    }
    return;
  }
  const own = { ...labels };
  for (const key of labelKeys) {
    const tells = (value as Record<string, unknown>)[key];
    if (typeof tells === "string" || typeof tells === "number")
      own[key === "id" ? "operator" : key] = `${tells}`;
  }
  for (const [key, each] of Object.entries(value)) {
    if (!(labelKeys as readonly string[]).includes(key) || typeof each === "object") {
      walk(samples, [...path, key], own, each);
    }
  }
}

function add(samples: Samples, path: readonly string[], labels: Labels, value: number): void {
  const name = `brume_${path.map(snake).join("_")}`;
  const each = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
  const line = `${name}{${each.join(",")}} ${number(value)}`;
  const there = samples.get(name);
  if (there) there.push(line);
  else samples.set(name, [line]);
}

const snake = (word: string): string =>
  word
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9_]/g, "_")
    .toLowerCase();

const escaped = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

function number(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : `${value}`;
}
