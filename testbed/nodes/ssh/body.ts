/** The body of a node on another machine, as its lab's keeper handles it: a place there, its tunnel, its lease. */
import { readFileSync } from "node:fs";
import { addressesOf } from "#testbed/hosts-file.ts";
import { nodeMac } from "#testbed/keeper/namespaces.ts";
import { bytes6, markerZone, nodeNumber, prefix6, subnet6, text6 } from "#testbed/network/addresses.ts";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import type { Body, LinkEnd } from "../body.ts";
import type { LabRecord } from "../kind.ts";
import { isPassing } from "./connection.ts";
import { defaultLeaseMs, renewEveryMs } from "./lease.ts";
import { leavePlace } from "./left-place.ts";
import { type Login, type Machine, machineOf } from "./machine.ts";
import { Place, placeFolder, placeScript } from "./place.ts";
import { forgetPlace, placeRecord, recordPlace } from "./place-record.ts";
import { limitThere, recordLimit } from "./remote-limits.ts";
import { Repeatedly } from "./repeatedly.ts";
import { checkTunnel } from "./tunnel-check.ts";
import { tunnelDelayMs } from "./tunnel-delay.ts";
import { type TunnelEnds, tunnelEnds, tunnelIdentifier, tunnelPort } from "./tunnel-ends.ts";

/** A machine that is not there is more often switched off than slow; one that was there may come back. */
const findPatienceMs = 15_000;
const workPatienceMs = 60_000;
/** Of orders that others of the lab wait for. */
const promptPatienceMs = 30_000;
/** A machine whose node goes for good may be gone itself. */
const silencePatienceMs = 5000;

/** Who lives in a place that is more than namespaces of its own. */
export type Inhabitant = {
  /** What the place's script has to know of it. */
  settings(): Promise<Readonly<Record<string, string>>>;
  /** When the place is ready but for its link; says which process there has the network that the link ends in. */
  moveIn(): Promise<number>;
};

export class SshBody implements Body {
  readonly #lab: LabRecord;
  readonly #spec: NodeSpec;
  readonly #number: number;
  readonly #arp: boolean;
  readonly #machine: Machine;
  readonly #place: Place;
  readonly #leaseMs: number;
  readonly #inhabitant: Inhabitant | undefined;
  #lease: Repeatedly | undefined;
  #namesAreOld = false;
  #isLimited = false;

  constructor(
    lab: LabRecord,
    spec: NodeSpec,
    number: number,
    arp: boolean,
    machine = machineOf(lab, spec),
    inhabitant?: Inhabitant,
  ) {
    this.#lab = lab;
    this.#spec = spec;
    this.#number = number;
    this.#arp = arp;
    this.#machine = machine;
    this.#inhabitant = inhabitant;
    this.#place = new Place(this.#machine, spec.name, placeFolder(lab.identity.id, number));
    this.#leaseMs = Number(spec.settings.leaseMs ?? defaultLeaseMs);
  }

  async create(): Promise<LinkEnd> {
    const login = await this.#machine.survey(findPatienceMs);
    const ends = await this.#ends(login);
    const script = await this.#machine.bring(placeScript);
    // Nothing can be run there without it, so that provisioning takes the time and not the first command.
    await this.#machine.runtime();
    recordPlace(this.#lab.folder, this.#number, { leaseMs: this.#leaseMs });
    const words = this.#settings(login, ends, await this.#inhabitant?.settings());
    const said = await this.#place.run("create", {
      words,
      input: this.#names(),
      script,
      patienceMs: workPatienceMs,
    });
    await this.#limit(said.includes("fresh"));
    this.#lease ??= new Repeatedly(renewEveryMs(this.#leaseMs), () => this.#renew());
    if (this.#inhabitant) {
      const pid = await this.#inhabitant.moveIn();
      await this.#place.run("adopt", { words: [String(pid)], patienceMs: workPatienceMs });
    }
    const identifier = tunnelIdentifier(this.#lab.identity.id, this.#number);
    return { in: "tunnel", remote: ends.remote, port: tunnelPort, identifier };
  }

