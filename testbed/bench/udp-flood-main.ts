/**
 * As many small UDP packets as one core can send, as a program that runs on a node: `udp-flood-main.ts HOST PORT SECONDS
 * BYTES` prints how many it sent. A hundred packets a system call, or the sender would be the limit.
 */
import { lookup } from "node:dns/promises";
import { mapFlags, mmap, sendmmsg, socket, viewMemory } from "#testbed/linux/syscalls.ts";

const batch = 64;
const [host, port, seconds, bytes] = process.argv.slice(2) as [string, string, string, string];
const { address } = await lookup(host, { family: 4 });
const payload = batch * 64 + batch * 16;
const start = mmap(0, 65_536, mapFlags.private | mapFlags.anonymous, -1);
const view = new DataView(viewMemory(start, 65_536));
const name = payload + 2048;
view.setUint16(name, 2, true);
view.setUint16(name + 2, Number(port));
for (const [index, part] of address.split(".").entries()) view.setUint8(name + 4 + index, Number(part));
for (let index = 0; index < batch; index++) {
  const vector = batch * 64 + index * 16;
  view.setBigUint64(index * 64, BigInt(start + name), true);
  view.setUint32(index * 64 + 8, 16, true);
  view.setBigUint64(index * 64 + 16, BigInt(start + vector), true);
  view.setBigUint64(index * 64 + 24, 1n, true);
  view.setBigUint64(vector, BigInt(start + payload), true);
  view.setBigUint64(vector + 8, BigInt(bytes), true);
}
const fd = socket(2, 2, 0);
const endMs = performance.now() + Number(seconds) * 1000;
let sent = 0;
while (performance.now() < endMs) sent += Math.max(0, sendmmsg(fd, start, batch, 0));
process.stdout.write(`${JSON.stringify({ sent })}\n`);
