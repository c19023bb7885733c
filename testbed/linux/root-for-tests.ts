/**
 * For tests that make networks. Root runs them as they are; for anybody else they run again as the root of a user
 * namespace of their own, so that both are tested by the same lines.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { basename } from "node:path";
import { test } from "node:test";

/** `file` is the test file itself, `define` what it consists of. */
export function asRoot(file: string, define: () => void): void {
  if (process.getuid?.() === 0) {
    define();
    return;
  }
  test(`${basename(file)} as the root of a user namespace`, (context) => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const allowed = spawnSync("unshare", ["-Urn", "true"], { encoding: "utf8" });
    if (allowed.status !== 0 && !process.env.CI) {
      const why = allowed.error?.message ?? allowed.stderr.trim();
      return context.skip(
        `needs root, or a kernel that lets ordinary users make namespaces (unshare -Urn: ${why})`,
      );
    }
    const words = ["-Urn", "--", process.execPath, "--test", "--test-reporter=tap", file];
    const { status, stdout, stderr, error } = spawnSync("unshare", words, { encoding: "utf8", env });
    assert.equal(status, 0, `${error?.message ?? ""}${stdout}${stderr}`);
  });
}
