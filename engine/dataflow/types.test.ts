import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const room = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));

const before = `
import { count, max, sum } from "${room}aggregates.ts";
import type { Stream } from "${room}stream.ts";
import { tumbling } from "${room}windows.ts";
declare const bids: Stream<{ readonly auction: "integer"; readonly price: "float64"; readonly note: "utf8?"; readonly at: "timestamp" }>;
declare const rules: Stream<{ readonly limit: "integer" }>;
declare const people: Stream<{ readonly id: "integer"; readonly name: "utf8" }>;
`;

/** By expression: what the compiler says of it. */
function complaints(expressions: readonly string[]): Map<string, string[]> {
  const folder = mkdtempSync(join(tmpdir(), "brume-types-"));
  try {
    const file = join(folder, "jobs.ts");
    writeFileSync(file, `${before}export const all = [\n${expressions.join(",\n")},\n];\n`);
    const config = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: { typeRoots: [join(root, "node_modules/@types")] },
      include: [],
      files: [file],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = spawnSync(process.execPath, [compiler, "-p", folder, "--pretty", "false"], {
      encoding: "utf8",
    });
    const found = new Map<string, string[]>(expressions.map((expression) => [expression, []]));
    let expression: string | undefined;
    for (const line of stdout.split("\n")) {
      // What belongs to the message before it is indented.
      const at = /jobs\.ts\((\d+),/.exec(line);
      if (at) expression = expressions[Number(at[1]) - before.split("\n").length - 1];
      if (expression !== undefined && line !== "") found.get(expression)?.push(line);
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every function that may have side outputs, which says this in one of its calls: they are `l`, of a column `a`. */
function withSides(say: string): string[] {
  const sides = 'output: { n: "int32" }, sides: { l: { a: "int32" } }';
  const keyed = 'bids.keyBy("auction")';
  const call = (name: string, ...silent: string[]) => {
    const takes = name === "onOpen" ? "{ side }" : "_first, { side }";
    return [`${name}(${takes}) { ${say} }`, ...silent.map((other) => `${other}() {}`)].join(", ");
  };
  return [
    `bids.process({ ${sides}, ${call("onRow")} })`,
    `bids.process({ ${sides}, ${call("onOpen", "onRow")} })`,
    `${keyed}.process({ ${sides}, ${call("onRow")} })`,
    `${keyed}.process({ ${sides}, ${call("onTimer", "onRow")} })`,
    `${keyed}.window(tumbling("1s")).process({ ${sides}, ${call("process")} })`,
    `${keyed}.connect(people.keyBy("id")).process({ ${sides}, ${call("onFirst", "onSecond")} })`,
    `${keyed}.connect(people.keyBy("id")).process({ ${sides}, ${call("onSecond", "onFirst")} })`,
    `${keyed}.connectBroadcast(rules).process({ ${sides}, broadcast: ["m"], ${call("onRow", "onBroadcast")} })`,
    `bids.connectBroadcast(rules).process({ ${sides}, broadcast: ["m"], ${call("onBroadcast", "onRow")} })`,
  ];
}

const right = [
  'bids.filter(["price"], (row) => row.price > 1).select("auction")',
  'bids.keyBy("auction").window(tumbling("10s")).aggregate(count("n"), sum("price", "total")).select("auction", "total", "windowEnd")',
  'bids.join(people).where("auction").equalTo("id").window(tumbling("1s")).select({ left: ["price"], right: ["name"] }).select("name")',
  'bids.withColumn("dear", "bool", (row) => row.price > 10).filter(["dear"], (row) => row.dear)',
  'bids.keyBy(["note", "auction"]).window(tumbling("1s")).aggregate(count("n")).select("note", "auction")',
  'bids.map({ cost: "float64" }, ["price"], (row, out) => { out.cost = row.price; })',
  ...withSides('side("l").emit({ a: 1 })'),
] as const;

const wrong: readonly (readonly [expression: string, message: RegExp])[] = [
  ['bids.select("prize")', /"prize"' is not assignable/],
  ["bids.filter((row) => row.prize > 1)", /Property 'prize' does not exist/],
  ['bids.filter(["price"], (row) => row.auction > 1)', /Property 'auction' does not exist/],
  ['bids.filter(["price"], (row) => row.price)', /Type 'number' is not assignable to type 'boolean'/],
  [
    'bids.map({ cost: "float64" }, (row, out) => { out.cost = row.note; })',
    /'string \| null' is not assignable to type 'number'/,
  ],
  ['bids.map({ cost: "float" }, () => undefined)', /'"float"' is not assignable/],
  ['bids.flatMap({ cost: "float64" }, (row, out) => out.emit({ kost: row.price }))', /'kost' does not exist/],
  [
    'bids.withColumn("price", "integer", (row) => row.note)',
    /'string \| null' is not assignable to type 'number'/,
  ],
  ['bids.keyBy("prize")', /No overload matches/],
  ['bids.keyBy("price")', /No overload matches/],
  ['bids.keyBy("note")', /No overload matches/],
  ['bids.keyBy("auction").window(tumbling("10s")).aggregate(sum("note", "total"))', /is not assignable/],
  [
    'bids.keyBy("auction").window(tumbling("10s")).aggregate(max("price", "most")).select("price")',
    /'"price"' is not assignable/,
  ],
  ["bids.union(people)", /is not assignable/],
  ['bids.join(people).where("auction").equalTo("name")', /is not assignable/],
  [
    'bids.join(people).where("auction").equalTo("id").window(tumbling("1s")).select({ left: ["name"] })',
    /'"name"' is not assignable/,
  ],
  ['bids.assignTimestamps("price")', /'"price"' is not assignable/],
  ['bids.sideOutput("late")', /is not assignable to parameter of type 'never'/],
  ...withSides('side("zz").emit({ a: 1 })').map((each) => [each, /'"zz"' is not assignable/] as const),
  ...withSides('side("l").emit({ b: 1 })').map((each) => [each, /'b' does not exist/] as const),
  [
    'bids.process({ output: {}, onRow(_row, { side }) { side("l").emit({ a: 1 }); } })',
    /is not assignable to parameter of type 'never'/,
  ],
];

test("a wrong column, or a value of a wrong type, does not compile", () => {
  const found = complaints([...right, ...wrong.map(([expression]) => expression)]);
  for (const expression of right) assert.deepEqual(found.get(expression), [], expression);
  for (const [expression, message] of wrong)
    assert.match(found.get(expression)!.join("\n"), message, expression);
});
