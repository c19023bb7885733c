import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { OperatorContext, Output } from "../../operators/operator.ts";
import { type PlainRow, plainRows } from "../../operators/operator-harness-for-tests.ts";
import { schema } from "../../records/schema.ts";
import { OperatorList } from "../../state/operator-list.ts";
import { nexmarkReplay } from "./nexmark-replay.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-replay-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const wantedOf = (fields: Parameters<typeof schema>[0]) => {
  const whole = schema(fields);
  return { schema: whole, columns: whole.columns.map(({ name }) => name), eventTime: false };
};

/** The persons' e-mail addresses and the bids' prices of a file of these lines. */
function replayed(...lines: readonly string[]): PlainRow[] {
  const path = join(folder, "events.jsonl");
  writeFileSync(path, lines.join("\n"));
  const rows: PlainRow[] = [];
  const output = { emit: (batch: Parameters<Output["emit"]>[0]) => void rows.push(...plainRows(batch)) };
  const source = nexmarkReplay(path).make({
    persons: wantedOf({ email: "utf8" }),
    auctions: undefined,
    bids: wantedOf({ price: "integer" }),
  });
  const state = { list: () => new OperatorList("union") };
  source.open({ subtask: 0, parallelism: 1, state, side: () => output } as unknown as OperatorContext);
  try {
    while (source.poll(0).is !== "end");
  } finally {
    source.close?.();
  }
  return rows;
}

const values = (rows: readonly PlainRow[]) => rows.flatMap(({ email, price }) => email ?? price);

test("a person's address may have Nexmark's own name too", () => {
  const rows = replayed(
    '{"person":{"dateTime":1,"email":"a@b"}}',
    '{"person":{"dateTime":2,"emailAddress":"c@d"}}',
  );
  assert.deepEqual(values(rows), ["a@b", "c@d"]);
});

test("the kinds that are null are as if they were not there", () => {
  assert.deepEqual(values(replayed('{"person":null,"auction":null,"bid":{"dateTime":1,"price":7}}')), [7]);
  assert.throws(() => replayed('{"person":null,"bid":null}'), /:1:1: is .*, which is no event/);
});
