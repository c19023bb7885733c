import assert from "node:assert/strict";
import { test } from "node:test";
import { readPings } from "./ping.ts";

const text = `PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=25.4 ms
64 bytes from 10.0.0.2: icmp_seq=3 ttl=64 time=10.1 ms
64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=40 ms
64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=41 ms (DUP!)

--- 10.0.0.2 ping statistics ---
4 packets transmitted, 3 received, +1 duplicates, 25% packet loss, time 3005ms
`;

test("answers, losses, copies and overtaking are counted", () => {
  assert.deepEqual(readPings(text), {
    sent: 4,
    received: 3,
    duplicates: 1,
    timesMs: [25.4, 10.1, 40, 41],
    overtaken: 2,
  });
});

test("a ping that printed no summary is an error with its words", () => {
  assert.throws(() => readPings("ping: connect: Network is unreachable"), /Network is unreachable/);
});
