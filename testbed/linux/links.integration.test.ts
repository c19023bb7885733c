import assert from "node:assert/strict";
import { after, test } from "node:test";
import { datagramPort, datagramSocket } from "./datagram-for-tests.ts";
import {
  addAddress,
  deleteHostRoute,
  deleteLink,
  type EndSpec,
  linkUp,
  listLinks,
  listRoutes4,
  routeWithMtu,
  vethPair,
  vxlan,
} from "./links.ts";
import { inNamespace, withNewNamespace } from "./namespace.ts";
import { Netlink } from "./netlink.ts";
import { asRoot } from "./root-for-tests.ts";
import { close, ioctl, SystemCallError, socket } from "./syscalls.ts";

const isRefused = (errno: string) => (error: unknown) =>
  error instanceof SystemCallError && error.errno === errno;

/** By asking the kernel another way than netlink: SIOCGIFMTU and SIOCGIFHWADDR. */
function networkInterfaceFacts(name: string): { mtuBytes: number; mac: string } {
  const fd = socket(2, 2, 0);
  const ask = (request: number): Uint8Array => {
    const argument = new Uint8Array(40);
    argument.set(new TextEncoder().encode(name));
    ioctl(fd, request, argument);
    return argument;
  };
  const mtuBytes = new DataView(ask(0x8921).buffer).getInt32(16, true);
  const mac = [...ask(0x8927).subarray(18, 24)].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  close(fd);
  return { mtuBytes, mac };
}

