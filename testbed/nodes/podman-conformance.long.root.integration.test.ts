/** The conformance suite on containers that Podman makes, asked by the API that it has in common with Docker. */
import { test } from "node:test";
import { conformance } from "./conformance.ts";
import { containers } from "./docker/conformance-for-tests.ts";
import { lacksPodman, PodmanForTests } from "./docker/podman-for-tests.ts";

const lacks = lacksPodman();
if (lacks) test("nodes in Podman's containers", { skip: lacks }, () => undefined);
else await conform();

async function conform(): Promise<void> {
  const podman = await PodmanForTests.start();
  await conformance(containers(podman, { settings: {}, device: "pi3b", memoryMiB: 160 }), () => podman.end());
}
