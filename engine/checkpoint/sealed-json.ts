/** JSON documents with a format number and a checksum of their content, so that a damaged one is known for damaged. */
import { crc32 } from "node:zlib";
import { EngineError } from "../engine-error.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function sealJson(is: string, format: number, content: unknown): Uint8Array {
  const text = JSON.stringify(content);
  return encoder.encode(`{"is":"${is}","format":${format},"crc32":${crc32(text)},"content":${text}}\n`);
}

/** `name` is where the bytes were found. The content is as it was sealed; its shape is the caller's to check. */
export function openJson(is: string, formats: readonly number[], bytes: Uint8Array, name: string): unknown {
  let document: { is?: unknown; format?: unknown; crc32?: unknown; content?: unknown };
  try {
    document = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw damaged(name, `it is not whole JSON (${bytes.length} bytes)`, error);
  }
  if (document === null || typeof document !== "object" || document.is !== is) {
    throw damaged(name, `it is no ${is}`);
  }
  if (!formats.includes(document.format as number)) {
    throw new EngineError(
      "snapshot-format",
      `${name} is a ${is} of format ${String(document.format)}; this brume reads ${formats.join(", ")}`,
      "restore it with the version of brume that wrote it",
    );
  }
  if (document.content === undefined) throw damaged(name, "it has no content");
  // The order of keys outlives parsing, so the same text comes out again.
  if (crc32(JSON.stringify(document.content)) !== document.crc32) {
    throw damaged(name, "its checksum does not fit its content");
  }
  return document.content;
}

export function damaged(name: string, because: string, cause?: unknown): EngineError {
  return new EngineError(
    "snapshot-corrupt",
    `${name} is damaged: ${because}`,
    "restore from another checkpoint or savepoint; nothing was changed or deleted",
    1,
    { cause },
  );
}
