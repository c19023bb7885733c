/**
 * The few system calls that Node.js does not offer, through koffi. All of them are synchronous on purpose:
 * namespaces belong to a thread, so a call that went to libuv's pool would act on the wrong one.
 */
import { constants } from "node:os";
import koffi from "koffi";

const libc = koffi.load(null);
const bind = (declaration: string) => libc.func(declaration) as (...args: unknown[]) => number;

const calls = {
  unshare: bind("int unshare(int flags)"),
  setns: bind("int setns(int fd, int type)"),
  open: bind("int open(const char *path, int flags, int mode)"),
  close: bind("int close(int fd)"),
  socket: bind("int socket(int domain, int type, int protocol)"),
  bind: bind("int bind(int fd, const uint8_t *address, uint32_t bytes)"),
  setsockopt: bind("int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t bytes)"),
  getsockopt: bind("int getsockopt(int fd, int level, int name, uint8_t *value, uint8_t *bytes)"),
  send: bind("long send(int fd, const uint8_t *data, size_t bytes, int flags)"),
  recv: bind("long recv(int fd, uint8_t *data, size_t bytes, int flags)"),
  read: bind("long read(int fd, uint8_t *data, size_t bytes)"),
  write: bind("long write(int fd, const uint8_t *data, size_t bytes)"),
  ioctl: bind("int ioctl(int fd, unsigned long request, uint8_t *argument)"),
  flock: bind("int flock(int fd, int operation)"),
  prctl: bind("int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)"),
  eventfd: bind("int eventfd(unsigned int initial, int flags)"),
};

/** By address, for memory that both we and the kernel hold on to. Addresses are plain numbers (below 2^53). */
const mmapCall = libc.func(
  "uintptr_t mmap(uintptr_t address, size_t bytes, int protection, int flags, int fd, long offset)",
) as (...args: number[]) => number | bigint;
export const sendmmsg = libc.func(
  "int sendmmsg(int fd, uintptr_t messages, unsigned int count, int flags)",
) as (fd: number, messages: number, count: number, flags: number) => number;
export const recvmmsg = libc.func(
  "int recvmmsg(int fd, uintptr_t messages, unsigned int count, int flags, uintptr_t timeout)",
) as (fd: number, messages: number, count: number, flags: number, timeout: number) => number;
export const ppoll = libc.func(
  "int ppoll(uintptr_t fds, unsigned long count, uintptr_t timeout, uintptr_t mask)",
) as (fds: number, count: number, timeout: number, mask: number) => number;
export const clockGettime = libc.func("int clock_gettime(int clock, uintptr_t result)") as (
  clock: number,
  result: number,
) => number;
const errorNames = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** A failed system call: which, on what, and the kernel's name for the reason. */
export class SystemCallError extends Error {
  readonly errno: string;
  constructor(call: string, about: string, errno: string) {
    super(`${call}${about === "" ? "" : ` ${about}`}: ${errno}`);
    this.name = "SystemCallError";
    this.errno = errno;
  }
}

export function lastErrno(): string {
  const number = koffi.errno();
  return errorNames.get(number) ?? `errno ${number}`;
}

function checked(call: string, about: string, result: number): number {
  if (result < 0) throw new SystemCallError(call, about, lastErrno());
  return result;
}

export const cloneFlags = { newNet: 0x40000000, newNamespace: 0x00020000, newUser: 0x10000000 };

export const unshare = (flags: number): void =>
  void checked("unshare", `0x${flags.toString(16)}`, calls.unshare(flags));
export const setns = (fd: number, type: number): void =>
  void checked("setns", `fd ${fd}`, calls.setns(fd, type));
export const open = (path: string, flags: number): number =>
  checked("open", path, calls.open(path, flags, 0));
export const close = (fd: number): void => void checked("close", `fd ${fd}`, calls.close(fd));
export const socket = (domain: number, type: number, protocol: number): number =>
  checked("socket", `family ${domain}`, calls.socket(domain, type, protocol));
export const bindSocket = (fd: number, address: Uint8Array): void =>
  void checked("bind", `fd ${fd}`, calls.bind(fd, address, address.length));
