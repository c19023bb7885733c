import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "../engine-error.ts";
import { type Schema, schema } from "../records/schema.ts";
import { count, sum } from "./aggregates.ts";
import { Flow } from "./flow.ts";
import type { GraphNode } from "./graph.ts";
import { columnNames } from "./operator-spec.ts";
import type { JobPlan } from "./plan.ts";
import { planJob } from "./planner.ts";
import { written } from "./run-for-tests.ts";
import type { SinkSpec } from "./sink-spec.ts";
import type { SourceSpec, SplitSourceSpec } from "./source-spec.ts";
import { tumbling } from "./windows.ts";

const bid = schema({ auction: "integer", price: "integer", extra: "utf8", dateTime: "timestamp" });
const never = (): never => {
  throw new Error("a plan makes no source");
};
const bids: SourceSpec<typeof bid.fields> = { name: "bids", schema: bid, make: never };

const sink: SinkSpec = { name: "discard", make: never };

const settings = { name: "test", parallelism: 1, maxParallelism: 128, parallelismOf: {} };
const tasksOf = ({ tasks }: JobPlan): string[][] =>
  tasks.map(({ operators }) => operators.map(({ id }) => id));
const edgesOf = ({ tasks, edges }: JobPlan) =>
  edges.map(({ from, to, partition, schema: columns }) => ({
    from: tasks[from.task]!.operators[from.operator]!.id,
    to: tasks[to.task]!.operators[to.operator]!.id,
    input: to.input,
    by: partition.by,
    columns: columnNames(columns),
  }));
const sourceColumns = ({ tasks }: JobPlan): string[] =>
  columnNames(tasks[0]!.operators[0]!.outputs[""] as Schema);
const refused = (code: string, message: string) => (error: unknown) => {
  assert.ok(error instanceof EngineError);
  assert.deepEqual([error.code, error.message, error.exitStatus], [code, message, 2]);
  return true;
};

test("operators of equal parallelism are chained into one task", () => {
  const { plan } = written((flow) => {
    flow
      .source(bids)
      .filter(["price"], (row) => row.price > 10)
      .select("auction", "price")
      .sink(sink);
  });
  assert.deepEqual(tasksOf(plan(3)), [["source-1", "filter-1", "select-1", "sink-1"]]);
  assert.deepEqual(plan(3).edges, []);
  assert.equal(plan(3).tasks[0]!.parallelism, 3);
});

test("a source makes only the columns that something behind it reads", () => {
  const { plan } = written((flow) => {
    flow
      .source(bids)
      .filter(["price"], (row) => row.price > 10)
      .withColumn("double", "integer", ["price"], (row) => row.price * 2)
      .select("auction")
      .sink(sink);
  });
  // Nobody reads the column that is computed, but the filter reads the price.
  assert.deepEqual(sourceColumns(plan()), ["auction", "price"]);
});

test("a function that does not list what it reads keeps all columns", () => {
  const { plan } = written((flow) => {
    flow
      .source(bids)
      .filter((row) => row.price > 10)
      .select("auction")
      .sink(sink);
  });
  assert.deepEqual(sourceColumns(plan()), columnNames(bid));
});

test("an output of a source that nothing takes is not wanted, and event time only where something reads it", () => {
  let wanted: unknown;
  const spec: SplitSourceSpec<{
    bids: typeof bid.fields;
    others: typeof bid.fields;
    unused: typeof bid.fields;
  }> = {
    name: "events",
    outputs: { bids: bid, others: bid, unused: bid },
    make(found) {
      wanted = found;
      return never();
    },
  };
  const { plan } = written((flow) => {
    const streams = flow.source(spec);
    streams.bids.keyBy("auction").window(tumbling("10s")).aggregate(count("bids")).sink(sink);
    streams.others.select("price").sink({ name: "count", make: never });
  });
  const { make } = plan().tasks[0]!.operators[0]!;
  assert.ok("source" in make);
  assert.throws(make.source, /a plan makes no source/);
  const { bids: taken, others, unused } = wanted as Record<string, { columns: string[]; eventTime: boolean }>;
  assert.deepEqual([taken!.columns, taken!.eventTime], [["auction"], true]);
  assert.deepEqual([others!.columns, others!.eventTime], [["price"], false]);
  assert.equal(unused, undefined);
});

