/** Where keyed tables are kept while a job runs. Snapshots are the same of each: what one wrote, another restores. */
export type StateBackend =
  | { readonly backend: "memory" }
  /** `cacheBytes`: what the tables of a worker may take of its memory, all together and about. */
  | { readonly backend: "disk"; readonly cacheBytes: number };
