/** What the functions of a job see of a record, by the columns that they say they read. */
import type { Fields, RowOf } from "../records/schema.ts";
import type { KeyType } from "../state/operator-state.ts";

/** Event time in ms; NaN in a stream without. */
type Timed = { readonly $time: number };

/** A whole record. Its values are read as they are asked for, so that what is not asked for costs nothing. */
export type Row<F extends Fields> = RowOf<F> & Timed;

/** What may stand in a list of columns read: `$time` for the event time. */
export type ReadName<F extends Fields> = (keyof F & string) | "$time";

/** A record of which only these columns are read, so that others need not be there. */
export type PickedRow<F extends Fields, Name extends string> = RowOf<Pick<F, Extract<Name, keyof F>>> &
  ("$time" extends Name ? Timed : unknown);

/** The columns of the other schema replace those of the same name. */
export type With<F extends Fields, G extends Fields> = Simplify<Omit<F, keyof G> & G>;
export type Simplify<T> = { readonly [Name in keyof T]: T[Name] } & unknown;

/** Columns that can be keys. */
export type KeyName<F extends Fields> = {
  [Name in keyof F & string]: F[Name] extends KeyType ? Name : never;
}[keyof F & string];

/** Columns that hold event times. */
export type TimeName<F extends Fields> = {
  [Name in keyof F & string]: F[Name] extends "timestamp" | "integer" ? Name : never;
}[keyof F & string];

/** Columns of numbers that are never null. */
export type NumberName<F extends Fields> = {
  [Name in keyof F & string]: F[Name] extends "int32" | "integer" | "float64" | "timestamp" ? Name : never;
}[keyof F & string];
