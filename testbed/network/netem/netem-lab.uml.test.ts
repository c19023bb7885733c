/** The same provisioning and the same verification as everywhere else, on a kernel with real netem. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "#testbed/user-error.ts";
import type { VerificationReport } from "#testbed/verify/report.ts";
import { runInUml } from "./uml.ts";

const project = `${import.meta.dirname}/../../..`;
const script = `
cd ${project}
export BRUME_STATE=/run/brume XDG_CACHE_HOME=/run/cache
./brume provision testbed/network/netem/fixtures/netem-lab.yaml || exit 1
./brume verify netem-lab --format json > "$RESULTS"
./brume impair netem-lab --from a --to c --delay 40ms || exit 1
./brume exec netem-lab a -- ping -c 3 -i 0.2 c
./brume impair netem-lab --node b --do restart || exit 1
./brume exec netem-lab a -- ping -c 3 -i 0.2 b
./brume destroy netem-lab || exit 1
ip -br link
exit 0
`;

test("auto takes netem where the kernel has it, and verification finds every pair as asked", {
  timeout: 200_000,
}, async (context) => {
  let run: Awaited<ReturnType<typeof runInUml>>;
  try {
    run = await runInUml(script, { timeoutMs: 90_000, memoryMegabytes: 1024 });
  } catch (error) {
    if (!(error instanceof UserError) || process.env.CI) throw error;
    return context.skip(error.message);
  }
  const { status, output, results } = run;
  assert.equal(status, 0, `status ${status}\n${output}`);
  const report = JSON.parse(results) as VerificationReport;
  assert.equal(report.fabric.kind, "netem");
  assert.equal(report.pairsMeasured, 20);
  const off = report.pairs
    .filter(({ verdict }) => verdict === "off")
    .map(({ from, to, checks }) => ({ from, to, checks }));
  assert.deepEqual(off, []);
  const times = [...output.matchAll(/time=([\d.]+) ms/g)].map((match) => Number(match[1]));
  assert.equal(times.length, 6, `six answers: ${times}\n${output}`);
  assert.ok(
    times.slice(0, 3).every((time) => time >= 40),
    `impaired by hand: ${times}`,
  );
  assert.ok(
    times.slice(3).every((time) => time >= 25),
    `after a restart of the node: ${times}`,
  );
  assert.doesNotMatch(output, /brume[0-9a-f]{8}/, "destroy leaves no interface");
});