export const setSocketOption = (fd: number, level: number, name: number, value: Uint8Array): void =>
  void checked(
    "setsockopt",
    `level ${level} name ${name}`,
    calls.setsockopt(fd, level, name, value, value.length),
  );
export const setSocketOptionInt = (fd: number, level: number, name: number, value: number): void =>
  setSocketOption(fd, level, name, new Uint8Array(Int32Array.of(value).buffer));
export function getSocketOption(fd: number, level: number, name: number, bytes: number): Uint8Array {
  const value = new Uint8Array(bytes);
  const length = new Uint8Array(Int32Array.of(bytes).buffer);
  checked("getsockopt", `level ${level} name ${name}`, calls.getsockopt(fd, level, name, value, length));
  return value;
}
export const send = (fd: number, data: Uint8Array): number =>
  checked("send", `fd ${fd}`, calls.send(fd, data, data.length, 0));
export const receive = (fd: number, data: Uint8Array): number =>
  checked("recv", `fd ${fd}`, calls.recv(fd, data, data.length, 0));
export const ioctl = (fd: number, request: number, argument: Uint8Array): void =>
  void checked("ioctl", `0x${request.toString(16)}`, calls.ioctl(fd, request, argument));
export const eventfd = (): number => checked("eventfd", "", calls.eventfd(0, 0o4000 /* EFD_NONBLOCK */));
export const signalEvent = (fd: number): void =>
  void calls.write(fd, new Uint8Array(BigUint64Array.of(1n).buffer), 8);
export const clearEvent = (fd: number): void => void calls.read(fd, new Uint8Array(8), 8);

/** False: another process holds it. The kernel lets go of it when the holder closes the file, however it ends. */
export function tryLockFile(fd: number): boolean {
  if (calls.flock(fd, 2 | 4 /* LOCK_EX | LOCK_NB */) === 0) return true;
  const reason = lastErrno();
  if (reason === "EWOULDBLOCK" || reason === "EAGAIN") return false;
  throw new SystemCallError("flock", `fd ${fd}`, reason);
}

/** Waits for it, and with it the whole thread: only for what others hold for some milliseconds. */
export const lockFile = (fd: number): void => void checked("flock", `fd ${fd}`, calls.flock(fd, 2));

const protection = 0x3; // PROT_READ | PROT_WRITE
export const mapFlags = { shared: 0x01, private: 0x02, fixed: 0x10, anonymous: 0x20, noReserve: 0x4000 };

export function mmap(address: number, bytes: number, flags: number, fd: number): number {
  const result = Number(mmapCall(address, bytes, protection, flags, fd, 0));
  if (result <= 0 || result > Number.MAX_SAFE_INTEGER)
    throw new SystemCallError("mmap", `${bytes} bytes`, lastErrno());
  return result;
}

/** Memory at an address as bytes that JavaScript can read and write; it lives as long as the mapping does. */
export function viewMemory(address: number, bytes: number): ArrayBuffer {
  return koffi.view(BigInt(address), bytes) as ArrayBuffer;
}

/** Real-time priority for the calling thread; false where the kernel does not let us. */
export function becomeRealTime(priority: number): boolean {
  const setScheduler = process.arch === "arm64" ? 119 : 144;
  const parameter = Int32Array.of(priority);
  return libc.func("long syscall(long number, long a, long b, void *c)")(setScheduler, 0, 1, parameter) === 0;
}

/**
 * Asks for short turns on the processor instead of long ones, which makes an ordinary thread run sooner after it
 * wakes (kernel 6.12 and newer; older ones ignore it). For who may not have real-time priority.
 */
export function takeShortTurns(turnNs: number): void {
  const setAttributes = process.arch === "arm64" ? 274 : 314;
  const attributes = new DataView(new ArrayBuffer(48));
  attributes.setUint32(0, 48, true);
  attributes.setBigUint64(24, BigInt(turnNs), true);
  libc.func("long syscall(long number, long a, void *b, long c)")(
    setAttributes,
    0,
    new Uint8Array(attributes.buffer),
    0,
  );
}

/** Timers of the calling thread fire as asked, instead of up to 50 µs late. */
export function exactTimers(): void {
  calls.prctl(29 /* PR_SET_TIMERSLACK */, 1, 0, 0, 0);
}
