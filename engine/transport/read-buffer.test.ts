import assert from "node:assert/strict";
import { Socket } from "node:net";
import { test } from "node:test";
import { acceptedInto, readInto } from "./read-buffer.ts";

test("each socket's bytes go to who took it, though all are read into one buffer", () => {
  const came: string[] = [];
  const [one, other] = ["one", "other"].map((name) =>
    readInto((bytes) => came.push(`${name} ${Buffer.from(bytes)}`)),
  );
  assert.equal(one!.buffer, other!.buffer);
  const buffer = one!.buffer as Uint8Array;
  buffer.set(Buffer.from("first"));
  assert.equal(one!.callback(5, buffer), true, "it reads on");
  buffer.set(Buffer.from("second"));
  other!.callback(6, buffer);
  assert.deepEqual(came, ["one first", "other second"]);
});

test("an accepted socket whose handle cannot be had is read as it is", () => {
  const came: string[] = [];
  const socket = new Socket();
  assert.equal(
    acceptedInto(socket, (bytes) => came.push(`${bytes}`)),
    socket,
  );
  socket.emit("data", Buffer.from("some"));
  assert.deepEqual(came, ["some"]);
  socket.destroy();
});
