import { UserError } from "#testbed/user-error.ts";

/** Ctrl-C asks the work to stop at its next safe place, where it cleans up after itself; a second one does not wait. */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(name === "SIGINT" ? 130 : 143);
    process.stderr.write("brume: stopping, and taking away what was started\n");
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  try {
    return await work(controller.signal);
  } catch (error) {
    // A wait that the signal ended.
    const isOurs = controller.signal.aborted && error instanceof Error && error.name === "AbortError";
    throw isOurs ? new UserError("interrupted", "interrupted before it was through", "") : error;
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}
