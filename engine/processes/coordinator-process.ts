/** The edge around the coordinator's core: its sockets, clock and store, and the HTTP API. */
import { type ApiAddress, type ApiServer, startApi } from "../api/api-server.ts";
import type { Store } from "../checkpoint/store.ts";
import { PendingStore } from "../checkpoint/stores/pending-store.ts";
import { CoordinatorCore } from "../coordinator/coordinator-core.ts";
import type { CoordinatorEvent } from "../coordinator/coordinator-event.ts";
import type { CoordinatorOptions } from "../coordinator/coordinator-options.ts";
import type { CoordinatorStatus } from "../coordinator/coordinator-status.ts";
import type { JobPlan } from "../dataflow/plan.ts";
import { ControlListener } from "./control-listener.ts";
import { jobControl } from "./coordinator-control.ts";

/** setTimeout takes no more. */
const timerMsMax = 2 ** 31 - 1;
/** What the store was asked last may still be written: so long its folder is not to be taken away. */
const storeMsMax = 2_000;

export type CoordinatorProcessOptions = {
  readonly core: CoordinatorOptions;
  readonly store: Store;
  readonly listen: { readonly host: string; readonly port: number };
  /** None: no API. */
  readonly api?: ApiAddress;
  log(event: CoordinatorEvent, atMs: number): void;
  /** Makes sure that there are slots for what a rescale asks for. */
  beforeRescale?(plan: JobPlan): Promise<void>;
};

export type RunningCoordinator = {
  readonly controlPort: number;
  readonly apiPort: number | undefined;
  status(): CoordinatorStatus;
  readonly core: CoordinatorCore;
  /** When the job is over: finished, stopped, failed or cancelled. */
  readonly over: Promise<CoordinatorStatus>;
  /** Lets go of the ports; workers that are not told to end wait for the next coordinator. */
  close(how: { readonly shutDownWorkers: boolean }): Promise<void>;
};

const last: readonly string[] = ["finished", "stopped", "failed", "cancelled"];

export async function startCoordinator(options: CoordinatorProcessOptions): Promise<RunningCoordinator> {
  const { core: settings, listen, api } = options;
  const store = new PendingStore(options.store);
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const over = Promise.withResolvers<void>();
  const listener = new ControlListener(settings.token, {
    onMessage: (connection, message) => {
      if (!isClosed) core.onMessage(connection, message);
    },
    onClosed: (connection) => {
      if (!isClosed) core.onClosed(connection);
    },
    onRefused: (worker, because) => options.log({ event: "worker-refused", worker, because }, Date.now()),
  });
  const wakeAt = (atMs: number): void => {
    clearTimeout(timer);
    if (atMs === Infinity || isClosed) return;
    const waitMs = Math.min(timerMsMax, Math.max(0, Math.ceil(atMs - Date.now())));
    timer = setTimeout(() => {
      if (Date.now() < atMs) wakeAt(atMs);
      else core.onTime();
    }, waitMs);
  };
  const core = new CoordinatorCore(settings, store, {
    nowMs: () => Date.now(),
    send: (connection, message) => listener.send(connection, message),
    close: (connection) => listener.drop(connection),
    wakeAt,
    log: (event) => {
      options.log(event, Date.now());
      if (event.event === "moved" && last.includes(event.to)) over.resolve();
    },
  });
  const controlPort = await listener.listen(listen.host, listen.port);
  let server: ApiServer | undefined;
  try {
    const control = jobControl(core, settings, options.beforeRescale);
    server = api && (await startApi({ at: api, token: settings.token, control }));
  } catch (error) {
    await listener.close();
    throw error;
  }
  core.begin();
  return {
    controlPort,
    apiPort: server?.port,
    core,
    status: () => core.status(),
    over: over.promise.then(() => core.status()),
    async close({ shutDownWorkers }) {
      if (shutDownWorkers) core.shutDownWorkers();
      isClosed = true;
      clearTimeout(timer);
      await Promise.all([listener.close(), server?.close(), store.quiet(storeMsMax)]);
    },
  };
}
