/**
 * Windows of every kind, with any trigger: a pane for each key and window, record by record. What is common and plain,
 * aggregates over windows of event time with the default trigger, `window-aggregate.ts` does many times faster.
 */
import type { Batch, Column } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { columnIndex } from "../records/schema.ts";
import { keyGroupsOfColumn } from "../state/key-groups.ts";
import type { KeyType } from "../state/operator-state.ts";
import { firstWindowStart, lastWindowStart, sliceOf, startOf, type TimeWindows } from "../time/window.ts";
import { checkWhole, checkWindow, timeWindowsOf } from "../time/window-spec.ts";
import { windowText } from "../time/window-text.ts";
import { Aggregates } from "./aggregates/aggregates.ts";
import { aggregatesText } from "./aggregates/aggregates-text.ts";
import type { Operator, OperatorContext, Steps } from "./operator.ts";
import { SeenWatermark } from "./seen-watermark.ts";
import { openSession } from "./session-panes.ts";
import { withoutTime } from "./slice-runs.ts";
import { type Trigger, type TriggerResult, withoutEnd } from "./trigger.ts";
import { AggregateContents } from "./window-accumulators.ts";
import { keyTypeOf } from "./window-aggregate-config.ts";
import { hasBounds, slideOf, triggerOf, type WindowOperatorConfig } from "./window-operator-config.ts";
import { Pane, type PaneContents, paneColumns, WindowPanes } from "./window-panes.ts";
import { aggregateResults, functionResults } from "./window-row-results.ts";
import { RowContents } from "./window-rows.ts";

export const windowOperator = (config: WindowOperatorConfig): Operator => new WindowOperator(config);

class WindowOperator implements Operator {
  readonly #config: WindowOperatorConfig;
  readonly #trigger: Trigger;
  readonly #latenessMs: number;
  readonly #keyType: KeyType;
  readonly #keyColumn: number;
  readonly #windows: TimeWindows | undefined;
  readonly #isProcessingTime: boolean;
  /** Of sessions whose records bring their own gap; else -1. */
  readonly #gapColumn: number;
  readonly #pane: Pane;
  #context!: OperatorContext;
  #seen!: SeenWatermark;
  #panes!: WindowPanes;
  #contents!: PaneContents;
  /** Nothing is due before: in event time, and by the wall clock. */
  #nextEventMs = Number.POSITIVE_INFINITY;
  #nextProcessingMs = Number.POSITIVE_INFINITY;
  #lateRecords = 0;
  #keyGroups = new Uint16Array(0);

  constructor(config: WindowOperatorConfig) {
    const { window, latenessMs = 0, input, key } = config;
    checkWindow(window);
    this.#config = config;
    this.#trigger = triggerOf(config);
    this.#latenessMs = latenessMs;
    checkWhole("the allowed lateness", latenessMs, 0);
    this.#keyType = keyTypeOf(input, key);
    this.#keyColumn = columnIndex(input, key);
    this.#windows = window.is === "tumbling" || window.is === "sliding" ? timeWindowsOf(window) : undefined;
    const gapColumn = window.is === "session" ? window.gapColumn : undefined;
    this.#gapColumn = gapColumn === undefined ? -1 : columnIndex(input, gapColumn);
    this.#isProcessingTime = window.is === "processing-tumbling";
    this.#pane = new Pane(this.#trigger.cells);
  }

