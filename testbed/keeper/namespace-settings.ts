/** Settings of a network namespace that interfaces take over when they come into it. */
import { writeFileSync } from "node:fs";

/** In the calling thread's namespace: /proc/sys/net shows the one of the thread that opens it. */
export function setDefault(name: "addr_gen_mode" | "disable_ipv6", value: string): void {
  try {
    writeFileSync(`/proc/sys/net/ipv6/conf/default/${name}`, value);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error; // A kernel without IPv6 has nothing to set.
  }
}
