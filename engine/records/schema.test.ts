import assert from "node:assert/strict";
import test from "node:test";
import { EngineError } from "../engine-error.ts";
import { columnIndex, type FieldSpec, keyColumn, schema } from "./schema.ts";
import { fingerprintOf } from "./schema-fingerprint.ts";

const refusal = (code: string, words: RegExp) => (error: unknown) =>
  error instanceof EngineError && error.code === code && error.exitStatus === 2 && words.test(error.message);

test("columns are in the order of the fields, a question mark lets a value be null", () => {
  const { columns } = schema({ b: "utf8?", a: "int32", [keyColumn]: "bytes" });
  assert.deepEqual(columns, [
    { name: "b", type: "utf8", nullable: true },
    { name: "a", type: "int32", nullable: false },
    { name: "$key", type: "bytes", nullable: false },
  ]);
});

test("names that are no names are refused, those of the engine's own too", () => {
  for (const name of ["", "1a", "a b", "a-b", "$time", "constructor();", "é"]) {
    assert.throws(() => schema({ [name]: "int32" }), refusal("bad-field-name", /letters, digits/));
  }
});

test("a type that does not exist is refused with those that do", () => {
  for (const type of ["int64", "utf8??", "", "UTF8"]) {
    assert.throws(
      () => schema({ a: type as FieldSpec }),
      refusal("bad-field-type", /int32, integer, float64/),
    );
  }
});

test("a column that is not there is refused with those that are", () => {
  const made = schema({ auction: "integer", price: "integer" });
  assert.equal(columnIndex(made, "price"), 1);
  assert.throws(() => columnIndex(made, "pirce"), refusal("unknown-column", /"pirce"[\s\S]*auction, price/));
});

test("names, types, order and nulls all change the fingerprint of a schema", () => {
  const schemas = [
    schema({}),
    schema({ a: "int32" }),
    schema({ a: "int32?" }),
    schema({ a: "float64" }),
    schema({ b: "int32" }),
    schema({ a: "int32", b: "int32" }),
    schema({ b: "int32", a: "int32" }),
  ];
  assert.equal(new Set(schemas.map(fingerprintOf)).size, schemas.length);
  assert.equal(fingerprintOf(schema({ a: "int32" })), fingerprintOf(schema({ a: "int32" })));
});
