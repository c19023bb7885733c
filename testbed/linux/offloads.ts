/**
 * Turns a network interface's transmit offloads off. With them on, veth ends hand over 64 KiB super-packets with
 * unfinished checksums, while delay, loss and rate are promised for each packet of the MTU.
 */
import { close, ioctl, mapFlags, mmap, socket, viewMemory } from "./syscalls.ts";

const ethtoolRequest = 0x8946;
/** ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO: without them nothing larger than the MTU, nothing unfinished leaves. */
const commands = [0x17, 0x1f, 0x24];

/** Acts in the calling thread's namespace. */
export function disableOffloads(interfaceName: string): void {
  const memory = valueMemory();
  const fd = socket(2, 2 | 0o2000000, 0);
  try {
    for (const command of commands) {
      memory.value.set([command, 0]);
      const request = new Uint8Array(40);
      request.set(new TextEncoder().encode(interfaceName));
      new DataView(request.buffer).setBigUint64(16, BigInt(memory.address), true);
      ioctl(fd, ethtoolRequest, request);
    }
  } finally {
    close(fd);
  }
}

/** The request points at its value, so the value needs an address that does not move. */
let cached: { address: number; value: Uint32Array } | undefined;
function valueMemory(): { address: number; value: Uint32Array } {
  if (!cached) {
    const address = mmap(0, 4096, mapFlags.private | mapFlags.anonymous, -1);
    cached = { address, value: new Uint32Array(viewMemory(address, 4096), 0, 2) };
  }
  return cached;
}
