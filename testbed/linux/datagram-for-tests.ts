/** A UDP socket in the calling thread's namespace, with its descriptor. For tests of what namespaces carry. */
import { createSocket, type Socket } from "node:dgram";
import { readdirSync, readlinkSync } from "node:fs";
import { isIPv6 } from "node:net";

export const datagramPort = 5555;

/** Bound when it returns: by default the address is looked up first, and by then the thread is somewhere else. */
export function datagramSocket(address: string): { socket: Socket; fd: number } {
  const before = openSockets();
  const family = isIPv6(address) ? 6 : 4;
  const socket = createSocket({
    type: `udp${family}`,
    recvBufferSize: 1 << 20,
    lookup: (host, _options, found) => found(null, host, family),
  });
  socket.bind({ address, port: datagramPort, exclusive: true });
  const [fd, ...more] = openSockets().filter((each) => !before.includes(each));
  if (fd === undefined || more.length > 0) throw new Error("a socket has one descriptor");
  return { socket, fd };
}

function openSockets(): number[] {
  const isSocket = (fd: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
    } catch {
      return false; // The descriptor of the listing itself, which is closed by now.
    }
  };
  return readdirSync("/proc/self/fd").filter(isSocket).map(Number);
}
