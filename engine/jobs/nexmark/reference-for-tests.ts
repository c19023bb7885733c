/**
 * Nexmark's queries over a whole list of events, as plain and slow as can be and apart from the engine: what its
 * results are compared with. Results are in no order.
 */
export type Person = {
  id: number;
  name: string;
  email: string;
  creditCard: string;
  city: string;
  state: string;
  dateTime: number;
  extra: string;
};
export type Auction = {
  id: number;
  itemName: string;
  description: string;
  initialBid: number;
  reserve: number;
  dateTime: number;
  expires: number;
  seller: number;
  category: number;
  extra: string;
};
export type Bid = { auction: number; bidder: number; price: number; dateTime: number; extra: string };
export type Event = { person: Person } | { auction: Auction } | { bid: Bid };
export type Result = Readonly<Record<string, unknown>>;

const windowMs = 10_000;
const slideMs = 5_000;
const sessionGapMs = 10_000;

const personsOf = (events: readonly Event[]) =>
  events.flatMap((event) => ("person" in event ? [event.person] : []));
const auctionsOf = (events: readonly Event[]) =>
  events.flatMap((event) => ("auction" in event ? [event.auction] : []));
const bidsOf = (events: readonly Event[]) => events.flatMap((event) => ("bid" in event ? [event.bid] : []));

function grouped<Value>(values: readonly Value[], keyOf: (value: Value) => string | number): Value[][] {
  const groups = new Map<string | number, Value[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return [...groups.values()];
}

const tumbling = (timeMs: number) => Math.floor(timeMs / windowMs) * windowMs;

/** Starts of the windows of 10 s, one every 5 s, that hold a time. */
function sliding(timeMs: number): number[] {
  const last = Math.floor(timeMs / slideMs) * slideMs;
  return [last - slideMs, last];
}

/** Of each auction that sold: the highest bid before its end that reaches the reserve; of equal ones the earliest. */
function winners(events: readonly Event[]): { auction: Auction; bid: Bid }[] {
  return auctionsOf(events).flatMap((auction) => {
    const [bid] = bidsOf(events)
      .filter((each) => each.auction === auction.id)
      .filter((each) => each.dateTime < auction.expires && each.price >= auction.reserve)
      .sort((one, other) => other.price - one.price || one.dateTime - other.dateTime);
    return bid ? [{ auction, bid }] : [];
  });
}

const mean = (numbers: readonly number[]) =>
  Math.round(numbers.reduce((sum, number) => sum + number, 0) / numbers.length);

export const references: Readonly<Record<string, (events: readonly Event[]) => Result[]>> = {
  q0: (events) => events.map((event) => event as Result),
  q1: (events) => bidsOf(events).map((bid) => ({ ...bid, price: (bid.price * 908) / 1000 })),
  q2: (events) =>
    bidsOf(events)
      .filter(({ auction }) => auction % 123 === 0)
      .map(({ auction, price }) => ({ auction, price })),
  q3: (events) =>
    auctionsOf(events)
      .filter(({ category }) => category === 10)
      .flatMap((auction) =>
        personsOf(events)
          .filter(({ id, state }) => id === auction.seller && ["OR", "ID", "CA"].includes(state))
          .map(({ name, city, state }) => ({ name, city, state, id: auction.id })),
      ),
  q4: (events) => {
    const sales = winners(events).flatMap(({ auction, bid }) =>
      sliding(auction.expires - 1).map((start) => ({ start, category: auction.category, price: bid.price })),
    );
    return grouped(sales, ({ start, category }) => `${start} ${category}`).map((group) => ({
      category: group[0]!.category,
      average: mean(group.map(({ price }) => price)),
    }));
  },
  q5: (events) => {
    const counted = bidsOf(events).flatMap(({ auction, dateTime }) =>
      sliding(dateTime).map((start) => ({ start, auction })),
    );
    return grouped(counted, ({ start }) => start).flatMap((window) => {
      const auctions = grouped(window, ({ auction }) => auction);
      const num = Math.max(...auctions.map(({ length }) => length));
      return auctions
        .filter(({ length }) => length === num)
        .map((bids) => ({ auction: bids[0]!.auction, num }));
    });
  },
  /** After each sale the mean of the seller's last ten, and once more for each seller at the end of all time. */
  q6: (events) =>
    grouped(winners(events), ({ auction }) => auction.seller).flatMap((sales) => {
      const { seller } = sales[0]!.auction;
      const inTurn = sales
        .toSorted(
          (one, other) => one.auction.expires - other.auction.expires || one.auction.id - other.auction.id,
        )
        .map(({ bid }) => bid);
      const averages = inTurn.map((_, index) => {
        const sofar = inTurn
          .slice(0, index + 1)
          .sort((one, other) => one.dateTime - other.dateTime || one.price - other.price);
        return mean(sofar.slice(-10).map(({ price }) => price));
      });
      return [...averages, averages.at(-1)!].map((price) => ({ seller, price }));
    }),
  q7: (events) =>
    grouped(bidsOf(events), ({ dateTime }) => tumbling(dateTime)).flatMap((bids) => {
      const most = bids.reduce((highest, { price }) => Math.max(highest, price), 0);
      return bids
        .filter(({ price }) => price === most)
        .map(({ auction, price, bidder, dateTime }) => ({ auction, price, bidder, dateTime }));
    }),
  q8: (events) =>
    personsOf(events).flatMap(({ id, name, dateTime }) =>
      auctionsOf(events)
        .filter((auction) => auction.seller === id && tumbling(auction.dateTime) === tumbling(dateTime))
        .map(() => ({ id, name, windowStart: tumbling(dateTime) })),
    ),
  q9: (events) =>
    winners(events).map(({ auction, bid }) => ({
      ...auction,
      auction: bid.auction,
      bidder: bid.bidder,
      price: bid.price,
      bidDateTime: bid.dateTime,
      bidExtra: bid.extra,
    })),
  q11: (events) =>
    grouped(bidsOf(events), ({ bidder }) => bidder).flatMap((bids) => {
      const times = bids.map(({ dateTime }) => dateTime).sort((one, other) => one - other);
      const sessions: number[][] = [];
      for (const time of times) {
        const session = sessions.at(-1);
        if (session && time < session.at(-1)! + sessionGapMs) session.push(time);
        else sessions.push([time]);
      }
      return sessions.map((session) => ({
        bidder: bids[0]!.bidder,
        bidCount: session.length,
        windowStart: session[0]!,
        windowEnd: session.at(-1)! + sessionGapMs,
      }));
    }),
};
