import { TestLabs } from "/work/main/testbed/lab-for-tests.ts";
import { exec } from "/work/main/testbed/nodes/exec.ts";
const labs = new TestLabs();
try {
  for (const ms of [0, 5, 25]) {
    const lab = await labs.open(`name: rtt${ms}\nnodes: { a: {}, b: {} }\nnetwork: { pairs: [{ delay: ${ms}ms }] }\n`);
    const { stdout } = await exec(lab.node("a"), ["ping","-n","-q","-c","200","-i","0.01","b"]);
    console.log(ms, stdout.toString().trim().split("\n").pop());
    const s = await lab.keeper.ask("GET /status"); console.log(s.wire);
    const p = await lab.keeper.ask("GET /pairs"); console.log(p.map((x:any)=>x.delaySumNs/x.deliveredPackets/1e6));
  }
} finally { await labs.end(); }
