/** `./brume bench coordinates`: how well network coordinates tell round trips that nobody measured. */
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import type { CoordinateAlgorithm } from "#autoscaler/coordinates/algorithm.ts";
import type { RttMatrix } from "#autoscaler/coordinates/rtt-matrix.ts";
import { UserError } from "#testbed/user-error.ts";
import { usageError } from "./arguments.ts";
import type { Benchmark } from "./benchmark.ts";
import { table } from "./table.ts";
import type { Arguments } from "./verb.ts";

const checkpointsUsual = "10,32,100,300,1000";
/** As many as an agent's datagram holds. */
const rumoursUsual = 12;

export const benchCoordinates: Benchmark = {
  name: "coordinates",
  summary: "network coordinates of a measured matrix, estimated against measured",
  options: {
    matrix: {
      type: "string",
      value: "FILE",
      help: "square table of round trips in ms (TSV or CSV, also .gz); not measured: empty, -, NA, NaN, null, none, 0",
    },
    algorithm: {
      type: "string",
      value: "NAME",
      help: "vivaldi-coordinates, serf, brume or all (default all)",
    },
    neighbours: { type: "string", value: "N", help: "nodes that each node measures, in turn (default 64)" },
    samples: {
      type: "string",
      value: "LIST",
      help: `round trips that each node has taken when it is judged (default ${checkpointsUsual})`,
    },
    rumours: {
      type: "string",
      value: "N",
      help: `others' adverts in each probe and answer; only brume makes use of them (default ${rumoursUsual})`,
    },
    seed: { type: "string", value: "N", help: "draws the neighbours and what algorithms draw (default 1)" },
  },
  examples: [
    ["./brume bench coordinates --matrix rtt.tsv.gz --samples 32,1000", "after 32 samples a node, and 1000"],
  ],
  async run(args, output) {
    const [{ coordinateAlgorithms }, { simulate }, { seededRandom }] = await Promise.all([
      import("#autoscaler/coordinates/registry.ts"),
      import("#autoscaler/coordinates/simulate.ts"),
      import("#testbed/seeded-random.ts"),
    ]);
    const algorithms = chosen(coordinateAlgorithms, args.text("algorithm") ?? "all");
    const checkpoints = sampleCounts(args.text("samples") ?? checkpointsUsual);
    const neighbours = args.count("neighbours", 64, 1);
    const rumours = args.count("rumours", rumoursUsual);
    const seed = args.count("seed", 1);
    const matrix = await matrixOf(args);
    if (matrix.asymmetric > 0)
      output.progress(`${matrix.asymmetric} pairs differ by direction: each is taken as the mean of both`);
    const cpuMs = () => process.cpuUsage().user / 1_000;
    const rows = algorithms.flatMap((algorithm) => {
      output.progress(`${algorithm.name}: ${matrix.size} nodes, ${Math.max(...checkpoints)} samples each`);
      const randomOf = {
        neighbours: seededRandom(2 * seed).next,
        algorithm: seededRandom(2 * seed + 1).next,
      };
      const world = { matrix, neighbours, checkpoints, rumours, randomOf, cpuMs };
      return simulate(algorithm, world).map((judged) => ({ algorithm: algorithm.name, ...judged }));
    });
    const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`;
    output.result(
      { nodes: matrix.size, pairs: matrix.pairs, neighbours, rumours, seed, rows },
      table(
        ["algorithm", "samples", "median error", "p90 error", "in interval", "drift ms/sample", "CPU s"],
        rows.map((row) => [
          row.algorithm,
          `${row.samples}`,
          percent(row.medianRelativeError),
          percent(row.p90RelativeError),
          percent(row.coverage),
          row.drift.toFixed(3),
          row.seconds.toFixed(1),
        ]),
      ),
    );
    return 0;
  },
};

function chosen(
  algorithms: Readonly<Record<string, CoordinateAlgorithm>>,
  name: string,
): CoordinateAlgorithm[] {
  const one = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined;
  if (name !== "all" && one === undefined)
    throw usageError(
      `--algorithm ${name}: there is none of that name`,
      `one of: ${Object.keys(algorithms).join(", ")}, all`,
    );
  return one === undefined ? Object.values(algorithms) : [one];
}

function sampleCounts(list: string): number[] {
  const counts = list.split(",").map((word) => {
    if (!/^\d+$/.test(word) || Number(word) === 0)
      throw usageError(
        `--samples ${list}: ${word || "nothing"} is no number of samples`,
        `for example --samples ${checkpointsUsual}`,
      );
    return Number(word);
  });
  return [...new Set(counts)].sort((a, b) => a - b);
}

async function matrixOf(args: Arguments): Promise<RttMatrix> {
  const file = args.text("matrix");
  if (file === undefined)
    throw usageError(
      "bench coordinates: --matrix is missing",
      "name a square table of round trips in ms: --matrix rtt.tsv",
    );
  const [{ readDelayTable }, { RttMatrix }] = await Promise.all([
    import("#testbed/topology/delay-matrix.ts"),
    import("#autoscaler/coordinates/rtt-matrix.ts"),
  ]);
  const { values } = readDelayTable(await textOf(file), file);
  const matrix = new RttMatrix(values);
  if (matrix.pairs === 0)
    throw new UserError(
      "no-pairs",
      `${file}: holds no round trip between two nodes`,
      "a square table with a row and a column for each node, in ms",
      2,
    );
  return matrix;
}

async function textOf(file: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return (isPacked ? gunzipSync(bytes) : bytes).toString();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError("cannot-read", `${file}: cannot be read (${why})`, "name a readable file", 2, {
      cause,
    });
  }
}
