/** Work on many machines at once, but on no more than so many. */

/** All of it is done or has failed before this ends; then the first failure is thrown. Results stand in the order of `items`. */
export async function overHosts<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: { index: number; reason: unknown }[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      try {
        results[index] = await work(items[index]!);
      } catch (reason) {
        failures.push({ index, reason });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  const first = failures.sort((a, b) => a.index - b.index)[0];
  if (first) throw first.reason;
  return results;
}
