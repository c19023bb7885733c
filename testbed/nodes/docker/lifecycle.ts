/** Containers of the engine's: whether they are there, until they have ended, until they are gone. */
import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { statusOf } from "./engine.ts";

const exitPatienceMs = 30_000;

export async function inspectIfThere(container: Dockerode.Container) {
  try {
    return await container.inspect();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** And waits until the engine has seen it. */
export async function end(container: Dockerode.Container): Promise<void> {
  const there = await inspectIfThere(container);
  if (!there?.State.Running) return;
  await unless([304, 404, 409, 500], container.kill({ signal: "SIGKILL" }));
  // Somebody may have paused it by hand.
  if (there.State.Paused) await unless([304, 404, 409, 500], container.unpause());
  await container.wait({ condition: "not-running", abortSignal: AbortSignal.timeout(exitPatienceMs) });
}

export async function removeContainer(container: Dockerode.Container): Promise<void> {
  await unless([404, 409], container.remove({ force: true, v: true }));
  // Another remove may be under way; the engine answers to the name until that is done.
  const patienceEndsMs = performance.now() + exitPatienceMs;
  while (await inspectIfThere(container)) {
    if (performance.now() > patienceEndsMs) throw new Error(`container ${container.id} does not go away`);
    await sleep(50);
  }
}

/** These answers mean that it is so already, or that who asks next will see. */
export async function unless(statuses: readonly number[], asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined || !statuses.includes(status)) throw error;
  }
}
