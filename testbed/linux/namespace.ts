/** Network namespaces as file descriptors: they live as long as somebody holds one, and leave no trace after. */
import { cloneFlags, close, open, setns, unshare } from "./syscalls.ts";

const closeOnExec = 0o2000000;

export function currentNamespace(): number {
  return open("/proc/thread-self/ns/net", closeOnExec);
}

/** Runs `act` in a new namespace and returns to the caller's; the new one stays open behind the returned fd. */
export function withNewNamespace<Result>(act: (fd: number) => Result): Result {
  const before = currentNamespace();
  try {
    unshare(cloneFlags.newNet);
    const created = currentNamespace();
    try {
      return act(created);
    } catch (error) {
      close(created);
      throw error;
    }
  } finally {
    setns(before, cloneFlags.newNet);
    close(before);
  }
}

/** `act` must be synchronous: the namespace belongs to the thread, which other work shares between ticks. */
export function inNamespace<Result>(fd: number, act: () => Result): Result {
  const before = currentNamespace();
  setns(fd, cloneFlags.newNet);
  try {
    return act();
  } finally {
    setns(before, cloneFlags.newNet);
    close(before);
  }
}
