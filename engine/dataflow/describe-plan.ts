/** A plan for people and for programs: tasks, the operators chained in each, and what the edges between them carry. */
import type { Schema } from "../records/schema.ts";
import type { EdgePlan, JobPlan, OperatorPlan, TaskPlan } from "./plan.ts";

export type PlanDocument = {
  readonly job: string;
  readonly maxParallelism: number;
  readonly tasks: readonly {
    readonly task: number;
    readonly name: string;
    readonly parallelism: number;
    readonly on?: string;
    readonly operators: readonly {
      readonly id: string;
      readonly name: string;
      readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
      readonly chained: OperatorPlan["chained"];
    }[];
  }[];
  readonly edges: readonly {
    /** Operator ids; of the first, the output ("" for the main one). */
    readonly from: string;
    readonly output: string;
    readonly to: string;
    readonly input: number;
    readonly by: string;
    readonly key?: string;
    readonly columns: Readonly<Record<string, string>>;
  }[];
};

export function planDocument({ name, maxParallelism, tasks, edges }: JobPlan): PlanDocument {
  return {
    job: name,
    maxParallelism,
    tasks: tasks.map(({ name: taskName, parallelism, on, operators }, task) => ({
      task,
      name: taskName,
      parallelism,
      ...(on === undefined ? {} : { on }),
      operators: operators.map(({ id, name: kind, outputs, chained }) => ({
        id,
        name: kind,
        outputs: Object.fromEntries(Object.entries(outputs).map(([output, { fields }]) => [output, fields])),
        chained,
      })),
    })),
    edges: edges.map((edge) => ({
      from: tasks[edge.from.task]!.operators[edge.from.operator]!.id,
      output: edge.from.output,
      to: tasks[edge.to.task]!.operators[edge.to.operator]!.id,
      input: edge.to.input,
      by: edge.partition.by,
      ...(edge.partition.by === "hash" ? { key: keyName(edge) } : {}),
      columns: edge.schema.fields,
    })),
  };
}

export function describePlan(plan: JobPlan): string {
  const tasks = plan.tasks.flatMap((task, index) => [
    "",
    `task ${index + 1}, parallelism ${task.parallelism}${task.on === undefined ? "" : `, on ${task.on}`}`,
    ...operatorLines(task),
    ...plan.edges.filter(({ from }) => from.task === index).map((edge) => edgeLine(plan, edge)),
  ]);
  return [`job ${plan.name}, maximum parallelism ${plan.maxParallelism}`, ...tasks, ""].join("\n");
}

function operatorLines({ operators }: TaskPlan): string[] {
  const idWidth = Math.max(...operators.map(({ id }) => id.length));
  const nameWidth = Math.max(...operators.map(({ name }) => name.length));
  return operators.map(({ id, name, outputs, chained }) => {
    const puts = Object.entries(outputs)
      .filter(([output]) => output === "" || chained.some((link) => link.output === output))
      .map(([output, schema]) => `${output === "" ? "" : `${output}: `}${columnsOf(schema)}`);
    return `  ${id.padEnd(idWidth)}  ${name.padEnd(nameWidth)}  ${puts.join("; ")}`.trimEnd();
  });
}

function edgeLine({ tasks }: JobPlan, edge: EdgePlan): string {
  const { from, to, partition, schema } = edge;
  const output = from.output === "" ? "" : ` (${from.output})`;
  const by = partition.by === "hash" ? `hash of ${keyName(edge)}` : partition.by;
  const ids = [tasks[from.task]!.operators[from.operator]!.id, tasks[to.task]!.operators[to.operator]!.id];
  return `  ${ids[0]}${output} → task ${to.task + 1}, ${ids[1]}: by ${by}, with ${columnsOf(schema)}`;
}

const keyName = ({ schema, partition }: EdgePlan): string =>
  partition.by === "hash" ? schema.columns[partition.column]!.name : "";

const columnsOf = ({ columns }: Schema): string =>
  columns.length === 0 ? "no columns" : columns.map(({ name }) => name).join(", ");
