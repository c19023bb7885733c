/**
 * The WebAssembly instructions that the generator's kernel is written with. Each function returns the bytes of its
 * operands followed by its own, so nested calls read as expressions.
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
  ofI32: operation(0xac),
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
