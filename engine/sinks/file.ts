/**
 * Rows as JSON lines in files of a folder, each row exactly once. Rows go to a pending file; at a barrier it is synced and
 * its name becomes part of the checkpoint, and when that is complete it is published by renaming it. A restore publishes
 * what the checkpoint names, and removes what former starts left unfinished.
 */
import type { SinkSpec } from "../dataflow/sink-spec.ts";
import { EngineError } from "../engine-error.ts";
import type { Operator, OperatorContext } from "../operators/operator.ts";
import type { Batch } from "../records/batch.ts";
import type { Schema } from "../records/schema.ts";
import type { OperatorList } from "../state/operator-list.ts";
import { FileNames } from "./file-names.ts";
import { JsonLines } from "./json-lines.ts";

export type FileSinkSettings = {
  readonly folder: string;
  /** Each line is `{"<wrap>":{…}}`. */
  readonly wrap?: string;
};

export const fileSink = (settings: FileSinkSettings): SinkSpec => ({
  name: `file ${settings.folder}`,
  make: (input) => new FileSink(settings, input),
});

/** A file whose rows are complete: in the order of checkpoints. */
type Prepared = { readonly checkpoint: number; readonly pending: string; readonly final: string };
/** What a subtask notes at a barrier, even if it has no file: so that a restore can be told from a first start. */
type Note = { readonly subtask: number; readonly epoch: number; readonly prepared: readonly Prepared[] };

/** Fewer bytes are gathered before they are written. */
const writeBytes = 1 << 17;

class FileSink implements Operator {
  readonly #settings: FileSinkSettings;
  readonly #lines: JsonLines;
  #context!: OperatorContext;
  #names!: FileNames;
  #list!: OperatorList;
  #prepared: Prepared[] = [];
  /** Higher after each restore, so that files of what is done anew have names of their own. */
  #epoch = 1;
  #files = 0;
  #pending: string | undefined;
  #rows = 0;

  constructor(settings: FileSinkSettings, input: Schema) {
    this.#settings = settings;
    this.#lines = new JsonLines(input, settings.wrap);
  }

  open(context: OperatorContext): void {
    this.#context = context;
    const { operator = "sink", subtask, attempt = 0, state } = context;
    this.#names = new FileNames(this.#settings.folder, operator, subtask, attempt);
    this.#list = state.list("files", "union");
    const notes = this.#list.entries.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Note);
    if (notes.length === 0) this.#refuseOthersFiles();
    this.#epoch = 1 + Math.max(0, ...notes.map(({ epoch }) => epoch));
    this.#takeOver(notes);
  }

  onBatch(batch: Batch): void {
    this.#rows += batch.rowCount;
    this.#lines.write(batch);
    if (this.#lines.length >= writeBytes) this.#write();
  }

  onBarrier(checkpoint: number): void {
    this.#write();
    if (this.#pending !== undefined) {
      this.#context.files.sync(this.#pending);
      const final = this.#names.final(this.#epoch, this.#files++);
      this.#prepared.push({ checkpoint, pending: this.#pending, final });
      this.#pending = undefined;
    }
    const { subtask } = this.#context;
    const note: Note = { subtask, epoch: this.#epoch, prepared: this.#prepared };
    this.#list.replace([new TextEncoder().encode(JSON.stringify(note))]);
  }

  onCheckpointComplete(checkpoint: number): void {
    for (const prepared of this.#prepared) if (prepared.checkpoint <= checkpoint) this.#publish(prepared);
    this.#prepared = this.#prepared.filter((prepared) => prepared.checkpoint > checkpoint);
  }

  metrics(): Readonly<Record<string, unknown>> {
    return { rows: this.#rows };
  }

  #write(): void {
    if (this.#lines.length === 0) return;
    if (this.#pending === undefined) {
      this.#pending = this.#names.pending(this.#epoch, this.#files);
      // Another job that died here may have left one of the same name.
      this.#context.files.remove(this.#pending);
    }
    this.#context.files.append(this.#pending, this.#lines.take());
  }

  #publish({ pending, final }: Prepared): void {
    this.#context.files.publish(this.#names.path(pending), this.#names.path(final));
  }

  /** Subtasks that are no more have heirs: each of today's sees to those of its number, modulo how many there are. */
  #takeOver(notes: readonly Note[]): void {
    const { subtask, parallelism, files } = this.#context;
    const isOwn = (former: number) => former % parallelism === subtask;
    for (const note of notes)
      if (isOwn(note.subtask)) for (const prepared of note.prepared) this.#publish(prepared);
    const named = new Set(
      notes.flatMap(({ prepared }) => prepared.map(({ pending }) => this.#names.path(pending))),
    );
    for (const left of this.#names.leftOver(files.list(this.#settings.folder))) {
      if (isOwn(left.subtask) && !named.has(left.name)) files.remove(left.name);
    }
  }

  #refuseOthersFiles(): void {
    const { folder } = this.#settings;
    const other = this.#names.finals(this.#context.files.list(folder))[0];
    if (other === undefined) return;
    throw new EngineError(
      "folder-in-use",
      `${folder} holds results of a former run: ${other}`,
      "give the job another folder, or move what is there",
      2,
    );
  }
}
