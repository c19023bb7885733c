/** The shape of one benchmark of `./brume bench WHAT`. One file each; bench.ts lists them. */
import type { Arguments, ExitStatus, Option, Output, Verb } from "./verb.ts";

export type Benchmark = {
  /** WHAT. */
  name: string;
  summary: string;
  /** What it takes after WHAT; left out where it takes nothing. */
  operands?: string;
  options: Readonly<Record<string, Option>>;
  examples: Verb["examples"];
  run(args: Arguments, output: Output): Promise<ExitStatus>;
};
