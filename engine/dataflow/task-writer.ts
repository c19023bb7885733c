/**
 * Writes a plan's tasks and edges, node by node: settles what columns really flow, makes operators for them, and puts in
 * what the job did not write: projections where there are columns that the next operator does not read, and
 * pre-aggregation.
 */
import { select } from "../operators/select.ts";
import { columnIndex, type Schema } from "../records/schema.ts";
import { roleOf } from "./chaining.ts";
import { type GraphInput, type GraphNode, type Link, linksOf } from "./graph.ts";
import { columnNames, pruned, type ResolvedOperator } from "./operator-spec.ts";
import type { EdgePlan, JobPlan, OperatorPlan, Partition, TaskPlan } from "./plan.ts";
import type { ReadColumns } from "./wanted-columns.ts";

export type Layout = ReadColumns & {
  readonly ids: ReadonlyMap<GraphNode, string>;
  readonly parallelismOf: ReadonlyMap<GraphNode, number>;
  readonly taskOf: ReadonlyMap<GraphNode, number>;
};

/** An output of an operator that stands in a task already. */
type Place = {
  readonly task: number;
  readonly operator: number;
  readonly output: string;
  readonly schema: Schema;
};

type WrittenOperator = Omit<OperatorPlan, "chained"> & { chained: OperatorPlan["chained"][number][] };
type WrittenTask = Omit<TaskPlan, "name" | "operators"> & { operators: WrittenOperator[] };

