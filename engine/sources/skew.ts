/**
 * Keys by a Zipf law: key k is drawn in proportion to 1 / (k + 1)^exponent. Walker's alias method: two draws and one
 * comparison for a key, whatever their number, against a table that is built once.
 */
export type SkewTable = { readonly share: Float64Array; readonly alias: Int32Array };

export function skewTable(keys: number, exponent: number): SkewTable {
  const share = new Float64Array(keys);
  let total = 0;
  for (let key = 0; key < keys; key++) total += share[key] = (key + 1) ** -exponent;
  const alias = new Int32Array(keys);
  // Shares fall with the key: those above the mean are a prefix, which gives what it has too much to those behind it.
  let giver = 0;
  for (let key = 0; key < keys; key++) share[key]! *= keys / total;
  for (let taker = keys - 1; taker > giver; ) {
    // A giver that has become poor takes from the next one.
    const poor = share[giver]! < 1 ? giver : taker;
    if (poor === giver) {
      alias[poor] = ++giver;
      share[giver]! -= 1 - share[poor]!;
      continue;
    }
    taker--;
    if (share[poor]! >= 1) continue;
    alias[poor] = giver;
    share[giver]! -= 1 - share[poor]!;
  }
  share[giver] = 1;
  return { share, alias };
}