  open(context: OperatorContext): void {
    const { contents, input, key, window } = this.#config;
    const columns = paneColumns(this.#trigger.cells);
    const meaning = `${windowText(window)}; ${this.#trigger.cells} trigger cells`;
    this.#context = context;
    this.#seen = new SeenWatermark(context);
    if (contents.is === "rows" || slideOf(this.#config) !== undefined) {
      // A count that slides lets go of records one by one, so they are kept themselves, whatever is made of them.
      this.#panes = new WindowPanes(context, this.#keyType, { float64: columns }, meaning);
      const results = contents.is === "rows" ? functionResults : aggregateResults;
      this.#contents = new RowContents(this.#config, this.#keyType, context, results(this.#config, context));
    } else {
      const aggregates = new Aggregates(contents.aggregates, input, key, columns);
      const whole = `${meaning}; ${aggregatesText(contents.aggregates, input, key)}`;
      this.#panes = new WindowPanes(context, this.#keyType, aggregates.shape, whole);
      this.#contents = new AggregateContents(this.#config, aggregates, context);
    }
    this.#findNext();
  }

  onBatch(batch: Batch): void {
    const keys = batch.columns[this.#keyColumn]!;
    if (this.#seen.isUneven) {
      if (this.#keyGroups.length < batch.rowCount) this.#keyGroups = new Uint16Array(batch.rowCount);
      const { maxParallelism } = this.#context;
      keyGroupsOfColumn(this.#keyType, keys, batch.rowCount, maxParallelism, this.#keyGroups);
    }
    this.#pane.nowMs = this.#context.nowMs();
    for (let row = 0; row < batch.rowCount; row++) this.#take(batch, keys, row);
    this.#contents.flush();
  }

  onWatermark(watermarkMs: number): Steps | undefined {
    if (watermarkMs <= this.#seen.watermarkMs) return undefined;
    if (watermarkMs < this.#nextEventMs) {
      this.#seen.rise(watermarkMs);
      return undefined;
    }
    return this.#pass(watermarkMs);
  }

  nextWakeMs(): number {
    return this.#nextProcessingMs;
  }

  onWake(nowMs: number): void {
    if (nowMs >= this.#nextProcessingMs) this.#passClock(nowMs, nowMs);
  }

  /** Windows of the wall clock give what they have: no clock will end them any more. */
  onEnd(): undefined {
    if (this.#isProcessingTime) this.#passClock(Number.POSITIVE_INFINITY, this.#context.nowMs());
  }

  onBarrier(): void {
    this.#seen.save();
  }

  metrics(): Readonly<Record<string, unknown>> {
    return { lateRecords: this.#lateRecords };
  }

  #take(batch: Batch, keys: Column, row: number): void {
    const { window } = this.#config;
    const pane = this.#pane;
    const seenMs = this.#seen.isUneven ? this.#seen.of(this.#keyGroups[row]!) : this.#seen.watermarkMs;
    pane.watermarkMs = seenMs;
    if (window.is === "global" || window.is === "count") {
      const timeMs = batch.times?.[row] ?? Number.NaN;
      const isNew = this.#panes.open(pane, 0, keys, row, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
      this.#added(batch, row, isNew, timeMs);
      return;
    }
    if (window.is === "processing-tumbling") {
      const startMs = startOf(pane.nowMs, window.sizeMs, window.offsetMs ?? 0);
      const isNew = this.#panes.open(pane, startMs, keys, row, startMs, startMs + window.sizeMs);
      this.#added(batch, row, isNew, pane.nowMs);
      return;
    }
    const timeMs = batch.times?.[row] ?? Number.NaN;
    if (Number.isNaN(timeMs)) throw withoutTime();
    if (window.is === "session") {
      const endMs = timeMs + this.#gapOf(batch, row, window.gapMs);
      const opened = openSession(
        this.#panes,
        pane,
        this.#contents,
        this.#trigger,
        keys,
        row,
        timeMs,
        endMs,
        seenMs - this.#latenessMs,
      );
      if (opened === "late") this.#late(batch, row);
      else this.#added(batch, row, opened === "new", timeMs);
      return;
    }
    this.#takeIntoWindows(this.#windows!, batch, keys, row, timeMs, seenMs);
  }

  #gapOf(batch: Batch, row: number, gapMs: number): number {
    if (this.#gapColumn < 0 || batch.valid[this.#gapColumn]?.[row] === 0) return gapMs;
    const own = (batch.columns[this.#gapColumn] as Float64Array)[row]!;
    return own > 0 ? own : gapMs;
  }

  #takeIntoWindows(
    windows: TimeWindows,
    batch: Batch,
    keys: Column,
    row: number,
    timeMs: number,
    seenMs: number,
  ): void {
    const slice = sliceOf(windows, timeMs);
    const lastMs = lastWindowStart(windows, slice);
    let startMs = firstWindowStart(windows, slice);
    if (startMs > lastMs) return; // In the gap between two windows.
    if (this.#isOver(lastMs + windows.sizeMs, seenMs)) this.#late(batch, row);
    for (; startMs <= lastMs; startMs += windows.slideMs) {
      const endMs = startMs + windows.sizeMs;
      if (this.#isOver(endMs, seenMs)) continue;
      const isNew = this.#panes.open(this.#pane, startMs, keys, row, startMs, endMs);
      this.#added(batch, row, isNew, timeMs);
    }
  }

  #isOver(endMs: number, watermarkMs: number): boolean {
    return endMs + this.#latenessMs <= watermarkMs;
  }

  #added(batch: Batch, row: number, isNew: boolean, timeMs: number): void {
    const pane = this.#pane;
    this.#contents.add(pane, batch, row, isNew);
    pane.count++;
    this.#act(this.#trigger.onElement(pane, timeMs), timeMs);
    this.#expect(pane);
  }

  /** `timeMs`: of the record or timer that the trigger answered to. */
  #act(result: TriggerResult, timeMs: number): void {
    if (result === "continue" || this.#pane.count === 0) return;
    if (result !== "purge") {
      const endMs = this.#pane.windowEndMs;
      this.#contents.fire(this.#pane, hasBounds(this.#config.window) ? endMs - 1 : timeMs);
    }
    if (result !== "fire") {
      this.#contents.purge(this.#pane);
      this.#pane.count = 0;
    }
  }

  #late(batch: Batch, row: number): void {
    this.#lateRecords++;
    if (!this.#config.late) return;
    const late = new BatchBuilder(batch.schema, 1);
    late.appendRange(batch, row, row + 1);
    this.#context.side("late").emit(late.finish());
  }

  #expect(pane: Pane): void {
    const overMs = pane.windowEndMs + this.#latenessMs;
    this.#nextEventMs = Math.min(
      this.#nextEventMs,
      pane.eventTimerMs,
      this.#isProcessingTime ? Infinity : overMs,
    );
    const endMs = this.#isProcessingTime ? pane.windowEndMs : Number.POSITIVE_INFINITY;
    this.#nextProcessingMs = Math.min(this.#nextProcessingMs, pane.processingTimerMs, endMs);
  }

  *#pass(watermarkMs: number): Steps {
    this.#seen.rise(watermarkMs);
    this.#pane.nowMs = this.#context.nowMs();
    this.#pane.watermarkMs = watermarkMs;
    yield* this.#callTimers("eventTimer", watermarkMs);
    this.#contents.flush();
    if (!this.#isProcessingTime) this.#leave(watermarkMs - this.#latenessMs);
    this.#findNext();
  }

  #passClock(untilMs: number, nowMs: number): void {
    this.#pane.nowMs = nowMs;
    this.#pane.watermarkMs = this.#seen.watermarkMs;
    for (const _ of this.#callTimers("processingTimer", untilMs)); // The clock cannot be kept waiting.
    this.#contents.flush();
    if (this.#isProcessingTime) this.#leave(untilMs);
    this.#findNext();
  }

  /** By time, so that a key's results come in the order of its windows. A trigger may set its timer anew each time. */
  *#callTimers(timer: "eventTimer" | "processingTimer", untilMs: number): Steps {
    const pane = this.#pane;
    const timerMs = `${timer}Ms` as const;
    for (let isFirst = true; ; isFirst = false) {
      const due: { slot: number; row: number; timeMs: number }[] = [];
      this.#panes.upTo(pane, timer, untilMs, ({ slot, row, [timerMs]: timeMs, windowEndMs }) => {
        // When all time has passed, a timer that is set anew goes on to the window's end and no further.
        const isEndless = windowEndMs === Number.POSITIVE_INFINITY || timeMs > windowEndMs + this.#latenessMs;
        if (timeMs === Number.POSITIVE_INFINITY) return;
        if (isFirst || untilMs < Number.POSITIVE_INFINITY || !isEndless) due.push({ slot, row, timeMs });
      });
      if (due.length === 0) return;
      due.sort((one, other) => one.timeMs - other.timeMs || one.slot - other.slot || one.row - other.row);
      for (const { slot, row, timeMs } of due) {
        pane.bind(slot, this.#panes.slots.find(slot)!, row);
        pane[timerMs] = Number.POSITIVE_INFINITY;
        const { onEventTime, onProcessingTime } = this.#trigger;
        const call = timer === "eventTimer" ? onEventTime : onProcessingTime;
        this.#act(call?.call(this.#trigger, pane, timeMs) ?? "continue", timeMs);
        if (pane[timerMs] <= timeMs) throw withoutEnd(timeMs, pane[timerMs]);
        if (this.#contents.hasEmitted()) yield;
      }
    }
  }

  /** Windows that end up to here are over. */
  #leave(endMs: number): void {
    this.#panes.upTo(this.#pane, "end", endMs, (pane) => {
      if (pane.count > 0) this.#contents.purge(pane);
      pane.table.deleteRow(pane.row);
    });
  }

  #findNext(): void {
    const endMs = this.#panes.least("end");
    const overMs = this.#isProcessingTime ? Number.POSITIVE_INFINITY : endMs + this.#latenessMs;
    this.#nextEventMs = Math.min(this.#panes.least("eventTimer"), overMs);
    const clockMs = this.#isProcessingTime ? endMs : Number.POSITIVE_INFINITY;
    this.#nextProcessingMs = Math.min(this.#panes.least("processingTimer"), clockMs);
  }
}
