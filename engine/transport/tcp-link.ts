/** Connects to other workers over TCP: the real edge behind `Transport`. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { protocolVersion } from "./hello.ts";
import type { ChannelSchemas, OutLink, OutLinkEvents, Peer, Transport } from "./link.ts";
import { FrameOutLink } from "./out-link.ts";
import { readInto } from "./read-buffer.ts";
import { SocketStream } from "./socket-stream.ts";

/** A peer that is deployed does listen; what this bridges is a node that is just being moved or a lost first packet. */
const retryAfterMs = [50, 100, 200, 400, 800] as const;
const connectTimeoutMs = 5000;

export class TcpTransport implements Transport {
  readonly #worker: string;
  readonly #token: string;

  constructor(worker: string, token: string) {
    this.#worker = worker;
    this.#token = token;
  }

  connect(peer: Peer, attempt: number, channels: ChannelSchemas, events: OutLinkEvents): OutLink {
    const stream = new SocketStream();
    const link = new FrameOutLink({
      stream,
      hello: { version: protocolVersion, token: this.#token, worker: this.#worker, attempt },
      channels,
      events,
      isNarrow: () => !stream.isLocal,
    });
    stream.use(link);
    void reach(peer, stream);
    return link;
  }
}

/** Never rejects: a failure is told by the stream. */
async function reach(peer: Peer, stream: SocketStream): Promise<void> {
  for (const waitMs of [...retryAfterMs, undefined]) {
    const error = await tryOnce(peer, stream);
    if (error === undefined || stream.isDestroyed) return;
    if (waitMs === undefined) {
      const where = `worker ${peer.worker} at ${peer.host}:${peer.port}`;
      stream.closed(new Error(`${where} cannot be reached: ${error.message}`, { cause: error }));
      return;
    }
    await sleep(waitMs);
    if (stream.isDestroyed) return;
  }
}

function tryOnce({ host, port }: Peer, stream: SocketStream): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, onread: readInto(stream.take) });
    const timer = setTimeout(
      () => socket.destroy(new Error(`no answer for ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    const failed = (error: Error): void => {
      clearTimeout(timer);
      resolve(error);
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", failed);
      stream.attach(socket);
      resolve(undefined);
    });
  });
}
