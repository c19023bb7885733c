import assert from "node:assert/strict";
import { test } from "node:test";
import { addressesOf } from "#testbed/hosts-file.ts";
import { datagramPort, datagramSocket } from "#testbed/linux/datagram-for-tests.ts";
import { asRoot } from "#testbed/linux/root-for-tests.ts";
import { close, setSocketOptionInt } from "#testbed/linux/syscalls.ts";
import { nodeNumber, subnet6 } from "#testbed/network/addresses.ts";
import { buildNetwork } from "#testbed/network/wire/network-for-tests.ts";
import { emptyNamespace } from "#testbed/nodes/netns-body.ts";
import { MtuRoutes } from "./mtu-routes.ts";
import { Namespaces } from "./namespaces.ts";

const placement = {
  subnet: { network: 0x0a820000, prefix: 20, prefix6: subnet6("mtu routes") },
  ipv6: true,
  mtuBytes: 1500,
  arp: false,
};
const addressOf = (node: number) => addressesOf(placement.subnet, nodeNumber(node));
const families = [
  { family: "v4", headerBytes: 28, level: 0, discover: 10 },
  { family: "v6", headerBytes: 48, level: 41, discover: 23 },
] as const;

/** 0 → 1 with this MTU, all other pairs with none of their own. */
const withMtu = (mtuBytes: number) =>
  buildNetwork({ nodes: 3, pairs: [{ from: 0, to: 1, conditions: { delayMs: 0, mtuBytes } }] });
const without = buildNetwork({ nodes: 3 });

asRoot(import.meta.filename, () => {
  class Stage {
    readonly namespaces = new Namespaces(placement);
    readonly routes = new MtuRoutes(this.namespaces, placement);

    constructor() {
      for (const node of [0, 1, 2]) this.namespaces.join(node, emptyNamespace());
    }

    /** The largest packet that `from` sends whole to `to`, of the two sizes around `mtuBytes`. */
    async assertMtu(from: number, to: number, mtuBytes: number): Promise<void> {
      for (const { family, headerBytes, level, discover } of families) {
        const { socket, fd } = this.namespaces.within(from, () => datagramSocket(addressOf(from)[family]));
        setSocketOptionInt(fd, level, discover, 2); // Never in pieces.
        const send = (bytes: number) =>
          new Promise<string | undefined>((resolve) =>
            socket.send(new Uint8Array(bytes), datagramPort, addressOf(to)[family], (error) =>
              resolve((error as NodeJS.ErrnoException | null)?.code),
            ),
          );
        assert.equal(await send(mtuBytes - headerBytes), undefined, `IP${family}: ${mtuBytes} bytes fit`);
        assert.equal(await send(mtuBytes - headerBytes + 1), "EMSGSIZE", `IP${family}: one more does not`);
        socket.close();
      }
    }

    end(): void {
      for (const node of [0, 1, 2]) this.namespaces.remove(node);
      close(this.namespaces.fabricFd);
    }
  }

  test("a pair's MTU holds for that pair, one way, follows its changes and goes with them", async () => {
    const stage = new Stage();
    await stage.assertMtu(0, 1, 1500);
    stage.routes.apply(withMtu(1300));
    await stage.assertMtu(0, 1, 1300);
    await stage.assertMtu(1, 0, 1500);
    await stage.assertMtu(0, 2, 1500);
    stage.routes.apply(withMtu(1400));
    await stage.assertMtu(0, 1, 1400);
    stage.routes.apply(without);
    await stage.assertMtu(0, 1, 1500);
    stage.end();
  });

  test("a node that was made anew gets its routes again; one that is gone is left out", async () => {
    const stage = new Stage();
    stage.routes.apply(withMtu(1300));
    stage.namespaces.unlink(0);
    stage.routes.forget(0);
    stage.namespaces.remove(0);
    stage.routes.apply(withMtu(1300));
    stage.namespaces.join(0, emptyNamespace());
    await stage.assertMtu(0, 1, 1500);
    stage.routes.apply(withMtu(1300));
    await stage.assertMtu(0, 1, 1300);
    stage.end();
  });
});