export class TaskWriter {
  readonly #layout: Layout;
  readonly #tasks: WrittenTask[] = [];
  readonly #edges: EdgePlan[] = [];
  readonly #placeOf = new Map<GraphNode, { task: number; operator: number }>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** Each node behind those that feed it. */
  write(node: GraphNode): void {
    const { ids, taskOf, parallelismOf, wanted } = this.#layout;
    const task = taskOf.get(node)!;
    const isHead = this.#tasks[task] === undefined;
    const role = roleOf(node);
    this.#tasks[task] ??= {
      parallelism: parallelismOf.get(node)!,
      ...(role === undefined ? {} : { on: role }),
      operators: [],
    };
    const id = ids.get(node)!;
    if ("source" in node.spec) {
      const { name, takesLoad, aheadMs } = node.spec.source;
      const { outputs, make } = node.spec.source.resolve(wanted.get(node)!);
      this.#place(node, task, {
        id,
        name,
        inputs: [],
        outputs,
        make: { source: make },
        ...(takesLoad ? { takesLoad: true as const } : {}),
        ...(aheadMs === undefined ? {} : { aheadMs }),
      });
      return;
    }
    const spec = node.spec.operator;
    const feeds = node.inputs.map((input, index) => this.#feeds(node, input, index));
    const inputs = node.inputs.map((input, index) => feeds[index]![0]?.schema ?? input.schema);
    const { before, ...resolved } = spec.resolve(inputs, wanted.get(node)!);
    const plain = plainPlan(id, spec.name, [...inputs, ...mainOf(before)], resolved);
    const plan = keyedPlan(node, spec.facts === undefined ? plain : { ...plain, facts: spec.facts });
    const operator = this.#place(node, task, plan);
    const isHashed = isHead && linksOf(node).every(({ partition }) => partition === "hash");
    for (const [index, places] of feeds.entries()) {
      for (const [at, place] of places.entries()) {
        if (!isHead) {
          this.#chain(place, operator, index);
          continue;
        }
        const isPrepared = isHashed && before !== undefined;
        const suffix = `before${mark(at, places.length)}`;
        const from = isPrepared ? this.#insert(place, `${id}.${suffix}`, "pre-aggregate", before) : place;
        const to = { task, operator, input: isPrepared ? inputs.length : index };
        this.#addEdge(from, to, this.#partition(node.inputs[index]!.links[at]!, node, index, from.schema));
      }
    }
  }

  finish(): Pick<JobPlan, "tasks" | "edges"> {
    const tasks = this.#tasks.map((task) => ({
      ...task,
      name: task.operators.map(({ id }) => id).join(" → "),
    }));
    return { tasks, edges: this.#edges };
  }

  /**
   * By link, what brings the operator the columns that it reads and no others: so an input's schema is the same at all
   * parallelisms, as records in flight and state outlast a change of it.
   */
  #feeds(node: GraphNode, input: GraphInput, index: number): Place[] {
    const exact = pruned(input.schema, this.#layout.reads.get(node)![index]!);
    const places = input.links.map((link) => this.#outputOf(link));
    return places.map((place, at) => {
      if (sameColumns(place.schema, exact)) return place;
      const columns = columnNames(exact).map((name) => ({ from: name, as: name }));
      const id = `${this.#layout.ids.get(node)}.columns${mark(index, node.inputs.length)}${mark(at, places.length)}`;
      return this.#insert(place, id, "select", {
        outputs: { "": exact },
        make: () => select({ input: place.schema, columns }),
      });
    });
  }

  #outputOf({ from, output }: Link): Place {
    const { task, operator } = this.#placeOf.get(from)!;
    return { task, operator, output, schema: this.#tasks[task]!.operators[operator]!.outputs[output]! };
  }

  /** An operator of the planner's own behind an output, in the task of that. */
  #insert(behind: Place, id: string, name: string, resolved: ResolvedOperator): Place {
    const { operators } = this.#tasks[behind.task]!;
    operators.push({ ...plainPlan(id, name, [behind.schema], resolved), chained: [] });
    const operator = operators.length - 1;
    this.#chain(behind, operator, 0);
    return { task: behind.task, operator, output: "", schema: resolved.outputs[""]! };
  }

  #place(node: GraphNode, task: number, plan: Omit<OperatorPlan, "chained">): number {
    const { operators } = this.#tasks[task]!;
    operators.push({ ...plan, chained: [] });
    this.#placeOf.set(node, { task, operator: operators.length - 1 });
    return operators.length - 1;
  }

  #chain(from: Place, to: number, input: number): void {
    this.#tasks[from.task]!.operators[from.operator]!.chained.push({ output: from.output, to, input });
  }

  #addEdge({ schema, ...from }: Place, to: EdgePlan["to"], partition: Partition): void {
    const { task, operator, output } = from;
    this.#edges.push({ from: { task, operator, output }, to, schema, partition });
  }

  #partition({ partition, from }: Link, to: GraphNode, input: number, schema: Schema): Partition {
    if (partition === "hash") {
      const { type, column } = to.inputs[input]!.key!;
      return { by: "hash", key: type, column: columnIndex(schema, column) };
    }
    const { parallelismOf } = this.#layout;
    const isUneven = partition === "forward" && parallelismOf.get(from) !== parallelismOf.get(to);
    return { by: isUneven ? "rebalance" : partition };
  }
}

function plainPlan(
  id: string,
  name: string,
  inputs: readonly Schema[],
  { outputs, make }: ResolvedOperator,
): Omit<OperatorPlan, "chained"> {
  return { id, name, inputs, outputs, make: { operator: make } };
}

const mainOf = (before: ResolvedOperator | undefined): Schema[] => (before ? [before.outputs[""]!] : []);

function keyedPlan(node: GraphNode, plan: Omit<OperatorPlan, "chained">): Omit<OperatorPlan, "chained"> {
  const keyed = node.inputs.find(({ key }) => key)?.key;
  if (keyed === undefined) return plan;
  // An input without a key beside one with it is a broadcast: its records go to every subtask.
  const columns = plan.inputs.map((schema, input) => {
    const key = input < node.inputs.length ? node.inputs[input]!.key : keyed;
    return key ? columnIndex(schema, key.column) : -1;
  });
  return { ...plan, key: { type: keyed.type, columns } };
}

/** Tells inputs or links apart where there are several. */
const mark = (at: number, count: number): string => (count === 1 ? "" : `-${at + 1}`);

function sameColumns(one: Schema, other: Schema): boolean {
  return (
    one.columns.length === other.columns.length &&
    one.columns.every(({ name }, index) => name === other.columns[index]!.name)
  );
}
