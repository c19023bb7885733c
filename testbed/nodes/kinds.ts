/** Every kind of node by its name in a topology. */
import type { NodeKind } from "#testbed/topology/topology.ts";
import { docker } from "./docker.ts";
import type { Kind } from "./kind.ts";
import { netns } from "./netns.ts";
import { qemu } from "./qemu.ts";
import { ssh } from "./ssh.ts";

export const kinds: Readonly<Record<NodeKind, Kind>> = { netns, docker, ssh, qemu };
