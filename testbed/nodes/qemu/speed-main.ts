/** Run inside a machine: its scores, and under which key brume keeps them there, as JSON on the standard output. */
import { hostKey, hostScores } from "#testbed/devices/host-scores.ts";
import type { Speed } from "./slowdown.ts";

const speed: Speed = { key: hostKey(), scores: await hostScores() };
process.stdout.write(JSON.stringify(speed));
