import assert from "node:assert/strict";
import test from "node:test";
import { Batch } from "./batch.ts";
import { type Cursor, cursorOf } from "./cursor.ts";
import type { RowWriter } from "./row-writer.ts";
import { schema } from "./schema.ts";

const bid = schema({ auction: "integer", channel: "utf8?", hot: "bool", raw: "bytes", at: "timestamp" });
type Fields = (typeof bid)["fields"];

type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
type Has<Type, Name extends string> = Name extends keyof Type ? true : false;

/** Each line compiles only as long as it is so; `tsc` is part of the checks. */
const claims = {
  readsNumber: true satisfies Same<Cursor<Fields>["auction"], number>,
  readsNullableText: true satisfies Same<Cursor<Fields>["channel"], string | null>,
  readsBoolean: true satisfies Same<Cursor<Fields>["hot"], boolean>,
  readsBytes: true satisfies Same<Cursor<Fields>["raw"], Uint8Array>,
  hasNoOtherColumn: false satisfies Has<Cursor<Fields>, "actuion">,
  writesNoOtherColumn: false satisfies Has<RowWriter<Fields>, "actuion">,
  writesNullWhereItMayBe: true satisfies Same<RowWriter<Fields>["channel"], string | null>,
  writesNoNullElsewhere: true satisfies Same<RowWriter<Fields>["auction"], number>,
  columnsAreReadOnly: false satisfies Same<
    Pick<Cursor<Fields>, "auction">,
    { -readonly [Name in "auction"]: Cursor<Fields>[Name] }
  >,
};

test("a wrong column or a value of the wrong type is a compile error", () => {
  assert.ok(claims);
  // A schema whose type is not known must still be usable: every name may be there.
  const cursor: Cursor = cursorOf(bid) as unknown as Cursor;
  assert.equal(typeof cursor.$bind, "function");
});

test("a cursor reads the row that it stands on, in each batch that it is bound to", () => {
  const texts = (...parts: string[]) => {
    const offsets = Int32Array.from([
      0,
      ...parts.map((_, index) => parts.slice(0, index + 1).join("").length),
    ]);
    return { offsets, bytes: Buffer.from(parts.join("")) };
  };
  const batch = (first: number) =>
    new Batch(
      bid,
      2,
      [
        Float64Array.of(first, first + 1),
        texts("web", ""),
        Uint8Array.of(0, 1),
        texts("\u0001", "\u0002\u0003"),
        Float64Array.of(5, 6),
      ],
      undefined,
      [undefined, Uint8Array.of(1, 0), undefined, undefined, undefined],
    );
  const cursor = cursorOf(bid);
  for (const first of [10, 20]) {
    cursor.$bind(batch(first));
    assert.equal(cursor.$row, 0);
    assert.deepEqual(
      [cursor.auction, cursor.channel, cursor.hot, [...cursor.raw]],
      [first, "web", false, [1]],
    );
    cursor.$row = 1;
    assert.deepEqual(
      [cursor.auction, cursor.channel, cursor.hot, [...cursor.raw]],
      [first + 1, null, true, [2, 3]],
    );
    assert.ok(Number.isNaN(cursor.$time));
  }
});
