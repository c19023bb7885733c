/**
 * The one program that brume runs in every container: 400 bytes of machine code with no library, so that any image will
 * do. Started alone it is the container's first process: it waits for ever and leaves no zombies. Started as
 * `attendant REPORT COMMAND...` it runs a command and writes into the file REPORT how the kernel says that it ended:
 * Docker itself tells a command that a signal ended by 128 and the signal's number, as if it had ended so by itself.
 */
import { constants } from "node:os";
import type { Ended } from "../node.ts";
import { attendantArm64 } from "./attendant-arm64.ts";
import { attendantX64 } from "./attendant-x64.ts";

const architectures: Readonly<Record<string, { machine: number; listing: string }>> = {
  x64: { machine: 62, listing: attendantX64 },
  arm64: { machine: 183, listing: attendantArm64 },
};

const headerBytes = 64;
const segmentHeaderBytes = 56;
const loadedAt = 0x400000;

/** The program as a file. The kernel has to run it, so this machine's processor counts and not the image's. */
export function attendantProgram(architecture: string = process.arch): Buffer {
  const known = architectures[architecture];
  if (!known) throw new Error(`no attendant for ${architecture}`);
  const code = codeOf(known.listing);
  const bytes = headerBytes + segmentHeaderBytes + code.length;
  const header = Buffer.alloc(headerBytes + segmentHeaderBytes);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // ELF, 64 bits, little endian, version 1.
  header.writeUInt16LE(2, 16); // An executable
  header.writeUInt16LE(known.machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(loadedAt + header.length), 24); // that starts right after its headers,
  header.writeBigUInt64LE(BigInt(headerBytes), 32);
  header.writeUInt16LE(headerBytes, 52);
  header.writeUInt16LE(segmentHeaderBytes, 54);
  header.writeUInt16LE(1, 56);
  const segment = header.subarray(headerBytes);
  segment.writeUInt32LE(1, 0); // with all of the file loaded,
  segment.writeUInt32LE(5, 4); // to be read and executed.
  segment.writeBigUInt64LE(BigInt(loadedAt), 16);
  segment.writeBigUInt64LE(BigInt(loadedAt), 24);
  segment.writeBigUInt64LE(BigInt(bytes), 32);
  segment.writeBigUInt64LE(BigInt(bytes), 40);
  segment.writeBigUInt64LE(0x1000n, 48);
  return Buffer.concat([header, code]);
}

/** Lines of `bytes | instruction`; a line without a bar is a label, for the reader. */
export function codeOf(listing: string): Buffer {
  const lines = listing.split("\n").filter((line) => line.includes("|"));
  return Buffer.from(
    lines.map((line) => line.slice(0, line.indexOf("|")).replaceAll(" ", "")).join(""),
    "hex",
  );
}

/** A report's four bytes, which are what wait(2) tells; undefined where they are not that. */
export function readReport(report: Uint8Array): Ended | undefined {
  if (report.length !== 4) return undefined;
  const word = Buffer.from(report).readInt32LE();
  // It writes what it began with where no process could be made for the command; a shell would say 126.
  if (word === -1) return { status: 126, signal: null };
  const number = word & 0x7f;
  if (number === 0) return { status: (word >> 8) & 0xff, signal: null };
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return { status: null, signal: name ?? `SIG${number}` };
}
