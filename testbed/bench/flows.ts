/** Runs flows between nodes of a lab and says what came out of them. */
import { fileURLToPath } from "node:url";
import { exec } from "#testbed/nodes/exec.ts";
import type { Lab } from "#testbed/open-lab.ts";
import type { Received } from "./tcp-flow-main.ts";

const program = (name: string) => fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
const node = [process.execPath, "--disable-warning=ExperimentalWarning"];

export type Flow = { from: string; to: string };

/** All at once; goodput in bits per second of each, over its whole life, slow start included. */
export async function tcpGoodputs(lab: Lab, flows: readonly Flow[], seconds: number): Promise<number[]> {
  const receivers = await Promise.all(
    flows.map(async ({ to }, index) => {
      const port = 5300 + index;
      const running = await lab.node(to).spawn([...node, program("tcp-flow-main"), "receive", String(port)]);
      let said = "";
      const listening = new Promise<void>((resolve, reject) => {
        running.stdout.on("data", (part) => {
          said += part;
          if (said.includes("listening\n")) resolve();
        });
        void running.exited.then(() => reject(new Error(`the receiver on ${to} ended before it listened`)));
      });
      await listening;
      return { port, result: running.exited.then(() => JSON.parse(said.split("\n")[1]!) as Received) };
    }),
  );
  await Promise.all(
    flows.map(async ({ from, to }, index) => {
      const words = ["send", to, String(receivers[index]!.port), String(seconds)];
      const { status, stderr } = await exec(lab.node(from), [...node, program("tcp-flow-main"), ...words]);
      if (status !== 0) throw new Error(`the sender on ${from} failed: ${stderr}`);
    }),
  );
  const received = await Promise.all(receivers.map(({ result }) => result));
  return received.map(({ bytes, seconds: took }) => (bytes * 8) / took);
}

/** Small packets as fast as one core sends them: what was sent, and what the fabric delivered. */
export async function flood(lab: Lab, { from, to }: Flow, seconds: number, bytes: number) {
  const before = (await lab.keeper.ask("GET /status")).wire;
  const startedMs = performance.now();
  const words = [...node, program("udp-flood-main"), to, "9", String(seconds), String(bytes)];
  const { stdout, stderr, status } = await exec(lab.node(from), words);
  if (status !== 0) throw new Error(`the flood on ${from} failed: ${stderr}`);
  const after = (await lab.keeper.ask("GET /status")).wire;
  const took = (performance.now() - startedMs) / 1000;
  const { sent } = JSON.parse(stdout.toString()) as { sent: number };
  const delivered = (after?.delivered ?? 0) - (before?.delivered ?? 0);
  return { sent, delivered, seconds, took, cpuSeconds: ((after?.cpuNs ?? 0) - (before?.cpuNs ?? 0)) / 1e9 };
}
