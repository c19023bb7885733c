/** Where a job begins: its sources. */
import type { Fields, Schema } from "../records/schema.ts";
import { FlowGraph, link } from "./flow-graph.ts";
import { columnNames, eventTime, pruned, type SourcePlanSpec, wantedOf } from "./operator-spec.ts";
import type { SourceSpec, SplitSourceSpec, WantedOutput } from "./source-spec.ts";
import { Stream } from "./stream.ts";

type Streams<Outputs extends Readonly<Record<string, Fields>>> = {
  readonly [Name in keyof Outputs]: Stream<Outputs[Name]>;
};

export class Flow {
  readonly graph = new FlowGraph();

  /** A stream of the source's records; of a source of several kinds, a stream for each. */
  source<F extends Fields>(spec: SourceSpec<F>): Stream<F>;
  source<Outputs extends Readonly<Record<string, Fields>>>(spec: SplitSourceSpec<Outputs>): Streams<Outputs>;
  source(spec: SourceSpec<Fields> | SplitSourceSpec<Readonly<Record<string, Fields>>>): unknown {
    const node = this.graph.addSource("schema" in spec ? plainSource(spec) : splitSource(spec));
    const stream = (name: string, schema: Schema) => new Stream(this.graph, schema, [link(node, name)], node);
    if ("schema" in spec) return stream("", spec.schema);
    return Object.fromEntries(
      Object.entries(spec.outputs).map(([name, schema]) => [name, stream(name, schema)]),
    );
  }
}

function plainSource(spec: SourceSpec<Fields>): SourcePlanSpec {
  return {
    name: spec.name,
    outputs: { "": spec.schema },
    resolve(wanted) {
      const names = wantedOf(wanted);
      const schema = pruned(spec.schema, names);
      return {
        outputs: { "": schema },
        make: () => spec.make(columnNames(schema), schema, names.has(eventTime)),
      };
    },
    ...limits(spec),
    ...(spec.takesLoad ? { takesLoad: true } : {}),
  };
}

function splitSource(spec: SplitSourceSpec<Readonly<Record<string, Fields>>>): SourcePlanSpec {
  return {
    name: spec.name,
    outputs: spec.outputs,
    resolve(wanted) {
      const taken: Record<string, WantedOutput | undefined> = {};
      for (const [name, full] of Object.entries(spec.outputs)) {
        const names = wanted.get(name);
        const schema = names && pruned(full, names);
        taken[name] = schema && { schema, columns: columnNames(schema), eventTime: names.has(eventTime) };
      }
      const outputs = Object.fromEntries(
        Object.entries(taken).flatMap(([name, output]) => (output ? [[name, output.schema]] : [])),
      );
      return { outputs, make: () => spec.make(taken) };
    },
    ...limits(spec),
  };
}

type Limits = { readonly parallelismMax?: number; readonly aheadMs?: number };

const limits = ({ parallelismMax, aheadMs }: Limits): Limits => ({
  ...(parallelismMax === undefined ? {} : { parallelismMax }),
  ...(aheadMs === undefined ? {} : { aheadMs }),
});
