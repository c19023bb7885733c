/**
 * Nexmark's events the plain and slow way: BigInt for java.util.Random, one object and one string at a time. Shares no
 * code with what it is compared to.
 */
export class ReferenceRandom {
  #seed: bigint;

  constructor(seed: number) {
    this.#seed = (BigInt(seed) ^ 0x5deece66dn) % (1n << 48n);
  }

  #next(bits: number): number {
    this.#seed = (this.#seed * 0x5deece66dn + 11n) % (1n << 48n);
    return Number(BigInt.asIntN(32, this.#seed >> BigInt(48 - bits)));
  }

  nextInt(): number {
    return this.#next(32);
  }

  nextIntBelow(bound: number): number {
    if (Number.isInteger(Math.log2(bound))) return Number((BigInt(bound) * BigInt(this.#next(31))) >> 31n);
    for (;;) {
      const raw = this.#next(31);
      if (raw - (raw % bound) + bound - 1 < 2 ** 31) return raw % bound;
    }
  }

  nextLong(): bigint {
    return BigInt.asIntN(64, (BigInt(this.#next(32)) << 32n) + BigInt(this.#next(32)));
  }

  nextDouble(): number {
    return Number((BigInt(this.#next(26)) << 27n) + BigInt(this.#next(27))) / 2 ** 53;
  }

  price(): number {
    return Math.round(10 ** (this.nextDouble() * 6) * 100);
  }

  pick(words: string): string {
    const choices = words.split(",");
    return choices[this.nextIntBelow(choices.length)]!;
  }

  text(lengthMax: number): string {
    const letters = Array.from({ length: 3 + this.nextIntBelow(lengthMax - 3) }, () =>
      this.nextIntBelow(13) === 0 ? " " : String.fromCharCode(97 + this.nextIntBelow(26)),
    );
    return letters.join("").trim();
  }

  extra(size: number, wanted: number): string {
    const spread = Math.round((wanted - size) * 0.2);
    const length = wanted - size - spread + this.nextIntBelow(2 * spread);
    let drawn = 0;
    const letters = Array.from({ length }, (_, index) => {
      drawn = index % 6 === 0 ? this.nextInt() : Math.trunc(drawn / 26);
      return String.fromCharCode(97 + (drawn % 26));
    });
    return letters.join("");
  }
}

/** Fields in the order of a raw line, the letter included. */
export function referenceEvent(event: number): (string | number)[] {
  const random = new ReferenceRandom(event);
  const ms = (number: number) => Date.UTC(2015, 6, 15) + Math.floor(number / 10);
  const epoch = Math.floor(event / 50);
  const place = event % 50;
  const newestAuction = epoch * 3 + (place === 0 ? -1 : Math.min(place - 1, 2));
  const hundred = (number: number) => number - (number % 100);
  const anyPerson = () => {
    const active = Math.min(epoch + 1, 1000);
    return 1000 + epoch + 1 - active + random.nextIntBelow(active + 10);
  };
  if (place === 0) {
    const name = `${random.pick("Peter,Paul,Luke,John,Saul,Vicky,Kate,Julie,Sarah,Deiter,Walter")} ${random.pick("Shultz,Abrams,Spencer,White,Bartels,Walton,Smith,Jones,Noris")}`;
    const email = `${random.text(7)}@${random.text(5)}.com`;
    const groups = [0, 0, 0, 0].map(() => String(random.nextIntBelow(10_000)).padStart(4, "0"));
    const city = random.pick(
      "Phoenix,Los Angeles,San Francisco,Boise,Portland,Bend,Redmond,Seattle,Kent,Cheyenne",
    );
    const state = random.pick("AZ,CA,ID,OR,WA,WY");
    const texts = [name, email, groups.join(" "), city, state];
    return ["P", 1000 + epoch, ...texts, ms(event), random.extra(8 + texts.join("").length, 200)];
  }
  if (place < 4) {
    const seller = random.nextIntBelow(4) > 0 ? 1000 + hundred(epoch) : anyPerson();
    const category = 10 + random.nextIntBelow(5);
    const initialBid = random.price();
    const horizonMs = ms(event + 1666) - ms(event);
    const expires = ms(event) + 1 + random.nextIntBelow(horizonMs * 2);
    const item = random.text(20);
    const description = random.text(100);
    const reserve = initialBid + random.price();
    const extra = random.extra(48 + item.length + description.length, 500);
    const id = 1000 + newestAuction;
    return ["A", id, item, description, initialBid, reserve, ms(event), expires, seller, category, extra];
  }
  const oldest = Math.max(newestAuction - 100, 0);
  const auction =
    random.nextIntBelow(2) > 0
      ? 1000 + hundred(newestAuction)
      : 1000 + oldest + random.nextIntBelow(newestAuction - oldest + 11);
  const bidder = random.nextIntBelow(4) > 0 ? 1001 + hundred(epoch) : anyPerson();
  return ["B", auction, bidder, random.price(), ms(event), random.extra(32, 100)];
}
