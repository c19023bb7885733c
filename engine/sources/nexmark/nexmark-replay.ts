/**
 * Replays Nexmark's events from a file of JSON lines, `{"bid":{…}}`, `{"auction":{…}}`, `{"person":{…}}`, in place of the
 * generator. Of each event it asks only for its time and for the columns that the job reads.
 */
import type { SplitSourceSpec, WantedOutput } from "../../dataflow/source-spec.ts";
import type { OperatorContext, Output } from "../../operators/operator.ts";
import { BatchBuilder } from "../../records/batch-builder.ts";
import { type RowWriter, rowWriterOf } from "../../records/row-writer.ts";
import type { ColumnSpec } from "../../records/schema.ts";
import type { OperatorList } from "../../state/operator-list.ts";
import { openFile, type ReadableFile } from "../file-access.ts";
import { fieldValue, WrongValue } from "../jsonl-fields.ts";
import { type Fault, JsonlReplay, type ReplayedLine } from "../jsonl-replay.ts";
import type { Polled, Source } from "../source.ts";
import { auctionSchema, bidSchema, type EventKinds, type EventNeeds, personSchema } from "./event-batches.ts";
import type { NexmarkOutputs } from "./nexmark-events.ts";

export function nexmarkReplay(path: string): SplitSourceSpec<NexmarkOutputs> {
  return {
    name: `nexmark ${path}`,
    outputs: { bids: bidSchema, auctions: auctionSchema, persons: personSchema },
    make: (wanted) => new NexmarkReplay(path, wanted),
  };
}

/** By the name that an event has in the file. */
const kinds = { person: "persons", auction: "auctions", bid: "bids" } as const;
type Event = { readonly kind: EventKinds; readonly fields: Readonly<Record<string, unknown>> };

const splits = 128;
const time: ColumnSpec = { name: "dateTime", type: "timestamp", nullable: false };

type Sink = {
  readonly wanted: WantedOutput;
  readonly builder: BatchBuilder;
  readonly writer: RowWriter;
  output?: Output;
};

class NexmarkReplay implements Source {
  readonly dueMs = Number.NaN;
  readonly #path: string;
  readonly #sinks = new Map<EventKinds, Sink>();
  #file: ReadableFile | undefined;
  #replay!: JsonlReplay;
  #list!: OperatorList;

  constructor(path: string, needs: EventNeeds) {
    this.#path = path;
    // Persons first, so that a join finds them when the auctions come.
    for (const kind of Object.values(kinds)) {
      const wanted = needs[kind];
      if (!wanted) continue;
      const builder = new BatchBuilder(wanted.schema);
      this.#sinks.set(kind, { wanted, builder, writer: rowWriterOf(wanted.schema, builder) });
    }
  }

  get watermarkMs(): number {
    return this.#replay.watermarkMs;
  }

  open(context: OperatorContext): void {
    const { state, subtask, parallelism } = context;
    for (const [kind, sink] of this.#sinks) sink.output = context.side(kind);
    this.#file = openFile(this.#path);
    this.#list = state.list("positions", "union");
    this.#replay = new JsonlReplay({
      ...{ file: this.#file, splits, subtask, parallelism, restore: this.#list.entries },
      timeOf: (value, fault) => fieldOf(time, eventOf(value, fault), fault) as number,
    });
  }

  poll(): Polled {
    const lines = this.#replay.next();
    if (lines === undefined) return { is: "end" };
    for (const line of lines) this.#write(line);
    for (const { builder, output } of this.#sinks.values()) {
      if (builder.rowCount > 0) output!.emit(builder.finish());
    }
    return { is: "emitted" };
  }

  onBarrier(): void {
    this.#list.replace(this.#replay.encode());
  }

  close(): void {
    this.#file?.close();
  }

  #write({ value, fault }: ReplayedLine): void {
    const event = eventOf(value, fault);
    const sink = this.#sinks.get(event.kind);
    if (!sink) return;
    const { writer, wanted } = sink;
    writer.$begin();
    for (const column of wanted.schema.columns) writer[column.name] = fieldOf(column, event, fault) as never;
    writer.$end(wanted.eventTime ? (fieldOf(time, event, fault) as number) : Number.NaN);
  }
}

function eventOf(value: unknown, fault: Fault): Event {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  // Lines out of a table with a column for each kind have all three, two of them null.
  const [name, fields] = entries.find(([each, of]) => of !== null && Object.hasOwn(kinds, each)) ?? [];
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw fault(
      `is ${JSON.stringify(value).slice(0, 60)}, which is no event`,
      '{"bid":{…}}, {"auction":{…}} or {"person":{…}}',
    );
  }
  return { kind: kinds[name as keyof typeof kinds], fields };
}

function fieldOf(column: ColumnSpec, { kind, fields }: Event, fault: Fault): unknown {
  // Nexmark's own name for what is `email` here.
  const given = fields[column.name] ?? (column.name === "email" ? fields.emailAddress : undefined);
  // What events are filled up with says nothing, so it may be left out.
  const value = fieldValue(column, column.name === "extra" ? (given ?? "") : given);
  if (value instanceof WrongValue) throw fault(`field ${column.name} of ${kind.slice(0, -1)} ${value.what}`);
  return value;
}