test("a hash edge is a call at parallelism 1, and leaves the task above", () => {
  const { plan } = written((flow) => {
    flow
      .source(bids)
      .keyBy("auction")
      .reduce(() => undefined)
      .id("total")
      .sink(sink);
  });
  assert.deepEqual(tasksOf(plan(1)), [["source-1", "total", "sink-1"]]);
  assert.deepEqual(tasksOf(plan(2)), [["source-1"], ["total", "sink-1"]]);
  const [edge] = plan(2).edges;
  assert.deepEqual(edge!.partition, { by: "hash", key: "integer", column: 0 });
  assert.deepEqual(plan(2).tasks[1]!.operators[0]!.key, { type: "integer", columns: [0] });
});

test("what merges is aggregated in part before it leaves the task, into an input of its own", () => {
  const { plan } = written((flow) => {
    const counts = flow
      .source(bids)
      .keyBy("auction")
      .window(tumbling("10s"))
      .aggregate(count("bids"), sum("price", "sum"));
    counts.id("counts").sink(sink);
  });
  assert.deepEqual(tasksOf(plan(2)), [
    ["source-1", "counts.before"],
    ["counts", "sink-1"],
  ]);
  assert.equal(plan(2).edges[0]!.to.input, 1);
  assert.deepEqual(tasksOf(plan(1)), [["source-1", "counts", "sink-1"]]);
});

test("the inputs of an operator are the same at all parallelisms, since savepoints hold records of them", () => {
  const { plan } = written((flow) => {
    const stream = flow.source(bids);
    stream.keyBy("auction").window(tumbling("10s")).aggregate(count("bids")).id("counts").sink(sink);
    stream
      .rebalance()
      .filter(["price"], (row) => row.price > 1)
      .id("dear")
      .select("price")
      .sink(sink);
  });
  const inputsOf = (found: JobPlan, wanted: string) =>
    found.tasks
      .flatMap(({ operators }) => operators)
      .filter(({ id }) => id === wanted)
      .map(({ inputs, key }) => [inputs.map(columnNames), key]);
  for (const id of ["counts", "dear"]) assert.deepEqual(inputsOf(plan(1), id), inputsOf(plan(3), id));
});

test("late records that somebody takes forbid aggregation before the edge", () => {
  const { plan } = written((flow) => {
    const counts = flow.source(bids).keyBy("auction").window(tumbling("10s")).aggregate(count("bids"));
    counts.id("counts").sink(sink);
    counts.sideOutput("late").sink(sink);
  });
  assert.deepEqual(edgesOf(plan(2))[0], {
    from: "source-1",
    to: "counts",
    input: 0,
    by: "hash",
    columns: columnNames(bid),
  });
});

test("a join of two streams of one task stays in it at parallelism 1", () => {
  const { plan } = written((flow) => {
    const stream = flow.source(bids);
    const dear = stream.filter(["price"], (row) => row.price > 10).selectAs({ id: "auction" });
    stream
      .join(dear)
      .where("auction")
      .equalTo("id")
      .window(tumbling("10s"))
      .select({ left: ["price"] })
      .sink(sink);
  });
  assert.equal(plan(1).tasks.length, 1);
  assert.deepEqual(
    edgesOf(plan(2)).map(({ to, input, columns }) => [to, input, columns]),
    [
      ["window-join-1", 0, ["auction", "price"]],
      ["window-join-1", 1, ["id"]],
    ],
  );
});

test("a union of streams with different columns at hand carries what is read, in one order", () => {
  const { plan } = written((flow) => {
    const other = flow.source({ ...bids, name: "more" });
    flow
      .source(bids)
      .filter((row) => row.extra !== "")
      .union(other)
      .select("price", "auction")
      .sink(sink);
  });
  const inputs = plan(1).edges.map(({ schema: columns }) => columnNames(columns));
  assert.deepEqual(inputs, [
    ["auction", "price"],
    ["auction", "price"],
  ]);
});

test("forward between operators of different parallelism becomes rebalance", () => {
  const { plan } = written((flow) => {
    flow
      .source(bids)
      .parallelism(1)
      .filter(["price"], () => true)
      .sink(sink);
  });
  assert.deepEqual(
    edgesOf(plan(4)).map(({ by }) => by),
    ["rebalance"],
  );
});

test("operators on different roles do not share a task", () => {
  const { plan } = written((flow) => {
    flow
      .source(bids)
      .on("generator")
      .filter(["price"], () => true)
      .on("worker")
      .sink(sink)
      .on("worker");
  });
  assert.deepEqual(
    plan(2).tasks.map(({ on }) => on),
    ["generator", "worker"],
  );
  assert.deepEqual(
    edgesOf(plan(2)).map(({ by }) => by),
    ["forward"],
  );
});

