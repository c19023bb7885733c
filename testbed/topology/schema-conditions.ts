/** The schema of what links feel: the keys that pair rules, links and events share. */
import * as z from "zod";
import { choice, mapping, scalar } from "./schema-parts.ts";
import { quote } from "./topology-error.ts";
import { type Reading, readDuration, readNumber, readRate, readRatio, readSize } from "./units.ts";

/** One hour: longer one-way delays are slips of the unit, and would hold packets for ever. */
const longestDelayMs = 3_600_000;
/** IPv6 forbids links that cannot carry 1280 bytes (RFC 8200, section 5), and every lab speaks both. */
const leastMtuBytes = 1280;
const mostMtuBytes = 65_535;

const durationForm = "^\\s*(0|[0-9]*\\.?[0-9]+\\s*(ns|us|µs|ms|s|m|min|h))\\s*$";
const rateForm = "^\\s*[0-9]*\\.?[0-9]+\\s*([kMG]?bit/s|[kKMG]?B/s|[KMG]iB/s)\\s*$";
const ratioForm = "^\\s*(0|[0-9]*\\.?[0-9]+\\s*%)\\s*$";

export const duration = (description: string, examples: readonly string[]) =>
  scalar(readDuration, { description, examples, pattern: durationForm, type: ["string", "integer"] });

/** A length of time within a run; zero would end before it began. */
export const someTime = (description: string, examples: readonly string[]) =>
  scalar((text) => refuseZero(readDuration(text), text), { description, examples, pattern: durationForm });

export const rate = (description: string) =>
  scalar((text) => refuseZero(readRate(text), text), {
    description,
    examples: ["100Mbit/s", "12.5MB/s"],
    pattern: rateForm,
  });

const ratio = (description: string) =>
  scalar(readRatio, {
    description,
    examples: ["0.1%"],
    pattern: ratioForm,
    type: ["string", "integer"],
  });

export const mtu = scalar(
  (text) => {
    const size = readSize(text);
    const bytes = /^\d+$/.test(text) ? Number(text) : "value" in size ? size.value : 0;
    if (bytes >= leastMtuBytes && bytes <= mostMtuBytes) return { value: bytes };
    const what = `${quote(text)} is not an MTU from ${leastMtuBytes} to ${mostMtuBytes} bytes`;
    const fix = `IPv6 needs at least ${leastMtuBytes}; Ethernet has 1500`;
    return { complaint: { fault: "out-of-range", what, fix } };
  },
  { description: "Largest packet, in bytes.", examples: [1500, "9000B"], type: ["integer", "string"] },
);

export const yesNo = (description: string) =>
  scalar(
    (text): Reading<boolean> => {
      if (text === "true" || text === "false") return { value: text === "true" };
      const what = `${quote(text)} is neither true nor false`;
      return { complaint: { fault: "bad-value", what, fix: "write true or false" } };
    },
    { description, examples: [true], type: "boolean" },
  );

export const count = (description: string, least: number, most: number, example: number) =>
  scalar((text) => readNumber(text, least, most, true), {
    description,
    examples: [example],
    type: "integer",
    minimum: least,
    maximum: most,
  });

export const number = (description: string, least: number, most: number, example: number) =>
  scalar((text) => readNumber(text, least, most, false), {
    description,
    examples: [example],
    type: "number",
    minimum: least,
    maximum: most,
  });

/** A delay that stands for itself, or one with a plus that adds to what is in force below it. */
type DelayChange = { delayMs: number } | { addDelayMs: number };

const delay = scalar(readDelay, {
  description: "One-way delay; with a plus it adds to the delay below this rule.",
  examples: ["25ms", "+30ms"],
  pattern: durationForm.replace("^\\s*", "^\\s*\\+?"),
  type: ["string", "integer"],
});

const jitter = z
  .union([
    duration("Standard deviation of a normal distribution around the delay.", ["10ms"]),
    mapping("jitter", "Variation of the delay around its mean.", {
      spread: duration("Standard deviation (normal, pareto) or half-width (uniform).", ["10ms"]).optional(),
      distribution: choice(
        ["normal", "uniform", "pareto"],
        "Shape of the variation (default normal).",
      ).optional(),
      trace: fileName(
        "File of measured delays, one per line; its mean is the delay unless one is given.",
      ).optional(),
      unit: choice(["ms", "us", "s"], "Unit of the trace's numbers (default ms).").optional(),
      reorder: yesNo("True lets packets of a pair overtake each other (default false).").optional(),
    }),
  ])
  .meta({ description: "Variation of the delay around its mean." });

