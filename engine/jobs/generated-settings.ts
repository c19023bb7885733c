/** What jobs over generated records can be told of these. */
import type { Named } from "../dataflow/flow-graph.ts";
import type { SettingValues } from "../dataflow/settings.ts";
import type { GeneratedSettings } from "../sources/generated.ts";

export const generatedSettings = {
  events: { kind: "count", default: "0", help: "how many records each source makes; 0 for without end" },
  rate: { kind: "rate", default: "0/s", help: "records a second for each source; 0/s for as fast as can be" },
  pacedBy: {
    kind: "choice",
    choices: ["rate", "load"],
    default: "rate",
    help: "load: the sources wait for `POST /load` and make what that says; rate is then of no account",
  },
  generators: {
    kind: "text",
    default: "",
    help: "role of the nodes whose workers make the records; where it is not given, any worker does",
  },
  keys: { kind: "count", default: "100k", help: "how many keys there are" },
  skew: { kind: "number", default: 0, help: "exponent of Zipf's law for the keys; 0 for all alike" },
  payload: { kind: "size", default: "0B", help: "size of a record's payload" },
  eventRate: {
    kind: "rate",
    default: "10k/s",
    help: "records a second of event time, where no rate is asked for; else event time is when a record is due",
  },
} as const;

/** The stream of a source as it was made, and on the nodes that are to make it. */
export function placed<Made extends Named>(
  source: Made,
  id: string,
  { generators }: SettingValues<typeof generatedSettings>,
): Made {
  const named = source.id(id);
  return generators === "" ? named : named.on(generators);
}

export function generatedBy(
  settings: SettingValues<typeof generatedSettings>,
  seed: number,
): GeneratedSettings {
  const { events, rate, pacedBy, keys, skew, payload, eventRate } = settings;
  return {
    keys,
    skew,
    payloadBytes: payload,
    ...(events > 0 ? { count: events } : {}),
    ...(pacedBy === "load" ? { rate: "by-load" as const } : rate > 0 ? { rate } : {}),
    recordsPerSecond: eventRate,
    seed,
  };
}
