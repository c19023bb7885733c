/** What all of Nexmark's queries can be told, and where their events come from. */
import type { Flow } from "../../dataflow/flow.ts";
import type { SettingValues } from "../../dataflow/settings.ts";
import type { Stream } from "../../dataflow/stream.ts";
import { EngineError } from "../../engine-error.ts";
import { eventTime } from "../../sources/nexmark/event-time.ts";
import { type NexmarkOutputs, nexmarkEvents } from "../../sources/nexmark/nexmark-events.ts";
import { nexmarkReplay } from "../../sources/nexmark/nexmark-replay.ts";
import { outputSettings } from "../job-output.ts";

export const nexmarkSettings = {
  events: { kind: "count", default: "0", help: "how many events to make; 0 for without end" },
  generators: {
    kind: "count",
    default: undefined,
    help: "how many generators share the events, each with its own clock; 100 (as Beam's default) for a bounded run, else 1",
  },
  rate: { kind: "rate", default: "0/s", help: "events a second of real time; 0/s for as fast as can be" },
  firstEventRate: {
    kind: "count",
    default: "10000",
    help: "events a second of event time, at the start of a period",
  },
  nextEventRate: { kind: "count", default: "10000", help: "the same, half a period later" },
  ratePeriodSec: { kind: "count", default: "600", help: "length of a period, in seconds of event time" },
  rateShape: {
    kind: "choice",
    choices: ["sine", "square"],
    default: "sine",
    help: "how it goes from one to the other",
  },
  from: {
    kind: "text",
    default: undefined,
    help: 'a JSONL file of events to replay instead: {"bid": {...}} and so on; dateTime in ms or ISO 8601, UTC unless it says',
  },
  ...outputSettings,
} as const;

export type NexmarkJobSettings = SettingValues<typeof nexmarkSettings>;
type NexmarkStreams = { readonly [Name in keyof NexmarkOutputs]: Stream<NexmarkOutputs[Name]> };

/**
 * So many events in turn are one split's, where a single generator's are dealt out: a hundred auctions are open at a time,
 * so whoever makes a block sends partial results for those of the block before as well. A paced source deals finely.
 */
const blockEvents = 16_000;
const pacedBlockEvents = 50;
const blockSplits = 128;
const beamGenerators = 100;

export function nexmarkStreams(flow: Flow, settings: NexmarkJobSettings): NexmarkStreams {
  const { events, rate, rateShape, from } = settings;
  if (from !== undefined) return flow.source(nexmarkReplay(from));
  const generators = generatorsOf(settings);
  if (generators < 1 || (generators > 1 && events === 0)) {
    throw new EngineError(
      "bad-setting",
      `${generators} generators for ${events === 0 ? "endless" : events} events`,
      events === 0 ? "leave generators out, or give the number of events" : "at least 1",
      2,
    );
  }
  const { firstEventRate, nextEventRate, ratePeriodSec } = settings;
  const rates = { firstEventRate, nextEventRate, ratePeriodSec, rateShape };
  // Told now: a worker would find it only when it runs, and be started anew for it.
  eventTime({ ...rates, generators });
  return flow.source(
    nexmarkEvents({
      events,
      generators,
      rate,
      blockSplits,
      blockEvents: rate > 0 || generators > 1 ? pacedBlockEvents : blockEvents,
      rates,
    }),
  );
}

/** In flight are 100 auctions of 3 in 50 events; one lasts twice the time that they take, at the most. */
const horizonEvents = Math.floor((100 * 50) / 3);

/** How long a bid on an auction that is not known may wait for it: as in Beam, twice the longest time an auction is open. */
export function bidsWaitMs(settings: NexmarkJobSettings): number {
  // A file may hold anything in any order, and has an end.
  if (settings.from !== undefined) return Number.POSITIVE_INFINITY;
  const slowest = Math.min(settings.firstEventRate, settings.nextEventRate);
  return Math.ceil((2 * 2 * horizonEvents * 1000 * generatorsOf(settings)) / slowest);
}

function generatorsOf({ generators, events }: NexmarkJobSettings): number {
  return generators ?? (events > 0 ? beamGenerators : 1);
}
