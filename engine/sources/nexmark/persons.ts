/** The persons among a range of events, written into the columns that the caller asks for. */
import { requireRoom } from "./column-room.ts";
import { firstId, personEvent, personsBefore } from "./event-kind.ts";
import { type EventTime, steadyEventTime } from "./event-time.ts";
import { extraLength } from "./extra-length.ts";
import { kernel, memory } from "./kernel.ts";
import { textAt } from "./kernel-layout.ts";
import { putText, type Utf8Column } from "./utf8-column.ts";

/** Ids and times are safe integers. Columns that are absent are not made. */
export type PersonColumns = {
  id?: Float64Array;
  name?: Utf8Column;
  email?: Utf8Column;
  creditCard?: Utf8Column;
  city?: Utf8Column;
  state?: Utf8Column;
  dateTime?: Float64Array;
  extra?: Utf8Column;
};

export const personBytesMax = {
  name: 14,
  email: 15,
  creditCard: 19,
  city: 13,
  state: 2,
  extra: 192,
} as const;

const encode = (texts: readonly string[]): Uint8Array[] =>
  texts.map((text) => new TextEncoder().encode(text));
const givenNames = encode([..."Peter Paul Luke John Saul Vicky Kate Julie Sarah Deiter Walter".split(" ")]);
const familyNames = encode("Shultz Abrams Spencer White Bartels Walton Smith Jones Noris".split(" "));
const cities = encode(
  "Phoenix,Los Angeles,San Francisco,Boise,Portland,Bend,Redmond,Seattle,Kent,Cheyenne".split(","),
);
const states = encode("AZ CA ID OR WA WY".split(" "));
const [space, at, dotCom] = encode([" ", "@", ".com"]) as [Uint8Array, Uint8Array, Uint8Array];
const cardGroups = 4;
const sizeOfId = 8;
const wantedBytes = 200;

/** Fills rows from `row` on with the persons among events [first, first + events); returns how many there were. */
export function fillPersons(
  first: number,
  events: number,
  into: PersonColumns,
  row = 0,
  time: EventTime = steadyEventTime,
): number {
  const firstPerson = personsBefore(first);
  const rows = personsBefore(first + events) - firstPerson;
  requireRoom(into, row + rows);
  const inDrawingOrder = [into.name, into.email, into.creditCard, into.city, into.state, into.extra];
  const needed = inDrawingOrder.findLastIndex((column) => column !== undefined) + 1;
  for (let index = 0; index < rows; index++) {
    const person = firstPerson + index;
    const event = personEvent(person);
    if (into.id) into.id[row + index] = person + firstId;
    if (into.dateTime) into.dateTime[row + index] = time(event);
    if (needed > 0) drawPerson(event, needed, into, row + index);
  }
  return rows;
}

/** Texts stand in the kernel's memory one after another, so their sizes are differences of addresses. */
function drawPerson(event: number, needed: number, into: PersonColumns, row: number): void {
  kernel.seed(event);
  const nameEnd = putPick(putBytes(putPick(textAt, givenNames), space), familyNames);
  if (into.name) putText(into.name, row, memory, textAt, nameEnd);
  if (needed < 2) return;
  const userEnd = kernel.words(nameEnd, 3 + kernel.nextInt(4));
  const hostAt = putBytes(userEnd, at);
  const emailEnd = putBytes(kernel.words(hostAt, 3 + kernel.nextInt(2)), dotCom);
  if (into.email) putText(into.email, row, memory, nameEnd, emailEnd);
  if (needed < 3) return;
  const cardEnd = putCreditCard(emailEnd);
  if (into.creditCard) putText(into.creditCard, row, memory, emailEnd, cardEnd);
  if (needed < 4) return;
  const cityEnd = putPick(cardEnd, cities);
  if (into.city) putText(into.city, row, memory, cardEnd, cityEnd);
  if (needed < 5) return;
  const stateEnd = putPick(cityEnd, states);
  if (into.state) putText(into.state, row, memory, cityEnd, stateEnd);
  if (into.extra === undefined) return;
  const extraEnd = stateEnd + extraLength(sizeOfId + (stateEnd - textAt), wantedBytes, kernel.nextInt);
  kernel.letters(stateEnd, extraEnd);
  putText(into.extra, row, memory, stateEnd, extraEnd);
}

function putPick(address: number, texts: readonly Uint8Array[]): number {
  return putBytes(address, texts[kernel.nextInt(texts.length)]!);
}

function putBytes(address: number, bytes: Uint8Array): number {
  for (let index = 0; index < bytes.length; index++) memory[address + index] = bytes[index]!;
  return address + bytes.length;
}

/** Four groups of four digits with spaces between them. */
function putCreditCard(start: number): number {
  for (let group = 0; group < cardGroups; group++) {
    const groupAt = start + group * 5;
    let digits = kernel.nextInt(10_000);
    for (let digit = 3; digit >= 0; digit--) {
      memory[groupAt + digit] = 0x30 + (digits % 10);
      digits = Math.floor(digits / 10);
    }
    memory[groupAt + 4] = 0x20;
  }
  return start + cardGroups * 5 - 1;
}
