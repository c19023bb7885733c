/** Holds a node's commands on the machine where they run, and serves whoever connects to its socket. */
import type { Socket } from "node:net";
import { type Frame, FrameReader, messageFrame, stretchHead } from "./frames.ts";
import { HeldCommand, type Listener } from "./held-command.ts";
import { type FromHolder, protocolNumber, type ToHolder } from "./messages.ts";
import { realMinusMonotonicNs } from "./wall-clock.ts";

/** A client says something every few seconds; one that does not is behind a link that is gone. */
const silenceMs = 60_000;

export class Holder {
  readonly #name: string;
  readonly #end: () => void;
  readonly #commands = new Map<string, HeldCommand>();

  /** `name` is its own for all times; `end` ends its process. */
  constructor(name: string, end: () => void) {
    this.#name = name;
    this.#end = end;
  }

  serve(socket: Socket): void {
    const send = (message: FromHolder) => void socket.write(messageFrame(message));
    const reader = new FrameReader<ToHolder>();
    const attached = new Map<number, { command: HeldCommand; listener: Listener }>();
    socket.setNoDelay(true);
    socket.setTimeout(silenceMs, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      for (const { command, listener } of attached.values()) command.detach(listener);
    });
    socket.on("data", (bytes) => {
      try {
        for (const frame of reader.take(bytes)) this.#heed(frame, attached, send, socket);
      } catch {
        socket.destroy(); // Whoever it is, it does not speak as we do.
      }
    });
    send({ say: "hello", holder: this.#name, protocol: protocolNumber });
  }

  destroy(): void {
    for (const command of this.#commands.values()) command.destroy();
  }

  #heed(
    frame: Frame<ToHolder>,
    attached: Map<number, { command: HeldCommand; listener: Listener }>,
    send: (message: FromHolder) => void,
    socket: Socket,
  ): void {
    if (!("message" in frame)) {
      attached.get(frame.id)?.command.input(frame.at, frame.bytes);
      return;
    }
    const { message } = frame;
    if (message.do === "attach") this.#attach(message, attached, send, socket);
    else if (message.do === "list") {
      const commands = [...this.#commands.values()].map(({ key, pid, running }) => ({ key, pid, running }));
      send({ say: "listed", commands });
    } else if (message.do === "clock") {
      const relation = message.relate ? { realMinusMonotonicNs: String(realMinusMonotonicNs()) } : {};
      const { serial } = message;
      send({ say: "clock", serial, ...relation, monotonicNs: String(process.hrtime.bigint()) });
    } else if (message.do === "end") this.#end();
    else if (message.do !== "nothing") this.#command(message, attached, send);
  }

  #command(
    message: Extract<ToHolder, { do: "ack" | "end-input" | "kill" | "release" }>,
    attached: Map<number, { command: HeldCommand; listener: Listener }>,
    send: (message: FromHolder) => void,
  ): void {
    const command = attached.get(message.id)?.command;
    if (message.do === "ack") command?.acknowledge(message.stream, message.at);
    else if (message.do === "end-input") command?.endInput(message.at);
    else if (message.do === "kill") {
      command?.kill(message.signal, message.serial);
      send({ say: "killed", id: message.id, serial: message.serial });
    } else if (command && !command.running) {
      attached.delete(message.id);
      command.destroy();
      this.#commands.delete(command.key);
    }
  }

  #attach(
    { id, key, start, out, err }: Extract<ToHolder, { do: "attach" }>,
    attached: Map<number, { command: HeldCommand; listener: Listener }>,
    send: (message: FromHolder) => void,
    socket: Socket,
  ): void {
    let command = this.#commands.get(key);
    if (!command && start) {
      command = new HeldCommand(key, start, () => this.#commands.delete(key));
      this.#commands.set(key, command);
    }
    if (!command) {
      send({ say: "absent", id });
      return;
    }
    const listener: Listener = {
      output: (stream, at, bytes) => {
        socket.cork();
        socket.write(stretchHead(id, stream, at, bytes.length));
        socket.write(bytes);
        socket.uncork();
      },
      input: (at) => send({ say: "input", id, at }),
      exited: (status, signal) => send({ say: "exited", id, status, signal }),
    };
    attached.set(id, { command, listener });
    const { places } = command;
    const from = { out: out ?? places.out, err: err ?? places.err };
    send({ say: "attached", id, pid: command.pid, input: places.input, ...from });
    command.attach(listener, from);
  }
}
