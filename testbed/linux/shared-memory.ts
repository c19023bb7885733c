/** Memory that this process shares with the kernel, at addresses that do not move, laid out once. */
import { mapFlags, mmap, viewMemory } from "./syscalls.ts";

export type SharedMemory<Part extends string> = {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly view: DataView;
  /** Where each part begins, in bytes. */
  readonly at: Readonly<Record<Part, number>>;
  /** Of a byte, as the kernel knows it. */
  address(offset: number): number;
};

const line = 64;
const page = 4096;

/** `parts`: how many bytes each takes; each begins at a cache line of its own. It lives as long as the process. */
export function shareMemory<Part extends string>(parts: Readonly<Record<Part, number>>): SharedMemory<Part> {
  let end = 0;
  const at = {} as Record<Part, number>;
  for (const part of Object.keys(parts) as Part[]) {
    at[part] = end;
    end += (parts[part] + line - 1) & ~(line - 1);
  }
  const size = Math.max(page, Math.ceil(end / page) * page);
  const start = mmap(0, size, mapFlags.private | mapFlags.anonymous, -1);
  const buffer = viewMemory(start, size);
  return {
    bytes: new Uint8Array(buffer),
    words: new Int32Array(buffer),
    view: new DataView(buffer),
    at,
    address: (offset) => start + offset,
  };
}
