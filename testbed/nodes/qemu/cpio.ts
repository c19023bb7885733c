/** Writes a cpio archive in the "newc" form, which is what the Linux kernel unpacks as its first file system. */

export type ArchiveEntry =
  | { path: string; type: "folder"; mode: number }
  | { path: string; type: "file"; mode: number; bytes: Uint8Array }
  | { path: string; type: "link"; target: string };

const typeBits = { folder: 0o040000, file: 0o100000, link: 0o120000 };
const trailer = "TRAILER!!!";

/** Paths are relative to the root. Folders on the way to an entry are its caller's business, before it. */
export function cpioArchive(entries: readonly ArchiveEntry[]): Buffer {
  const parts = entries.flatMap((entry, index) => {
    const bytes = contentOf(entry);
    const mode = typeBits[entry.type] | (entry.type === "link" ? 0o777 : entry.mode);
    // Inode numbers tell hard links apart, and there are none.
    return member(entry.path, index + 1, mode, bytes);
  });
  return Buffer.concat([...parts, ...member(trailer, 0, 0, new Uint8Array(0))]);
}

function contentOf(entry: ArchiveEntry): Uint8Array {
  switch (entry.type) {
    case "folder":
      return new Uint8Array(0);
    case "file":
      return entry.bytes;
    case "link":
      return Buffer.from(entry.target);
    default:
      throw new Error(`unknown entry ${entry satisfies never}`);
  }
}

function member(path: string, inode: number, mode: number, bytes: Uint8Array): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  // inode, mode, user, group, links, time, size, device and special device (two numbers each), name's length, checksum
  const fields = [inode, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length, 0];
  const head = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  return [head, name, padding(head.length + name.length), bytes, padding(bytes.length)];
}

/** Names and contents end at multiples of four. */
function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}
