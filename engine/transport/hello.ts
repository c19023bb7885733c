/** How a worker that connects to another says who it is: the first frame of a connection. Pure. */
import { FrameError, frameKind } from "./frame.ts";
import type { Frame } from "./frame-reader.ts";

/** Rises with every change of the frames or of the batches' wire form. */
export const protocolVersion = 1;

export type Hello = {
  readonly version: number;
  readonly token: string;
  readonly worker: string;
  readonly attempt: number;
};

/** Throws a `FrameError` at anything else. */
export function readHello({ kind, value, payload }: Frame): Hello {
  if (kind !== frameKind.hello) throw new FrameError(`kind ${kind} instead of a hello`);
  if (value > payload.length) throw new FrameError("a hello that is cut short");
  let hello: Partial<Record<keyof Hello, unknown>> | null;
  try {
    hello = JSON.parse(Buffer.from(payload.subarray(0, value)).toString());
  } catch (error) {
    throw new FrameError(`a hello that is no JSON (${(error as Error).message})`);
  }
  const { version, token, worker, attempt } = hello ?? {};
  if (version !== protocolVersion) {
    throw new FrameError(`version ${String(version)} of the protocol instead of ${protocolVersion}`);
  }
  if (typeof token !== "string" || typeof worker !== "string" || typeof attempt !== "number") {
    throw new FrameError("a hello without token, worker and attempt");
  }
  return { version, token, worker, attempt };
}
