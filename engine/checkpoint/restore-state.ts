/** What one subtask takes of the parts that all subtasks of its operator had stored, at whatever parallelism. */
import { EngineError } from "../engine-error.ts";
import { noKeyGroup, type RestoredSegment, type RestoredState } from "../state/frozen-state.ts";
import { type Redistribution, redistributed } from "../state/operator-list.ts";
import { readList } from "../state/snapshot/list-segment.ts";
import type { StateDescriptor } from "../state/state-descriptor.ts";
import type { BlobReader } from "./blob.ts";
import type { OperatorPart, Part, SegmentRef } from "./part.ts";

export type Share = {
  readonly subtask: number;
  readonly parallelism: number;
  owns(keyGroup: number): boolean;
};

/** Names of the blobs to get before `restoredState`: those with key groups of the subtask, and with lists. */
export function blobsFor(
  parts: readonly Part[],
  operator: string,
  owns: (keyGroup: number) => boolean,
): string[] {
  const names = new Set<string>();
  for (const part of parts) {
    for (const [, keyGroup, , blob] of operatorOf(part, operator)?.segments ?? []) {
      if (keyGroup === noKeyGroup || owns(keyGroup)) names.add(part.blobs[blob]!.name);
    }
  }
  return [...names];
}

/** Undefined where the parts have nothing of the operator. `parts` are those of all subtasks, in their order. */
export function restoredState(
  operator: string,
  parts: readonly Part[],
  share: Share,
  blobNamed: (name: string) => BlobReader,
): RestoredState | undefined {
  const states = new Map<string, StateDescriptor>();
  const segments: RestoredSegment[] = [];
  const lists = new Map<string, Uint8Array[][]>();
  for (const part of parts) {
    const had = operatorOf(part, operator);
    for (const descriptor of had?.states ?? []) states.set(descriptor.name, descriptor);
    for (const ref of had?.segments ?? []) {
      const [state, keyGroup, slice] = ref;
      const { name } = had!.states[state]!;
      if (keyGroup === noKeyGroup) {
        const entries = readList(bytesOf(part, ref, name, operator, blobNamed));
        lists.set(name, [...(lists.get(name) ?? []), entries]);
      } else if (share.owns(keyGroup)) {
        segments.push({
          state: name,
          keyGroup,
          slice,
          bytes: bytesOf(part, ref, name, operator, blobNamed),
        });
      }
    }
  }
  if (states.size === 0) return undefined;
  const dealt = [...lists].map(([name, all]) => [
    name,
    redistributed(all, states.get(name)!.shape as Redistribution, share.subtask, share.parallelism),
  ]);
  return { states: [...states.values()], segments, lists: Object.fromEntries(dealt) };
}

const operatorOf = (part: Part, operator: string): OperatorPart | undefined =>
  part.operators.find((one) => one.operator === operator);

function bytesOf(
  part: Part,
  [, keyGroup, slice, blob, offset, length, hash]: SegmentRef,
  state: string,
  operator: string,
  blobNamed: (name: string) => BlobReader,
): Uint8Array {
  const blobName = part.blobs[blob]?.name;
  if (blobName === undefined) {
    throw new EngineError(
      "corrupt-snapshot",
      `state "${state}" of operator "${operator}" is said to lie in blob ${blob}, which the manifest does not name`,
      "start from an older checkpoint or savepoint",
    );
  }
  const group = keyGroup === noKeyGroup ? "" : `, key group ${keyGroup}`;
  const what = `state "${state}" of operator "${operator}"${group}${slice === null ? "" : `, slice ${slice}`}`;
  return blobNamed(blobName).segment({ offset, length, hash }, what);
}
