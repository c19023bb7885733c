/**
 * The prober's process: reads a job from its standard input, writes the answer to its standard output. A process of
 * its own because namespaces and priority belong to a thread, and because a rootless lab is entered by nsenter.
 */
import { readFileSync, writeFileSync, writeSync } from "node:fs";
import { endWithParent } from "#testbed/linux/socket-calls.ts";
import { becomeRealTime, exactTimers } from "#testbed/linux/syscalls.ts";
import type { ProbeAnswer, ProbeJob } from "./job.ts";
import { probe } from "./probe.ts";
import { ProbeSockets } from "./sockets.ts";

/** Below the wire's, so that measuring never holds up what is measured. */
const priority = 10;

endWithParent();
const job = JSON.parse(readFileSync(0, "utf8")) as ProbeJob;
const sockets = new ProbeSockets(job.endpoints);
const realTime = becomeRealTime(priority);
exactTimers();
const facts = probe(job, sockets, (line) => writeSync(2, `${line}\n`));
const { user, system } = process.cpuUsage();
const answer: ProbeAnswer = {
  ...facts,
  realTime,
  cpuMs: (user + system) / 1000,
  socketDrops: job.endpoints.map((_, index) => sockets.drops(index)),
  refusals: [...sockets.refusals],
};
sockets.close();
writeFileSync(1, JSON.stringify(answer));
