/**
 * Opens paths of a process that has another root, such as a container's, as that process would see them: its links,
 * its mounts, and never anything outside. What it returns can be used as /proc/self/fd/N by every call of Node.js.
 */
import koffi from "koffi";
import { close, lastErrno, open, SystemCallError } from "./syscalls.ts";

const openAt2Number = 437; // On every architecture.
const resolveInRoot = 0x10;
const noMagicLinks = 0x02;
const closeOnExec = 0o2000000;
const pathOnly = 0o10000000;

const systemCall = koffi
  .load(null)
  .func("long syscall(long number, long fd, str path, void *how, size_t bytes)") as (
  number: number,
  fd: number,
  path: string,
  how: Uint8Array,
  bytes: number,
) => number;

/** The root as a descriptor; whoever gets it closes it. */
export function rootOf(pid: number): number {
  return open(`/proc/${pid}/root`, pathOnly | closeOnExec);
}

/** Without `flags` the result only stands for the file or folder. Throws a SystemCallError. */
export function openInRoot(rootFd: number, path: string, flags = pathOnly): number {
  const how = new BigUint64Array([BigInt(flags | closeOnExec), 0n, BigInt(resolveInRoot | noMagicLinks)]);
  const fd = systemCall(openAt2Number, rootFd, path, new Uint8Array(how.buffer), how.byteLength);
  if (fd < 0) throw new SystemCallError("open", path, lastErrno());
  return fd;
}

/** `act` gets a path that stands for the opened one as long as it works. */
export async function withOpened<Result>(
  fd: number,
  act: (path: string) => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await act(`/proc/self/fd/${fd}`);
  } finally {
    close(fd);
  }
}
