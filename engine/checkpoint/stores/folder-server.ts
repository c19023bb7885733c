/**
 * Lets those who have no way to a folder use it as a store: over HTTP, one blob a request, for whoever bears the key.
 * `served.ts` is the other end. It is far smaller than MinIO, needs no program of another architecture, and keeps nothing
 * in memory but the blobs that are on their way.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { EngineError } from "../../engine-error.ts";
import { sameSecret } from "../../processes/same-secret.ts";
import type { Store } from "../store.ts";

export const blobsPath = "/blobs/";
export const listPath = "/list";

/** A server that takes no part in who listens where. */
export function folderServer(store: Store, key: string): Server {
  const server = createServer((request, response) => {
    answer(request, store, key).then(
      (bytes) => reply(response, 200, bytes),
      (error: unknown) => {
        const code = error instanceof EngineError ? error.code : "store-failed";
        const message = error instanceof Error ? error.message : String(error);
        reply(response, statusOf(code), Buffer.from(JSON.stringify({ code, message })));
      },
    );
  });
  // A slow link may need long for a blob; a sender that is silent for long is gone.
  server.requestTimeout = 0;
  server.setTimeout(60_000);
  return server;
}

async function answer(request: IncomingMessage, store: Store, key: string): Promise<Uint8Array> {
  const given = /^Bearer +(.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (!sameSecret(given, key)) throw refused("store-credentials", "this store needs its key");
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://store");
  const { method } = request;
  if (pathname === listPath && method === "GET") {
    const prefix = searchParams.get("prefix") ?? "";
    const names = await asked<readonly string[]>((done) => store.list(prefix, done));
    return Buffer.from(JSON.stringify(names));
  }
  const name = pathname.startsWith(blobsPath) ? decodeURIComponent(pathname.slice(blobsPath.length)) : "";
  if (method === "GET") return await asked<Uint8Array>((done) => store.get(name, done));
  if (method === "PUT") {
    const bytes = await whole(request);
    await asked<undefined>((done) => store.put(name, bytes, done));
  } else if (method === "DELETE") await asked<undefined>((done) => store.remove(name, done));
  else throw refused("store-request", `${method} ${pathname} is nothing that a store does`);
  return new Uint8Array(0);
}

const refused = (code: string, message: string) => new EngineError(code, message, "");

function asked<Value>(ask: (done: (error: Error | undefined, value: Value) => void) => void): Promise<Value> {
  return new Promise((resolve, reject) =>
    ask((error, value) => (error === undefined ? resolve(value) : reject(error))),
  );
}

/** A sender that broke off in the middle has stored nothing. */
async function whole(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const bytes = Buffer.concat(parts);
  if (!request.complete || bytes.length !== Number(request.headers["content-length"]))
    throw refused("store-request", "the blob did not arrive whole");
  return bytes;
}

function statusOf(code: string): number {
  if (code === "store-credentials") return 401;
  if (code === "blob-missing") return 404;
  if (code === "store-full") return 507;
  return code === "store-request" ? 400 : 500;
}

function reply(response: ServerResponse, status: number, bytes: Uint8Array): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    "Content-Length": bytes.length,
    // What of the body was not read must not be taken for the next request.
    ...(status === 200 ? {} : { Connection: "close" }),
  });
  response.end(bytes);
}
