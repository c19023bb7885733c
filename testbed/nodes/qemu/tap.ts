/** This machine's end of a guest's cable: the interface that QEMU has made gets its address. */
import { addAddress, linkUp, listLinks } from "#testbed/linux/links.ts";
import { attribute, changeMessage, concat, messageTypes, Netlink, uint32 } from "#testbed/linux/netlink.ts";
import { type Cable, cableMtuBytes } from "./cable.ts";

const mtuAttribute = 4;

/** False while the interface is not there yet. */
export function openCable({ name, here, prefix }: Cable): boolean {
  const netlink = new Netlink();
  try {
    const link = listLinks(netlink).find((each) => each.name === name);
    if (!link) return false;
    netlink.request(
      setMtu(link.index, cableMtuBytes),
      linkUp(link.index),
      addAddress(link.index, { bytes: Uint8Array.from(here.split(".").map(Number)), prefix }),
    );
    return true;
  } finally {
    netlink.close();
  }
}

function setMtu(index: number, mtuBytes: number) {
  const head = new Uint8Array(16);
  new DataView(head.buffer).setInt32(4, index, true);
  return changeMessage(
    messageTypes.newLink,
    concat(head, attribute(mtuAttribute, uint32(mtuBytes))),
    `MTU of link ${index}`,
  );
}
