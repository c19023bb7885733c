/** A plain model of an operator's state, and random steps done on it and on subtasks with the real thing. */
import fc from "fast-check";
import type { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { rowWriterOf } from "../records/row-writer.ts";
import { schema } from "../records/schema.ts";
import { hashSafeInteger, hashText } from "../state/java-hash.ts";
import { keyGroupOf } from "../state/key-groups.ts";
import type { MultiTable } from "../state/multi-table.ts";
import type { OperatorState } from "../state/operator-state.ts";

export const maxParallelism = 16;
export const rowSchema = schema({ value: "int32", text: "utf8?", wide: "float64", flag: "bool" });
export type PlainRow = [value: number, text: string | null];
type Value = [sum: number, count: number, text: string];

/** As plain Maps; slices by start. */
export type Model = {
  numbers: Map<number, Value>;
  words: Map<string, number>;
  sums: Map<number, Map<number, number>>;
  rows: Map<number, PlainRow[]>;
  sliced: Map<number, Map<string, PlainRow[]>>;
  event: Set<string>;
  processing: Set<string>;
  list: string[];
};

export const emptyModel = (): Model => ({
  numbers: new Map(),
  words: new Map(),
  sums: new Map(),
  rows: new Map(),
  sliced: new Map(),
  event: new Set(),
  processing: new Set(),
  list: [],
});

export const register = (state: OperatorState) => ({
  numbers: state.table("numbers", "integer", { float64: 1, int32: 1, bytes: 1 }),
  words: state.table("words", "utf8", { float64: 1 }),
  sums: state.slices("sums", "timestamp", { float64: 1 }),
  rows: state.multiTable("rows", "integer", rowSchema),
  sliced: state.multiSlices("sliced", "utf8", rowSchema),
  timers: state.timers("timers", "utf8"),
  list: state.list("list", "split"),
});
export type Handles = ReturnType<typeof register>;

export const groupOfNumber = (key: number): number => keyGroupOf(hashSafeInteger(key), maxParallelism);
export const groupOfWord = (key: string): number => keyGroupOf(hashText(key), maxParallelism);

export const stepNames = [
  "add",
  "delete",
  "clear",
  "word",
  "sum",
  "drop-slice",
  "append",
  "drop-key",
  "remove-where",
  "append-sliced",
  "drop-sliced",
  "add-timer",
  "remove-timer",
  "list",
] as const;
export type Step = { what: (typeof stepNames)[number]; key: number; value: number };

export const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...stepNames.filter((name) => name !== "clear")) },
    { weight: 1, arbitrary: fc.constant("clear" as const) },
  ),
  key: fc.integer({ min: -8, max: 24 }),
  value: fc.nat(1000),
});

export const wordOf = (key: number): string => (key < 0 ? "é".repeat(-key) : `word ${key}`);
const sliceOf = (value: number): number => (value % 4) * 1000;
const textOf = (value: number): string => "x".repeat(value % 40);
const plainRow = (value: number): PlainRow => [value, value % 3 === 0 ? null : textOf(value)];

