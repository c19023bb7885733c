/**
 * WebAssembly instructions, as far as something here is written with them. Each function returns the bytes of its operands
 * followed by its own, so nested calls read as expressions.
 */
export type Code = readonly number[];
type Operation = (...operands: Code[]) => Code;

export function unsignedLeb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}

function signedLeb(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    const isLast = rest >> 6n === 0n || rest >> 6n === -1n;
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

const operation =
  (opcode: number): Operation =>
  (...operands) => [...operands.flat(), opcode];
/** Alignment is a hint that x64 and arm64 ignore, so every access claims none. */
const load = (opcode: number) => (address: Code, offset: number) => [
  ...address,
  opcode,
  0,
  ...unsignedLeb(offset),
];
const store = (opcode: number) => (address: Code, offset: number, value: Code) => [
  ...address,
  ...value,
  opcode,
  0,
  ...unsignedLeb(offset),
];

export const i32 = {
  const: (value: number): Code => [0x41, ...signedLeb(BigInt(value))],
  equalsZero: operation(0x45),
  equals: operation(0x46),
  less: operation(0x48),
  atLeast: operation(0x4e),
  add: operation(0x6a),
  subtract: operation(0x6b),
  multiply: operation(0x6c),
  divide: operation(0x6d),
  remainder: operation(0x6f),
  remainderUnsigned: operation(0x70),
  and: operation(0x71),
  shiftLeft: operation(0x74),
  ofI64: operation(0xa7),
  load8: load(0x2d),
  load: load(0x28),
  store: store(0x36),
  store8: store(0x3a),
};

export const i64 = {
  const: (value: bigint): Code => [0x42, ...signedLeb(value)],
  less: operation(0x53),
  add: operation(0x7c),
  subtract: operation(0x7d),
  multiply: operation(0x7e),
  divide: operation(0x7f),
  remainder: operation(0x81),
  and: operation(0x83),
  or: operation(0x84),
  xor: operation(0x85),
  shiftLeft: operation(0x86),
  shiftRight: operation(0x88),
  shiftRightSigned: operation(0x87),
  ofI32: operation(0xac),
  /** The nearest, 0 for NaN. */
  nearF64: (value: Code): Code => [...value, 0xfc, 0x06],
  ofF64: operation(0xb0),
};

export const f64 = {
  const: (value: number): Code => [0x44, ...new Uint8Array(new Float64Array([value]).buffer)],
  greater: operation(0x64),
  absolute: operation(0x99),
  floor: operation(0x9c),
  add: operation(0xa0),
  subtract: operation(0xa1),
  multiply: operation(0xa2),
  ofI64: operation(0xb9),
  load: load(0x2b),
  store: store(0x39),
};

const wide = (opcode: number): Code => [0xfd, ...unsignedLeb(opcode)];
const wideOperation =
  (opcode: number): Operation =>
  (...operands) => [...operands.flat(), ...wide(opcode)];
const lane =
  (opcode: number) =>
  (vector: Code, index: number, value: Code = []) => [...vector, ...value, ...wide(opcode), index];

export const v128 = {
  load: (address: Code, offset: number): Code => [...address, ...wide(0x00), 0, ...unsignedLeb(offset)],
  store: (address: Code, offset: number, value: Code): Code => [
    ...address,
    ...value,
    ...wide(0x0b),
    0,
    ...unsignedLeb(offset),
  ],
  and: wideOperation(0x4e),
  or: wideOperation(0x50),
  xor: wideOperation(0x51),
};

/** Shifts take the vector and an i32. */
export const i32x4 = {
  const: (value: number): Code => [
    ...wide(0x0c),
    ...new Uint8Array(Int32Array.of(value, value, value, value).buffer),
  ],
  splat: wideOperation(0x11),
  replaceLane: lane(0x1c),
  absolute: wideOperation(0xa0),
  shiftLeft: wideOperation(0xab),
  shiftRightSigned: wideOperation(0xac),
  shiftRight: wideOperation(0xad),
  add: wideOperation(0xae),
  multiply: wideOperation(0xb5),
  /** The nearest numbers of 32 bits to two f64, and two zeros. */
  ofF64x2: wideOperation(0xfc),
};

/** Eight numbers of 16 bits out of two vectors of four, which must fit. */
export const narrowedI32x4: Operation = wideOperation(0x86);

export const f64x2 = {
  equals: wideOperation(0x47),
  ofI32x4Low: wideOperation(0xfe),
};

/** Whether no lane of 64 bits is zero. */
export const allTrueI64x2: Operation = wideOperation(0xc3);

/** The second vector's low half behind the first's. */
export const joinedLowHalves = (first: Code, second: Code): Code => [
  ...first,
  ...second,
  ...wide(0x0d),
  ...[0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23],
];

/** The first operand where the last one, an i32, is not zero; otherwise the second. Both are evaluated. */
export const select: Operation = operation(0x1b);
export const sequence = (...codes: Code[]): Code => codes.flat();
export const call = (index: number, ...operands: Code[]): Code => [...operands.flat(), 0x10, index];
export const globalGet = (index: number): Code => [0x23, index];
export const globalSet = (index: number, value: Code): Code => [...value, 0x24, index];

export function when(condition: Code, then: Code, otherwise: Code = []): Code {
  return [...condition, 0x04, 0x40, ...then, ...(otherwise.length === 0 ? [] : [0x05, ...otherwise]), 0x0b];
}
export const repeatWhile = (body: Code, condition: Code): Code => [
  0x03,
  0x40,
  ...body,
  ...condition,
  0x0d,
  0,
  0x0b,
];
export const whileTrue = (condition: Code, body: Code): Code => when(condition, repeatWhile(body, condition));
