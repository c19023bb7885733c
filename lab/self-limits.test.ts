import assert from "node:assert/strict";
import { test } from "node:test";
import { selfLimits } from "./self-limits.ts";

const unenforced = { enforced: false, reason: "nothing is delegated" } as const;

test("workers share what their node may have, where the kernel does not see to it", () => {
  const workers = ["held", "weak", "weak", "strong", "free"].map((node) => ({ node }));
  const limits = {
    held: { quotaCores: 0.1, cpu: { enforced: true } as const },
    weak: { quotaCores: 0.44, cpu: unenforced },
    strong: { quotaCores: 2.5, cpu: unenforced },
    unused: { quotaCores: 0.1, cpu: unenforced },
  };
  assert.deepEqual(selfLimits(workers, limits), { weak: 0.22 });
});
