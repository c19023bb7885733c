/** What jobs over generated records can be told of these. */
import type { SettingValues } from "../dataflow/settings.ts";
import type { GeneratedSettings } from "../sources/generated.ts";

export const generatedSettings = {
  events: { kind: "count", default: "0", help: "how many records each source makes; 0 for without end" },
  rate: { kind: "rate", default: "0/s", help: "records a second for each source; 0/s for as fast as can be" },
  keys: { kind: "count", default: "100k", help: "how many keys there are" },
  skew: { kind: "number", default: 0, help: "exponent of Zipf's law for the keys; 0 for all alike" },
  payload: { kind: "size", default: "0B", help: "size of a record's payload" },
  eventRate: {
    kind: "rate",
    default: "10k/s",
    help: "records a second of event time, where no rate is asked for; else event time is when a record is due",
  },
} as const;

export function generatedBy(
  settings: SettingValues<typeof generatedSettings>,
  seed: number,
): GeneratedSettings {
  const { events, rate, keys, skew, payload, eventRate } = settings;
  return {
    keys,
    skew,
    payloadBytes: payload,
    ...(events > 0 ? { count: events } : {}),
    ...(rate > 0 ? { rate } : {}),
    recordsPerSecond: eventRate,
    seed,
  };
}
