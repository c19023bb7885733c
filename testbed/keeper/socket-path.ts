/** A socket's path may have 107 bytes at most, and a lab's folder may lie deeper than that. */
import { tmpdir } from "node:os";
import { join } from "node:path";

const longestPath = 107;

export function socketPath(folder: string, labId: string): string {
  const beside = join(folder, "keeper.sock");
  return Buffer.byteLength(beside) <= longestPath ? beside : join(tmpdir(), `brume-${labId}.sock`);
}
