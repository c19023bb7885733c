/** What a probe says: whose it is, which of them it is, and enough sameness to notice a flipped bit anywhere. */
import { payloadBytes } from "../probe-size.ts";

const words = payloadBytes / 4;
const magic = 0x62727565;
/** Of a probe that only wakes up caches on its way, and counts for nothing. */
export const warmUp = 0xffffffff | 0;

export function writePayload(memory: Int32Array, at: number, flow: number, turn: number): void {
  memory[at] = magic;
  memory[at + 1] = flow;
  memory[at + 2] = turn;
  const check = mix(flow, turn);
  for (let word = 3; word < words; word++) memory[at + word] = check + word;
}

export function isWhole(memory: Int32Array, at: number, bytes: number): boolean {
  if (bytes !== payloadBytes || memory[at] !== magic) return false;
  const check = mix(memory[at + 1]!, memory[at + 2]!);
  for (let word = 3; word < words; word++) if (memory[at + word] !== ((check + word) | 0)) return false;
  return true;
}

/** One to one in each number while the other stays, so that a flipped bit in either gives another check. */
function mix(flow: number, turn: number): number {
  const mixed = Math.imul(flow, 0x85ebca6b);
  const both = Math.imul(mixed ^ (mixed >>> 15) ^ turn, 0x9e3779b1);
  return both ^ (both >>> 13);
}
