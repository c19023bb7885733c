import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBlobName, checkBlobPrefix } from "./blob-name.ts";
import { badNames } from "./store-contract-for-tests.ts";

for (const name of badNames) {
  test(`${JSON.stringify(name)} is no blob's name`, () => {
    assert.throws(() => checkBlobName(name), /not a blob's name/);
  });
}

test("a prefix may be empty, end in the middle of a name or at a folder, and may not climb", () => {
  for (const prefix of ["", "a", "a/", "a/b-", "a/b/"]) checkBlobPrefix(prefix);
  for (const prefix of ["../", "/", "a/../"]) assert.throws(() => checkBlobPrefix(prefix));
});