test("what an override says of an operator's parallelism comes before what the job says", () => {
  const { flow } = written((each) => {
    each
      .source(bids)
      .id("in")
      .parallelism(3)
      .keyBy(["auction"])
      .reduce(() => undefined)
      .id("total")
      .parallelism(2)
      .sink(sink);
  });
  const plan = planJob(flow.graph, { ...settings, parallelismOf: { total: 5 } });
  assert.deepEqual(
    plan.tasks.map(({ name, parallelism }) => [name, parallelism]),
    [
      ["in → in.key", 3],
      ["total → sink-1.columns", 5],
      ["sink-1", 1],
    ],
  );
});

const simple = (flow: Flow) => flow.source(bids).id("in").select("price").id("out").sink(sink);

test("a parallelism above the number of key groups is refused", () => {
  const { flow } = written(simple);
  assert.throws(
    () => planJob(flow.graph, { ...settings, parallelism: 129 }),
    refused(
      "bad-parallelism",
      'operator "in": a parallelism of 129\n  fix: a whole number from 1 to 128, the maximum parallelism (its number of key groups)',
    ),
  );
  assert.throws(
    () => planJob(flow.graph, { ...settings, maxParallelism: 40_000 }),
    refused("bad-parallelism", "a maximum parallelism of 40000\n  fix: a whole number from 1 to 32768"),
  );
});

test("an override for an operator that is not there is refused", () => {
  const { flow } = written(simple);
  assert.throws(
    () => planJob(flow.graph, { ...settings, parallelismOf: { inn: 2 } }),
    refused(
      "unknown-operator",
      'there is no operator "inn" to give a parallelism to\n  fix: one of: in, out, sink-1',
    ),
  );
});

test("a source that cannot be split gets what it can, and more that is asked for it is refused", () => {
  const { flow } = written((each) => {
    each
      .source({ ...bids, parallelismMax: 1 })
      .id("in")
      .sink(sink);
  });
  assert.equal(planJob(flow.graph, { ...settings, parallelism: 4 }).tasks[0]!.parallelism, 1);
  assert.throws(
    () => planJob(flow.graph, { ...settings, parallelismOf: { in: 2 } }),
    refused(
      "bad-parallelism",
      'operator "in": a parallelism of 2\n  fix: bids cannot be split into more than 1',
    ),
  );
});

test("two operators of one id are refused, both named", () => {
  const { plan } = written((flow) => {
    flow.source(bids).id("same").select("price").id("same").sink(sink);
  });
  assert.throws(
    () => plan(),
    refused(
      "duplicate-id",
      'two operators have the id "same": bids (number 1 in the job) and select (number 2 in the job)\n  fix: give each an id of its own with .id(…)',
    ),
  );
});

test("a graph that is no job is refused: no source, no sink, a stream that ends nowhere, another flow's stream, a cycle", () => {
  assert.throws(
    () => written(() => undefined).plan(),
    refused("no-source", "the job has no source\n  fix: begin with flow.source(…)"),
  );
  assert.throws(
    () => written((flow) => flow.source(bids)).plan(),
    refused("no-sink", "the job has no sink\n  fix: end a stream with .sink(…)"),
  );
  const dangling = written((flow) => {
    flow.source(bids).sink(sink);
    flow
      .source({ ...bids, name: "more" })
      .select("price")
      .id("prices");
  });
  assert.throws(
    () => dangling.plan(),
    refused(
      "dangling-stream",
      'nothing takes what select "prices" puts out\n  fix: end the stream with .sink(…), or leave the operator out',
    ),
  );
  const foreign = written((flow) => {
    flow.source(bids).union(new Flow().source(bids)).sink(sink);
  });
  assert.throws(
    () => foreign.plan(),
    refused(
      "foreign-stream",
      "discard takes a stream of another job: bids\n  fix: streams are joined within the flow that made them",
    ),
  );
  const { flow } = written(simple);
  const select = flow.graph.nodes[1]! as GraphNode & { inputs: unknown[] };
  select.inputs.push({ links: [{ from: select, output: "", partition: "forward" }], schema: bid });
  assert.throws(
    () => planJob(flow.graph, settings),
    refused("cycle", 'select "out" takes its own results\n  fix: a job\'s streams go one way'),
  );
});

test("the same job comes to the same plan", () => {
  const of = () => JSON.stringify(written((flow) => simple(flow)).plan(2));
  assert.equal(of(), of());
});
