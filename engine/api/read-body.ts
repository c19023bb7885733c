/** Reads and checks the JSON bodies of the API's requests: what is unknown or of another kind is refused by name. */
import type { IncomingMessage } from "node:http";
import type { LoadRequest } from "../coordinator/job-load.ts";
import type { RescaleRequest } from "../coordinator/rescale.ts";
import type { SavepointRequest } from "./job-control.ts";

/** 32768 key groups given one by one, for a few operators. */
export const bodyBytesMax = 2 ** 20;

/** A mistake of the caller; `status` is what HTTP calls it. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const mistake = (message: string) => new RequestError(400, "bad-request", message);

/** An empty body is an empty object. */
export async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).length;
    if (length > bodyBytesMax) {
      throw new RequestError(413, "body-too-large", `the body is larger than ${bodyBytesMax} bytes`);
    }
    parts.push(part as Buffer);
  }
  if (length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(parts).toString());
  } catch (error) {
    throw mistake(`the body is not JSON: ${(error as Error).message}`);
  }
  if (!isRecord(value)) throw mistake("the body is not a JSON object");
  return value;
}

export function savepointRequest(body: Record<string, unknown>): SavepointRequest {
  only(body, ["mode"]);
  return readMode(body);
}

/** What rates and times may be is for `engine/sources/pacing.ts` to say. */
export function loadRequest(body: Record<string, unknown>): LoadRequest {
  only(body, ["steps", "fresh"]);
  const { steps, fresh = false } = body;
  if (typeof fresh !== "boolean") throw mistake(`fresh: ${JSON.stringify(fresh)} is neither true nor false`);
  const read = list((at, step) => {
    if (!isRecord(step)) throw mistake(`${at}: not an object with ratePerSecond and forMs`);
    const { ratePerSecond, forMs = 0, ...rest } = step;
    const stranger = Object.keys(rest)[0];
    if (stranger !== undefined) throw mistake(`${at}.${stranger}: there is no such setting`);
    return {
      ratePerSecond: number(`${at}.ratePerSecond`, ratePerSecond),
      forMs: number(`${at}.forMs`, forMs),
    };
  });
  return { steps: read("steps", steps), fresh };
}

export function nothing(body: Record<string, unknown>): void {
  only(body, []);
}

export function rescaleRequest(body: Record<string, unknown>): RescaleRequest {
  only(body, ["parallelism", "parallelismOf", "mode", "weights", "keyGroups", "placement"]);
  if (Object.keys(body).every((key) => key === "mode")) {
    throw mistake("say what to change: parallelism, parallelismOf, weights, keyGroups or placement");
  }
  const { parallelism, parallelismOf, weights, keyGroups, placement } = body;
  return {
    ...readMode(body),
    ...(parallelism === undefined ? {} : { parallelism: whole("parallelism", parallelism, 1) }),
    ...(parallelismOf === undefined
      ? {}
      : { parallelismOf: byOperator("parallelismOf", parallelismOf, (at, value) => whole(at, value, 1)) }),
    ...(weights === undefined ? {} : { weights: byOperator("weights", weights, list(weight)) }),
    ...(keyGroups === undefined
      ? {}
      : {
          keyGroups: byOperator(
            "keyGroups",
            keyGroups,
            list((at, value) => whole(at, value, 0)),
          ),
        }),
    ...(placement === undefined ? {} : { placement: byOperator("placement", placement, list(text)) }),
  };
}

function readMode({ mode }: Record<string, unknown>): SavepointRequest {
  if (mode === undefined) return {};
  if (mode === "aligned" || mode === "unaligned") return { mode };
  throw mistake(`mode: ${JSON.stringify(mode)} is neither "aligned" nor "unaligned"`);
}

function only(body: Record<string, unknown>, known: readonly string[]): void {
  const stranger = Object.keys(body).find((key) => !known.includes(key));
  if (stranger === undefined) return;
  throw mistake(`${stranger}: there is no such setting; ${known.join(", ") || "none is taken"}`);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function byOperator<Value>(
  at: string,
  value: unknown,
  read: (at: string, value: unknown) => Value,
): Record<string, Value> {
  if (!isRecord(value)) throw mistake(`${at}: not an object with a value for each operator id`);
  return Object.fromEntries(Object.entries(value).map(([id, each]) => [id, read(`${at}.${id}`, each)]));
}

const list =
  <Value>(read: (at: string, value: unknown) => Value) =>
  (at: string, value: unknown): Value[] => {
    if (!Array.isArray(value)) throw mistake(`${at}: not a list`);
    return value.map((each, index) => read(`${at}[${index}]`, each));
  };

function whole(at: string, value: unknown, least: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= 32_768)
    return value as number;
  throw mistake(`${at}: ${JSON.stringify(value)} is not a whole number from ${least} to 32768`);
}

function number(at: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw mistake(`${at}: ${JSON.stringify(value)} is not a number`);
}

function weight(at: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw mistake(`${at}: ${JSON.stringify(value)} is not a number above 0`);
}

function text(at: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw mistake(`${at}: ${JSON.stringify(value)} is not a worker's name`);
}
