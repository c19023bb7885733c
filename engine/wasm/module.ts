/** Encodes functions into a WebAssembly module with one memory and one i64 global, and makes an instance of it. */
import { type Code, unsignedLeb } from "./instructions.ts";

const typeCodes = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const;
type ValueType = keyof typeof typeCodes;
type Signature = { parameters: readonly ValueType[]; result?: ValueType };
export type Variable = { get: Code; set(value: Code): Code };
export type WasmFunction = Signature & { name: string; body: Code; locals: readonly ValueType[] };

/** A function whose parameters and locals are named; `write` gets them as variables. */
export function wasmFunction<P extends string, L extends string>(
  name: string,
  parameters: Readonly<Record<P, ValueType>>,
  locals: Readonly<Record<L, ValueType>>,
  result: ValueType | undefined,
  write: (variables: Readonly<Record<P | L, Variable>>) => Code,
): WasmFunction {
  const names = [...Object.keys(parameters), ...Object.keys(locals)];
  const variables = Object.fromEntries(
    names.map((variable, index): [string, Variable] => [
      variable,
      { get: [0x20, index], set: (value) => [...value, 0x21, index] },
    ]),
  ) as Record<P | L, Variable>;
  return {
    name,
    parameters: Object.values(parameters),
    locals: Object.values(locals),
    ...(result === undefined ? {} : { result }),
    body: write(variables),
  };
}

const vector = (items: readonly Code[]): Code => [...unsignedLeb(items.length), ...items.flat()];
const text = (value: string): Code => vector([...Buffer.from(value)].map((byte) => [byte]));
const section = (id: number, content: Code): Code => [id, ...unsignedLeb(content.length), ...content];
const signature = ({ parameters, result }: Signature): Code => [
  0x60,
  ...vector(parameters.map((type) => [typeCodes[type]])),
  ...vector(result === undefined ? [] : [[typeCodes[result]]]),
];

/** `imported` are the first functions, the others follow. These are exported by their names, the memory as `memory`. */
export function encodeModule(
  imported: readonly (Signature & { name: string })[],
  functions: readonly WasmFunction[],
  memoryPages: number,
): Uint8Array<ArrayBuffer> {
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map((type) => [1, typeCodes[type]])), ...body, 0x0b];
    return [...unsignedLeb(code.length), ...code];
  });
  const exports = functions.map(({ name }, index) => [...text(name), 0, imported.length + index]);
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector([...imported, ...functions].map(signature))),
    ...section(2, vector(imported.map(({ name }, index) => [...text("host"), ...text(name), 0x00, index]))),
    ...section(3, vector(functions.map((_, index) => unsignedLeb(imported.length + index)))),
    ...section(5, vector([[0x00, ...unsignedLeb(memoryPages)]])),
    ...section(6, vector([[typeCodes.i64, 0x01, 0x42, 0x00, 0x0b]])),
    ...section(7, vector([[...text("memory"), 2, 0], ...exports])),
    ...section(10, vector(bodies)),
  ]);
}

/** The part of the global that is used here; Node's types declare it only together with the whole DOM. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, (value: number) => number>>>>,
  ) => { exports: Readonly<Record<string, unknown>> };
};

export function instantiate(
  bytes: Uint8Array<ArrayBuffer>,
  host: Readonly<Record<string, (value: number) => number>> = {},
): Readonly<Record<string, unknown>> {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { host }).exports;
}
