/**
 * One TCP flow between two nodes, as a program that runs on them: `tcp-flow-main.ts receive PORT` prints "listening", then,
 * when the flow has ended, a JSON line of what arrived; `tcp-flow-main.ts send HOST PORT SECONDS` sends for that long.
 */
import { connect, createServer } from "node:net";

export type Received = { bytes: number; seconds: number };

const [role, ...words] = process.argv.slice(2);
if (role === "receive") receive(Number(words[0]));
else if (role === "send") send(words[0]!, Number(words[1]), Number(words[2]));
else throw new Error(`${role}: neither receive nor send`);

/** From the first byte to the last: what a program on the node has got out of the link. */
function receive(port: number): void {
  const server = createServer((socket) => {
    server.close();
    let bytes = 0;
    let firstMs = 0;
    let lastMs = 0;
    socket.on("data", (part) => {
      lastMs = performance.now();
      if (bytes === 0) firstMs = lastMs;
      bytes += part.length;
    });
    socket.on("close", () => {
      const received: Received = { bytes, seconds: (lastMs - firstMs) / 1000 };
      process.stdout.write(`${JSON.stringify(received)}\n`);
    });
  });
  server.listen(port, () => process.stdout.write("listening\n"));
}

function send(host: string, port: number, seconds: number): void {
  const block = Buffer.alloc(64 * 1024);
  const socket = connect({ host, port }, () => {
    const endMs = performance.now() + seconds * 1000;
    const fill = () => {
      while (performance.now() < endMs) if (!socket.write(block)) return void socket.once("drain", fill);
      // What still waits in our own socket is not the link's time any more.
      socket.destroy();
    };
    fill();
  });
}
