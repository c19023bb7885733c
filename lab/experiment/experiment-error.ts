/** Mistakes in an experiment file, and what such files are called in messages. */
import { MistakesError } from "#testbed/topology/topology-error.ts";
import type { FileKind } from "#testbed/topology/yaml-tree.ts";

export const experimentKind: FileKind = {
  what: "experiment",
  example: "experiments/small/demo.yaml",
  reference: "docs/experiments.md",
};

export class ExperimentError extends MistakesError {}
