/*
 * Lets user-mode Linux start on processors whose register state is larger than the kernel inside it knows (AMX).
 * Its 6.1 hands the host 2,696 bytes of a thread's registers; the host refuses anything but the whole state. Loaded
 * in front of the C library, this hands over the whole: what the caller gave, the rest as in a fresh thread.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char whole[65536] __attribute__((aligned(64)));

static long set_registers(long process, struct iovec *given) {
  struct iovec state = {whole, sizeof whole};
  if (syscall(SYS_ptrace, PTRACE_GETREGSET, process, NT_X86_XSTATE, &state) < 0) return -1;
  if (given->iov_len >= state.iov_len) return syscall(SYS_ptrace, PTRACE_SETREGSET, process, NT_X86_XSTATE, given);
  memset(whole, 0, state.iov_len);
  memcpy(whole, given->iov_base, given->iov_len);
  return syscall(SYS_ptrace, PTRACE_SETREGSET, process, NT_X86_XSTATE, &state);
}

long ptrace(enum __ptrace_request request, ...) {
  va_list arguments;
  va_start(arguments, request);
  long process = va_arg(arguments, long);
  void *address = va_arg(arguments, void *);
  void *data = va_arg(arguments, void *);
  va_end(arguments);
  if (request == PTRACE_SETREGSET && (long)address == NT_X86_XSTATE) return set_registers(process, data);
  if (request == PTRACE_PEEKDATA || request == PTRACE_PEEKTEXT || request == PTRACE_PEEKUSER) {
    /* The system call stores the word; the library function returns it. */
    long word;
    if (syscall(SYS_ptrace, request, process, address, &word) < 0) return -1;
    errno = 0;
    return word;
  }
  return syscall(SYS_ptrace, request, process, address, data);
}
