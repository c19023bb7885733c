/** Containers of the engine's: whether they are there, until they have ended, until they are gone. */
import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { UserError } from "#testbed/user-error.ts";
import { labels } from "./container-options.ts";
import { statusOf } from "./engine.ts";

const exitPatienceMs = 30_000;
/** An engine that is told nothing, or 0, leaves the limit that there was. */
const unlimited = Number.MAX_SAFE_INTEGER;

export async function inspectIfThere(container: Dockerode.Container) {
  try {
    return await container.inspect();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

type Named = Dockerode.ContainerCreateOptions & { name: string };

/** The container as these options make it, not running; the one that is there where it was made by the same. */
export async function containerOf(engine: Dockerode, options: Named): Promise<Dockerode.Container> {
  const container = engine.getContainer(options.name);
  const there = await inspectIfThere(container);
  if (there && there.Config.Labels[labels.made] === options.Labels?.[labels.made]) {
    await end(container); // Of a keeper that is gone: what runs in it is cut off from everything.
    // The node's device may have another memory by now.
    const { Memory = unlimited, MemorySwap = unlimited } = options.HostConfig ?? {};
    if ((there.HostConfig.Memory || unlimited) !== Memory) await container.update({ Memory, MemorySwap });
    return container;
  }
  if (there) await removeContainer(container);
  return await engine.createContainer(options);
}

/** Starts it, and says which process of the engine's machine is its first. */
export async function begin(container: Dockerode.Container, node: string): Promise<number> {
  const failed = (what: string) =>
    new UserError(
      "container-failed",
      `the container of ${node} did not start: ${what}`,
      "see what the engine says; ./brume provision can be run again",
    );
  try {
    await unless([304], container.start());
  } catch (error) {
    if (error instanceof Error && statusOf(error) !== undefined) throw failed(error.message.trim());
    throw error;
  }
  const { State: state } = await container.inspect();
  if (state.Running && state.Pid > 0) return state.Pid;
  throw failed(state.Error || `its first process ended with status ${state.ExitCode}`);
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
