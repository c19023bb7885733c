/** `./brume bench WHAT`: finds the benchmark and runs it. Each one's work is loaded when it runs, not before. */
import { usageError } from "./arguments.ts";
import { benchCfsPeriod } from "./bench-cfs-period.ts";
import { benchController } from "./bench-controller.ts";
import { benchCoordinates } from "./bench-coordinates.ts";
import { benchDevice } from "./bench-device.ts";
import { benchFabric } from "./bench-fabric.ts";
import { benchKills } from "./bench-kills.ts";
import { benchLink } from "./bench-link.ts";
import { benchModels } from "./bench-models.ts";
import { benchNexmark } from "./bench-nexmark.ts";
import { benchPolicies } from "./bench-policies.ts";
import { benchProvision } from "./bench-provision.ts";
import { benchRescale } from "./bench-rescale.ts";
import { benchSlowConsumer } from "./bench-slow-consumer.ts";
import { benchWorker } from "./bench-worker.ts";
import type { Benchmark } from "./benchmark.ts";
import type { Option, Verb } from "./verb.ts";

const benchmarks: readonly Benchmark[] = [
  benchFabric,
  benchProvision,
  benchDevice,
  benchCfsPeriod,
  benchCoordinates,
  benchNexmark,
  benchRescale,
  benchWorker,
  benchSlowConsumer,
  benchKills,
  benchLink,
  benchPolicies,
  benchController,
  benchModels,
];

export const bench: Verb = {
  name: "bench",
  summary: "measure this machine, and what brume does on it",
  usage: `WHAT   WHAT: ${benchmarks.map(({ name, summary, operands }) => `${[name, operands ?? []].flat().join(" ")} (${summary})`).join(", ")}`,
  options: allOptions(),
  examples: benchmarks.flatMap(({ examples }) => examples),
  async run(args, output) {
    const [what, ...more] = args.positionals;
    const names = benchmarks.map(({ name }) => name).join(", ");
    if (what === undefined) throw usageError("bench: WHAT is missing", `one of: ${names}`);
    const benchmark = benchmarks.find(({ name }) => name === what);
    if (!benchmark) throw usageError(`bench ${what}: there is no such benchmark`, `one of: ${names}`);
    if (more.length > 0 && benchmark.operands === undefined)
      throw usageError(`bench ${what}: takes no ${more.join(" ")}`, "see ./brume bench --help");
    for (const name of Object.keys(allOptions())) {
      if (name in benchmark.options || (args.text(name) === undefined && !args.flag(name))) continue;
      throw usageError(`bench ${what}: has no option --${name}`, "see ./brume bench --help");
    }
    return await benchmark.run(args, output);
  },
};

/** The help says whose an option is, and every benchmark that shares one, what it means there. */
function allOptions(): Record<string, Option> {
  const all: Record<string, Option> = {};
  for (const { name, options } of benchmarks) {
    for (const [key, option] of Object.entries(options)) {
      const before = all[key] ? `${all[key].help}; ` : "";
      all[key] = { ...option, help: `${before}${name}: ${option.help}` };
    }
  }
  return all;
}
