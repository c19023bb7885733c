/** System calls of those who measure with many sockets in many namespaces: the prober and the coordinate agents. */
import koffi from "koffi";
import { lastErrno, SystemCallError } from "./syscalls.ts";

const libc = koffi.load(null);
const bind = (declaration: string) => libc.func(declaration) as (...args: unknown[]) => number;

const getsockname = bind("int getsockname(int fd, uint8_t *address, uint8_t *bytes)");
const epollCreate = bind("int epoll_create1(int flags)");
const epollControl = bind("int epoll_ctl(int epoll, int operation, int fd, const uint8_t *event)");
const prctl = bind(
  "int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)",
);

export const epollWait = bind("int epoll_wait(int epoll, uintptr_t events, int most, int timeout)") as (
  epoll: number,
  events: number,
  most: number,
  timeoutMs: number,
) => number;

export const sendTo = bind(
  "long sendto(int fd, uintptr_t data, size_t bytes, int flags, uintptr_t address, uint32_t addressBytes)",
) as (
  fd: number,
  data: number,
  bytes: number,
  flags: number,
  address: number,
  addressBytes: number,
) => number;

function checked(call: string, result: number): number {
  if (result < 0) throw new SystemCallError(call, "", lastErrno());
  return result;
}

/** In network byte order, wherever the socket was bound to "any port". */
export function boundPort(fd: number): number {
  const address = new Uint8Array(28);
  checked("getsockname", getsockname(fd, address, new Uint8Array(Uint32Array.of(address.length).buffer)));
  return (address[2]! << 8) | address[3]!;
}

export const createEpoll = (): number => checked("epoll_create1", epollCreate(0o2000000));

/** The kernel's struct is packed on x86-64 alone. */
export const epollEventBytes = process.arch === "x64" ? 12 : 16;
export const epollTokenOffset = epollEventBytes - 8;

/** `token` comes back with every event of this descriptor. */
export function watchReadable(epoll: number, fd: number, token: number): void {
  const event = new Uint8Array(epollEventBytes);
  const view = new DataView(event.buffer);
  view.setUint32(0, 1, true); // EPOLLIN
  view.setUint32(epollTokenOffset, token, true);
  checked("epoll_ctl", epollControl(epoll, 1, fd, event));
}

/** The kernel ends this process when its parent ends, however that ends. */
export function endWithParent(): void {
  prctl(1, 15, 0, 0, 0); // PR_SET_PDEATHSIG, SIGTERM
}
