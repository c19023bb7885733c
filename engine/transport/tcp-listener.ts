/**
 * Where other workers connect to. A connection says in its first frame who it is; one without the lab's token, or
 * without any hello, is closed, counted, and told of once. Nothing but frames is read from it.
 */
import { createServer, type Socket } from "node:net";
import { listening } from "../processes/listening.ts";
import { sameSecret } from "../processes/same-secret.ts";
import { type Frame, FrameReader } from "./frame-reader.ts";
import { readHello } from "./hello.ts";
import { FrameInLink } from "./in-link.ts";
import type { Accept, ByteStreamEvents } from "./link.ts";
import { acceptedInto } from "./read-buffer.ts";
import { SocketStream } from "./socket-stream.ts";

/** A hello must have come within this time. */
const helloTimeoutMs = 5000;
/** Connections that have not said who they are. More are closed at once. */
const strangersMax = 64;

export type Refusal = "token" | "hello" | "timeout" | "attempt" | "crowd";

export type LinkListener = {
  readonly port: number;
  /** How many connections were refused, by the reason. */
  readonly refused: Readonly<Record<Refusal, number>>;
  /** Closes all connections as well. */
  close(): Promise<void>;
};

export type LinkListenerOptions = {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly token: string;
  readonly accept: Accept;
  nowMs(): number;
  /** The first refusal for each reason, in words. */
  onRefused?(message: string): void;
};

export async function listenForLinks(options: LinkListenerOptions): Promise<LinkListener> {
  const refused = { token: 0, hello: 0, timeout: 0, attempt: 0, crowd: 0 };
  const sockets = new Set<Socket>();
  const strangers = new Set<Socket>();

  const refuse = (socket: Socket, reason: Refusal, what: string): void => {
    if (++refused[reason] === 1) {
      options.onRefused?.(`a connection from ${socket.remoteAddress} was refused: ${what}`);
    }
    socket.destroy();
  };

  const server = createServer({ pauseOnConnect: true }, (accepted) => {
    const stream = new SocketStream();
    const socket = acceptedInto(accepted, stream.take);
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    if (strangers.size >= strangersMax) {
      socket.on("error", () => {});
      refuse(socket, "crowd", `${strangersMax} others have not said who they are`);
      return;
    }
    strangers.add(socket);
    const known = (): void => {
      clearTimeout(timer);
      strangers.delete(socket);
    };
    const timer = setTimeout(
      () => refuse(socket, "timeout", `no hello for ${helloTimeoutMs} ms`),
      helloTimeoutMs,
    );
    socket.once("close", known);
    welcome(socket, stream, options, known, (reason, what) => refuse(socket, reason, what));
  });

  const port = await listening(server, options.host, options.port, "the worker's listener for channels");
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { port, refused, close };
}

/** Reads the hello and, when it is right, makes the connection a link. */
function welcome(
  socket: Socket,
  stream: SocketStream,
  { token, accept, nowMs }: LinkListenerOptions,
  known: () => void,
  refuse: (reason: Refusal, what: string) => void,
): void {
  let link: FrameInLink | undefined;
  const onHello = (frame: Frame): void => {
    const hello = readHello(frame);
    if (!sameSecret(hello.token, token)) {
      reader.stop();
      refuse("token", "its token is not this lab's");
      return;
    }
    const accepted = accept(hello.worker, hello.attempt);
    if (accepted === undefined) {
      reader.stop();
      refuse("attempt", `worker ${hello.worker} is of attempt ${hello.attempt}, which is not deployed here`);
      return;
    }
    known();
    link = new FrameInLink({ stream, accepted, nowMs, reader });
    stream.use(link);
  };
  const reader = new FrameReader(onHello);
  const asStranger: ByteStreamEvents = {
    onBytes: (bytes) => {
      try {
        reader.push(bytes);
      } catch (error) {
        // Frames may stand behind the hello in the same piece.
        if (link) link.fail(error);
        else refuse("hello", (error as Error).message);
      }
    },
    onClosed: () => {},
  };
  stream.use(asStranger);
  stream.attach(socket);
}
