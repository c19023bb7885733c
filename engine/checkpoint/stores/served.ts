/**
 * A store that another process serves from its folder (`folder-server.ts`), for workers that do not share a file system
 * with it. What may pass, as a server that is being started anew, is tried again, a bounded number of times.
 */
import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { EngineError } from "../../engine-error.ts";
import type { Answer, Store } from "../store.ts";
import { answering, plainBytes } from "./answering.ts";
import { checkBlobName, checkBlobPrefix } from "./blob-name.ts";
import { blobsPath, listPath } from "./folder-server.ts";
import type { Environment } from "./open-store.ts";

export const servedKeyVariable = "BRUME_STORE_KEY";
/** Before each further attempt: some 6 s together, as long as a node takes to come back. */
const backoffMs = [100, 200, 400, 800, 1600, 3200];
/** A server that says nothing and takes nothing for so long is as good as gone. */
const silenceMs = 20_000;

type Asked = { readonly method: "GET" | "PUT" | "DELETE"; readonly path: string; readonly body?: Uint8Array };

/** `where` is HOST:PORT. */
export function openServedStore(where: string, environment: Environment): ServedStore {
  const [, host, port] = /^([^:]+):(\d{1,5})$/.exec(where) ?? [];
  const key = environment[servedKeyVariable];
  if (host === undefined || Number(port) > 65_535) {
    const what = `store served:${where}: ${where} is no HOST:PORT`;
    throw new EngineError("store-endpoint", what, "for example served:10.90.0.2:9000", 2);
  }
  if (!key) {
    const what = `store served:${where}: ${servedKeyVariable} is not set`;
    throw new EngineError("store-credentials", what, "export the key that its server was started with", 2);
  }
  return new ServedStore(host, Number(port), key);
}

export class ServedStore implements Store {
  readonly name: string;
  readonly #host: string;
  readonly #port: number;
  readonly #key: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });

  constructor(host: string, port: number, key: string) {
    this.#host = host;
    this.#port = port;
    this.#key = key;
    this.name = `folder served at ${host}:${port}`;
  }

  put(name: string, bytes: Uint8Array, done: Answer<undefined>): void {
    checkBlobName(name);
    const work = this.#trying("write", name, { method: "PUT", path: pathOf(name), body: bytes });
    answering(
      work.then(() => undefined),
      done,
    );
  }

  get(name: string, done: Answer<Uint8Array>): void {
    checkBlobName(name);
    answering(this.#trying("read", name, { method: "GET", path: pathOf(name) }).then(plainBytes), done);
  }

  remove(name: string, done: Answer<undefined>): void {
    checkBlobName(name);
    const work = this.#trying("remove", name, { method: "DELETE", path: pathOf(name) });
    answering(
      work.then(() => undefined),
      done,
    );
  }

  list(prefix: string, done: Answer<readonly string[]>): void {
    checkBlobPrefix(prefix);
    const path = `${listPath}?prefix=${encodeURIComponent(prefix)}`;
    const work = this.#trying("list", prefix, { method: "GET", path });
    answering(
      work.then((bytes) => JSON.parse(bytes.toString()) as readonly string[]),
      done,
    );
  }

  async #trying(verb: string, name: string, asked: Asked): Promise<Buffer> {
    const what = `${this.name}: cannot ${verb} ${name}`;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#ask(asked, what);
      } catch (error) {
        if (error instanceof EngineError) throw error;
        const waitMs = backoffMs[attempt];
        if (waitMs !== undefined) await sleep(waitMs);
        else {
          const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
          const fix = "see that its node runs and can be reached from the others";
          throw new EngineError("store-unreachable", `${what}: ${why}`, fix, 1, { cause: error });
        }
      }
    }
  }

  /** An EngineError is the server's own word, which will be the same the next time. */
  #ask({ method, path, body }: Asked, what: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const sent = request({
        ...{ host: this.#host, port: this.#port, agent: this.#agent, method, path },
        headers: {
          Authorization: `Bearer ${this.#key}`,
          ...(body === undefined ? {} : { "Content-Length": body.length }),
        },
      });
      sent.setTimeout(silenceMs, () => sent.destroy(new Error(`nothing for ${silenceMs / 1000} s`)));
      sent.once("error", reject);
      sent.once("response", (response) => {
        received(response).then((bytes) => {
          if (response.statusCode === 200) resolve(bytes);
          else reject(refusal(bytes, response.statusCode ?? 0, what));
        }, reject);
      });
      sent.end(body);
    });
  }
}

const pathOf = (name: string): string => `${blobsPath}${encodeURIComponent(name)}`;

async function received(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  if (!response.complete) throw new Error("the answer broke off");
  return Buffer.concat(parts);
}

function refusal(bytes: Buffer, status: number, what: string): Error {
  let said: { code?: string; message?: string };
  try {
    said = JSON.parse(bytes.toString()) as typeof said;
  } catch {
    return new Error(`status ${status}`);
  }
  const { code = "store-failed", message = "" } = said;
  return new EngineError(code, `${what}: ${message}`, "");
}