asRoot(import.meta.filename, () => {
  const opened: number[] = [];
  after(() => opened.forEach(close));

  const namespace = (): number => {
    const fd = withNewNamespace((created) => created);
    opened.push(fd);
    return fd;
  };
  const within = <Result>(fd: number, act: (netlink: Netlink) => Result): Result =>
    inNamespace(fd, () => {
      const netlink = new Netlink();
      try {
        return act(netlink);
      } finally {
        netlink.close();
      }
    });
  const end = (index: number, name: string, last: number): EndSpec => ({
    index,
    name,
    mtuBytes: 1400,
    mac: Uint8Array.of(2, 0, 0, 0, 0, last),
  });

  /**
   * Two namespaces joined by a pair, index 7 in both, 10.9.0.1 and 10.9.0.2, and fd00::1 and fd00::2. An end that does
   * not ask for addresses (NOARP) sends to its own, so here both have the same; in a lab the fabric writes it.
   */
  function joined(): [number, number] {
    const [one, two] = [namespace(), namespace()];
    within(one, (netlink) => netlink.request(vethPair(end(7, "left", 1), end(7, "right", 1), two, false)));
    for (const [fd, number] of [
      [one, 1],
      [two, 2],
    ] as const) {
      within(fd, (netlink) =>
        netlink.request(
          linkUp(7),
          addAddress(7, { bytes: Uint8Array.of(10, 9, 0, number), prefix: 24 }),
          addAddress(7, { bytes: Uint8Array.of(0xfd, ...new Uint8Array(14), number), prefix: 64 }),
        ),
      );
    }
    return [one, two];
  }

  /** What comes back of a question that is sent from one namespace to the other: again and again, as links take a moment to come up. */
  async function answerTo(one: number, here: string, two: number, there: string): Promise<string> {
    const [asker, answerer] = [
      inNamespace(one, () => datagramSocket(here).socket),
      inNamespace(two, () => datagramSocket(there).socket),
    ];
    const ask = () => asker.send("there", datagramPort, there);
    const asking = setInterval(ask, 50);
    try {
      answerer.on("message", (message, from) => answerer.send(`${message} back`, from.port, from.address));
      const answer = new Promise<string>((resolve) =>
        asker.once("message", (message) => resolve(message.toString())),
      );
      ask();
      return await Promise.race([
        answer,
        new Promise<string>((resolve) => setTimeout(resolve, 5000, "nothing")),
      ]);
    } finally {
      clearInterval(asking);
      asker.close();
      answerer.close();
    }
  }

  for (const [family, here, there] of [
    ["IPv4", "10.9.0.1", "10.9.0.2"],
    ["IPv6", "fd00::1", "fd00::2"],
  ] as const) {
    test(`a pair of links carries ${family} between two namespaces, there and back`, async () => {
      const [one, two] = joined();
      assert.equal(await answerTo(one, here, two, there), "there back");
    });

    test(`a tunnel over ${family} joins two namespaces of different machines`, async () => {
      const machines = joined();
      const nodes = [namespace(), namespace()] as const;
      for (const side of [0, 1] as const) {
        const tunnel = { remote: side === 0 ? there : here, port: 4790, identifier: 0xabcdef };
        // A packet that comes with the receiver's own MAC is dropped as one that went in a circle.
        within(machines[side], (netlink) =>
          netlink.request(vxlan(end(1003, "n3", 8 + side), tunnel, nodes[side], true)),
        );
        within(nodes[side], (netlink) =>
          netlink.request(
            linkUp(1003),
            addAddress(1003, { bytes: Uint8Array.of(10, 8, 0, 1 + side), prefix: 24 }),
          ),
        );
        assert.deepEqual(
          within(nodes[side], listLinks).filter(({ index }) => index === 1003),
          [{ index: 1003, name: "n3" }],
        );
      }
      assert.equal(await answerTo(nodes[0], "10.8.0.1", nodes[1], "10.8.0.2"), "there back");
    });
  }

  test("both ends have the index, the name, the MTU and the address that were asked for", () => {
    const [one, two] = [namespace(), namespace()];
    within(one, (netlink) => netlink.request(vethPair(end(7, "left", 1), end(9, "right", 2), two, false)));
    for (const [fd, index, name, last] of [
      [one, 7, "left", 1],
      [two, 9, "right", 2],
    ] as const) {
      assert.ok(within(fd, listLinks).some((link) => link.index === index && link.name === name));
      const told = inNamespace(fd, () => networkInterfaceFacts(name));
      assert.deepEqual(told, { mtuBytes: 1400, mac: `02:00:00:00:00:0${last}` });
    }
  });

  test("deleting one end takes the other with it, at once", () => {
    const [one, two] = joined();
    within(one, (netlink) => netlink.request(deleteLink("left")));
    assert.ok(!within(two, listLinks).some(({ name }) => name === "right"));
  });

  test("a refused message is told by what it was about, and those after it were still done", () => {
    const fd = namespace();
    within(fd, (netlink) => {
      assert.throws(
        () => netlink.request(linkUp(99), linkUp(1)),
        (error) => isRefused("ENODEV")(error) && /link 99 up/.test((error as Error).message),
      );
      netlink.request(addAddress(1, { bytes: Uint8Array.of(10, 8, 0, 1), prefix: 24 }));
    });
    assert.ok(within(fd, listRoutes4).some(({ network, prefix }) => network === 0x0a080000 && prefix === 24));
  });

  test("a link is not made twice under one name or one index", () => {
    const [one, two] = joined();
    within(one, (netlink) => {
      assert.throws(
        () => netlink.request(vethPair(end(8, "left", 3), end(8, "other", 4), two, false)),
        isRefused("EEXIST"),
      );
      assert.throws(
        () => netlink.request(vethPair(end(7, "new", 3), end(8, "other", 4), two, false)),
        SystemCallError,
      );
    });
  });

  test("a link that is not there cannot be deleted", () => {
    within(namespace(), (netlink) =>
      assert.throws(() => netlink.request(deleteLink("nothing")), isRefused("ENODEV")),
    );
  });

  test("a socket acts on the namespace in which it was opened, wherever its thread is", () => {
    const fd = namespace();
    const netlink = inNamespace(fd, () => new Netlink());
    assert.deepEqual(
      listLinks(netlink).map(({ name }) => name),
      ["lo"],
    );
    netlink.close();
  });

  test("more answers than one message can hold are all read", () => {
    const [one, two] = [namespace(), namespace()];
    within(one, (netlink) => {
      const pairs = Array.from({ length: 150 }, (_, link) =>
        vethPair(end(100 + link, `l${link}`, link), end(100 + link, `r${link}`, link), two, false),
      );
      for (let first = 0; first < pairs.length; first += 50)
        netlink.request(...pairs.slice(first, first + 50));
      const links = listLinks(netlink);
      assert.equal(links.length, 151);
      assert.deepEqual(
        links.find(({ name }) => name === "l149"),
        { index: 249, name: "l149" },
      );
    });
  });

  test("a route's MTU holds for its address alone, in both families, can be replaced, and goes", () => {
    const [one] = joined();
    const addresses = [Uint8Array.of(10, 9, 0, 2), Uint8Array.of(0xfd, ...new Uint8Array(14), 2)];
    within(one, (netlink) => {
      for (const address of addresses) {
        netlink.request(routeWithMtu(7, address, 1300));
        netlink.request(routeWithMtu(7, address, 1290));
      }
      assert.equal(
        listRoutes4(netlink).filter(({ network, prefix }) => network === 0x0a090002 && prefix === 32).length,
        1,
      );
      for (const address of addresses) {
        netlink.request(deleteHostRoute(7, address));
        assert.throws(() => netlink.request(deleteHostRoute(7, address)), isRefused("ESRCH"));
      }
    });
  });
});