/** Does a step on the model, and on the subtask that owns its key. `ownerOf` gives the handles for a key group. */
export function doStep(
  model: Model,
  ownerOf: (keyGroup: number) => Handles,
  all: readonly Handles[],
  s: Step,
): void {
  const { what, key, value } = s;
  const word = wordOf(key);
  const wordBytes = Buffer.from(word);
  const ofNumber = ownerOf(groupOfNumber(key));
  const ofWord = ownerOf(groupOfWord(word));
  const numbers = ofNumber.numbers;
  const words = ofWord.words;
  if (numbers.kind !== "integers" || words.kind !== "bytes")
    throw new Error("not the kind of table that was asked for");
  if (what === "add") {
    const [sum, count] = model.numbers.get(key) ?? [0, 0];
    model.numbers.set(key, [sum + value / 2, count + 1, textOf(value)]);
    const row = numbers.rowFor(key);
    numbers.float64[0]![row]! += value / 2;
    numbers.int32[0]![row]! += 1;
    numbers.bytes[0]!.set(row, Buffer.from(textOf(value)), 0, textOf(value).length);
  } else if (what === "delete") {
    if (numbers.delete(key) !== model.numbers.delete(key)) throw new Error(`delete ${key} said otherwise`);
  } else if (what === "clear") {
    model.numbers.clear();
    for (const { numbers } of all) numbers.clear();
  } else if (what === "word") {
    model.words.set(word, (model.words.get(word) ?? 0) + value);
    const found = words.find(wordBytes, 0, wordBytes.length);
    if (found >= 0) words.beginWriting();
    const row = found >= 0 ? found : words.rowFor(wordBytes, 0, wordBytes.length);
    words.float64[0]![row]! += value;
  } else if (what === "sum") {
    const slice = mapAt(model.sums, sliceOf(value), () => new Map());
    slice.set(key, (slice.get(key) ?? 0) + value);
    const table = ofNumber.sums.at(sliceOf(value));
    if (table.kind !== "integers") throw new Error("not integers");
    const rows = new Int32Array(1);
    table.rowsFor(Float64Array.of(key), 0, 1, rows);
    table.float64[0]![rows[0]!]! += value;
  } else if (what === "drop-slice") {
    model.sums.delete(sliceOf(value));
    for (const { sums } of all) sums.drop(sliceOf(value));
  } else if (what === "append") {
    mapAt(model.rows, key, () => []).push(plainRow(value), plainRow(value + 1));
    const keys = ofNumber.rows.keys;
    if (keys.kind !== "integers") throw new Error("not integers");
    const row = keys.rowFor(key);
    ofNumber.rows.append(
      Int32Array.of(-1, row, row),
      batchOf([plainRow(0), plainRow(value), plainRow(value + 1)]),
      1,
      3,
    );
  } else if (what === "drop-key") {
    model.rows.delete(key);
    const keys = ofNumber.rows.keys;
    if (keys.kind !== "integers") throw new Error("not integers");
    const row = keys.find(key);
    if (row >= 0) ofNumber.rows.dropKey(row);
  } else if (what === "remove-where") {
    for (const [one, rows] of model.rows) {
      const kept = rows.filter(([number]) => number % 7 !== value % 7);
      if (kept.length > 0) model.rows.set(one, kept);
      else model.rows.delete(one);
    }
    for (const { rows } of all) {
      rows.removeWhere((batch, row) => (batch.columns[0] as Int32Array)[row]! % 7 === value % 7);
    }
  } else if (what === "append-sliced") {
    mapAt(
      mapAt(model.sliced, sliceOf(value), () => new Map()),
      word,
      () => [],
    ).push(plainRow(value));
    const multi = ofWord.sliced.at(sliceOf(value));
    if (multi.keys.kind !== "bytes") throw new Error("not bytes");
    multi.appendRow(multi.keys.rowFor(wordBytes, 0, wordBytes.length), batchOf([plainRow(value)]), 0);
  } else if (what === "drop-sliced") {
    model.sliced.delete(sliceOf(value));
    for (const { sliced } of all) sliced.drop(sliceOf(value));
  } else if (what === "add-timer" || what === "remove-timer") {
    const domain = key % 2 === 0 ? "event" : "processing";
    const entry = JSON.stringify([value % 10, word]);
    const timers = ofWord.timers[domain];
    const had = model[domain].has(entry);
    const isNews =
      what === "add-timer"
        ? timers.addBytes(value % 10, wordBytes, 0, wordBytes.length)
        : timers.removeBytes(value % 10, wordBytes, 0, wordBytes.length);
    if (isNews !== (what === "add-timer" ? !had : had)) throw new Error(`${what} ${entry} said ${isNews}`);
    if (what === "add-timer") model[domain].add(entry);
    else model[domain].delete(entry);
  } else if (what === "list") {
    model.list.push(`${value}`);
    all[0]!.list.add(Buffer.from(`${value}`));
  } else what satisfies never;
}

export function batchOf(rows: readonly PlainRow[]): Batch {
  const builder = new BatchBuilder(rowSchema);
  const writer = rowWriterOf(rowSchema, builder);
  for (const [value, text] of rows) {
    writer.$begin();
    writer.value = value;
    writer.text = text;
    writer.wide = value / 8;
    writer.flag = value % 2 === 1;
    writer.$end(value);
  }
  return builder.finish();
}

/** The rows of one key; throws if any column does not belong to the others. */
export function rowsOfKey(multi: MultiTable, keyRow: number): PlainRow[] {
  const found: PlainRow[] = [];
  const { columns, valid, times } = multi.rows;
  const [values, texts, wides, flags] = columns as [
    Int32Array,
    { offsets: Int32Array; bytes: Uint8Array },
    Float64Array,
    Uint8Array,
  ];
  for (let row = multi.firstRow(keyRow); row >= 0; row = multi.next[row]!) {
    const value = values[row]!;
    const text = Buffer.from(texts.bytes.subarray(texts.offsets[row], texts.offsets[row + 1])).toString();
    if (wides[row] !== value / 8 || flags[row] !== value % 2 || times![row] !== value) {
      throw new Error(`row ${row} of value ${value} has columns of another`);
    }
    found.push([value, valid[1]?.[row] === 0 ? null : text]);
  }
  if (found.length !== multi.countOf(keyRow)) throw new Error("a chain is not as long as its count");
  return found;
}

function mapAt<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
