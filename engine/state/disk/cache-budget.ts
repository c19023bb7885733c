/** What the tables of a worker may take of its memory: an equal share for each that is open. */
export class CacheBudget {
  bytes: number;
  tables = 0;

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  get tableBytes(): number {
    return this.bytes / Math.max(1, this.tables);
  }
}
