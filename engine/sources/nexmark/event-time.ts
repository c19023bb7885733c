/**
 * Event numbers to timestamps under Nexmark's rate settings. All arithmetic is in whole microseconds and rounds down
 * where Beam's integers do, so timestamps agree with Beam's to the millisecond.
 */
import { EngineError } from "../../engine-error.ts";

/** Milliseconds since 1970 of the event with this number. */
export type EventTime = (event: number) => number;

export type RateShape = "square" | "sine";
export type EventRates = {
  /** Events per second at the start of a period, and half a period later. */
  firstEventRate: number;
  nextEventRate: number;
  ratePeriodSec: number;
  rateShape: RateShape;
  /** So many generators share the rate, each with its own numbers from 0: the time between its events grows by as much. */
  generators?: number;
};

/** 2015-07-15T00:00:00Z. */
export const baseTimeMs = 1_436_918_400_000;
const microsecondsPerSecond = 1_000_000;
/** Beam approximates the sine by so many steps of constant rate. */
const sineSteps = 10;

/** 10,000 events a second, Beam's default: 100 µs apart. */
export const steadyEventTime: EventTime = (event) => baseTimeMs + Math.floor(event / 10);

export function eventTime(rates: EventRates): EventTime {
  const delaysUs = interEventDelaysUs(rates);
  const [onlyDelayUs] = delaysUs;
  if (delaysUs.length === 1) return (event) => baseTimeMs + Math.floor((event * onlyDelayUs!) / 1000);
  const stepUs = Math.ceil(rates.ratePeriodSec / delaysUs.length) * microsecondsPerSecond;
  const steps = delaysUs.map((delayUs) => {
    const events = Math.floor(stepUs / delayUs);
    return { delayUs, events, lengthMs: Math.floor((events * delayUs) / 1000) };
  });
  const eventsPerPeriod = steps.reduce((sum, { events }) => sum + events, 0);
  const periodMs = steps.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
  return (event) => {
    let timeMs = baseTimeMs + Math.floor(event / eventsPerPeriod) * periodMs;
    let left = event % eventsPerPeriod;
    for (const { delayUs, events, lengthMs } of steps) {
      if (left < events) return timeMs + Math.floor((left * delayUs) / 1000);
      left -= events;
      timeMs += lengthMs;
    }
    return timeMs;
  };
}

function interEventDelaysUs({
  firstEventRate,
  nextEventRate,
  ratePeriodSec,
  rateShape,
  generators = 1,
}: EventRates): number[] {
  for (const [name, value] of Object.entries({ firstEventRate, nextEventRate, ratePeriodSec, generators })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw badRate(`${name} ${value}: not a whole number of at least 1`);
    }
  }
  const fastest = Math.max(firstEventRate, nextEventRate);
  if (delayUs(fastest) < 1) {
    throw badRate(`a rate of ${fastest} events/s: events would be less than 1 µs apart`);
  }
  const apartUs = (eventsPerSecond: number) => delayUs(eventsPerSecond) * generators;
  if (firstEventRate === nextEventRate) return [apartUs(firstEventRate)];
  if (rateShape === "square") return [apartUs(firstEventRate), apartUs(nextEventRate)];
  const middle = (firstEventRate + nextEventRate) / 2;
  const amplitude = (firstEventRate - nextEventRate) / 2;
  return Array.from({ length: sineSteps }, (_, step) =>
    apartUs(Math.round(middle + amplitude * Math.cos((2 * Math.PI * step) / sineSteps))),
  );
}

function badRate(what: string): EngineError {
  const fix = "firstEventRate and nextEventRate from 1 to 2000000, ratePeriodSec from 1 on";
  return new EngineError("bad-setting", what, fix, 2);
}

function delayUs(eventsPerSecond: number): number {
  return Math.floor((microsecondsPerSecond + Math.floor(eventsPerSecond / 2)) / eventsPerSecond);
}
