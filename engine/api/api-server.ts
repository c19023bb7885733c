/** The coordinator's HTTP API. Reading is free to whoever reaches the port; what changes something needs the token. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { EngineError } from "../engine-error.ts";
import { listening, listeningAtPath } from "../processes/listening.ts";
import { sameSecret } from "../processes/same-secret.ts";
import type { JobControl } from "./job-control.ts";
import { RequestError } from "./read-body.ts";
import { type Answered, routes } from "./routes.ts";

/** Loopback unless somebody says otherwise, port 0 for any that is free; or the path of a unix socket. */
export type ApiAddress = { readonly host: string; readonly port: number } | { readonly path: string };

export type ApiOptions = {
  readonly at: ApiAddress;
  readonly token: string;
  readonly control: JobControl;
};

export type ApiServer = {
  /** Undefined at a unix socket. */
  readonly port: number | undefined;
  close(): Promise<void>;
};

const requestMs = 10_000;
const headersBytesMax = 8 * 1024;
const connectionsMax = 256;
/** For answers that are under way. */
const closeMs = 500;

export async function startApi({ at, token, control }: ApiOptions): Promise<ApiServer> {
  const server = createServer(
    { requestTimeout: requestMs, headersTimeout: requestMs, maxHeaderSize: headersBytesMax },
    (request, response) => {
      answer(request, token, control).then(
        (answered) => reply(response, 200, answered),
        (error: unknown) => replyError(response, error),
      );
    },
  );
  server.maxConnections = connectionsMax;
  const what = "the HTTP API";
  const port =
    "path" in at
      ? await listeningAtPath(server, at.path, what).then(() => undefined)
      : await listening(server, at.host, at.port, what);
  return { port, close: () => closed(server) };
}

async function answer(request: IncomingMessage, token: string, control: JobControl): Promise<Answered> {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const here = routes.filter((route) => route.path === path);
  if (here.length === 0) {
    const known = routes.map((route) => `${route.method} ${route.path}`).join(", ");
    throw new RequestError(404, "not-found", `${path}: there is no such path; there are ${known}`);
  }
  const route = here.find(({ method }) => method === request.method);
  if (!route) {
    const methods = here.map(({ method }) => method).join(", ");
    throw new RequestError(405, "method", `${path} takes ${methods}, not ${request.method}`);
  }
  if (route.method === "POST" && !bears(request, token)) {
    throw new RequestError(401, "token", "this needs the header Authorization: Bearer TOKEN");
  }
  return await route.answer(control, request);
}

function bears(request: IncomingMessage, token: string): boolean {
  const given = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  return sameSecret(given, token);
}

function replyError(response: ServerResponse, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof RequestError || error instanceof EngineError ? error.code : "internal";
  reply(response, statusOf(error), { text: `${JSON.stringify({ error: { code, message } })}\n` });
}

function statusOf(error: unknown): number {
  if (error instanceof RequestError) return error.status;
  if (error instanceof EngineError) return error.exitStatus === 2 ? 400 : 409;
  return 500;
}

function reply(response: ServerResponse, status: number, { type, text }: Answered): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    "Content-Type": type ?? "application/json",
    "Content-Length": Buffer.byteLength(text),
    "Cache-Control": "no-store",
    ...(status === 401 ? { "WWW-Authenticate": "Bearer" } : {}),
    // What of the body was not read must not be taken for the next request.
    ...(status === 200 ? {} : { Connection: "close" }),
  });
  response.end(text);
}

async function closed(server: Server): Promise<void> {
  const done = once(server, "close");
  server.close();
  server.closeIdleConnections();
  // Who asked for the job's end is answered by its end.
  const hard = setTimeout(() => server.closeAllConnections(), closeMs);
  await done;
  clearTimeout(hard);
}
