/** Text to bytes and back, with short cuts for what is short and plain. */

/** A byte order mark is part of a text here, like any other character. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
/** Above this, the native decoder wins over a loop. */
const shortBytes = 24;

export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > shortBytes) return decoder.decode(bytes.subarray(start, end));
  let text = "";
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte > 127) return decoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Writes `text` at `at` and returns the end; there must be room for three bytes a code unit. */
export function encodeUtf8(text: string, into: Uint8Array, at: number): number {
  if (text.length > shortBytes) return at + encoder.encodeInto(text, into.subarray(at)).written;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 127) return at + encoder.encodeInto(text, into.subarray(at)).written;
    into[at + index] = code;
  }
  return at + text.length;
}
