/** Opens the store that a setting names, as `form` says. Each kind's code is loaded when it is asked for. */
import { EngineError } from "../../engine-error.ts";
import type { Store } from "../store.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const form = "folder:DIR, minio:BUCKET[/PREFIX] or served:HOST:PORT";

export async function openStore(spec: string, environment: Environment): Promise<Store> {
  const [kind, where] = [spec.slice(0, spec.indexOf(":")), spec.slice(spec.indexOf(":") + 1)];
  if (kind === "folder" && where !== "") {
    const { FolderStore } = await import("./folder.ts");
    return new FolderStore(where);
  }
  if (kind === "minio" && where !== "") {
    const { openMinioStore } = await import("./minio.ts");
    return await openMinioStore(where, environment);
  }
  if (kind === "served" && where !== "") {
    const { openServedStore } = await import("./served.ts");
    return openServedStore(where, environment);
  }
  throw new EngineError("store-unknown", `store ${spec}: there is no such store`, `write ${form}`, 2);
}

export type LazyStore = Store & {
  /** Now, so that what is asked for later need not wait for it; a failure is told to who asks. */
  open(): Promise<void>;
};

/**
 * A store whose code is loaded when it is first asked for something: MinIO's client takes 33 MB, which an idle worker is
 * to do without.
 */
export function lazyStore(spec: string, environment: Environment): LazyStore {
  let opening: Promise<Store> | undefined;
  const using = (failed: (error: Error) => void, use: (store: Store) => void): void => {
    opening ??= openStore(spec, environment);
    opening.then(
      (store) => setImmediate(use, store),
      (error: Error) => {
        // A server that was away may be there the next time.
        opening = undefined;
        setImmediate(failed, error);
      },
    );
  };
  const none = undefined as never;
  return {
    name: spec,
    open: () =>
      new Promise((resolve) =>
        using(
          () => resolve(),
          () => resolve(),
        ),
      ),
    put: (name, bytes, done) =>
      using(
        (error) => done(error, none),
        (store) => store.put(name, bytes, done),
      ),
    get: (name, done) =>
      using(
        (error) => done(error, none),
        (store) => store.get(name, done),
      ),
    remove: (name, done) =>
      using(
        (error) => done(error, none),
        (store) => store.remove(name, done),
      ),
    list: (prefix, done) =>
      using(
        (error) => done(error, none),
        (store) => store.list(prefix, done),
      ),
  };
}

/** Asks a store a small question, so that wrong credentials or a missing server are told before a job starts. */
export function probe(store: Store): Promise<void> {
  const name = `probe/${process.pid}`;
  return new Promise((resolve, reject) => {
    const settle = (error: Error | undefined) => (error ? reject(error) : resolve());
    // Reading alone would let a job start that cannot keep anything.
    store.put(name, new Uint8Array(1), (error) => (error ? reject(error) : store.remove(name, settle)));
  });
}
