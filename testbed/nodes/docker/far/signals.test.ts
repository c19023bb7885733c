import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { heard, sentAs, standsFor } from "./signals.ts";

test("every signal that one may send is heard as what it was, under whatever name it goes", () => {
  const others = ["SIGCHLD", "SIGPIPE", "SIGSTKFLT", "SIGPWR", "SIGVTALRM"];
  for (const name of Object.keys(constants.signals) as NodeJS.Signals[]) {
    if (others.includes(name)) continue;
    const number = constants.signals[sentAs(name)];
    assert.ok(
      heard.some((each) => constants.signals[each] === number),
      `${name} is not heard`,
    );
    assert.equal(standsFor(sentAs(name)), name);
  }
});

test("no signal is heard twice, and none that Node.js keeps to itself", () => {
  const numbers = heard.map((name) => constants.signals[name]);
  assert.equal(new Set(numbers).size, numbers.length);
  for (const name of ["SIGKILL", "SIGSTOP", "SIGUSR1"] as const) assert.ok(!heard.includes(name));
});