  /** `pauseMs`: see tunnel-delay.ts. */
  async joined(pauseMs = 0): Promise<{ delayMs: number }> {
    const { alias } = this.#machine.connection.address;
    const { mtuBytes } = this.#lab.folder.topology()!;
    const address = this.#address().v4;
    await checkTunnel({ node: this.#spec.name, alias, address, mtuBytes });
    return { delayMs: await tunnelDelayMs(address, pauseMs) };
  }

  /** The machine may have another address by now, or may have taken the place away. */
  async start(): Promise<LinkEnd> {
    return await this.create();
  }

  async vanish(): Promise<void> {
    await this.#place.run("vanish", { patienceMs: promptPatienceMs });
  }

  /** Its machine is gone, and all that was on it: nothing there is to be kept any more. */
  forget(): void {
    this.#lease?.end();
    this.#lease = undefined;
  }

  async freeze(): Promise<void> {
    await this.#place.run("freeze", { patienceMs: promptPatienceMs });
  }

  async thaw(): Promise<void> {
    await this.#place.run("thaw", { patienceMs: promptPatienceMs });
  }

  /** A machine that is out of reach learns them with its lease. */
  async readNames(): Promise<void> {
    this.#namesAreOld = true;
    try {
      await this.#sendNames();
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
  }

  async remove(): Promise<string | undefined> {
    this.forget();
    const { folder } = this.#lab;
    const [spec, number] = [this.#spec, this.#number];
    const record = placeRecord(folder, number);
    if (!record) return undefined; // Nothing was ever made there.
    try {
      await this.#machine.connection.cutIfSilent(silencePatienceMs);
      await this.#place.run("remove", { patienceMs: 0 });
      forgetPlace(folder, number);
      return undefined;
    } catch (error) {
      if (!isPassing(error)) throw error;
      return leavePlace(this.#lab, { spec, number }, record, Date.now());
    } finally {
      // Of one that was left earlier the name may be another node's by now.
      if (record.left === undefined) recordLimit(folder, spec.name, undefined);
    }
  }

  async #ends(login: Login): Promise<TunnelEnds> {
    const { alias, jumps } = this.#machine.connection.address;
    const { address } = this.#spec.settings;
    return await tunnelEnds({
      node: this.#spec.name,
      alias,
      jumped: jumps.length > 0,
      ...(address !== undefined && { address: String(address) }),
      login,
    });
  }

  #address() {
    const { subnet, id } = this.#lab.identity;
    return addressesOf({ ...subnet, prefix6: subnet6(id) }, nodeNumber(this.#number));
  }

  #settings(
    { uid, gid, user, home }: Login,
    { local }: TunnelEnds,
    more: Readonly<Record<string, string>> = {},
  ): string[] {
    const { identity, folder } = this.#lab;
    const subnet = { ...identity.subnet, prefix6: subnet6(identity.id) };
    const { v4, v6 } = this.#address();
    const marker = text6(bytes6(subnet, this.#number, markerZone));
    const mac = [...nodeMac(this.#number)].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
    const settings: Record<string, string | number> = {
      ...more,
      lab: identity.id,
      name: this.#spec.name,
      uid,
      gid,
      user,
      home,
      mtu: folder.topology()!.mtuBytes,
      mac,
      arp: this.#arp ? "on" : "off",
      v4: `${v4}/${subnet.prefix}`,
      v6: identity.ipv6 ? `${v6}/${prefix6}` : "",
      marker: `${marker}/128`,
      remote: local,
      port: tunnelPort,
      identifier: tunnelIdentifier(identity.id, this.#number),
      // In hundredths of a second, as the machine counts; how often its sitter looks, in seconds.
      limit: Math.ceil(this.#leaseMs / 10),
      look: Math.max(0.2, Math.min(2, this.#leaseMs / 20_000)),
    };
    return Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  }

  /** Before the lab's hosts file is written for the first time a node knows nobody. */
  #names(): string {
    try {
      return readFileSync(this.#lab.folder.file("hosts"), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return "127.0.0.1\tlocalhost\n";
    }
  }

  async #sendNames(): Promise<void> {
    await this.#place.run("names", { input: this.#names(), asRoot: false, patienceMs: 0 });
    this.#namesAreOld = false;
  }

  async #renew(): Promise<void> {
    await this.#place.run("renew", { asRoot: false, patienceMs: 0 });
    if (this.#namesAreOld) await this.#sendNames();
  }

  async #limit(isFresh: boolean): Promise<void> {
    const { name, device, cores = 1 } = this.#spec;
    if (device === "none" || (this.#isLimited && !isFresh)) return;
    const asked = { lab: this.#lab.identity.id, node: name, device, cores };
    const limit = await limitThere(this.#machine, asked, this.#number);
    recordLimit(this.#lab.folder, name, limit);
    this.#isLimited = true;
  }
}