const loss = z
  .union([
    ratio("Share of packets lost, each by itself."),
    mapping("loss", "Packets lost, by themselves or in bursts (Gilbert-Elliott).", {
      ratio: ratio("Share of packets lost.").optional(),
      burst: number("Mean number of packets lost in a row.", 1, 1e6, 5).optional(),
      enter: ratio("Chance per packet to go from the good into the bad state.").optional(),
      leave: ratio("Chance per packet to go from the bad back into the good state.").optional(),
      good: ratio("Share lost in the good state (default 0%).").optional(),
      bad: ratio("Share lost in the bad state (default 100%).").optional(),
    }),
  ])
  .meta({ description: "Share of packets lost." });

/** A limit in bytes, or the time it takes the rate to drain it. */
type QueueLimit = { limitBytes: number } | { limitMs: number };

const queueLimit = scalar(readQueueLimit, {
  description: "Most that waits: a size, or a time at the rate beside it.",
  examples: ["64KB", "100ms"],
});

export const queue = z
  .union([
    queueLimit,
    mapping("queue", "Where packets wait for a rate.", {
      limit: queueLimit.optional(),
      discipline: choice(
        ["drop-tail", "codel"],
        "What happens when it fills (default drop-tail).",
      ).optional(),
      ecn: yesNo("Mark packets that can be marked, where they would be dropped (default false).").optional(),
    }),
  ])
  .meta({ description: "Where packets wait for a rate (default: drop-tail, sized from rate and delay)." });

/** The keys by which a rule changes what pairs feel. */
export const conditionKeys = {
  delay: delay.optional(),
  jitter: jitter.optional(),
  loss: loss.optional(),
  duplicate: ratio("Share of packets that arrive twice.").optional(),
  corrupt: ratio("Share of packets that arrive with a damaged byte.").optional(),
  rate: rate("What the pair can carry.").optional(),
  queue: queue.optional(),
  mtu: mtu.optional(),
  cut: yesNo("True drops every packet, as a partition does.").optional(),
};

const conditionsShape = z.object(conditionKeys);
export type FileConditions = z.output<typeof conditionsShape>;

export function fileName(description: string) {
  const read = (text: string): Reading<string> =>
    text.trim() === "" || text.includes("\0")
      ? { complaint: { fault: "bad-value", what: `${quote(text)} is not a file's name`, fix: "name a file" } }
      : { value: text };
  return scalar(read, { description, examples: ["../data/rtt/cities.tsv"] });
}

function readDelay(text: string): Reading<DelayChange> {
  const added = text.trim().startsWith("+");
  const reading = readDuration(added ? text.trim().slice(1) : text);
  if ("complaint" in reading) return reading;
  if (reading.value > longestDelayMs) {
    const what = `${quote(text)} is more than an hour`;
    return { complaint: { fault: "out-of-range", what, fix: "write a delay of at most 1h" } };
  }
  return { value: added ? { addDelayMs: reading.value } : { delayMs: reading.value } };
}

function readQueueLimit(text: string): Reading<QueueLimit> {
  const time = refuseZero(readDuration(text), text);
  if ("value" in time) return { value: { limitMs: time.value } };
  const size = refuseZero(readSize(text), text);
  if ("value" in size) return { value: { limitBytes: size.value } };
  if (size.complaint.fault === "out-of-range") return size;
  const what = `${quote(text)} is neither a size nor a time`;
  return { complaint: { fault: "no-unit", what, fix: "write it like 64KB, 64KiB or 100ms" } };
}

function refuseZero(reading: Reading<number>, text: string): Reading<number> {
  if ("complaint" in reading || reading.value > 0) return reading;
  return {
    complaint: {
      fault: "out-of-range",
      what: `${quote(text)} must be more than 0`,
      fix: "write more than 0, or leave the key out",
    },
  };
}
