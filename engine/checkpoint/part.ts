/**
 * What one subtask has stored for a checkpoint: which bytes of which blobs are its state and its records in flight. It
 * is JSON, goes into the manifest as it is, and says all that a restore needs to know before it reads a blob.
 */
import { EngineError } from "../engine-error.ts";
import type { StateDescriptor } from "../state/state-descriptor.ts";

export const partFormat = 1;

export type Part = {
  readonly format: typeof partFormat;
  /** Of this checkpoint and, where segments have not changed, of former ones; all are referred to. */
  readonly blobs: readonly BlobName[];
  readonly operators: readonly OperatorPart[];
  readonly inFlight: readonly InFlight[];
  readonly bytes: {
    /** Of all state referred to. */
    readonly full: number;
    /** Of what is new in this checkpoint's blob, without records in flight. */
    readonly incremental: number;
    readonly inFlight: number;
  };
  /** How long it took, for the history of checkpoints. */
  readonly times?: { readonly syncMs: number; readonly asyncMs: number; readonly alignmentMs: number };
};

export type BlobName = { readonly name: string; readonly length: number };

export type OperatorPart = {
  readonly operator: string;
  readonly states: readonly StateDescriptor[];
  readonly segments: readonly SegmentRef[];
};

/** Index of the state, key group (-1 for a list), slice, and where the bytes are: as an array, since there are many. */
export type SegmentRef = readonly [
  state: number,
  keyGroup: number,
  slice: number | null,
  blob: number,
  offset: number,
  length: number,
  hash: string,
];

/** Bytes of one channel that were on their way when an unaligned barrier passed. */
export type InFlight = {
  readonly from: { readonly operator: string; readonly output: string; readonly subtask: number };
  readonly to: { readonly operator: string; readonly input: number; readonly subtask: number };
  readonly blob: number;
  readonly offset: number;
  readonly length: number;
  readonly hash: string;
};

/** A part as it comes out of a manifest. */
export function readPart(value: unknown, where: string): Part {
  const part = value as Partial<Part> | null | undefined;
  if (part?.format !== partFormat) {
    throw new EngineError(
      "snapshot-version",
      `${where}: a part of format ${JSON.stringify(part?.format)}; this engine reads format ${partFormat}`,
      "start it with the version of brume that wrote it",
    );
  }
  return part as Part;
}

export const blobsOf = (part: Part): string[] => part.blobs.map(({ name }) => name);
