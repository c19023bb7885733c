/** From what JSON has for a field to the value of its column. */
import type { ColumnSpec, FieldType } from "../records/schema.ts";

/** What is wrong with a value, to be put behind the field's name. */
export class WrongValue {
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }
}

export type FieldValue = number | string | boolean | Uint8Array | null;

const expected: Readonly<Record<FieldType, string>> = {
  int32: "a whole number from -2147483648 to 2147483647",
  integer: "a whole number of at most 53 bits",
  float64: "a number",
  bool: "true or false",
  utf8: "text",
  timestamp: "milliseconds since 1970 or an ISO 8601 time, such as 2015-07-15T00:00:00Z",
  bytes: "base64 text",
};

export function fieldValue({ type, nullable }: ColumnSpec, value: unknown): FieldValue | WrongValue {
  if (value === null || value === undefined) {
    if (nullable) return null;
    return new WrongValue(`is ${value === null ? "null" : "missing"} and must be ${expected[type]}`);
  }
  const converted = convert(type, value);
  return converted ?? new WrongValue(`is ${JSON.stringify(value)} and must be ${expected[type]}`);
}

function convert(type: FieldType, value: unknown): FieldValue | undefined {
  switch (type) {
    case "int32":
      return typeof value === "number" && (value | 0) === value ? value : undefined;
    case "integer":
      return Number.isSafeInteger(value) ? (value as number) : undefined;
    case "float64":
      return typeof value === "number" ? value : undefined;
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "utf8":
      return typeof value === "string" ? value : undefined;
    case "timestamp":
      return timeOf(value);
    case "bytes":
      return typeof value === "string" ? new Uint8Array(Buffer.from(value, "base64")) : undefined;
    default:
      return type satisfies never;
  }
}

function timeOf(value: unknown): number | undefined {
  const timeMs = typeof value === "string" ? isoTimeMs(value) : value;
  return Number.isSafeInteger(timeMs) ? (timeMs as number) : undefined;
}

const isoTime = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/;

/** `Date.parse` takes any text that ends in a number for a date, and a time without zone for one of this machine's zone. */
function isoTimeMs(text: string): number {
  const [, date, time = "00:00", zone = "Z"] = isoTime.exec(text) ?? [];
  // It takes 30 February for the second of March, too.
  const dayMs = Date.parse(`${date}T00:00Z`);
  if (Number.isNaN(dayMs) || !new Date(dayMs).toISOString().startsWith(date!)) return Number.NaN;
  return Date.parse(`${date}T${time}${zone}`);
}
