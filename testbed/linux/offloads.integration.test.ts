import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { datagramPort, datagramSocket } from "./datagram-for-tests.ts";
import { addAddress, linkUp, vethPair } from "./links.ts";
import { inNamespace, withNewNamespace } from "./namespace.ts";
import { Netlink } from "./netlink.ts";
import { disableOffloads } from "./offloads.ts";
import { asRoot } from "./root-for-tests.ts";
import {
  bindSocket,
  close,
  ioctl,
  mapFlags,
  mmap,
  receive,
  SystemCallError,
  setSocketOptionInt,
  socket,
  viewMemory,
} from "./syscalls.ts";

const mtuBytes = 1500;
/** ETHTOOL_GTXCSUM, ETHTOOL_GTSO, ETHTOOL_GGSO. */
const asks = { checksums: 0x16, tcpSegments: 0x1e, segments: 0x23 };

function isOn(interfaceName: string, command: number): boolean {
  const address = mmap(0, 4096, mapFlags.private | mapFlags.anonymous, -1);
  const value = new Uint32Array(viewMemory(address, 4096), 0, 2);
  value[0] = command;
  const request = new Uint8Array(40);
  request.set(new TextEncoder().encode(interfaceName));
  new DataView(request.buffer).setBigUint64(16, BigInt(address), true);
  const fd = socket(2, 2, 0);
  ioctl(fd, 0x8946, request);
  close(fd);
  return value[1] === 1;
}

asRoot(import.meta.filename, () => {
  /** A node's namespace with its link, and the namespace that holds the other end. */
  function linked(): { node: number; fabric: number; end: () => void } {
    const [fabric, node] = [withNewNamespace((fd) => fd), withNewNamespace((fd) => fd)];
    const mac = (last: number) => Uint8Array.of(2, 0, 0, 0, 0, last);
    inNamespace(fabric, () => {
      const netlink = new Netlink();
      const outer = { index: 1000, name: "n0", mtuBytes, mac: mac(1) };
      netlink.request(
        vethPair(outer, { index: 2, name: "eth0", mtuBytes, mac: mac(2) }, node, false),
        linkUp(1000),
      );
      netlink.close();
    });
    inNamespace(node, () => {
      writeFileSync("/proc/sys/net/ipv6/conf/eth0/disable_ipv6", "1");
      const netlink = new Netlink();
      netlink.request(linkUp(2), addAddress(2, { bytes: Uint8Array.of(10, 9, 0, 1), prefix: 24 }));
      netlink.close();
    });
    return { node, fabric, end: () => [fabric, node].forEach(close) };
  }

  test("a fresh link has its offloads on, and has none of them afterwards", () => {
    const { node, end } = linked();
    inNamespace(node, () => {
      const on = () => Object.entries(asks).flatMap(([name, ask]) => (isOn("eth0", ask) ? [name] : []));
      assert.deepEqual(on(), Object.keys(asks), "or this test proves nothing");
      disableOffloads("eth0");
      assert.deepEqual(on(), []);
      disableOffloads("eth0");
      assert.deepEqual(on(), [], "twice is as good as once");
    });
    end();
  });

  /** Lengths of what comes out of the node's link when it sends 15 segments of 1,200 bytes in one call. */
  function segmentsSeen({ node, fabric }: { node: number; fabric: number }): number[] {
    const tap = inNamespace(fabric, () => {
      const fd = socket(17, 2 | 0o4000 /* SOCK_NONBLOCK */, 0);
      const address = new Uint8Array(20);
      new DataView(address.buffer).setUint16(0, 17, true);
      new DataView(address.buffer).setUint16(2, 0x0800);
      bindSocket(fd, address);
      return fd;
    });
    const sender = inNamespace(node, () => datagramSocket("10.9.0.1"));
    setSocketOptionInt(sender.fd, 17 /* SOL_UDP */, 103 /* UDP_SEGMENT */, 1200);
    sender.socket.send(new Uint8Array(15 * 1200), datagramPort, "10.9.0.2");
    const seen: number[] = [];
    const packet = new Uint8Array(1 << 16);
    for (;;) {
      try {
        seen.push(receive(tap, packet));
      } catch (error) {
        assert.ok(error instanceof SystemCallError && ["EAGAIN", "EWOULDBLOCK"].includes(error.errno));
        break;
      }
    }
    sender.socket.close();
    close(tap);
    return seen;
  }

  test("what a program hands over in one piece leaves the link in packets of the MTU", () => {
    const untouched = linked();
    assert.ok(
      segmentsSeen(untouched).some((bytes) => bytes > mtuBytes),
      "or this test proves nothing",
    );
    untouched.end();
    const lab = linked();
    inNamespace(lab.node, () => disableOffloads("eth0"));
    assert.deepEqual(
      segmentsSeen(lab),
      Array.from({ length: 15 }, () => 1200 + 8 + 20),
    );
    lab.end();
  });

  test("an interface that is not there is told by the kernel's own reason", () => {
    assert.throws(
      () => disableOffloads("nothing0"),
      (error) => error instanceof SystemCallError && error.errno === "ENODEV",
    );
  });
});
