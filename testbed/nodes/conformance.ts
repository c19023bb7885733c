/**
 * What every kind of node has to show: one suite, taken through each of them by a test file of its own
 * (`netns.integration.test.ts` is the plainest). A kind that has nothing to show for a claim says why in its `Subject`.
 */
import { after } from "node:test";
import { TestLabs } from "#testbed/lab-for-tests.ts";
import { type Bench, type Subject, topologyText } from "./conformance/bench.ts";
import { commandClaims } from "./conformance/commands.ts";
import { fileClaims } from "./conformance/files.ts";
import { lifeClaims } from "./conformance/life.ts";
import { conditions, reachClaims } from "./conformance/reach.ts";
import { secondLabClaims } from "./conformance/second-lab.ts";
import { troubleClaims } from "./conformance/trouble.ts";

/** Most claims share one lab; it is handed back for what is the kind's own. `end` ends what the subject stands on. */
export async function conformance(
  subject: Subject,
  end: () => Promise<void> = async () => undefined,
): Promise<Bench> {
  const labs = new TestLabs();
  const close = async () => {
    try {
      await labs.end();
    } finally {
      await end();
    }
  };
  try {
    const lab = await labs.open(topologyText(subject, "first", conditions));
    const bench: Bench = { subject, labs, lab, a: lab.node("a"), b: lab.node("b") };
    after(close);
    commandClaims(bench);
    fileClaims(bench);
    reachClaims(bench);
    lifeClaims(bench);
    secondLabClaims(bench);
    troubleClaims(bench);
    return bench;
  } catch (error) {
    await close();
    throw error;
  }
}
